"""What README.md and docs/ show as printed is what is printed; `make golden` writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Digests change with every comma; what the rest of a transcript says does not.
DIGEST = re.compile(r"\b(rules|tenant) [0-9a-f]{12}\b")
MARK = "=== next command ==="


class Transcript(NamedTuple):
    """The commands of one document in order, and what stands below each."""

    commands: list[str]
    blocks: list[int]  # the number of commands in each block
    shown: list[str]


def transcript(text: str) -> Transcript:
    commands: list[str] = []
    blocks: list[int] = []
    shown: list[str] = []
    for match in BLOCK.finditer(text):
        before = len(commands)
        for line in match[1].splitlines(keepends=True):
            if line.startswith("$ "):
                commands.append(line[2:].rstrip("\n"))
                shown.append("")
            else:
                shown[-1] += line
        blocks.append(len(commands) - before)
    return Transcript(commands, blocks, shown)


def printed(commands: list[str], folder: Path) -> list[str]:
    """Give what each command prints when all of them run one after the other."""
    (folder / "rules").symlink_to(ROOT / "rules")
    script = "".join(f"echo '{MARK}'\n{command}\n" for command in commands)
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
    return DIGEST.sub(r"\1 ............", text)


def written_anew(text: str, found: Transcript, outputs: list[str]) -> str:
    """Give the document with other outputs below its commands."""
    lines = iter(zip(found.commands, outputs, strict=True))
    sizes = iter(found.blocks)

    def block(_: re.Match[str]) -> str:
        pairs = (next(lines) for _ in range(next(sizes)))
        return "```console\n" + "".join(f"$ {one}\n{out}" for one, out in pairs) + "```"

    return BLOCK.sub(block, text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_transcripts_are_what_is_printed(
    document: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    text = document.read_text(encoding="utf-8")
    found = transcript(text)
    if not found.commands:
        pytest.skip("shows nothing as printed")
    outputs = printed(found.commands, tmp_path)
    if request.config.getoption("--update-golden"):
        document.write_text(written_anew(text, found, outputs), encoding="utf-8")
        return
    shown = [without_digests(one) for one in found.shown]
    assert dict(zip(found.commands, shown, strict=True)) == {
        command: without_digests(out) for command, out in zip(found.commands, outputs, strict=True)
    }


def test_documents_link_to_what_is_there() -> None:
    missing = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]
    assert missing == []
