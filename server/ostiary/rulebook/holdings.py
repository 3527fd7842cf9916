"""What a folder holds: tenants and rule packs, told by the files in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.folder_kinds import ENDINGS, LINKED, kind_of_folder, walk
from ostiary.rulebook.folder_kinds import FolderKind as Kind

__all__ = ["ENDINGS", "Holding", "Kind", "has_yaml", "holdings", "refuse_unreadable", "untold"]


class Holding(NamedTuple):
    """A folder that is a tenant or a rule pack."""

    folder: Path
    kind: Kind


def holdings(folder: Path) -> list[Holding]:
    """Give the folder as what it is, or every pack and tenant below it, in order.

    DefinitionError says where it cannot be told what lies below.
    """
    kind = kind_of_folder(folder)
    if kind is not None:
        return [Holding(folder, kind)]
    refuse_unreadable(folder)
    found: list[Holding] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_dir()):
        inside = any(path.is_relative_to(one.folder) for one in found if one.kind is Kind.TENANT)
        kind = None if inside else kind_of_folder(path)
        if kind is not None:
            found.append(Holding(path, kind))
    return found


def refuse_unreadable(folder: Path) -> None:
    """Raise DefinitionError if what lies below a folder cannot be told, as it may be anything.

    Links to folders are not followed, hidden folders not looked at.
    """
    wrong = [one for one in untold(folder) if one.message != LINKED]
    if wrong:
        raise DefinitionError(sorted(wrong))


def untold(folder: Path) -> list[Fault]:
    """Give a fault for each folder below that is not looked into, or linked from elsewhere."""
    wrong: list[Fault] = []

    def refused(path: Path, why: str) -> None:
        if why != LINKED or not _met_anyway(path, folder):
            wrong.append(Fault(path.as_posix(), 1, 1, FaultCode.FILE_UNREADABLE.value, why))

    for _ in walk(folder, refused):
        pass
    return wrong


def _met_anyway(link: Path, folder: Path) -> bool:
    """Tell whether a link leads to a folder that is looked at under its own name."""
    target, top = link.resolve(), folder.resolve()
    if not target.is_relative_to(top):
        return False
    return not any(part.startswith(".") for part in target.relative_to(top).parts)


def has_yaml(folder: Path) -> bool:
    """Tell whether any file below could be a definition."""
    return any(path.suffix in ENDINGS for path in folder.rglob("*"))
