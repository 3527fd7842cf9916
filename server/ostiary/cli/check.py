"""`ostiary check`: what is wrong in folders of definitions and of rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import engine_fault, load_rules, pack_folder, placed
from ostiary.cli.holdings import Holding, Kind, has_yaml, holdings
from ostiary.cli.plain import clean
from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault
from ostiary.rulebook.tenant_files import load_tenant


class Checked(msgspec.Struct, frozen=True):
    """A folder that was checked: what it is, and what is wrong with it."""

    folder: Path
    what: str  # "rule pack" or "tenant"
    faults: tuple[Fault, ...]


def check_folders(folders: Iterable[Path]) -> Iterator[Checked]:
    """Check each folder as what it holds, or every pack and tenant below it."""
    for folder in folders:
        for target, kind in _targets(folder):
            yield _check_rules(target) if kind is Kind.PACK else _check_tenant(target)


def _targets(folder: Path) -> list[Holding]:
    found = holdings(folder)
    if found:
        return found
    if has_yaml(folder):
        return [Holding(folder, Kind.TENANT)]  # which says what is missing
    raise CommandError(Exit.USAGE, (f"{folder}: holds neither a rule pack nor a tenant",))


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
