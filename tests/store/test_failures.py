"""A database that is away or busy: callers are told so, nothing is half done, and it passes."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc

from ostiary.adapters.store import open_store, opening, run
from ostiary.domain.errors import OstiaryError, StoreBusyError, StoreUnavailableError
from ostiary.lifecycle.ports import RequestQuery, Store, Transaction
from tests.services.postgres import Postgres
from tests.services.postgres import running as running_postgres
from tests.store.records import request


def save(store: Store, name: str) -> None:
    with store.transaction() as tx:
        tx.save_request(request(name))


def names(store: Store) -> list[str]:
    with store.reading() as tx:
        return [one.id for _, one in tx.requests(RequestQuery())]


# SQLite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.db"


@pytest.fixture
def sqlite_store(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(opening, "_PATIENCE", 1)
    opened = open_store(f"sqlite:///{file}", connections=2)
    yield opened
    opened.close()


def test_a_writer_of_another_process_that_stays_too_long_makes_the_store_busy(
    sqlite_store: Store, file: Path
) -> None:
    save(sqlite_store, "r-1")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="locked"):
        save(sqlite_store, "r-2")
    assert names(sqlite_store) == ["r-1"]  # readers do not wait for it
    other.execute("ROLLBACK")
    other.close()
    save(sqlite_store, "r-2")
    assert names(sqlite_store) == ["r-2", "r-1"]


def test_a_full_disk_undoes_the_transaction(sqlite_store: Store) -> None:
    save(sqlite_store, "r-1")
    with pytest.raises(StoreUnavailableError, match="full"):
        fill(sqlite_store)
    assert names(sqlite_store) == ["r-1"]


def fill(store: Store) -> None:
    with store.transaction() as tx:
        ask = tx._connection.exec_driver_sql  # type: ignore[attr-defined]  # only visible inside
        pages = ask("PRAGMA page_count").scalar()
        ask(f"PRAGMA max_page_count = {pages + 3}")
        try:
            for number in range(100):
                tx.save_request(request(f"r-{number}", justification="x" * 1000))
        finally:
            ask("PRAGMA max_page_count = 1073741823")


def test_a_fault_of_ours_stays_what_it_is(sqlite_store: Store, file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE callout")
    connection.close()
    with (
        pytest.raises(exc.OperationalError, match="no such table"),
        sqlite_store.reading() as tx,
    ):
        tx.callout("c-1")


def test_all_connections_in_use_makes_the_store_busy(sqlite_store: Store) -> None:
    inside, go = threading.Barrier(3), threading.Event()

    def read() -> None:
        with sqlite_store.reading():
            inside.wait(20)
            go.wait(20)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(20)
    with pytest.raises(StoreBusyError, match="in use"):
        names(sqlite_store)
    go.set()
    for thread in threads:
        thread.join()
    assert names(sqlite_store) == []


# PostgreSQL


@pytest.fixture
def postgres_store(postgres_store_url: str) -> Iterator[Store]:
    opened = open_store(f"{postgres_store_url}?options=-c%20lock_timeout=2s")
    yield opened
    opened.close()


def test_a_case_that_others_hold_too_long_makes_the_store_busy(postgres_store: Store) -> None:
    with holding(postgres_store, "user:ana"):
        with pytest.raises(StoreBusyError, match="lock timeout"):
            take(postgres_store, "user:ana")
        with postgres_store.transaction() as tx:
            assert not tx.try_lock("user:ana")
            assert tx.try_lock("user:bo")
    take(postgres_store, "user:ana")


class holding:  # noqa: N801  # reads as a word where it is used
    """Another thread has a case as long as the block lasts."""

    def __init__(self, store: Store, case: str) -> None:
        self._go = threading.Event()
        self._has = threading.Event()
        self._thread = threading.Thread(target=self._hold, args=(store, case))

    def _hold(self, store: Store, case: str) -> None:
        with store.transaction() as tx:
            tx.lock(case)
            self._has.set()
            self._go.wait(20)

    def __enter__(self) -> None:
        self._thread.start()
        assert self._has.wait(20)

    def __exit__(self, *_: object) -> None:
        self._go.set()
        self._thread.join()


def take(store: Store, *cases: str) -> None:
    with store.transaction() as tx:
        for case in cases:
            tx.lock(case)


def crosswise(store: Store, meet: threading.Barrier, first: str, second: str) -> None:
    """Take two cases in an order that another takes the other way round."""
    once = iter([True])

    def work(tx: Transaction) -> None:
        tx.lock(first)
        if next(once, False):
            meet.wait(20)
        tx.lock(second)
        tx.save_request(request(f"{first}-{second}"))

    run(store, work)


def test_two_that_block_each_other_both_succeed_in_the_end(postgres_store: Store) -> None:
    meet = threading.Barrier(2)
    faults: list[BaseException] = []

    def other() -> None:
        try:
            crosswise(postgres_store, meet, "b", "a")
        except BaseException as error:  # noqa: BLE001  # told to the test's own thread
            faults.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    crosswise(postgres_store, meet, "a", "b")
    thread.join()
    assert faults == []
    assert sorted(names(postgres_store)) == ["a-b", "b-a"]


def test_a_deadlock_is_told_as_busy(postgres_store: Store) -> None:
    meet = threading.Barrier(2)
    told: list[Exception] = []

    def cross(first: str, second: str) -> None:
        try:
            with postgres_store.transaction() as tx:
                tx.lock(first)
                meet.wait(20)
                tx.lock(second)
        except OstiaryError as error:
            told.append(error)

    thread = threading.Thread(target=cross, args=("b", "a"))
    thread.start()
    cross("a", "b")
    thread.join()
    (error,) = told
    assert isinstance(error, StoreBusyError)
    assert "deadlock" in str(error)


def pid_of(tx: Transaction) -> int:
    ask = tx._connection.exec_driver_sql  # type: ignore[attr-defined]  # only visible inside
    return int(ask("SELECT pg_backend_pid()").scalar())


def test_a_connection_that_breaks_undoes_all_and_is_replaced(
    postgres: Postgres, postgres_store: Store
) -> None:
    def broken(after: Callable[[Transaction], object]) -> None:
        with postgres_store.transaction() as tx:
            tx.save_request(request("r-1"))
            postgres.ask(f"SELECT pg_terminate_backend({pid_of(tx)})")
            after(tx)

    def told_inside(tx: Transaction) -> None:
        with pytest.raises(StoreUnavailableError, match="terminating connection"):
            tx.request("r-1")

    for after in (lambda _: None, lambda tx: tx.request("r-1"), told_inside):
        with pytest.raises(StoreUnavailableError):
            broken(after)
        assert names(postgres_store) == []
    save(postgres_store, "r-2")
    assert names(postgres_store) == ["r-2"]


def test_a_fault_of_ours_on_postgresql_stays_what_it_is(
    postgres: Postgres, postgres_url: str
) -> None:
    store = open_store(postgres_url)
    postgres.ask("DROP TABLE callout", postgres_url.rpartition("/")[2])
    with pytest.raises(exc.ProgrammingError, match="does not exist"), store.reading() as tx:
        tx.callout("c-1")
    store.close()


def test_a_standby_is_unavailable_to_writers() -> None:
    """As after a fail-over, when the address leads to what is not the primary any more."""
    with running_postgres() as server:
        store = open_store(server.fresh())
        save(store, "r-1")
        standby = server.folder / "data" / "standby.signal"
        server.stop()
        standby.touch()
        server.start()
        assert names(store) == ["r-1"]
        with pytest.raises(StoreUnavailableError, match="read-only"):
            save(store, "r-2")
        server.stop()
        standby.unlink()
        server.start()
        save(store, "r-3")
        assert names(store) == ["r-3", "r-1"]
        store.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_store_outlives_its_server(how: signal.Signals) -> None:
    with running_postgres() as server:
        store = open_store(server.fresh())
        save(store, "r-1")
        writing = threading.Event()
        told: list[Exception] = []

        def write() -> None:
            try:
                with store.transaction() as tx:
                    tx.save_request(request("half"))
                    writing.set()
                    while True:
                        tx.request("half")
            except OstiaryError as error:
                told.append(error)

        thread = threading.Thread(target=write)
        thread.start()
        assert writing.wait(20)
        server.stop(how)
        thread.join(60)
        for use in (lambda: names(store), lambda: save(store, "r-2"), lambda: settled(store)):
            with pytest.raises(StoreUnavailableError):
                use()
        server.start()
        # The idle connections of the pool are all dead, and nobody is told.
        assert names(store) == ["r-1"]
        save(store, "r-2")
        assert names(store) == ["r-2", "r-1"]
        assert settled(store) == 0
        store.close()
    (error,) = told
    assert isinstance(error, StoreUnavailableError)
    assert not isinstance(error, StoreBusyError)


def settled(store: Store) -> int:
    with store.reading(settled=True) as tx:
        return tx.settled()


def test_no_server_gets_a_password_into_a_message(postgres: Postgres) -> None:
    url = postgres.url().replace("secret", "p4ss").replace("/postgres", "/nothing")
    with pytest.raises(StoreUnavailableError) as caught:
        open_store(url)
    assert "p4ss" not in str(caught.value)
    assert isinstance(caught.value.__cause__, psycopg.Error | exc.DBAPIError)


# again


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def test_work_is_done_again_while_others_are_in_the_way(no_pauses: list[float]) -> None:
    store = open_store("memory:")
    busy = iter([True, True, False])

    def work(tx: Transaction) -> str:
        tx.save_request(request("r-1", version=len(no_pauses)))
        if next(busy):
            raise StoreBusyError("others were first")
        return "done"

    assert run(store, work) == "done"
    assert len(no_pauses) == 2
    assert all(0 <= pause <= 0.01 * 2**2 for pause in no_pauses)
    with store.reading() as tx:
        assert tx.request("r-1") == request("r-1", version=2)


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        pytest.param(StoreBusyError("busy"), 3, id="busy to the last"),
        pytest.param(StoreUnavailableError("away"), 1, id="away: the caller decides"),
        pytest.param(ZeroDivisionError(), 1, id="a fault of the work"),
    ],
)
def test_what_does_not_pass_is_told(no_pauses: list[float], error: Exception, tries: int) -> None:
    tried: list[bool] = []

    def work(_: Transaction) -> None:
        tried.append(True)
        raise error

    with pytest.raises(type(error)):
        run(open_store("memory:"), work, attempts=3)
    assert len(tried) == tries
    assert len(no_pauses) == tries - 1
