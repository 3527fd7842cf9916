"""What a folder holds: tenants and rule packs, told by the files in it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ostiary.rulebook.folder_kinds import ENDINGS, kind_of_folder
from ostiary.rulebook.folder_kinds import FolderKind as Kind

__all__ = ["ENDINGS", "Holding", "Kind", "has_yaml", "holdings"]


class Holding(NamedTuple):
    """A folder that is a tenant or a rule pack."""

    folder: Path
    kind: Kind


def holdings(folder: Path) -> list[Holding]:
    """Give the folder as what it is, or every pack and tenant below it, in order."""
    kind = kind_of_folder(folder)
    if kind is not None:
        return [Holding(folder, kind)]
    found: list[Holding] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_dir()):
        inside = any(path.is_relative_to(one.folder) for one in found if one.kind is Kind.TENANT)
        kind = None if inside else kind_of_folder(path)
        if kind is not None:
            found.append(Holding(path, kind))
    return found


def has_yaml(folder: Path) -> bool:
    """Tell whether any file below could be a definition."""
    return any(path.suffix in ENDINGS for path in folder.rglob("*"))
