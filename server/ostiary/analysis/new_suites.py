"""Suites that are written for people: into new files beside those that there are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ostiary.analysis.coverage.cases import NewSuite
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.holdings import Kind
from ostiary.rulebook.suite_file import Suite

_SCHEMA_MARK = "# yaml-language-server: $schema="
_LONGEST_LINE = 1_000  # characters
_FIELDS = {Kind.PACK: "rules", Kind.TENANT: "tenant"}


def beside(folder: Path, suites: Sequence[Suite], of: Callable[[Suite], Path | None]) -> Path:
    """Give the folder of the first suite of the pack or tenant in a folder, or that folder."""
    for suite in suites:
        there = of(suite)
        if there is not None and there.resolve() == folder.resolve():
            return Path(suite.file).parent
    return folder


def write_new(suite: NewSuite, room: Path, target: Path, kind: Kind) -> Path:
    """Write a suite of a pack or tenant into a folder, and give its file.

    A file that is there is never written over: a number makes the name another one. Raises OSError
    if it cannot be written.
    """
    text = suite.text
    if not room.resolve().is_relative_to(target.resolve()):
        way = os.path.relpath(target.resolve(), room.resolve())
        first, _, rest = text.partition("\n\n")
        text = f"{first}\n{_FIELDS[kind]}: {json.dumps(way)}\n\n{rest}"
    text = _schema_line(room) + text
    number = 1
    while True:
        again = "" if number == 1 else f"_{number}"
        path = room / f"{suite.name}{again}_test.yaml"
        try:
            _write_once(path, text)
        except FileExistsError:
            number += 1
        else:
            return path


def _write_once(path: Path, text: str) -> None:
    """Write a file that is not there yet, or nothing; raises FileExistsError and other OSError."""
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
        except BaseException:
            path.unlink()
            raise


def _schema_line(room: Path) -> str:
    """Give the line by which the suites of a folder tell editors their schema, if one does."""
    for path in sorted(filter(is_suite, room.iterdir())):
        with suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline(_LONGEST_LINE)
            if first.startswith(_SCHEMA_MARK) and first.endswith("\n"):
                return first
    return ""
