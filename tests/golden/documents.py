"""Documents as scripts: their files are written, their commands run, their transcripts compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (?P<path>[\w/-]+\.yaml)\n")
# Digests change with every comma; what the rest of a transcript says does not.
DIGEST = re.compile(r"\b(rules|tenant) [0-9a-f]{12}\b")
REVISION = re.compile(r"^(\d+ +)[0-9a-f]{12}\b", re.MULTILINE)  # in a list of activations
# a revision in full, of rules or of git
LONG = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
TODAY = re.compile(r"\b202\d-\d\d-\d\d[T ][\d:]+(\.\d+\+00:00)?")  # what is asked is asked of 2031
ID = re.compile(r"\b[a-z]-[0-9a-z]{16}\b")  # of a request, an assignment, a review, …
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
    """Give what each command of a document prints when it is followed from its beginning.

    Ids of requests and the like are new each time: those of the document stand in their place.
    """
    (folder / "rules").symlink_to(ROOT / "rules")
    ids, printed = Ids(), []
    with shell(folder) as bash:
        for step in steps(text):
            if step.path:
                file = folder / step.path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(step.content, encoding="utf-8")
                continue
            out = bash.run(in_background(ids.real(step.command)))
            ids.learn(step.shown, out)
            printed.append(ids.of_document(out))
    return printed


class Shell(NamedTuple):
    """A shell that goes on from command to command."""

    process: subprocess.Popen[str]

    def run(self, command: str) -> str:
        """Run a command and give all that it prints."""
        given, said = self.process.stdin, self.process.stdout
        assert given is not None
        assert said is not None
        given.write(f"{command}\necho '{MARK}'\n")
        given.flush()
        lines: list[str] = []
        for line in said:
            if line == f"{MARK}\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError(f"the shell ended in `{command}`: {''.join(lines)}")


@contextmanager
def shell(folder: Path) -> Iterator[Shell]:
    """Begin a shell in a folder; what it began in the background ends with it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["bash"],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        bash = Shell(process)
        bash.run("trap 'kill $(jobs -p) 2>/dev/null' EXIT")
        yield bash
    finally:
        process.communicate("exit\n", timeout=60)


def in_background(command: str) -> str:
    """Give what starts a server on a free port and has later commands ask it, or the command."""
    if not (command.startswith("ostiary serve ") and command.endswith(" &")):
        return command
    return f"""{command.removesuffix(" &")} --port 0 > serving.txt 2> serving.log &
while kill -0 $! 2> /dev/null && ! grep -qs '^serving ' serving.txt; do sleep 0.1; done
sed -E 's/(127\\.0\\.0\\.1):[0-9]+/\\1:50051/' serving.txt
export OSTIARY_SERVER=$(sed -nE 's/^serving .* on ([0-9.]+:[0-9]+),.*/\\1/p' serving.txt)"""


class Ids:
    """Which ids of a document stand for which that came up when it was followed."""

    def __init__(self) -> None:
        self._real: dict[str, str] = {}
        self._newest: dict[str, str] = {}  # by the letter that an id begins with

    def learn(self, shown: str, printed: str) -> None:
        """See which ids were printed where the document shows its own."""
        found = list(dict.fromkeys(ID.findall(printed)))
        for name, real in zip(dict.fromkeys(ID.findall(shown)), found, strict=False):
            self._real.setdefault(name, real)
        self._newest.update((one[0], one) for one in found)

    def real(self, command: str) -> str:
        """Give a command with real ids; one that the document never showed is the newest."""

        def known(found: re.Match[str]) -> str:
            name = found[0]
            return self._real.get(name, self._newest.get(name[0], name))

        return ID.sub(known, command)

    def of_document(self, printed: str) -> str:
        """Give an output with the document's ids."""
        known = {real: name for name, real in self._real.items()}
        return ID.sub(lambda one: known.get(one[0], one[0]), printed)


def without_digests(text: str) -> str:
    """Give a text with dots in the place of digests and of the present."""
    text = REVISION.sub(r"\1............", DIGEST.sub(r"\1 ............", text))
    return TODAY.sub("202.-..-..", LONG.sub("............", text))


def written_anew(text: str, printed: list[str]) -> str:
    """Give the document with other outputs below its commands."""
    rest = iter(printed)

    def block(match: re.Match[str]) -> str:
        if match["language"] != "console":
            return match[0]
        shown = "".join(f"$ {step.command}\n{next(rest)}" for step in commands(match["body"]))
        return f"```console\n{shown}```"

    return BLOCK.sub(block, text)
