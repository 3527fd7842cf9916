"""What a folder holds: tenants and rule packs, told by the files in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from ostiary.domain.enumeration import Enumeration

ENDINGS = (".yaml", ".yml")
_LOOKED_AT = 64 * 1024  # what a file is stands near its top


class Kind(Enumeration):
    """What somebody keeps in a folder."""

    PACK = "rule pack"
    TENANT = "tenant"


_MARKS = (
    (Kind.PACK, re.compile(rb"^phase[ \t]*:", re.MULTILINE)),
    (Kind.TENANT, re.compile(rb"^tenant[ \t]*:", re.MULTILINE)),
)


class Holding(NamedTuple):
    """A folder that is a tenant or a rule pack."""

    folder: Path
    kind: Kind


def kind_of(folder: Path) -> Kind | None:
    """Tell what a folder is from the files directly in it."""
    for path in sorted(path for path in folder.glob("*") if path.suffix in ENDINGS):
        top = _top(path)
        for kind, mark in _MARKS:
            if mark.search(top):
                return kind
    return None


def holdings(folder: Path) -> list[Holding]:
    """Give the folder as what it is, or every pack and tenant below it, in order."""
    kind = kind_of(folder)
    if kind is not None:
        return [Holding(folder, kind)]
    found: list[Holding] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_dir()):
        inside = any(path.is_relative_to(one.folder) for one in found if one.kind is Kind.TENANT)
        kind = None if inside else kind_of(path)
        if kind is not None:
            found.append(Holding(path, kind))
    return found


def has_yaml(folder: Path) -> bool:
    """Tell whether any file below could be a definition."""
    return any(path.suffix in ENDINGS for path in folder.rglob("*"))


def _top(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""  # whoever loads the folder says why
