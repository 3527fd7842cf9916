"""The text of a rule pack as a value: read once from a folder, kept, and loaded again anywhere.

Whoever loads a pack from its text loads exactly what was read: nobody can write to it meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import msgspec

from ostiary.domain.errors import DefinitionError, Fault
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.pack_reader import LARGEST_FILE, MOST_FILES, files_of_pack
from ostiary.rulebook.report import PackReport
from ostiary.rulebook.source import Spot
from ostiary.rulebook.tabulate import LoadedPack, load_pack, report_pack

Files = Mapping[str, bytes]

_ENDINGS = (".yaml", ".yml")
_LONGEST_NAME = 256


def read_files(folder: Path) -> Files:
    """Give the text of all files that a pack's folder consists of; raises DefinitionError."""
    faults = FaultList()
    found: dict[str, bytes] = {}
    for file in files_of_pack(folder, faults) or ():
        try:
            with file.path.open("rb") as opened:
                found[file.name] = opened.read(LARGEST_FILE + 1)
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or str(error)
            faults.add(Spot(file.path.as_posix()), "FILE_UNREADABLE", said)
    faults.refuse_if_errors()
    return found


def read_steadily(folder: Path) -> Files:
    """Read a rule pack from a folder that does not change meanwhile; raises DefinitionError."""
    files = read_files(folder)
    if read_files(folder) != files:
        raise changed_meanwhile(folder)
    return files


def changed_meanwhile(folder: Path) -> DefinitionError:
    """Give the error of a folder that was changed while it was read."""
    message = "the folder changed while it was read"
    return DefinitionError([Fault(folder.as_posix(), 1, 1, "CHANGED_MEANWHILE", message)])


def load_files(files: Files, *, named: str = "", progress: bool = False) -> LoadedPack:
    """Give the tables of a pack from its text; raises as `load_pack`.

    Faults call the files by their names in the pack, below `named` if it is given.
    """
    with laid_out(files) as folder:
        try:
            return load_pack(folder, progress=progress)
        except DefinitionError as error:
            raise DefinitionError(_renamed(error.faults, folder, named)) from None


def report_files(files: Files) -> PackReport:
    """Report on all cells of a pack, also of one that is refused for what its cells say.

    Raises DefinitionError for a pack that cannot be read, EngineFailedError if the engine failed.
    """
    with laid_out(files) as folder:
        try:
            report = report_pack(folder)
        except DefinitionError as error:
            raise DefinitionError(_renamed(error.faults, folder, "")) from None
        faults = tuple(_renamed(report.faults, folder, ""))
        return msgspec.structs.replace(report, faults=faults)


def wrong_name(name: str) -> str:
    """Tell what is wrong with the name of a file that somebody sent; empty: nothing."""
    inside = PurePosixPath(name)
    plain = 0 < len(name) <= _LONGEST_NAME and name.isprintable() and "\\" not in name
    if not plain or inside.is_absolute() or inside.as_posix() != name or ".." in inside.parts:
        return "must be the name of a file below the folder of the pack"
    if any(part.startswith(".") for part in inside.parts) or inside.suffix not in _ENDINGS:
        return "must end in .yaml or .yml, and no part of it may begin with a dot"
    if is_suite(inside):
        return "is that of a suite of tests, which is no part of a pack"
    return ""


def checked(files: Files) -> None:
    """Raise DefinitionError if there are too many files to be a pack."""
    if len(files) > MOST_FILES:
        message = f"{len(files):,} files, at most {MOST_FILES} are allowed"
        raise DefinitionError([Fault("", 1, 1, PackCode.LIMIT, message)])


@contextmanager
def laid_out(files: Files) -> Iterator[Path]:
    """Give a folder that holds the files until the end of the block."""
    checked(files)
    with tempfile.TemporaryDirectory(prefix="ostiary-rules-") as room:
        folder = Path(room)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield folder


def _renamed(faults: Iterable[Fault], folder: Path, named: str) -> Iterator[Fault]:
    inside, there = f"{folder.as_posix()}/", f"{named}/" if named else ""
    for one in faults:
        file = named if one.file == folder.as_posix() else one.file.replace(inside, there, 1)
        # a message may point to another place, e.g. `see FILE:LINE`
        message = one.message.replace(inside, there)
        yield msgspec.structs.replace(one, file=file, message=message)
