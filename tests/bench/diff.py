"""`ostiary diff` for many people, beside asking for every person and package on both sides."""

from __future__ import annotations

import gc
import os
import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import NamedTuple

from ostiary.analysis.diff.differ import Differ, World, world
from ostiary.analysis.diff.report import DiffReport, Kind
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.request import EvaluationRequest
from ostiary.domain.tenant import Tenant
from tests.bench import standard
from tests.bench.crowds import crowd, edited
from tests.bench.figures import MOST_FOREIGN, Part, Table, Target
from tests.bench.processes import foreign_cores, usage

LARGEST = int(os.environ.get("OSTIARY_BENCH_PEOPLE", "1000000"))
SAMPLE = 20_000  # pairs that are asked one by one
LONGEST_OF_ALL, LONGEST_OF_SOME = 5.0, 2.0
LEAST_RATIO = 100.0
_AT = datetime(2031, 3, 10, 10, tzinfo=UTC)


class Size(NamedTuple):
    """A tenant and how many of its packages are edited, one policy each."""

    people: int
    packages: int
    changed: int

    @property
    def said(self) -> str:
        """The size in words."""
        changed = "all" if self.changed == self.packages else f"{self.changed:,}"
        return f"{self.people:,} people x {self.packages:,} packages, {changed} changed"


ALL = Size(LARGEST // 10, 500, 500)
SOME = Size(LARGEST, 1_000, 100)


class Figures(NamedTuple):
    """What one size took, in seconds."""

    size: Size
    snapshots: float
    indexing: float
    first: float  # the first comparison with the index built
    again: list[float]
    pair: float  # asking for one pair, on both sides
    report: DiffReport

    @property
    def brute(self) -> float:
        """What asking for every person and changed package would take."""
        return self.pair * self.size.people * self.size.changed

    @property
    def whole(self) -> float:
        """Everything from two tenants in memory to the report."""
        return self.snapshots + self.indexing + self.first


def measure(rounds: int, say: Callable[[str], None]) -> Part:
    """Build each tenant, compare it with its edited self, and time a sample of pairs."""
    found = []
    before = usage(os.getpid())
    for size in (ALL, SOME):
        say(f"diff: {size.said}")
        found.append(_measured(size, rounds))
    foreign = foreign_cores(before, usage(os.getpid()))
    say(f"diff: others used {foreign:.2f} cores")
    return Part((_times(found), _found(found)), _targets(found, sound=foreign <= MOST_FOREIGN))


def _measured(size: Size, rounds: int) -> Figures:
    old = crowd(size.people, size.packages, standard.profile())
    new = edited(old, size.changed)
    gc.collect()
    gc.disable()
    try:
        return _timed(size, rounds, old, new)
    finally:
        gc.enable()
        gc.unfreeze()


def _timed(size: Size, rounds: int, old: Tenant, new: Tenant) -> Figures:
    tables = standard.tables()
    began = perf_counter()
    before = world(old, tables)
    after = world(new, tables, beside=before)
    snapshots = perf_counter() - began
    gc.freeze()
    began = perf_counter()
    differ = Differ(before, after)
    differ.prepare()
    indexing = perf_counter() - began
    times = []
    report = None
    for _ in range(max(2, rounds)):
        began = perf_counter()
        report = differ.diff(_AT)
        times.append(perf_counter() - began)
    assert report is not None
    pair = _of_a_pair(before, after, size)
    return Figures(size, snapshots, indexing, times[0], times[1:], pair, report)


def _of_a_pair(before: World, after: World, size: Size) -> float:
    """The time to decide for one person and one changed package on both sides."""
    dice = random.Random(3)
    old, new = before.snapshot, after.snapshot
    changed = [
        package.id for package in old.order if package.package != new.packages[package.id].package
    ]
    assert len(changed) == size.changed
    users = before.tenant.users
    pairs = [(dice.choice(users).id, dice.choice(changed)) for _ in range(SAMPLE)]
    differing = 0
    began = perf_counter()
    for who, package in pairs:
        differing += _decided(old, who, package) != _decided(new, who, package)
    took = perf_counter() - began
    assert differing
    return took / SAMPLE


def _decided(snapshot: Snapshot, who: str, package: str) -> object:
    decision = evaluate(snapshot, EvaluationRequest(package=package, requestor=who, at=_AT))
    return decision.outcome, decision.offered, decision.stages, decision.dated, decision.waiting


def _times(found: list[Figures]) -> Table:
    rows = tuple(
        (
            one.size.said,
            f"{one.snapshots:.2f} s",
            f"{one.indexing:.2f} s",
            f"{one.first:.2f} s",
            f"{statistics.median(one.again):.2f} s",
            f"{one.pair * 1e6:.0f} us",
            f"{one.brute / 60:,.0f} min",
            f"{one.brute / one.first:,.0f} x",
        )
        for one in found
    )
    return Table(
        "Comparing two versions of a tenant",
        (
            "size",
            "two snapshots",
            "people indexed",
            "first comparison",
            "again (median)",
            "one pair asked",
            "every pair asked",
            "ratio to the first",
        ),
        rows,
        f"One pair is timed on {SAMPLE:,} random people and changed packages; every pair is that"
        " times people and changed packages.",
    )


def _found(found: list[Figures]) -> Table:
    rows = tuple(
        (
            one.size.said,
            f"{one.report.evaluations:,}",
            *(f"{len(one.report.concerned(kind)):,}" for kind in _SHOWN),
        )
        for one in found
    )
    return Table(
        "What was found",
        ("size", "decisions made", *(kind.value for kind in _SHOWN)),
        rows,
        "People whom each kind concerns in any package.",
    )


_SHOWN = (Kind.GAINS, Kind.LOSSES, Kind.APPROVERS, Kind.STAGES, Kind.DEADLINES, Kind.DURATION)


def _targets(found: list[Figures], *, sound: bool) -> tuple[Target, ...]:
    everything, some = found

    def target(name: str, figure: float, bound: float, unit: str, *, at_least: bool) -> Target:
        return Target(name, figure, bound, unit, at_least=at_least, sound=sound)

    return (
        target(
            f"{everything.size.said}: from two tenants to the report",
            everything.whole,
            LONGEST_OF_ALL,
            " s",
            at_least=False,
        ),
        target(
            f"{some.size.said}: first comparison, people indexed",
            some.first,
            LONGEST_OF_SOME,
            " s",
            at_least=False,
        ),
        *(
            target(
                f"{one.size.said}: every pair asked / first comparison",
                one.brute / one.first,
                LEAST_RATIO,
                " x",
                at_least=True,
            )
            for one in found
        ),
    )
