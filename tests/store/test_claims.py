"""Many workers, one store: each action is carried out once, whoever dies when."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.adapters.store import open_store, run
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.lifecycle.ports import AuditQuery, RequestQuery, Store, Transaction, WorkQuery
from tests.store.records import NOW, action, event, later, request

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = WorkKind.PROVISION
ALL = 100_000  # more than any test has


def inside_work(cases: int, each: int) -> list[DueAction]:
    return [
        action(f"in-{case}-{number}", case=f"user:{case}")
        for case in range(cases)
        for number in range(each)
    ]


def outside_work(number: int) -> list[DueAction]:
    return [action(f"out-{one}", OUTSIDE, case=f"user:{one}") for one in range(number)]


def in_threads(count: int, work: object) -> None:
    """Run work in threads at once; a fault of any is the test's."""
    faults: list[BaseException] = []
    start = threading.Barrier(count)

    def begin(number: int) -> None:
        try:
            start.wait(30)
            work(number)  # type: ignore[operator]  # a function of the thread's number
        except BaseException as error:  # noqa: BLE001  # told to the test's own thread
            faults.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def test_eight_threads_lease_each_action_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule(outside_work(200))
    taken: list[list[str]] = [[] for _ in range(8)]

    def work(number: int) -> None:
        while True:
            with store.transaction() as tx:
                leased = tx.lease(NOW, later(hours=1), most=3)
            if not leased:
                return
            taken[number] += [one.id for one in leased]
            for one in leased:
                with store.transaction() as tx:
                    assert tx.complete(one, WorkState.DONE, NOW)

    in_threads(8, work)
    names = [name for some in taken for name in some]
    assert sorted(names) == sorted(one.id for one in outside_work(200))
    with store.reading() as tx:
        done = tx.work(WorkQuery(states=frozenset({WorkState.DONE}), size=ALL))
    assert {(one.fence, one.attempts) for one in done} == {(1, 1)}
    assert len(done) == 200


def test_eight_threads_carry_out_each_action_inside_once_and_in_order(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule(inside_work(cases=30, each=5))

    def batch(tx: Transaction) -> int:
        done = 0
        for case in tx.due_cases(NOW, most=4):
            if tx.try_lock(case):
                for one in tx.waiting(case):
                    tx.record(event(one.id, target=case))
                    tx.finish(one.id, WorkState.DONE, NOW)
                    done += 1
        return done

    def work(_: int) -> None:
        idle = 0
        while idle < 3:
            idle = 0 if run(store, batch) else idle + 1
            if idle:
                time.sleep(0.05)

    in_threads(8, work)
    with store.reading() as tx:
        events = tx.events(AuditQuery(size=ALL))
        assert tx.next_due() is None
    assert Counter(one.name for one in events) == Counter(
        one.id for one in inside_work(cases=30, each=5)
    )
    for case in range(30):
        story = [one.name for one in events if one.target == f"user:{case}"]
        assert story == [f"in-{case}-{number}" for number in range(5)]


def test_one_of_two_that_lease_at_once_does_not_wait_for_the_other(store_url: str) -> None:
    """On PostgreSQL; the others let one writer in at a time."""
    if not store_url.startswith("postgresql"):
        pytest.skip("SQLite and memory let one writer in at a time")
    store = open_store(store_url)
    with store.transaction() as tx:
        tx.schedule(outside_work(4))
    found: list[list[str]] = []

    def other() -> None:
        with store.transaction() as tx:
            found.append([one.id for one in tx.lease(NOW, later(hours=1), most=3)])

    with store.transaction() as tx:
        mine = [one.id for one in tx.lease(NOW, later(hours=1), most=3)]
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
        assert found == [["out-3"]]
    assert mine == ["out-0", "out-1", "out-2"]
    store.close()


def test_a_limit_is_not_passed_by_many_who_count_at_once(store: Store) -> None:
    """Whoever counts under a lock counts what all before have done (limits, section 18)."""

    def work(number: int) -> None:
        for one in range(3):
            with store.transaction() as tx:
                tx.lock("tenant")
                if tx.count_requests_since(NOW) < 10:
                    tx.save_request(request(f"r-{number}-{one}"))

    in_threads(8, work)
    with store.reading() as tx:
        assert len(tx.requests(RequestQuery(size=ALL))) == 10


# processes


@pytest.fixture(params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_store_url"))
    return f"sqlite:///{tmp_path}/own.db"


class Worker:
    """A worker as a process, with what it said so far."""

    def __init__(self, url: str, name: str, began: float) -> None:
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.claimer", url, name, str(began)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        self.said += (line.rstrip() for line in self._process.stdout)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def at_work(self) -> bool:
        """Wait until it has called somebody; False if it ended without."""
        while not self.said and self._process.poll() is None:
            time.sleep(0.005)
        return bool(self.said)

    def wait(self) -> str:
        self._process.wait(60)
        self._listener.join()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        faults = self._process.stderr.read()
        self._process.stdout.close()
        self._process.stderr.close()
        return faults


def workers(url: str, began: float) -> Iterator[Worker]:
    number = 0
    while True:
        number += 1
        yield Worker(url, f"w{number}", began)


def test_workers_that_are_killed_again_and_again_lose_and_double_nothing(shared_url: str) -> None:
    cases, each, out = 60, 5, 250
    store = open_store(shared_url)
    with store.transaction() as tx:
        tx.schedule([*inside_work(cases, each), *outside_work(out)])
    dice = random.Random(7)
    hired = workers(shared_url, time.time())
    pair = [next(hired), next(hired)]
    everybody = [*pair]
    for turn in range(6):
        doomed = pair[turn % 2]
        if doomed.at_work():
            time.sleep(dice.uniform(0, 0.1))
        doomed.kill()
        pair[turn % 2] = next(hired)
        everybody.append(pair[turn % 2])
    assert [one.wait() for one in pair] == ["", ""]
    with store.reading() as tx:
        work = tx.work(WorkQuery(size=ALL))
        events = Counter(one.name for one in tx.events(AuditQuery(size=ALL)))
        effects = [one for _, one in tx.requests(RequestQuery(size=ALL))]
    store.close()
    every = {one.id for one in (*inside_work(cases, each), *outside_work(out))}
    assert {one.id for one in work} == every
    assert {one.state for one in work} == {WorkState.DONE}
    assert events == Counter(every)  # each completed once
    assert {one.id: one.version for one in effects} == dict.fromkeys(
        (one.id for one in inside_work(cases, each)), 1
    )
    # Outside an effect may come twice, but never under one fence, and only after a death.
    calls = [line.split()[1:3] for one in everybody for line in one.said if line[:5] == "call "]
    assert len({tuple(call) for call in calls}) == len(calls)
    assert {name for name, _ in calls} == {one.id for one in outside_work(out)}
    assert any(int(fence) > 1 for _, fence in calls), "nobody died with a lease: kill later"


HALF = """
import sys, time
from ostiary.adapters.store import open_store
from tests.store.records import *
from tests.store.test_transactions import change
store = open_store(sys.argv[1])
with store.transaction() as tx:
    change(tx)
    tx.flush()
    print("half", flush=True)
    time.sleep(60)
"""


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_half_done(shared_url: str) -> None:
    from tests.store.test_transactions import fill, seen

    store = open_store(shared_url)
    with store.transaction() as tx:
        fill(tx)
    with store.reading() as tx:
        before = seen(tx)
    with subprocess.Popen(
        [sys.executable, "-c", HALF, shared_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        with store.reading() as tx:
            assert seen(tx) == before
        process.send_signal(signal.SIGKILL)
    with store.reading() as tx:
        assert seen(tx) == before
    with store.transaction() as tx:  # its locks are gone too
        tx.lock("user:ana")
        tx.save_request(request("r-9"))
    store.close()
