"""The threads that answer calls: bounded, and never all held by callers who send nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from ostiary.rpc.crew import Crew


@pytest.fixture
def crew() -> Iterator[Crew]:
    threads = Crew(2, most=6, patience=0.02, idle=0.05)
    yield threads
    threads.shutdown()


def test_a_result_and_an_error_reach_whoever_asked(crew: Crew) -> None:
    assert crew.submit(divmod, 7, 2).result(5) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        crew.submit(divmod, 7, 0).result(5)


def test_a_task_that_was_called_off_is_not_begun(crew: Crew) -> None:
    gate, done = threading.Event(), threading.Event()
    for _ in range(6):
        crew.submit(gate.wait)
    called_off = crew.submit(done.set)
    assert called_off.cancel()
    gate.set()
    assert not done.wait(0.2)


def test_helpers_join_when_all_threads_are_held_and_leave_again(crew: Crew) -> None:
    gate = threading.Event()
    for _ in range(4):
        crew.submit(gate.wait)
    assert crew.submit(lambda: "answered").result(5) == "answered"
    assert crew.helpers > 0
    gate.set()
    deadline = time.monotonic() + 5
    while crew.helpers:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_there_are_never_more_threads_than_allowed(crew: Crew) -> None:
    gate = threading.Event()
    held = [crew.submit(gate.wait) for _ in range(20)]
    time.sleep(0.3)
    assert crew.helpers == 4
    assert sum(future.running() for future in held) == 6
    gate.set()
    assert all(future.result(5) for future in held)


def test_no_helper_joins_while_work_goes_on(crew: Crew) -> None:
    waiting = [crew.submit(time.sleep, 0.002) for _ in range(200)]
    for future in waiting:
        future.result(5)
    assert crew.helpers == 0


def test_nothing_is_taken_on_after_the_crew_went_home(crew: Crew) -> None:
    crew.shutdown()
    with pytest.raises(RuntimeError, match="gone home"):
        crew.submit(print)
