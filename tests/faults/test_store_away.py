"""The database goes away under load and comes back: callers wait, and nobody needs to help.

Server and workers go on all the while; only the database is stopped, crashes, or is kept by
somebody else.
"""

from __future__ import annotations

import itertools
import signal
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.kills.run import Plan, Report, Run
from tests.services import postgres

SHORT, LONG = 3, 40


def plan(troubles: int, people: int) -> Plan:
    return Plan(seed=11, kills=troubles, people=people, step=timedelta(hours=12))


def checked(report: Report) -> None:
    print("\n".join(report.lines()))
    assert report.faults == []
    assert set(report.codes) <= {"UNAVAILABLE"}, "callers see UNAVAILABLE at worst"
    assert report.writes > 30
    assert report.foretold > 60


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "stops", [SHORT, pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_postgresql_is_stopped_and_crashes_under_load(stops: int, tmp_path: Path) -> None:
    """Fast (connections are cut) and immediate (recovered from its log), in turns."""
    with postgres.running() as server:
        hows = itertools.cycle((signal.SIGINT, signal.SIGQUIT))
        run: Run

        def stop() -> None:
            time.sleep(0.5)
            server.stop(next(hows))
            time.sleep(1.0)
            server.start()
            assert [one.ended() for one in run.crew.all] == [None] * 3

        run = Run(plan(stops, max(8, stops)), server.fresh(), tmp_path, trouble=stop)
        report = run.go()
    checked(report)
    assert report.codes["UNAVAILABLE"] > 0, "nobody noticed, so nothing was tried"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("locks", "seconds"),
    [
        pytest.param(3, 2.0, id="for a while"),
        pytest.param(
            2,
            35.0,
            id="longer than anybody waits",
            marks=[pytest.mark.long, pytest.mark.timeout(3600)],
        ),
    ],
)
def test_the_file_of_sqlite_is_locked_by_somebody_else(
    locks: int, seconds: float, tmp_path: Path
) -> None:
    """A copy program, a person with the shell of SQLite: it is waited for, then told."""
    file = tmp_path / "store.db"
    run: Run

    def lock() -> None:
        stranger = sqlite3.connect(file, timeout=60, isolation_level=None)
        try:
            stranger.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            stranger.execute("ROLLBACK")
        finally:
            stranger.close()
        assert [one.ended() for one in run.crew.all] == [None] * 3

    run = Run(plan(locks, 8), f"sqlite:///{file}", tmp_path, trouble=lock)
    checked(run.go())
