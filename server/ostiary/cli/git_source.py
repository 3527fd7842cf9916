"""A folder as it was at a git revision, read without touching the files at hand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ostiary.cli.exits import CommandError, Exit
from ostiary.rulebook.holdings import ENDINGS

_PREFIX = "git:"
_BLOB = "blob"
_SYMLINK = b"120000"


class _File(NamedTuple):
    mode: bytes
    object: str
    path: Path  # below the folder that was named


def extract(name: str, into: Path) -> None:
    """Write the definitions of `git:REV[:PATH]` into a folder; CommandError says what is wrong.

    Objects are read as they are stored: no attribute of the repository leaves a file out or
    changes its content.
    """
    revision, _, path = name.removeprefix(_PREFIX).partition(":")
    if not revision:
        raise _wrong(name, "say which revision: git:REV or git:REV:PATH")
    folder = Path.cwd()
    try:
        _git(folder, "rev-parse", "--git-dir")
    except FileNotFoundError:
        raise _wrong(name, "git is not installed") from None
    except subprocess.CalledProcessError:
        raise _wrong(name, f"{folder} is in no git repository") from None
    tree = _tree(folder, name, revision, path)
    files = list(_files(folder, name, tree))
    contents = _contents(folder, [one.object for one in files])
    for one, content in zip(files, contents, strict=True):
        target = into / one.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _tree(folder: Path, name: str, revision: str, path: str) -> str:
    """Give the object of the folder that is meant."""
    try:
        commit = _said(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except subprocess.CalledProcessError:
        raise _wrong(name, f"there is no revision `{revision}`") from None
    try:
        prefix = _said(folder, "rev-parse", "--show-prefix")
    except subprocess.CalledProcessError:
        prefix = ""  # a repository without files at hand
    parts: list[str] = []
    for part in Path(prefix, path).parts:
        if part == ".." and parts:
            parts.pop()
        elif part in ("..", "/"):
            raise _wrong(name, f"`{path}` lies outside of the repository")
        else:
            parts.append(part)
    meant = "/".join(parts)
    try:
        found = _said(folder, "rev-parse", "--verify", "--quiet", f"{commit}:{meant}")
        is_tree = _said(folder, "cat-file", "-t", found) == "tree"
    except subprocess.CalledProcessError:
        raise _wrong(name, f"there is no `{meant or '.'}` at `{revision}`") from None
    if not is_tree:
        raise _wrong(name, f"`{meant}` at `{revision}` is no folder")
    return found


def _files(folder: Path, name: str, tree: str) -> Iterator[_File]:
    for entry in _git(folder, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
        described, _, raw = entry.partition(b"\t")
        if not raw:
            continue
        path = Path(raw.decode("utf-8", "surrogateescape"))
        mode, kind, found = described.split(b" ")
        if path.suffix not in ENDINGS or kind.decode() != _BLOB:
            continue
        if mode == _SYMLINK:
            raise _wrong(name, f"`{path}` is a link to another file; name the file itself")
        yield _File(mode, found.decode(), path)


def _contents(folder: Path, objects: list[str]) -> Iterator[bytes]:
    asked = "".join(f"{one}\n" for one in objects).encode()
    said = _git(folder, "cat-file", "--batch", given=asked)
    at = 0
    for _ in objects:
        end = said.index(b"\n", at)
        size = int(said[at:end].split(b" ")[2])
        yield said[end + 1 : end + 1 + size]
        at = end + size + 2  # the content and the newline after it


def _said(folder: Path, *words: str) -> str:
    return _git(folder, *words).decode("utf-8", "surrogateescape").strip()


def _git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError("git")
    words = (program, *words)
    done = subprocess.run(words, cwd=folder, input=given, capture_output=True, check=True)
    return done.stdout


def _wrong(name: str, message: str) -> CommandError:
    return CommandError(Exit.USAGE, (f"{name}: {message}",))
