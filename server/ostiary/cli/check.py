"""`ostiary check`: what is wrong in folders of definitions and of rules."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import engine_fault, load_rules, pack_folder, placed
from ostiary.cli.plain import clean
from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault
from ostiary.rulebook.tenant_files import load_tenant

_PACK = re.compile(rb"^phase[ \t]*:", re.MULTILINE)
_TENANT = re.compile(rb"^tenant[ \t]*:", re.MULTILINE)
_ENDINGS = (".yaml", ".yml")
_LOOKED_AT = 64 * 1024  # what a file is stands near its top


class Checked(msgspec.Struct, frozen=True):
    """A folder that was checked: what it is, and what is wrong with it."""

    folder: Path
    what: str  # "rule pack" or "tenant"
    faults: tuple[Fault, ...]


def check_folders(folders: Iterable[Path]) -> Iterator[Checked]:
    """Check each folder as what it holds, or every pack and tenant below it."""
    for folder in folders:
        for target, kind in _targets(folder):
            yield _check_rules(target) if kind is _PACK else _check_tenant(target)


def _targets(folder: Path) -> list[tuple[Path, re.Pattern[bytes]]]:
    kind = _kind(folder)
    if kind is not None:
        return [(folder, kind)]
    below = sorted(path for path in folder.rglob("*") if path.is_dir())
    found: list[tuple[Path, re.Pattern[bytes]]] = []
    for path in below:
        inside = any(path.is_relative_to(tenant) for tenant, one in found if one is _TENANT)
        kind = None if inside else _kind(path)
        if kind is not None:
            found.append((path, kind))
    if found:
        return found
    if any(path.suffix in _ENDINGS for path in folder.rglob("*")):
        return [(folder, _TENANT)]  # which says what is missing
    raise CommandError(Exit.USAGE, (f"{folder}: holds neither a rule pack nor a tenant",))


def _kind(folder: Path) -> re.Pattern[bytes] | None:
    """Tell what a folder is from the files directly in it."""
    for path in sorted(path for path in folder.glob("*") if path.suffix in _ENDINGS):
        top = _top(path)
        for pattern in (_PACK, _TENANT):
            if pattern.search(top):
                return pattern
    return None


def _top(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""  # whoever loads the folder says why


def _check_rules(folder: Path) -> Checked:
    try:
        pack = load_rules(folder)
    except DefinitionError as error:
        return Checked(folder, "rule pack", tuple(placed(error.faults, folder)))
    except EngineFailedError as error:
        return Checked(folder, "rule pack", (engine_fault(error, folder),))
    pack.close()
    return Checked(folder, "rule pack", tuple(placed(pack.faults, folder)))


def _check_tenant(folder: Path) -> Checked:
    try:
        faults = load_tenant(folder).warnings
    except DefinitionError as error:
        faults = error.faults
    return Checked(folder, "tenant", tuple(placed(faults, folder)))


def print_faults(folders: list[Path], *, as_json: bool) -> Exit:
    """Print the faults of folders, sorted, and on standard error a line about each folder."""
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise CommandError(Exit.USAGE, (f"no such folder: {folder}" for folder in missing))
    checked = list(check_folders(folders or [pack_folder(None)]))
    faults = sorted(fault for one in checked for fault in one.faults)
    if as_json:
        listed = [msgspec.to_builtins(fault) for fault in faults]
        print(json.dumps({"faults": listed}, indent=2, ensure_ascii=False))
    else:
        for fault in faults:
            print(clean(str(fault)))
    sys.stdout.flush()
    for one in checked:
        print(clean(summary(one)), file=sys.stderr)
    return Exit.FAULTY if any(one.severity == "error" for one in faults) else Exit.DONE


def pack_to_report(paths: list[Path], rules: Path | None) -> Path:
    """Give the one rule pack whose cells are to be reported."""
    named = [*paths, *([rules] if rules is not None else [])]
    if len(named) > 1:
        raise CommandError(Exit.USAGE, ("--cells reports on one rule pack; name one folder",))
    folder = named[0] if named else pack_folder(None)
    if not folder.is_dir():
        raise CommandError(Exit.USAGE, (f"no such folder: {folder}",))
    return folder


def summary(checked: Checked) -> str:
    """Give one line about a folder: what it is, and how much is wrong."""
    errors = sum(fault.severity == "error" for fault in checked.faults)
    warnings = len(checked.faults) - errors
    counts = [_count(errors, "error")] if errors else []
    counts += [_count(warnings, "warning")] if warnings else []
    return f"{checked.folder}: {checked.what}, {' and '.join(counts) or 'no faults'}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("s" if number > 1 else "")
