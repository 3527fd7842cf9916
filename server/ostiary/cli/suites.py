"""`ostiary test`: suites found below folders, run, and what came of them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.report import SuitesReport
from ostiary.analysis.suites.runner import AnyTest, run_suites
from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.folders import load_rules, refusing
from ostiary.cli.junit import junit
from ostiary.cli.plain import clean
from ostiary.cli.show_suites import as_plain, show_report
from ostiary.cli.terminal import console
from ostiary.domain.errors import DefinitionError, Fault
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.suite_file import Suite, load_suite

_PATIENCE = 1.0  # seconds before a bar is worth showing


class Wish(msgspec.Struct, frozen=True):
    """What the command was told beside the paths."""

    candidate: Candidate = Candidate()
    filter: str | None = None
    fail_fast: bool = False
    verbose: bool = False
    junit: Path | None = None
    as_json: bool = False


def suite_files(paths: Sequence[Path]) -> list[Path]:
    """Give the suites below folders and those named; CommandError if a path holds none."""
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise CommandError(Exit.USAGE, (f"no such file or folder: {path}" for path in missing))
    found: dict[Path, None] = {}
    empty = []
    for path in paths:
        below = [path] if path.is_file() else list(_below(path))
        found.update(dict.fromkeys(below))
        if not below:
            empty.append(path)
    if empty:
        text = "holds no suite: no file ending in _test.yaml"
        raise CommandError(Exit.USAGE, (f"{path}: {text}" for path in empty))
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if is_suite(path) and not hidden and path.is_file():
            yield path


def load_suites(paths: Sequence[Path]) -> list[Suite]:
    """Give the suites of paths; CommandError has every fault of every file."""
    faults: list[Fault] = []
    suites = []
    for file in suite_files(paths):
        try:
            suites.append(load_suite(file))
        except DefinitionError as error:
            faults += error.faults
    if faults:
        raise faulty(faults)
    for suite in suites:
        for warning in suite.warnings:
            print(clean(str(warning)), file=sys.stderr)
    return suites


def run(paths: Sequence[Path], wish: Wish) -> Exit:
    """Run the suites of paths and print what came of them; FAULTY unless all tests passed."""
    suites = load_suites(paths)
    chosen = _chooser(suites, wish.filter)
    with running(suites, wish, chosen) as report:
        if wish.junit is not None:
            _write(wish.junit, junit(report))
        if wish.as_json:
            print(json.dumps(as_plain(report), indent=2, ensure_ascii=False))
        else:
            show_report(console(), report, verbose=wish.verbose)
    return Exit.DONE if report.passed else Exit.FAULTY


@contextmanager
def running(
    suites: Sequence[Suite], wish: Wish, chosen: Callable[[Suite, AnyTest], bool]
) -> Iterator[SuitesReport]:
    """Give the report of suites, with a bar meanwhile for people who wait."""
    with Bench(wish.candidate, load=load_rules) as bench, _bar() as progress:
        for suite in suites:  # packs first, so that what is wrong with one is said with places
            with refusing(bench.rules_of(suite)):
                bench.tables(suite)
        report = run_suites(
            suites,
            bench,
            chosen=chosen,
            fail_fast=wish.fail_fast,
            progress=progress,
            clock=time.perf_counter,
        )
    yield report


def list_tests(paths: Sequence[Path], filter_: str | None) -> Exit:
    """Print the tests of paths with their places, and run none."""
    suites = load_suites(paths)
    chosen = _chooser(suites, filter_)
    for suite in suites:
        for one in suite.tests:
            if chosen(suite, one):
                print(clean(f"{one.place.file}:{one.place.line}: {one.name}"))
    return Exit.DONE


def _chooser(suites: Sequence[Suite], text: str | None) -> Callable[[Suite, AnyTest], bool]:
    """Give what chooses tests by their names and suites; CommandError if it would choose none."""
    wanted = "" if text is None else text.casefold()

    def chosen(suite: Suite, test: AnyTest) -> bool:
        return wanted in test.name.casefold() or wanted in suite.title.casefold()

    if not any(chosen(suite, one) for suite in suites for one in suite.tests):
        raise CommandError(Exit.USAGE, (f"no test is called anything like `{text}`",))
    return chosen


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandError(Exit.USAGE, (f"{path}: {reason}",)) from None


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Give a function that is told how many tests are done of how many."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("tests"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("tests", total=None)
    begun = time.monotonic()

    def advance(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - begun > _PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        bar.stop()
