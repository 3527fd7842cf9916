"""Documents as scripts: their files are written, their commands run, their transcripts compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<path>[\w/-]+\.yaml)\n")
# Digests change with every comma; what the rest of a transcript says does not.
DIGEST = re.compile(r"\b(rules|tenant) [0-9a-f]{12}\b")
MARK = "=== next command ==="


class Step(NamedTuple):
    """A file to write, or a command with what the document shows below it."""

    command: str = ""
    shown: str = ""
    path: str = ""
    content: str = ""


def steps(text: str) -> Iterator[Step]:
    """Give the files of a document (YAML that begins with its path) and its commands, in order."""
    for block in BLOCK.finditer(text):
        body = block["body"]
        named = FILE.match(body)
        if block["language"] == "yaml" and named is not None:
            yield Step(path=named["path"], content=body[named.end() :])
        elif block["language"] == "console":
            yield from commands(body)


def commands(body: str) -> Iterator[Step]:
    """Give the commands of one block, each with its output."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield Step(command=command, shown=shown)


def outputs(text: str, folder: Path) -> list[str]:
    """Give what each command of a document prints when it is followed from its beginning."""
    (folder / "rules").symlink_to(ROOT / "rules")
    script = ""
    for step in steps(text):
        if step.path:
            script += f"mkdir -p {Path(step.path).parent}\n"
            script += f"cat > {step.path} <<'END OF FILE'\n{step.content}END OF FILE\n"
        else:
            script += f"echo '{MARK}'\n{step.command}\n"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
        check=False,
    )
    return done.stdout.split(f"{MARK}\n")[1:]


def without_digests(text: str) -> str:
    """Give a text with dots in the place of digests."""
    return DIGEST.sub(r"\1 ............", text)


def written_anew(text: str, printed: list[str]) -> str:
    """Give the document with other outputs below its commands."""
    rest = iter(printed)

    def block(match: re.Match[str]) -> str:
        if match["language"] != "console":
            return match[0]
        shown = "".join(f"$ {step.command}\n{next(rest)}" for step in commands(match["body"]))
        return f"```console\n{shown}```"

    return BLOCK.sub(block, text)
