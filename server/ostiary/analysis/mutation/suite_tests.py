"""The tests of suites as mutants meet them: which cells each looks at, and whether it fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.cells import cell_of, check_cell
from ostiary.analysis.suites.questions import check_question
from ostiary.analysis.suites.report import CaseReport, Status
from ostiary.analysis.suites.runner import AnyTest
from ostiary.analysis.suites.stories import check_story
from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Phase, Tables
from ostiary.index.snapshot import build
from ostiary.rulebook.suite_file import CellTest, QuestionTest, StoryTest, Suite

_COSTS = (CellTest, QuestionTest, StoryTest)  # the cheapest first
Ran = tuple[Suite, AnyTest, CaseReport]


class SuiteTests:
    """The tests that passed under one pack, to be asked again under mutants of it."""

    def __init__(self, bench: Bench, rules: Path, ran: Iterable[Ran]) -> None:
        self._bench = bench
        self._tests: dict[str, tuple[Suite, AnyTest]] = {}
        self._looked: dict[Phase, tuple[dict[int, list[str]], ...]] = {
            phase: tuple({} for _ in _COSTS) for phase in Phase
        }
        for suite, test, report in ran:
            if report.status is Status.PASSED and bench.rules_of(suite) == rules:
                self._take(suite, test, report)
        self._tables: Tables | None = None
        self._snapshots: dict[int, Snapshot] = {}  # under those tables, by the tenant's object
        self._check()

    def __len__(self) -> int:
        return len(self._tests)

    def _check(self) -> None:
        """Raise RuntimeError if a test that passed fails here: all mutants would seem killed."""
        for name, (suite, _) in self._tests.items():
            if self.fails(name, self._bench.tables(suite)):
                raise RuntimeError(f"{name} passes, and fails when it is asked again")

    def _take(self, suite: Suite, test: AnyTest, report: CaseReport) -> None:
        name = f"{suite.file}: {test.name}"
        self._tests[name] = (suite, test)
        for phase, cell in report.cells:
            self._looked[phase][_COSTS.index(type(test))].setdefault(cell, []).append(name)

    def looked_at(self, phase: Phase) -> Sequence[Mapping[int, Sequence[str]]]:
        """Give the tests by the cells of a phase that they looked at: cells, questions, stories."""
        return self._looked[phase]

    def fails(self, test: str, tables: Tables) -> bool:
        """Say whether a test fails, or cannot even be run, under other tables."""
        suite, one = self._tests[test]
        try:
            if isinstance(one, CellTest):
                row = tables.phases[one.phase].row(cell_of(one, tables))
                return bool(check_cell(one, row))
            if isinstance(one, QuestionTest):
                return bool(check_question(one, self._snapshot(suite, one, tables))[0])
            return bool(check_story(one, partial(self._bench.loaded, suite, one), tables)[0])
        except Exception:  # noqa: BLE001  # a mutant may ask the core for what there is not
            return True

    def _snapshot(self, suite: Suite, test: QuestionTest, tables: Tables) -> Snapshot:
        if tables is not self._tables:
            self._tables, self._snapshots = tables, {}
        tenant = self._bench.loaded(suite, test).tenant
        known = self._snapshots.get(id(tenant))
        if known is None:
            known = self._snapshots.setdefault(id(tenant), build(tenant, tables))
        return known
