"""The suites below a folder: found by the names of their files, and read all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.holdings import refuse_unreadable
from ostiary.rulebook.suite_file import Suite, load_suite


def suites_below(folder: Path) -> Iterator[Path]:
    """Give the files of suites, in order; what is hidden is left alone.

    DefinitionError says where it cannot be told what lies below.
    """
    refuse_unreadable(folder)
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if is_suite(path) and not hidden and path.is_file():
            yield path


def load_all(files: Iterable[Path]) -> list[Suite]:
    """Give the suites of files; DefinitionError has every fault of every file."""
    faults: list[Fault] = []
    suites: list[Suite] = []
    for file in files:
        try:
            suites.append(load_suite(file))
        except DefinitionError as error:
            faults += error.faults
    if faults:
        raise DefinitionError(faults)
    return suites
