"""The suites below a folder: found by the names of their files, and read all at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.holdings import untold
from ostiary.rulebook.source import no_file
from ostiary.rulebook.suite_file import Suite, load_suite


def suites_below(folder: Path) -> list[Path]:
    """Give the files of suites, in order; what is hidden is left alone.

    DefinitionError says where it cannot be told what lies below, and which suites are no files: a
    suite that is left out unsaid would be taken for passed.
    """
    wrong = untold(folder)
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not is_suite(path) or hidden:
            continue
        why = no_file(path)
        if why:
            wrong.append(Fault(path.as_posix(), 1, 1, FaultCode.FILE_UNREADABLE.value, why))
        found.append(path)
    if wrong:
        raise DefinitionError(sorted(set(wrong)))
    return found


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
