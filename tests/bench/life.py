"""Due actions and requests with a million assignments, beside an empty store and procrastinate."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import procrastinate
import psycopg

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.ids import RandomIds
from ostiary.adapters.memory import MemoryCaller, MemoryConnector, MemoryPostman, OneConnector
from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import RequestKind
from ostiary.domain.due import DueAction, WorkKind, user_case
from ostiary.domain.notice import Notice, NoticeKind
from ostiary.domain.people import User
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, Store
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.worker.worker import Worker
from tests.bench.figures import Part, Table, Target, quantile, ratio_of_rounds
from tests.life.world import Tenants, example
from tests.services import postgres

SIZE = int(os.environ.get("OSTIARY_BENCH_ASSIGNMENTS", "1000000"))
ACTIONS = 3  # future ones of each assignment
CALLS = 200  # of each kind in a round
JOBS = 2_000  # due ones that are carried out
PEER_JOBS = 60  # of procrastinate's, which takes long for each
NOW = datetime(2031, 3, 10, 9, tzinfo=UTC)
PACKAGE, POLICY = "sales-team-access", "employees"
HOLDERS = 200_000  # people; each holds five in the mean


class Site:
    """One store with an office and a worker."""

    def __init__(self, url: str, newcomers: Iterator[str]) -> None:
        self.url = url
        self.store: Store = open_store(url)
        self.clock = FixedClock(NOW)
        tenant = example("tailwind")
        self.newcomers = newcomers
        # Whoever asks in this bench is a user of the directory and in the scope.
        crowd = tuple(User(f"new-{number:05}", f"New {number}") for number in range(20_000))
        groups = tuple(
            msgspec.structs.replace(one, users=(*one.users, *(user.id for user in crowd)))
            if one.id == "sales-staff"
            else one
            for one in tenant.groups
        )
        users = tuple(sorted((*tenant.users, *crowd), key=lambda user: user.id))
        tenants = Tenants(msgspec.structs.replace(tenant, users=users, groups=groups))
        self.office = Office(self.store, tenants, self.clock, RandomIds())
        self.postman = MemoryPostman()
        self.worker = Worker(
            self.office,
            OneConnector(MemoryConnector()),
            MemoryCaller(),
            self.postman,
            jitter=lambda: 0.5,
        )

    def submit(self) -> str:
        """Submit a request of somebody new; it asks two stages."""
        name = next(self.newcomers)
        asked = Submission(
            kind=RequestKind.ADMIN_ADD,
            target=name,
            package=PACKAGE,
            policy=POLICY,
            bypass_approval=True,
        )
        submit(self.office, asked, Actor("ines", staff=True))
        return name

    def make_due(self, count: int, batch: str) -> None:
        """Make mails due that nobody has delivered yet."""
        with self.store.transaction() as tx:
            tx.schedule(self._mail(batch, number) for number in range(count))

    def _mail(self, batch: str, number: int) -> DueAction:
        notice = Notice(id=f"{batch}-{number}", kind=NoticeKind.ACCESS_READY, to=("emil",), at=NOW)
        return DueAction(
            id=notice.id,
            kind=WorkKind.DELIVER_NOTICE,
            due_at=NOW,
            planned_at=NOW,
            case=user_case(f"batch-{number}"),
            payload=msgspec.json.encode(notice).decode(),
        )


def fill(site: Site, size: int, tell: Callable[[str], None]) -> None:
    """Put assignments into the store as the product would have, by copying one in SQL."""
    site.submit()
    site.worker.run_until_idle()
    tell(f"filling a store with {size:,} assignments of {ACTIONS} future actions each")
    with psycopg.connect(site.url, autocommit=True) as database:
        row = database.execute("SELECT id, target, document FROM assignment").fetchone()
        assert row is not None
        name, target, document = row
        database.execute(
            """
            INSERT INTO assignment (id, target, package, policy, catalog, state, document)
            SELECT 'f-' || n, 'u-' || (n %% %(holders)s), 'p-' || (n %% 1000), 'staff', 'sales',
                   'delivered',
                   replace(replace(%(document)s, %(name)s, 'f-' || n), %(target)s,
                           'u-' || (n %% %(holders)s))
            FROM generate_series(1, %(size)s) AS n
            """,
            {
                "holders": HOLDERS,
                "document": document,
                "name": name,
                "target": target,
                "size": size,
            },
        )
        database.execute(
            """
            INSERT INTO action (id, kind, outside, due_at, "case", request, assignment, stage,
                                target, rule, payload, planned_at, attempts, fence, state, failure)
            SELECT 'f-' || n || '/' || k, 'EXPIRE_ASSIGNMENT', false,
                   %(now)s + (n %% 31536000 + k) * 1000000::bigint + 86400000000,
                   'user:u-' || (n %% %(holders)s), '', 'f-' || n, 0, '', '', '',
                   %(now)s + (n %% 31536000 + k) * 1000000::bigint + 86400000000,
                   0, 0, 'waiting', ''
            FROM generate_series(1, %(size)s) AS n, generate_series(1, %(actions)s) AS k
            """,
            {
                "now": int(NOW.timestamp()) * 1_000_000,
                "holders": HOLDERS,
                "size": size,
                "actions": ACTIONS,
            },
        )
        database.execute("VACUUM ANALYZE")


def timed(work: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of some calls."""
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return found


def claims(site: Site, batch: str) -> list[float]:
    """Seconds of each claim of one due action, with the others of the batch still to come."""
    site.make_due(CALLS, batch)
    until = NOW + timedelta(minutes=1)

    def claim() -> None:
        with site.store.transaction() as tx:
            assert len(tx.lease(NOW, until, most=1)) == 1

    found = timed(claim, CALLS)
    _clear(site)
    return found


def _clear(site: Site) -> None:
    with psycopg.connect(site.url, autocommit=True) as database:
        database.execute("DELETE FROM action WHERE kind = 'DELIVER_NOTICE'")


def page_of_assignments(site: Site) -> None:
    with site.store.reading() as tx:
        tx.assignments(AssignmentQuery(package=PACKAGE, size=50))


def page_of_requests(site: Site) -> None:
    with site.store.reading() as tx:
        tx.requests(RequestQuery(package=PACKAGE, size=50))


OPERATIONS: tuple[tuple[str, Callable[[Site], object]], ...] = (
    ("submit a request and start its delivery", Site.submit),
    ("list the assignments of a package, 50", page_of_assignments),
    ("list the requests of a package, 50", page_of_requests),
)


def measure(rounds: int, tell: Callable[[str], None]) -> Part:
    """Compare a full store with an empty one, and due actions with procrastinate's jobs."""
    with postgres.running() as server:
        names = _newcomers()
        empty, full = Site(server.fresh(), names), Site(server.fresh(), names)
        fill(full, SIZE, tell)
        empty.submit()
        empty.worker.run_until_idle()
        rows, targets = _compared(empty, full, rounds, tell)
        table = Table(
            f"Beside {SIZE:,} assignments and {SIZE * ACTIONS:,} future actions: ms, p50 / p99",
            ("operation", "empty store", "full store", "full / empty (p50)"),
            rows,
            f"Medians over {rounds} rounds of {CALLS} calls each, PostgreSQL with fsync on.",
        )
        peer, target = _beside_procrastinate(server.fresh(), full, rounds, tell)
        return Part((table, peer), (*targets, target))


def _newcomers() -> Iterator[str]:
    number = 0
    while True:
        yield f"new-{number:05}"
        number += 1


def _compared(
    empty: Site, full: Site, rounds: int, tell: Callable[[str], None]
) -> tuple[tuple[tuple[str, ...], ...], list[Target]]:
    rows, targets = [], []
    measured: list[tuple[str, Callable[[Site, int], list[float]]]] = [
        ("claim one due action", lambda site, number: claims(site, f"c{number}"))
    ]
    measured += [
        (name, lambda site, _, work=work: timed(lambda: work(site), CALLS))  # type: ignore[misc]
        for name, work in OPERATIONS
    ]
    for name, work in measured:
        below: list[list[float]] = []
        above: list[list[float]] = []
        for number in range(rounds + 1):  # the first one warms up
            below.append(work(empty, number))
            above.append(work(full, number))
        below, above = below[1:], above[1:]
        ratio = ratio_of_rounds(
            [statistics.median(one) for one in above], [statistics.median(one) for one in below]
        )
        tell(f"{name}: {ratio:.2f}x")
        rows.append((name, _spelled(below), _spelled(above), f"{ratio:.2f}"))
        targets.append(Target(f"{name}, full / empty", ratio, 1.5, "x", at_least=False, sound=True))
    return tuple(rows), targets


def _spelled(rounds: list[list[float]]) -> str:
    median = statistics.median(statistics.median(one) for one in rounds) * 1000
    worst = statistics.median(quantile(one, 0.99) for one in rounds) * 1000
    return f"{median:.2f} / {worst:.2f}"


# procrastinate


def _beside_procrastinate(
    url: str, full: Site, rounds: int, tell: Callable[[str], None]
) -> tuple[Table, Target]:
    tell(f"filling procrastinate with {SIZE:,} future jobs")
    ours, theirs = [], []
    with _peer(url) as peer:
        for number in range(rounds):
            full.make_due(JOBS, f"j{number}")
            begun = time.perf_counter()
            done = 0
            while done < JOBS:
                done += full.worker.run_outside(calls=1)
            ours.append(JOBS / (time.perf_counter() - begun))
            _clear(full)
            theirs.append(peer(PEER_JOBS))
    ratio = ratio_of_rounds(ours, theirs)
    tell(f"due actions: {ratio:.1f}x procrastinate")
    table = Table(
        f"Due work carried out one after another, beside {SIZE:,} future jobs",
        ("system", "jobs/s"),
        (
            ("procrastinate 3.10, one worker", f"{statistics.median(theirs):.1f}"),
            ("Ostiary, one worker", f"{statistics.median(ours):.1f}"),
            ("Ostiary / procrastinate", f"{ratio:.1f}"),
        ),
        "Each job does nothing; claimed, carried out and completed. Ostiary's store holds "
        f"{SIZE * ACTIONS:,} future actions, procrastinate's {SIZE:,}.",
    )
    name = "due actions a second, ours / procrastinate"
    return table, Target(name, ratio, 5.0, "x", at_least=True, sound=True)


@contextmanager
def _peer(url: str) -> Iterator[Callable[[int], float]]:
    """Give what carries out due jobs of procrastinate, in jobs a second."""
    connector = procrastinate.PsycopgConnector(conninfo=url)
    app = procrastinate.App(connector=connector)

    @app.task(name="nothing")
    async def nothing(number: int) -> None:
        pass

    async def prepare() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(prepare())
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at) "
            "SELECT 'default', 'nothing', '{\"number\": 1}', 'todo', "
            "now() + interval '1 day' + n * interval '1 second' FROM generate_series(1, %s) AS n",
            (SIZE,),
        )
        database.execute("VACUUM ANALYZE")

    def carry_out(count: int) -> float:
        async def run() -> float:
            async with app.open_async():
                for number in range(count):
                    await nothing.defer_async(number=number)
                begun = time.perf_counter()
                await app.run_worker_async(
                    wait=False, concurrency=1, listen_notify=False, delete_jobs="always"
                )
                return count / (time.perf_counter() - begun)

        return asyncio.run(run())

    yield carry_out
