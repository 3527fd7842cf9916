"""Packs for tests: a small complete one, and copies of it that are changed in one place."""

from __future__ import annotations

import shutil
from pathlib import Path

from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.tabulate import load_pack

SMALL = Path(__file__).parent / "small"


def copy_of_small(room: Path) -> Path:
    """A folder with the small pack, free to be changed."""
    return Path(shutil.copytree(SMALL, room / "pack"))


def changed(room: Path, file: str, old: str, new: str) -> Path:
    """The small pack with one text put in the place of another, which must be there once."""
    folder = copy_of_small(room)
    path = folder / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands in {file} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def read_small() -> Pack:
    """The small pack as it is read."""
    pack = read_pack(SMALL, FaultList())
    assert pack is not None
    return pack


def faults_of(folder: Path) -> list[str]:
    """The faults that a pack is refused for, without the folder in front."""
    try:
        load_pack(folder, cache=None).close()
    except DefinitionError as error:
        prefix = folder.as_posix()
        return [str(fault).removeprefix(prefix).removeprefix("/") for fault in error.faults]
    return []
