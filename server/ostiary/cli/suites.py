"""`ostiary test`: suites found below folders, run, and what came of them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ostiary.analysis.coverage.counting import Covered, under
from ostiary.analysis.coverage.plain import as_plain as coverage_as_plain
from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.plain import as_plain
from ostiary.analysis.suites.report import SuitesReport
from ostiary.analysis.suites.runner import AnyTest, run_suites
from ostiary.cli.covering import CoverageWish, counted, print_coverage, write_missing
from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.folders import load_rules, refusing
from ostiary.cli.junit import junit
from ostiary.cli.plain import clean
from ostiary.cli.show_suites import show_report
from ostiary.cli.terminal import console
from ostiary.cli.written import told, try_targets, write
from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.holdings import holdings
from ostiary.rulebook.suite_file import Suite
from ostiary.rulebook.suite_folders import load_all, suites_below

_PATIENCE = 1.0  # seconds before a bar is worth showing


class Wish(msgspec.Struct, frozen=True):
    """What the command was told beside the paths."""

    candidate: Candidate = Candidate()
    filter: str | None = None
    fail_fast: bool = False
    verbose: bool = False
    junit: Path | None = None
    as_json: bool = False
    coverage: CoverageWish | None = None


def suite_files(paths: Sequence[Path], *, may_be_none: bool = False) -> list[Path]:
    """Give the suites below folders and those named; CommandError if a path holds none.

    With `may_be_none`, a rule pack or a tenant may have no suite yet.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise CommandError(Exit.USAGE, (f"no such file or folder: {path}" for path in missing))
    found: dict[Path, None] = {}
    empty = []
    for path in paths:
        below = [path] if path.is_file() else list(suites_below(path))
        found.update(dict.fromkeys(below))
        if not below and not (may_be_none and holdings(path)):
            empty.append(path)
    if empty:
        text = "holds no suite: no file ending in _test.yaml"
        raise CommandError(Exit.USAGE, (f"{path}: {text}" for path in empty))
    return list(found)


def load_suites(paths: Sequence[Path], *, may_be_none: bool = False) -> list[Suite]:
    """Give the suites of paths; CommandError has every fault of every file."""
    try:
        suites = load_all(suite_files(paths, may_be_none=may_be_none))
    except DefinitionError as error:
        raise faulty(error.faults) from None
    for suite in suites:
        for warning in suite.warnings:
            print(clean(str(warning)), file=sys.stderr)
    return suites


def run(paths: Sequence[Path], wish: Wish) -> Exit:
    """Run the suites of paths and print what came of them; FAULTY unless all tests passed.

    With coverage also FAULTY if less was looked at than is asked for.
    """
    try_targets(wish.junit)
    suites = load_suites(paths, may_be_none=wish.coverage is not None)
    chosen = _chooser(suites, wish.filter)
    with bench_of(suites, wish.candidate) as bench:
        report = ran(suites, bench, chosen, fail_fast=wish.fail_fast)
        covered: list[Covered] = []
        if wish.coverage is not None:
            covered = counted(paths, suites, bench, report, wish.coverage)
    if wish.junit is not None:
        write(wish.junit, junit(report))
    if wish.as_json:
        plain = as_plain(report)
        if wish.coverage is not None:
            plain["coverage"] = coverage_as_plain(covered)
        print(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        if report.tests:
            show_report(console(), report, verbose=wish.verbose)
        if wish.coverage is not None:
            print_coverage(covered, wish.coverage)
    passed = report.passed or (wish.coverage is not None and not report.tests)
    if wish.coverage is None:
        return Exit.DONE if passed else Exit.FAULTY
    if wish.coverage.write_missing:
        sys.stdout.flush()
        for path, tests in write_missing(covered, suites, bench):
            print(clean(told(path, tests)), file=sys.stderr)
    enough = _enough(covered, wish.coverage)
    return Exit.DONE if enough and passed else Exit.FAULTY


def _enough(covered: Sequence[Covered], wish: CoverageWish) -> bool:
    """Say what is under the percentage."""
    sys.stdout.flush()
    low = under(covered, wish.fail_under, rules_only=wish.rules_only)
    for text in low:
        print(clean(text), file=sys.stderr)
    return not low


@contextmanager
def bench_of(suites: Sequence[Suite], candidate: Candidate) -> Iterator[Bench]:
    """Give the bench of suites with their packs; CommandError says what is wrong with one."""
    with Bench(candidate, load=load_rules) as bench:
        for suite in suites:  # packs first, so that what is wrong with one is said with places
            with refusing(bench.rules_of(suite)):
                bench.tables(suite)
        yield bench


def ran(
    suites: Sequence[Suite],
    bench: Bench,
    chosen: Callable[[Suite, AnyTest], bool] = lambda *_: True,
    *,
    fail_fast: bool = False,
) -> SuitesReport:
    """Give the report of suites, with a bar meanwhile for people who wait."""
    with bar("tests") as progress:
        return run_suites(
            suites,
            bench,
            chosen=chosen,
            fail_fast=fail_fast,
            progress=progress,
            clock=time.perf_counter,
        )


def list_tests(paths: Sequence[Path], filter_: str | None, *, as_json: bool) -> Exit:
    """Print the tests of paths with their places, and run none."""
    suites = load_suites(paths)
    chosen = _chooser(suites, filter_)
    tests = [one for suite in suites for one in suite.tests if chosen(suite, one)]
    if as_json:
        plain = [
            {"file": one.place.file, "line": one.place.line, "name": one.name} for one in tests
        ]
        print(json.dumps(plain, indent=2, ensure_ascii=False))
        return Exit.DONE
    for one in tests:
        print(clean(f"{one.place.file}:{one.place.line}: {one.name}"))
    return Exit.DONE


def _chooser(suites: Sequence[Suite], text: str | None) -> Callable[[Suite, AnyTest], bool]:
    """Give what chooses tests by their names and suites; CommandError if it would choose none."""
    wanted = "" if text is None else text.casefold()

    def chosen(suite: Suite, test: AnyTest) -> bool:
        return wanted in test.name.casefold() or wanted in suite.title.casefold()

    if text is not None and not any(chosen(suite, one) for suite in suites for one in suite.tests):
        raise CommandError(Exit.USAGE, (f"no test is called anything like `{text}`",))
    return chosen


@contextmanager
def bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many are done of how many."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(unit), BarColumn(), MofNCompleteColumn())
    shown = Progress(*columns, console=Console(stderr=True), transient=True)
    task = shown.add_task(unit, total=None)
    begun = time.monotonic()

    def advance(done: int, total: int) -> None:
        if not shown.live.is_started and time.monotonic() - begun > _PATIENCE:
            shown.start()
        shown.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        shown.stop()
