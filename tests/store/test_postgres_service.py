"""The tests' own PostgreSQL: it ends with whoever started it, and its absence is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services import postgres as service
from tests.services.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import time
from tests.services.postgres import running
with running() as server:
    print((server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_ends_when_the_process_that_started_it_is_killed() -> None:
    service.need_programs()
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert alive(pid)
        starter.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(pid)


def test_databases_sort_as_a_language_does_unless_told_otherwise(postgres: Postgres) -> None:
    """So that a query of ours that forgets to say how it sorts is found out."""
    ((ours, theirs),) = postgres.ask("SELECT 'B' < 'a' COLLATE \"C\", 'B' < 'a'")
    assert ours is True
    if theirs is True:
        pytest.skip("this PostgreSQL was built without ICU, and sorts by code point")


@pytest.mark.parametrize(
    ("needed", "outcome"),
    [
        pytest.param("", pytest.skip.Exception, id="a test is skipped"),
        pytest.param("1", pytest.fail.Exception, id="or fails, where all must run"),
    ],
)
def test_where_there_is_no_postgresql(
    monkeypatch: pytest.MonkeyPatch, needed: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(service, "programs", lambda: None)
    monkeypatch.setenv(service.NEEDED, needed)
    with pytest.raises(outcome, match="apt-get install postgresql"):
        service.need_programs()
