"""The suites that stand beside the shipped rules and examples pass, one by one and all together."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import SuitesReport
from ostiary.analysis.suites.runner import run_suites
from ostiary.cli.suites import suite_files
from ostiary.domain.tables import Phase
from ostiary.rulebook.suite_file import load_suite

ROOT = Path(__file__).resolve().parents[2]
FILES = suite_files([ROOT / "rules"])


@pytest.fixture(scope="module")
def report() -> SuitesReport:
    """What all of them give on one bench."""
    with Bench() as bench:
        return run_suites(list(map(load_suite, FILES)), bench, clock=time.perf_counter)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_shipped_suite_passes(file: Path, report: SuitesReport) -> None:
    mine = [one for one in report.tests if one.file == file.as_posix()]
    assert mine
    assert [
        (one.name, one.faults, one.mismatches) for one in mine if one.status.value != "passed"
    ] == []
    assert load_suite(file).warnings == ()


def test_every_phase_and_every_kind_of_test_is_there(report: SuitesReport) -> None:
    kinds = Counter(one.kind for one in report.tests)
    assert kinds.keys() == {"cell", "question", "story"}
    phases = {phase for one in report.tests if one.kind == "cell" for phase, _ in one.cells}
    assert phases == set(Phase)


def test_tests_of_cells_are_run_by_the_thousand_a_second(report: SuitesReport) -> None:
    """The usual one takes some 20 microseconds; a millisecond would be a nuisance."""
    took = sorted(one.seconds for one in report.tests if one.kind == "cell")
    assert took[len(took) // 2] < 0.001
