"""Twelve kills in each run of the tests; `make faults` goes through three hundred on each store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.kills.run import Plan, Report, Run

KILLS = 6  # on each store: a server, a worker, everybody, a worker
PLAN = Plan(seed=4, kills=KILLS, people=6, step=timedelta(hours=24))


def went_well(report: Report) -> bool:
    """Say what happened; the test is worth something only if something did."""
    print("\n".join(report.lines()))
    assert sum(report.killed.values()) >= KILLS
    assert set(report.killed) == {"server", "worker-1", "worker-2"}
    assert report.outages == 1
    assert report.writes > 30
    assert report.foretold > 60
    assert report.repeated > 0
    return not report.faults


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_happens_twice_when_processes_are_killed(
    tmp_path: Path,
) -> None:
    """S-48, S-61, S-104: whoever dies when, on SQLite."""
    report = Run(PLAN, f"sqlite:///{tmp_path}/store.db", tmp_path).go()
    assert went_well(report), report.faults


@pytest.mark.timeout(600)
def test_nothing_is_lost_and_nothing_happens_twice_on_postgresql_either(
    postgres_url: str, tmp_path: Path
) -> None:
    """S-48, S-61, S-104."""
    report = Run(PLAN, postgres_url, tmp_path).go()
    assert went_well(report), report.faults
