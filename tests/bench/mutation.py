"""Tests of the shipped rules: running them all, counting what they look at, and all mutants."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from ostiary.analysis.coverage.cases import suites_for_classes
from ostiary.analysis.coverage.pack import Look, cover_pack
from ostiary.analysis.mutation.mutants import Fate
from ostiary.analysis.mutation.pack_mutation import mutate_pack
from ostiary.analysis.mutation.suite_tests import Ran, SuiteTests
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import SuitesReport
from ostiary.analysis.suites.runner import run_suites
from ostiary.cli.suites import suite_files
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.suite_file import Suite, load_suite
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir
from tests.bench.figures import MOST_FOREIGN, Part, Table, Target
from tests.bench.processes import foreign_cores, usage

_T = TypeVar("_T")

LONGEST = 60.0  # seconds for all mutants of the shipped rules


def measure(rounds: int, tell: Callable[[str], None]) -> Part:
    """Do what a rule author waits for, round by round, and give the medians."""
    took: dict[str, list[float]] = {}
    sound = True
    mutants = tests = survivors = 0
    for _ in range(rounds):
        before = usage(os.getpid())
        timed = _Timed(took)
        pack = timed("load the rules with durable-rules, no cache", _loaded)
        suites = timed("read the suites", _suites)
        with Bench() as bench:
            report = timed("run the tests", partial(run_suites, suites, bench))
            looks = [
                Look(f"{one.file}: {one.name}", phase, cell)
                for one in report.tests
                for phase, cell in one.cells
            ]
            timed("count what they look at", partial(cover_pack, pack, looks))
            timed("write tests of everything", partial(_written, pack))
            asked = SuiteTests(bench, bench.rules_of(suites[0]), _ran(suites, report))
            found = timed("try all mutants", partial(mutate_pack, pack, asked))
        tests = len(report.tests)
        mutants = sum(found.total(fate) for fate in Fate)
        survivors = len(found.unexplained)
        foreign = foreign_cores(before, usage(os.getpid()))
        sound = sound and foreign <= MOST_FOREIGN
        tell(f"mutants: {took['try all mutants'][-1]:.1f} s, others used {foreign:.2f} cores")
    medians = {what: sorted(times)[len(times) // 2] for what, times in took.items()}
    rows = tuple((what, f"{seconds:.2f} s") for what, seconds in medians.items())
    title = f"The shipped rules: {tests:,} tests, {mutants:,} mutants, {survivors} survivors"
    table = Table(f"{title}, median of rounds", ("what", "time"), rows)
    longest = medians["try all mutants"]
    target = Target("all mutants of the shipped rules", longest, LONGEST, " s", False, sound)
    return Part((table,), (target,))


class _Timed:
    def __init__(self, took: dict[str, list[float]]) -> None:
        self.took = took

    def __call__(self, what: str, work: Callable[[], _T]) -> _T:
        """Give what comes of some work, and take down how long it took."""
        begun = time.perf_counter()
        made = work()
        self.took.setdefault(what, []).append(time.perf_counter() - begun)
        return made


def _loaded() -> Pack:
    load_pack(standard_pack_dir(), cache=None).close()
    pack = read_pack(standard_pack_dir(), FaultList())
    assert pack is not None
    return pack


def _suites() -> list[Suite]:
    return [load_suite(file) for file in suite_files([standard_pack_dir()])]


def _written(pack: Pack) -> int:
    return len(suites_for_classes(pack, cover_pack(pack, [])))


def _ran(suites: list[Suite], report: SuitesReport) -> list[Ran]:
    tests = [(suite, test) for suite in suites for test in suite.tests]
    return [(suite, test, done) for (suite, test), done in zip(tests, report.tests, strict=True)]
