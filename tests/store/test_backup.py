"""A backup that is taken while others write is one state of the store, and opens as a store."""

from __future__ import annotations

import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ostiary.adapters.store import open_store
from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery, RequestQuery, Store
from tests.services.postgres import Postgres
from tests.store.records import assignment, event, request


@contextmanager
def writing(store: Store) -> Iterator[Callable[[], int]]:
    """Somebody writes a request, an assignment and an event at a time, all the time."""
    stop = threading.Event()
    written = 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with store.transaction() as tx:
                tx.save_request(request(f"r-{written}"))
                tx.save_assignment(assignment(f"a-{written}"))
                tx.record(event(str(written)))
            written += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: written
    finally:
        stop.set()
        thread.join()


def until(count: Callable[[], int], least: int) -> None:
    while count() < least:
        threading.Event().wait(0.01)


def check(url: str, least: int) -> None:
    """The copy is whole, and goes on where it was taken."""
    store = open_store(url)
    with store.reading(settled=True) as tx:
        requests = tx.requests(RequestQuery(size=9999))
        assignments = tx.assignments(AssignmentQuery(size=9999))
        events = tx.events(AuditQuery(size=9999, before=tx.settled() + 1))
        assert len(requests) == len(assignments) == len(events) >= least
        assert tx.count_assignments() == len(assignments)
    with store.transaction() as tx:
        tx.save_request(request("after"))
        tx.record(event("after"))
        assert tx.requests(RequestQuery())[0][0] > requests[0][0]
        assert tx.events(AuditQuery(newest_first=True))[0].sequence > events[-1].sequence
    store.close()


def test_a_file_is_copied_by_the_tool_of_sqlite(tmp_path: Path) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed; on Debian: apt-get install sqlite3")
    store = open_store(f"sqlite:///{tmp_path}/ostiary.db")
    with writing(store) as written:
        until(written, 5)
        # Not `.backup`, which begins anew whenever somebody writes, and here comes to no end.
        subprocess.run(
            ["sqlite3", "ostiary.db", "VACUUM INTO 'copy.db'"],
            cwd=tmp_path,
            check=True,
            timeout=60,
            umask=0o077,
        )
        assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
        until(written, written() + 2)
    store.close()
    told = subprocess.run(
        ["sqlite3", "copy.db", "PRAGMA integrity_check"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout == "ok\n"
    check(f"sqlite:///{tmp_path}/copy.db", 5)


def test_a_database_is_dumped_and_restored(
    postgres: Postgres, postgres_store_url: str, tmp_path: Path
) -> None:
    store = open_store(postgres_store_url)
    server = ["-h", "127.0.0.1", "-p", str(postgres.port), "-U", "ostiary"]
    database = postgres_store_url.rpartition("/")[2]
    copy = postgres.fresh()
    dump = tmp_path / "ostiary.dump"
    with writing(store) as written:
        until(written, 5)
        command = [str(postgres.programs / "pg_dump"), *server, "-Fc", "-f", str(dump), database]
        subprocess.run(command, check=True)
        until(written, written() + 2)
    store.close()
    restored = copy.rpartition("/")[2]
    command = [str(postgres.programs / "pg_restore"), *server, "-d", restored, str(dump)]
    subprocess.run(command, check=True)
    check(copy, 5)
    postgres.drop(copy)
