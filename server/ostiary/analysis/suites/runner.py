"""Runs suites: one test after another, each by itself, and reports what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.cells import BrokenTestError, cell_of, check_cell
from ostiary.analysis.suites.questions import check_question, touched_by
from ostiary.analysis.suites.report import CaseReport, Mismatch, Status, SuitesReport, Touched
from ostiary.analysis.suites.stories import check_story
from ostiary.domain.errors import DefinitionError, OstiaryError
from ostiary.domain.tables import Phase
from ostiary.rulebook.suite_file import CellTest, QuestionTest, StoryTest, Suite

AnyTest = CellTest | QuestionTest | StoryTest
Progress = Callable[[int, int], None]
_KINDS = {CellTest: "cell", QuestionTest: "question", StoryTest: "story"}


class _Run(msgspec.Struct, frozen=True):
    """What one test gave."""

    mismatches: Sequence[Mismatch]
    cells: tuple[tuple[Phase, int], ...] = ()
    touched: tuple[Touched, ...] = ()


def run_suites(
    suites: Iterable[Suite],
    bench: Bench,
    *,
    chosen: Callable[[Suite, AnyTest], bool] = lambda *_: True,
    fail_fast: bool = False,
    progress: Progress = lambda *_: None,
    clock: Callable[[], float] = lambda: 0.0,
) -> SuitesReport:
    """Run the chosen tests of suites, all of them or until one does not pass.

    `progress` hears how many are done of how many; `clock` gives seconds, by which they are timed.
    What a pack cannot be loaded for is raised: DefinitionError or EngineFailedError. A test that
    cannot be run is reported as broken.
    """
    wanted = [(suite, test) for suite in suites for test in suite.tests if chosen(suite, test)]
    done: list[CaseReport] = []
    for suite, test in wanted:
        done.append(run_test(suite, test, bench, clock))
        progress(len(done), len(wanted))
        if fail_fast and done[-1].status is not Status.PASSED:
            break
    return SuitesReport(tuple(done))


def run_test(
    suite: Suite, test: AnyTest, bench: Bench, clock: Callable[[], float] = lambda: 0.0
) -> CaseReport:
    """Run one test; raises only if the rule pack cannot be loaded."""
    bench.tables(suite)
    begun = clock()
    run: _Run | None = None
    faults: tuple[str, ...] = ()
    try:
        run = _tried(suite, test, bench)
    except BrokenTestError as error:
        faults = error.faults
    except DefinitionError as error:
        faults = tuple(str(one) for one in error.faults if one.severity == "error")
    except (OstiaryError, LookupError, OverflowError) as error:
        faults = (f"{_place(test)}: {error}",)
    # INVARIANT: only a test that ran to its end and found everything as it should be has passed.
    if run is None:
        status, run = Status.BROKEN, _Run(())
    else:
        status = Status.FAILED if run.mismatches else Status.PASSED
    return CaseReport(
        file=suite.file,
        suite=suite.title,
        name=test.name,
        place=test.place,
        kind=_KINDS[type(test)],
        rules=bench.rules_of(suite).as_posix(),
        status=status,
        mismatches=tuple(run.mismatches),
        faults=faults,
        cells=run.cells,
        touched=run.touched,
        seconds=clock() - begun,
    )


def _tried(suite: Suite, test: AnyTest, bench: Bench) -> _Run:
    tables = bench.tables(suite)
    if isinstance(test, CellTest):
        cell = cell_of(test, tables)
        return _Run(check_cell(test, tables.phases[test.phase].row(cell)), ((test.phase, cell),))
    if isinstance(test, QuestionTest):
        mismatches, decision = check_question(test, bench.snapshot(suite, test))
        if decision is None:
            return _Run(mismatches)
        cells = dict.fromkeys((step.row.phase, step.row.cell) for step in decision.steps)
        return _Run(mismatches, tuple(cells), touched_by(test, decision))
    return _Run(*check_story(test, lambda changes: bench.loaded(suite, test, changes), tables))


def _place(test: AnyTest) -> str:
    return f"{test.place.file}:{test.place.line}:{test.place.column}"
