"""`ostiary check`: what is wrong in folders of definitions and of rules."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from ostiary.analysis.lint.placed import Placed, lint_folder
from ostiary.analysis.lint.ruling import all_under, lint_pack
from ostiary.cli.check_lines import SEVERITIES, Line, Shown, line_of_fault, line_of_finding
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import load_rules, missing_folder, pack_folder
from ostiary.cli.plain import clean
from ostiary.domain.errors import DefinitionError, EngineFailedError, Fault
from ostiary.rulebook.holdings import Holding, Kind, has_yaml, holdings
from ostiary.rulebook.placing import engine_fault, placed
from ostiary.rulebook.progress import progress_bar
from ostiary.rulebook.tenant_files import load_tenant


class Checked(msgspec.Struct, frozen=True):
    """A folder that was checked: what it is, and what is wrong with it."""

    folder: Path
    what: str  # "rule pack" or "tenant"
    faults: tuple[Fault, ...]
    findings: tuple[Placed, ...] = ()
    ignored: int = 0  # findings that its files say are meant


def check_folders(folders: Iterable[Path], now: datetime) -> Iterator[Checked]:
    """Check each folder as what it holds, or every pack and tenant below it."""
    targets = [target for folder in folders for target in _targets(folder)]
    packs = [folder for folder, kind in targets if kind is Kind.PACK]
    good = [_check_rules(folder) for folder in packs]
    accepted = [one.folder for one in good if all(f.severity != "error" for f in one.faults)]
    checked = {one.folder: one for one in good}
    for target, kind in targets:
        pack = kind is Kind.PACK
        yield checked[target] if pack else _check_tenant(target, now, accepted)


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
    faults = tuple(placed(pack.faults, folder))
    return Checked(folder, "rule pack", faults, lint_pack(folder))


def _check_tenant(folder: Path, now: datetime, packs: list[Path]) -> Checked:
    """Check a tenant, alone and under the rule packs that are checked with it."""
    try:
        loaded = load_tenant(folder)
    except DefinitionError as error:
        return Checked(folder, "tenant", tuple(placed(error.faults, folder)))
    packages = sum(len(catalog.packages) for catalog in loaded.tenant.catalogs)
    wanted = sys.stderr.isatty()
    with progress_bar(packages, wanted=wanted, about="lint", unit="packages") as advance:
        done = 0

        def tell(so_far: int, _: int) -> None:
            nonlocal done
            advance(so_far - done)
            done = so_far

        report = lint_folder(folder, loaded, now=now, progress=tell)
    faults = tuple(placed(loaded.warnings, folder))
    findings = (*report.placed, *all_under(packs, loaded.tenant))
    return Checked(folder, "tenant", faults, findings, report.ignored)


def print_faults(folders: list[Path], shown: Shown, now: datetime) -> Exit:
    """Print what is wrong in folders, sorted, and on standard error a line about each folder."""
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        raise CommandError(Exit.USAGE, map(missing_folder, missing))
    checked = [_only(one, shown) for one in check_folders(folders or [pack_folder(None)], now)]
    lines = sorted(line for one in checked for line in lines_of(one))
    shown.print(lines)
    sys.stdout.flush()
    for one in checked:
        print(clean(summary(one)), file=sys.stderr)
    return shown.exit_of(lines)


def _only(checked: Checked, shown: Shown) -> Checked:
    return msgspec.structs.replace(
        checked,
        faults=tuple(one for one in checked.faults if shown.wants(line_of_fault(one))),
        findings=tuple(one for one in checked.findings if shown.wants(line_of_finding(one))),
    )


def lines_of(checked: Checked) -> Iterator[Line]:
    """Give what is wrong with a folder, a line each."""
    yield from map(line_of_fault, checked.faults)
    yield from map(line_of_finding, checked.findings)


def pack_to_report(paths: list[Path], rules: Path | None) -> Path:
    """Give the one rule pack whose cells are to be reported."""
    named = [*paths, *([rules] if rules is not None else [])]
    if len(named) > 1:
        raise CommandError(Exit.USAGE, ("--cells reports on one rule pack; name one folder",))
    folder = named[0] if named else pack_folder(None)
    if not folder.is_dir():
        raise CommandError(Exit.USAGE, (missing_folder(folder),))
    return folder


def summary(checked: Checked) -> str:
    """Give one line about a folder: what it is, and how much is wrong."""
    found = Counter(line.severity for line in lines_of(checked))
    counts = [_count(found[word], word) for word in SEVERITIES if found[word]]
    if checked.ignored:
        counts.append(f"{checked.ignored} ignored")
    return f"{checked.folder}: {checked.what}, {_joined(counts) or 'no faults'}"


def _count(number: int, word: str) -> str:
    if word == "advice":
        return "1 piece of advice" if number == 1 else f"{number} pieces of advice"
    return f"{number} {word}" + ("s" if number > 1 else "")


def _joined(counts: list[str]) -> str:
    *first, last = counts or [""]
    return f"{', '.join(first)} and {last}" if first else last
