"""Whoever follows the audit log misses no event, however many write at a time (S-134)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ostiary.adapters.store import open_store
from ostiary.lifecycle.ports import AuditQuery, Store, Transaction
from tests.store.records import event


@pytest.fixture
def postgres_store(postgres_store_url: str) -> Iterator[Store]:
    opened = open_store(postgres_store_url)
    yield opened
    opened.close()


@contextmanager
def unfinished(store: Store) -> Iterator[threading.Event]:
    """An event that another thread has written in a transaction which ends when it is told to."""
    written, go = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as tx:
            tx.record(event("slow"))
            tx.events(AuditQuery())  # its sequence is given now
            written.set()
            assert go.wait(30)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert written.wait(30)
        yield go
    finally:
        go.set()
        thread.join()


def follow(tx: Transaction, after: int) -> tuple[list[str], int]:
    settled = tx.settled()
    found = tx.events(AuditQuery(after=after, before=settled + 1))
    return [one.name for one in found], settled


def test_an_event_that_overtook_another_waits_for_it(postgres_store: Store) -> None:
    store = postgres_store
    with store.transaction() as tx:
        tx.record(event("first"))
    with unfinished(store) as go:
        with store.transaction() as tx:
            tx.record(event("quick"))
        with store.reading(settled=True) as tx:
            # It is there for whoever looks, but not for whoever follows.
            assert [one.name for one in tx.events(AuditQuery())] == ["first", "quick"]
            names, after = follow(tx, 0)
        assert names == ["first"]
        go.set()
    with store.reading(settled=True) as tx:
        assert follow(tx, after)[0] == ["slow", "quick"]


def test_an_event_that_is_undone_holds_nobody_up(postgres_store: Store) -> None:
    with postgres_store.transaction() as tx:
        tx.record(event("first"))
    class_of_undone: list[int] = []

    def undo() -> None:
        with postgres_store.transaction() as tx:
            tx.record(event("undone"))
            class_of_undone.append(tx.events(AuditQuery())[-1].sequence)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undo()
    with postgres_store.reading(settled=True) as tx:
        assert follow(tx, 0)[0] == ["first"]
        assert tx.settled() >= class_of_undone[0]


@pytest.mark.parametrize("already", [0, 2**31 - 60, 2**32 + 7])
def test_a_follower_sees_each_event_once_while_many_write(
    postgres_store: Store, postgres_store_url: str, already: int
) -> None:
    """Also where the number of a mark does not fit into one half of a lock's."""
    store = postgres_store
    _restart_sequence(postgres_store_url, already + 1)
    writers, each = 6, 25
    left = threading.Semaphore(0)

    def write(number: int) -> None:
        dice = random.Random(number)
        for one in range(each):
            with store.transaction() as tx:
                tx.record(event(f"{number}-{one}"))
                if dice.random() < 0.5:
                    tx.events(AuditQuery(size=1))  # the sequence is given early
                    time.sleep(dice.random() / 100)
                tx.record(event(f"{number}-{one}-b"))
        left.release()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    after = already
    done = 0
    while True:
        while left.acquire(blocking=False):
            done += 1
        with store.reading(settled=True) as tx:
            settled = tx.settled()
            page = tx.events(AuditQuery(after=after, before=settled + 1, size=10_000))
        assert settled >= after
        seen += [one.name for one in page]
        after = settled
        if done == writers:
            break
    for thread in threads:
        thread.join()
    want = {f"{w}-{n}{b}" for w in range(writers) for n in range(each) for b in ("", "-b")}
    assert len(seen) == len(set(seen))
    assert set(seen) == want


def _restart_sequence(url: str, at: int) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER SEQUENCE event_sequence_seq RESTART WITH {at}".encode())
