"""Remembering what the engine fired in each cell, so that a known pack loads at once.

The cache is never trusted and never fatal: a file that is damaged, foreign or cannot be written is
passed over, and what is read is compared with the reference in every cell like any other answer.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import os
import sys
import tempfile
from array import array
from importlib import metadata
from pathlib import Path

import msgspec
import platformdirs

from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook.compiler import COMPILER_VERSION, CompiledPhase
from ostiary.rulebook.engine_run import FiredCells
from ostiary.rulebook.verdicts import numbers_of

FOLDER_VARIABLE = "OSTIARY_CACHE_DIR"
SUFFIX = ".cells"
MOST_FILES = 200

_MAGIC = b"ostiary cells 1\n"
_DIGEST = hashlib.sha256().digest_size
_LARGEST_FILE = 64 * 1024 * 1024


class _Stored(msgspec.Struct, frozen=True):
    key: str
    sets: list[list[int]]
    cells: bytes  # little-endian, four bytes each


_decoder = msgspec.msgpack.Decoder(_Stored)


class Caching(enum.Enum):
    """Where tables are remembered if nobody names a folder."""

    DEFAULT = "default"


def default_cache() -> Path | None:
    """Give the folder for tables: below OSTIARY_CACHE_DIR, or in the user's cache folder.

    None for a user without a home.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    base = Path(named) if named else platformdirs.user_cache_path("ostiary")
    return base / "tables" if named or base.is_absolute() else None


def cache_folder(cache: Path | None | Caching) -> Path | None:
    """Give the folder that a caller means."""
    return default_cache() if isinstance(cache, Caching) else cache


def key_of(phase: CompiledPhase) -> str:
    """Give the SHA-256 of everything that what fires depends on."""
    vocabulary = [
        (each.value, list(spec.facts.items()), list(spec.answers))
        for each, spec in VOCABULARY.items()
    ]
    parts = (COMPILER_VERSION, _engine_version(), vocabulary)
    content = (*parts, phase.name, phase.facts, phase.ruleset, phase.rules)
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def read_cells(folder: Path, phase: CompiledPhase) -> FiredCells | None:
    """Give what was remembered for a phase, if it can be read and fits."""
    key = key_of(phase)
    try:
        path = folder / (key + SUFFIX)
        if path.stat().st_size > _LARGEST_FILE or not path.is_file():
            return None
        content = path.read_bytes()
        stored = _opened(content)
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        return None
    if stored is None or stored.key != key:
        return None
    return _fitting(stored, phase)


def write_cells(folder: Path, phase: CompiledPhase, fired: FiredCells) -> None:
    """Remember what fires in a phase; a folder that cannot be written to is no matter."""
    key = key_of(phase)
    sets = [list(numbers_of(rules)) for rules in fired.sets]
    payload = msgspec.msgpack.encode(_Stored(key, sets, _little_endian(fired.cells).tobytes()))
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_whole(folder / (key + SUFFIX), _MAGIC + hashlib.sha256(payload).digest() + payload)
        _prune(folder)


def _write_whole(path: Path, content: bytes) -> None:
    """Write under a temporary name and rename, so that nobody ever reads half a file."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _prune(folder: Path) -> None:
    files = [path for path in folder.iterdir() if path.suffix == SUFFIX]
    if len(files) > MOST_FILES:
        files.sort(key=lambda path: path.stat().st_mtime)
        for path in files[: len(files) - MOST_FILES]:
            path.unlink(missing_ok=True)


def _opened(content: bytes) -> _Stored | None:
    head, payload = content[: len(_MAGIC) + _DIGEST], content[len(_MAGIC) + _DIGEST :]
    if head != _MAGIC + hashlib.sha256(payload).digest():
        return None
    return _decoder.decode(payload)


def _fitting(stored: _Stored, phase: CompiledPhase) -> FiredCells | None:
    """Give the content if it has the right number of cells and no rule that does not exist."""
    numbers = [number for fired in stored.sets for number in fired]
    if len(stored.cells) != 4 * phase.cells or not stored.sets:
        return None
    if numbers and not 0 <= min(numbers) <= max(numbers) < phase.rules:
        return None
    cells = array("I")
    cells.frombytes(stored.cells)
    cells = _little_endian(cells)
    if max(cells) >= len(stored.sets):
        return None
    return FiredCells([sum(1 << n for n in set(fired)) for fired in stored.sets], cells)


def _little_endian(cells: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return cells
    swapped = cells[:]
    swapped.byteswap()
    return swapped


def _engine_version() -> str:
    try:
        return metadata.version("durable_rules")
    except metadata.PackageNotFoundError:
        return "absent"
