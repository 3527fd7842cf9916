"""What a folder of YAML files holds, told from the tops of the files: rules or a tenant."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

ENDINGS = (".yaml", ".yml")
SUITE = "_test"  # a file whose name ends so before its ending holds tests
MUTANTS_FILE = "mutants.yaml"  # beside suites: mutants that may survive
_LOOKED_AT = 64 * 1024  # what a file is stands near its top


class FolderKind(enum.Enum):
    """What a folder of definitions is."""

    PACK = "rule pack"
    TENANT = "tenant"


_TOPS = (
    (FolderKind.PACK, re.compile(rb"^phase[ \t]*:", re.MULTILINE)),
    (FolderKind.TENANT, re.compile(rb"^tenant[ \t]*:", re.MULTILINE)),
)


LINKED = "a link to a folder, which is not followed; put the folder itself here"


def walk(folder: Path, refused: Callable[[Path, str], object]) -> Iterator[Path]:
    """Give the files below a folder, without hidden ones and what lies in hidden folders.

    `refused` hears of each folder whose files cannot be told, and why: nothing is left out unsaid.
    """

    def unreadable(error: OSError) -> None:
        refused(Path(str(error.filename)), (error.strerror or str(error)).lower())

    for here, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if Path(here, name).is_symlink():
                refused(Path(here, name), LINKED)
        yield from (Path(here, name) for name in names if not name.startswith("."))


def is_suite(path: PurePath) -> bool:
    """Tell whether a file holds tests, by its name."""
    return path.suffix in ENDINGS and path.stem.endswith(SUITE)


def no_folder(path: Path) -> str:
    """Say why a path is no folder, and of a file what to name in its place."""
    if path.is_file():
        return f"a file; name the folder that it is in: {path.parent}"
    return "no such folder"


def kind_of_folder(folder: Path) -> FolderKind | None:
    """Tell what a folder is from the definitions directly in it."""
    for path in sorted(_definitions(folder)):
        top = _top(path)
        for kind, pattern in _TOPS:
            if pattern.search(top):
                return kind
    return None


def other_kind(folder: Path, wanted: FolderKind) -> str:
    """Say what a folder is that is taken for another kind; empty unless that is clear.

    It is clear where files directly in the folder tell, and none below tells what is wanted.
    """
    kind = kind_of_folder(folder)
    if kind is None or kind is wanted:
        return ""
    pattern = dict(_TOPS)[wanted]
    for path in walk(folder, lambda *_: None):
        if _defines(path) and pattern.search(_top(path)):
            return ""
    return f"is a {kind.value}, not a {wanted.value}"


def _definitions(folder: Path) -> Iterator[Path]:
    return filter(_defines, folder.glob("*"))


def _defines(path: Path) -> bool:
    return path.suffix in ENDINGS and not is_suite(path) and path.name != MUTANTS_FILE


def _top(path: Path) -> bytes:
    try:
        if not path.is_file():  # opening a pipe would wait for whoever writes to it
            return b""
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""  # whoever loads the folder says why
