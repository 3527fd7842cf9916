"""One run: processes over a store, tales told to them, troubles, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

from ostiary.adapters.store import open_store
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.due import WorkState
from ostiary.domain.errors import StoreUnavailableError
from ostiary.index import snapshot as index
from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery, Store, WorkQuery
from ostiary.rulebook import tenant_files
from tests.faults.kills import judging, yard
from tests.faults.kills.crew import Crew
from tests.faults.kills.driver import Driver
from tests.faults.kills.judging import Judge
from tests.faults.kills.shared_clock import SharedClock
from tests.faults.kills.system import System
from tests.faults.kills.tales import Tale, tell
from tests.life.stories import BEGIN
from tests.life.world import tables

HOUR = timedelta(hours=1)
RATE = 10  # of ours to the machine's second: a lease of two minutes is twelve seconds
_PATIENCE = 180.0  # seconds until everything must have been done
_LONGEST_OUTAGE = 2 * HOUR
# What a delivery must have left of the four hours after which it is given up (S-92): some
# failures, each with its pause, and some leases of somebody who was killed.
_RESPITE = HOUR / 2
_OUTAGES = 6  # one trouble in about so many takes everything down, and hours pass


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    seed: int
    kills: int
    people: int
    step: timedelta = 3 * HOUR  # by which time passes once the troubles are over


class Report(msgspec.Struct, kw_only=True):
    """What happened in a run."""

    store: str
    seed: int
    killed: Counter[str] = msgspec.field(default_factory=Counter)
    outages: int = 0
    shortened: int = 0  # of them, for the sake of a delivery under way
    seconds: float = 0.0
    simulated: timedelta = timedelta(0)
    requests: int = 0
    assignments: int = 0
    events: int = 0
    actions: int = 0
    writes: int = 0
    sent_again: int = 0
    codes: Counter[str] = msgspec.field(default_factory=Counter)
    calls: int = 0
    repeated: int = 0
    fates: Counter[str] = msgspec.field(default_factory=Counter)
    foretold: int = 0
    endings: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[str] = msgspec.field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        yield f"{self.store}, seed {self.seed}: {sum(self.killed.values())} troubles ({killed})"
        days = self.simulated / timedelta(days=1)
        outages = f"{self.outages} outages, {self.shortened} cut short for a delivery under way"
        yield f"  {self.seconds:.0f} s, in which {days:.1f} days passed; {outages}"
        ended = ", ".join(f"{name} {count}" for name, count in sorted(self.endings.items()))
        yield f"  {self.requests} requests ({ended}), {self.assignments} assignments"
        again = f"{self.sent_again} sent again; seen: {_of(self.codes)}"
        yield f"  {self.writes} writes acknowledged, {again}"
        yield f"  {self.events} audit events, each once and heard once; {self.actions} due actions"
        yield f"  {self.calls} calls outside, {self.repeated} of them repeated; {_of(self.fates)}"
        yield f"  {self.foretold} actions of plans foretold and found"
        for fault in self.faults:
            yield f"  FAULT: {fault}"
        yield "  nothing lost, nothing twice" if not self.faults else f"  {len(self.faults)} FAULTS"


def _of(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"


class Run:
    """A run on one store."""

    def __init__(
        self, plan: Plan, url: str, folder: Path, *, trouble: Callable[[], None] | None = None
    ) -> None:
        """Take what is done in place of killing, if it is something else."""
        self.plan = plan
        self._other = trouble
        self._dice = Random(f"troubles/{plan.seed}")
        self._url = url
        file = folder / "clock"
        self.clock = SharedClock.begin(file, BEGIN, rate=RATE)
        self.system = System(plan.seed, yard.SECRET)
        self._tenant, connectors = yard.write(folder, plan.people, self.system.url)
        self.crew = Crew(folder, url, file, self._tenant, connectors)
        self.driver = Driver(self.crew.address, self.clock, plan.seed)
        self.system.when_called(self.driver.awaited)
        self.report = Report(store=url.partition(":")[0], seed=plan.seed)

    def go(self) -> Report:
        """Tell everything, with troubles on the way; then look at what came of it."""
        begun = time.monotonic()
        plan = self.plan
        outages = plan.kills / _OUTAGES
        span = outages * _LONGEST_OUTAGE / 2 + timedelta(seconds=2 * plan.kills * RATE)
        tales = tell(plan.seed, plan.people, span)
        try:
            self.crew.start()
            self.driver.begin(tales)
            store = open_store(self._url)
            try:
                while sum(self.report.killed.values()) < plan.kills:
                    self._trouble(store)
                    self.driver.check()
                self.crew.wait_ready()
                self.system.calm = True
                self._until_told(store)
                self._until_heard(store)
                self.driver.end()
                self.driver.check()
            finally:
                store.close()
            self.crew.stop()
            self._judge(tales)
        finally:
            self.crew.end()
            self.system.close()
        self.report.seconds = time.monotonic() - begun
        self.report.simulated = self.clock.now() - BEGIN
        return self.report

    # troubles

    def _trouble(self, store: Store) -> None:
        time.sleep(self._dice.random() * 0.8)
        if self._other is not None:
            self._other()
            self.report.killed["store"] += 1
            return
        if self._dice.random() < 1 / _OUTAGES:
            self._outage(store)
            return
        victim = self._dice.choice(self.crew.all)
        victim.kill()
        victim.start()
        self.report.killed[victim.name] += 1
        if self._dice.random() < 0.7:
            self.crew.wait_ready()

    def _outage(self, store: Store) -> None:
        """Everything goes down, what was on its way outside arrives, and hours pass."""
        for one in self.crew.all:
            one.kill()
            self.report.killed[one.name] += 1
        self._wait(self.system.quiet, "the system behind is busy")
        hours = _LONGEST_OUTAGE * self._dice.random()
        bearable = self._bearable(store)
        self.clock.jump(min(hours, bearable))
        self.report.shortened += bearable < hours
        for one in self.crew.all:
            one.start()
        self.report.outages += 1

    # the end

    def _until_told(self, store: Store) -> None:
        """Let time pass until everybody has acted and nothing is due any more."""
        self._wait(lambda: self._idle(store), "something is not done", store)
        while (act := self.driver.next_act()) is not None or self._due(store) is not None:
            self.driver.check()
            upcoming = [one for one in (act, self._due(store)) if one is not None]
            step = min(upcoming, default=self.clock.now()) - self.clock.now()
            self.clock.jump(max(step, min(self.plan.step, self._bearable(store))))
            self._wait(lambda: self._idle(store), "something is not done", store)

    def _bearable(self, store: Store) -> timedelta:
        """How much time may pass at once so that each delivery can still be tried again.

        A quick machine kills and jumps sooner than a pause or a lease is over. Deliveries would be
        given up after a try or two, rightly, and no plan says which of them.
        """
        query = AssignmentQuery(states=frozenset({AssignmentState.DELIVERING}), size=1_000_000)
        with store.reading() as tx:
            closings = [
                one.delivery_opened_at + one.terms.delivery_retry_window
                for _, one in tx.assignments(query)
                if one.delivery_opened_at is not None
            ]
        left = min(closings, default=datetime.max.replace(tzinfo=UTC)) - self.clock.now()
        return max(left - _RESPITE, timedelta(0))

    def _due(self, store: Store) -> datetime | None:
        with store.reading() as tx:
            return tx.next_due()

    def _idle(self, store: Store) -> bool:
        """Whether nobody is in the middle of anything, so that time may pass at once."""
        act = self.driver.next_act()
        if act is not None and act <= self.clock.now():
            return False
        return not self._waiting(store) and self.system.quiet()

    def _waiting(self, store: Store) -> list[str]:
        query = WorkQuery(states=frozenset({WorkState.WAITING}), size=1_000_000)
        try:
            with store.reading() as tx:
                work = tx.work(query)
        except StoreUnavailableError as error:
            return [str(error)]
        return [f"{one.id}: {one.failure}" for one in judging.waiting(work, self.clock.now())]

    def _until_heard(self, store: Store) -> None:
        with store.reading() as tx:
            [last] = tx.events(AuditQuery(newest_first=True, size=1))
        self._wait(
            lambda: self.driver.heard[-1:] == [last.sequence],
            f"of {last.sequence} events, {len(self.driver.heard)} were heard",
        )

    def _wait(self, true: Callable[[], bool], otherwise: str, store: Store | None = None) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not true():
            self.driver.check()
            if time.monotonic() > deadline:
                waiting = "" if store is None else "\n".join(self._waiting(store)[:20])
                raise AssertionError(f"{otherwise} after {_PATIENCE:.0f} s\n{waiting}")
            time.sleep(0.05)

    def _judge(self, tales: Sequence[Tale]) -> None:
        tenant = tenant_files.load_tenant(self._tenant).tenant
        store = open_store(self._url)
        try:
            records = judging.read(store)
        finally:
            store.close()
        told = self.driver.told
        judge = Judge(
            records,
            tales,
            told,
            self.driver.heard,
            self.system,
            tenant,
            index.build(tenant, tables()),
        )
        report = self.report
        report.faults = judge.faults()
        report.foretold = judge.foretold
        report.requests = len(records.requests)
        report.assignments = len(records.assignments)
        report.events = len(records.events)
        report.actions = len(records.work)
        report.writes = len(told)
        report.sent_again = sum(one.times > 1 for one in told)
        report.codes = self.driver.codes
        report.calls = len(self.system.calls)
        report.repeated = report.calls - len(self.system.by_key())
        report.fates = Counter(one.what for one in self.system.calls)
        report.endings = Counter(one.state.value for one in records.requests.values())
