"""The life of requests beside a million assignments: against a small store, and procrastinate."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from ostiary.adapters.store import tables
from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.due import DueAction, WorkKind, WorkState, user_case
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery
from tests.bench import jobs_peer
from tests.bench.figures import Part, Table, Target, quantile, ratio_of_rounds
from tests.bench.stores import (
    CATALOG,
    FUTURE_ACTIONS,
    NOW,
    PACKAGE,
    Site,
    database,
    fill,
    settle,
)
from tests.services import postgres

SIZE = int(os.environ.get("OSTIARY_BENCH_ASSIGNMENTS", "1000000"))
SMALL = 1_000
TURNS = 10  # of each store in a round, so that both have the same share of what disturbs them
IN_A_TURN = 10  # calls
DELIVERIES = 3  # in a turn, which take longer
JOBS = 1_000  # due ones that are carried out
REMINDERS = 100  # of the future actions, that become due
PEER_JOBS = 30  # of procrastinate's, which takes long for each
_SETTINGS = {"shared_buffers": "512MB"}
_PAGE = 50


def measure(rounds: int, tell: Callable[[str], None]) -> Part:
    """Compare full stores with small ones, and due actions with procrastinate's jobs."""
    with postgres.running(_SETTINGS) as server:
        small, full = _filled(server.fresh(), SMALL, tell), _filled(server.fresh(), SIZE, tell)
        first, targets = _compared("PostgreSQL", small, full, SIZE, rounds, tell)
        second, target = _beside_procrastinate(server.fresh(), full, rounds, tell)
        small.close()
        full.close()
    with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as folder:
        size = SIZE // 10
        small = _filled(f"sqlite:///{Path(folder) / 'small.db'}", SMALL, tell)
        full = _filled(f"sqlite:///{Path(folder) / 'full.db'}", size, tell)
        third, more = _compared("SQLite", small, full, size, rounds, tell)
        small.close()
        full.close()
    return Part((first, second, third), (*targets, target, *more))


def _filled(url: str, size: int, tell: Callable[[str], None]) -> Site:
    begun = time.perf_counter()
    site = Site(url)
    fill(site, size)
    tell(f"{size:,} assignments in {time.perf_counter() - begun:.0f} s")
    return site


# what is compared


class Operation(NamedTuple):
    """Something that must not take longer as a store grows; gives seconds of a turn's calls."""

    name: str
    work: Callable[[Site, str], list[float]]


def _timed(work: Callable[[], object], count: int = IN_A_TURN) -> list[float]:
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found


def _claims(site: Site, batch: str) -> list[float]:
    """Claim mails that are due, one at a time, with the others of the batch still to come."""
    site.make_due(IN_A_TURN, batch)
    until = NOW + timedelta(minutes=1)

    def claim() -> None:
        with site.store.transaction() as tx:
            assert len(tx.lease(NOW, until, most=1)) == 1

    found = _timed(claim)
    _forget(site, WorkKind.DELIVER_NOTICE)
    return found


def _claims_inside(site: Site, batch: str) -> list[float]:
    """Find cases with work that is due, take one at a time, and finish what is due in it."""
    with site.store.transaction() as tx:
        tx.schedule(
            DueAction(
                id=f"{batch}-{number}",
                kind=WorkKind.OPEN_REVIEW,
                due_at=NOW,
                planned_at=NOW,
                case=user_case(f"{batch}-{number}"),
            )
            for number in range(IN_A_TURN)
        )

    def claim() -> None:
        with site.store.transaction() as tx:
            (case,) = tx.due_cases(NOW, most=1)
            assert tx.try_lock(case)
            (action,) = tx.waiting(case)
            tx.finish(action.id, WorkState.DONE, NOW)

    found = _timed(claim)
    _forget(site, WorkKind.OPEN_REVIEW)
    return found


def _forget(site: Site, kind: WorkKind) -> None:
    with database(site.url) as connection:
        connection.execute(delete(tables.action).where(tables.action.c.kind == kind.value))


def _next_due(site: Site, _batch: str) -> list[float]:
    def look() -> None:
        with site.store.reading() as tx:
            assert tx.next_due() is not None

    return _timed(look)


def _assigned(site: Site, _batch: str) -> list[float]:
    found = _timed(site.assign)
    site.deliver()
    return found


def _asked(site: Site, _batch: str) -> list[float]:
    found = _timed(site.ask)
    site.deliver()
    return found


def _delivered(site: Site, _batch: str) -> list[float]:
    found = []
    for _ in range(DELIVERIES):
        site.assign()
        found += _timed(site.deliver, 1)
    return found


def _assignments(**query: object) -> Callable[[Site, str], list[float]]:
    wanted = AssignmentQuery(size=_PAGE, **query)  # type: ignore[arg-type]

    def look(site: Site) -> None:
        with site.store.reading() as tx:
            tx.assignments(wanted)

    return lambda site, _: _timed(lambda: look(site))


def _requests(**query: object) -> Callable[[Site, str], list[float]]:
    wanted = RequestQuery(size=_PAGE, **query)  # type: ignore[arg-type]

    def look(site: Site) -> None:
        with site.store.reading(settled=True) as tx:
            tx.requests(wanted)

    return lambda site, _: _timed(lambda: look(site))


_ON_THE_WAY = frozenset({AssignmentState.DELIVERING})
_PENDING = frozenset({RequestState.PENDING_APPROVAL})

OPERATIONS = (
    Operation("claim one due action outside", _claims),
    Operation("claim and finish one due action inside", _claims_inside),
    Operation("find out what is due next", _next_due),
    Operation("submit a direct assignment", _assigned),
    Operation("submit a request that two stages must approve", _asked),
    Operation("deliver an assignment to three resources", _delivered),
    Operation("list assignments, newest first", _assignments()),
    Operation("list assignments of a package", _assignments(package=PACKAGE)),
    Operation("list assignments of a person", _assignments(target="u-1")),
    Operation("list assignments of a catalog", _assignments(catalogs=frozenset({CATALOG}))),
    Operation("list assignments that are being delivered", _assignments(states=_ON_THE_WAY)),
    Operation("list requests of a package", _requests(package=PACKAGE)),
    Operation("list requests of a person", _requests(target="u-1")),
    Operation("list requests that wait for approval", _requests(states=_PENDING)),
)


def _compared(
    system: str, small: Site, full: Site, size: int, rounds: int, tell: Callable[[str], None]
) -> tuple[Table, list[Target]]:
    rows, targets = [], []
    for operation in OPERATIONS:
        below, above = _in_turns(operation, small, full, rounds)
        ratio = ratio_of_rounds(
            [statistics.median(one) for one in above], [statistics.median(one) for one in below]
        )
        tell(f"{system}, {operation.name}: {ratio:.2f}x")
        rows.append((operation.name, _spelled(below), _spelled(above), f"{ratio:.2f}"))
        name = f"{system}, {operation.name}: {size:,} / {SMALL:,}"
        targets.append(Target(name, ratio, 1.5, "x", at_least=False, sound=True))
    table = Table(
        f"{system}, beside {size:,} assignments and {size * FUTURE_ACTIONS:,} future actions: "
        "ms, p50 / p99",
        ("operation", f"{SMALL:,} assignments", f"{size:,} assignments", "ratio (p50)"),
        tuple(rows),
        f"Medians over {rounds} rounds of {TURNS * IN_A_TURN} calls each "
        f"({TURNS * DELIVERIES} deliveries), ten at a time in turns; "
        f"pages of {_PAGE}.",
    )
    return table, targets


def _in_turns(
    operation: Operation, small: Site, full: Site, rounds: int
) -> tuple[list[list[float]], list[list[float]]]:
    below: list[list[float]] = []
    above: list[list[float]] = []
    for number in range(rounds + 1):  # the first one warms up
        below.append([])
        above.append([])
        for turn in range(TURNS):
            batch = f"{number}-{turn}-{operation.name}"
            below[-1] += operation.work(small, batch)
            above[-1] += operation.work(full, batch)
    for site in (small, full):
        settle(site.url)
    return below[1:], above[1:]


def _spelled(rounds: Sequence[Sequence[float]]) -> str:
    median = statistics.median(statistics.median(one) for one in rounds) * 1000
    worst = statistics.median(quantile(one, 0.99) for one in rounds) * 1000
    return f"{median:.2f} / {worst:.2f}"


# procrastinate


def _beside_procrastinate(
    url: str, full: Site, rounds: int, tell: Callable[[str], None]
) -> tuple[Table, Target]:
    mails, reminders, theirs = [], [], []
    peer = jobs_peer.Peer(url)
    peer.fill(SIZE)
    tell(f"{SIZE:,} jobs of procrastinate's")
    for number in range(rounds):
        full.make_due(JOBS, f"j{number}")
        mails.append(_carried_out(full, JOBS))
        _forget(full, WorkKind.DELIVER_NOTICE)
        theirs.append(peer.carry_out(PEER_JOBS))
        _remind(full, number, REMINDERS)
        reminders.append(_carried_out(full, REMINDERS))
        tell(
            f"{mails[-1]:.0f} mails, {reminders[-1]:.0f} reminders, {theirs[-1]:.1f} jobs of "
            "procrastinate's a second"
        )
    ratio = ratio_of_rounds(mails, theirs)
    tell(f"due actions: {ratio:.1f}x procrastinate")
    table = Table(
        f"Due work carried out one after another, beside {SIZE:,} future jobs",
        ("system", "jobs/s", "ratio"),
        (
            (f"procrastinate {jobs_peer.VERSION}", f"{statistics.median(theirs):.1f}", "1.0"),
            ("Ostiary, mails", f"{statistics.median(mails):.1f}", f"{ratio:.1f}"),
            (
                "Ostiary, reminders: written as notices, then mailed",
                f"{statistics.median(reminders):.1f}",
                f"{ratio_of_rounds(reminders, theirs):.1f}",
            ),
        ),
        f"Medians over {rounds} rounds; one worker each. Jobs and mails do nothing, but are "
        f"claimed, carried out and completed. Ostiary's store holds {SIZE * FUTURE_ACTIONS:,} "
        f"future actions, procrastinate's {SIZE:,}.",
    )
    name = "PostgreSQL, due actions a second: ours / procrastinate"
    return table, Target(name, ratio, 5.0, "x", at_least=True, sound=True)


def _carried_out(site: Site, count: int) -> float:
    """Carry out everything that is due; give how much that was in a second."""
    before = len(site.postman.delivered)
    begun = time.perf_counter()
    site.deliver()
    took = time.perf_counter() - begun
    assert len(site.postman.delivered) - before == count
    return count / took


def _remind(site: Site, number: int, count: int) -> None:
    """Have a reminder of so many people due now that was due later, other people's each round."""
    c = tables.action.c
    first = number * count + 1
    later = (
        select(func.min(c.id))
        .where(
            c.kind == WorkKind.REMIND_EXPIRY.value,
            c.assignment.in_([f"a-{one}" for one in range(first, first + count)]),
        )
        .group_by(c.assignment)
    )
    with database(site.url) as connection:
        connection.execute(
            update(tables.action).where(c.id.in_(later)).values(due_at=NOW, planned_at=NOW)
        )
