"""The worker's loop: it works when something is due, waits for a store that is gone, and stops."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from ostiary.domain.access_request import RequestState
from ostiary.domain.errors import NotReadyError, StoreUnavailableError
from ostiary.worker import loop as loops
from ostiary.worker.loop import Loop
from tests.life.conftest import Begin
from tests.life.world import World

PACKAGE = "reading-room"


@pytest.fixture
def world(begin: Begin) -> World:
    return begin("2031-03-10 10:00")


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Loop]]:
    """Starts loops that do not pause for long, and ends them."""
    monkeypatch.setattr(loops, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(loops, "LONGEST_SLEEP", 0.05)
    started: list[Loop] = []

    def start(world: World, **options: object) -> Loop:
        made = Loop(world.office, world.worker, **options)  # type: ignore[arg-type]  # as given
        started.append(made)
        made.start()
        return made

    yield start
    for one in started:
        one.stop()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def asks(world: World) -> str:
    """Somebody asks for what nobody has to approve; nothing is delivered by this."""
    world.worker.run_until_idle = lambda **_: 0  # type: ignore[method-assign]  # the loop shall
    return world.ask("emil", PACKAGE).id


def delivered(world: World, name: str) -> bool:
    return world.request(name).state is RequestState.DELIVERED


def test_what_is_due_is_done_without_being_told(world: World, running: Callable[..., Loop]) -> None:
    name = asks(world)
    assert not delivered(world, name)
    running(world)
    until(lambda: delivered(world, name))


def test_a_store_that_is_gone_is_waited_for(
    world: World, running: Callable[..., Loop], caplog: pytest.LogCaptureFixture
) -> None:
    name, looks = asks(world), []

    def look() -> None:
        looks.append(1)
        if len(looks) < 4:
            raise StoreUnavailableError("the database is down")

    with caplog.at_level(logging.WARNING):
        running(world, look=look)
        until(lambda: delivered(world, name))
    told = [record.getMessage() for record in caplog.records]
    assert told == ["the store cannot be reached: the database is down"] * 3


def test_a_store_that_goes_while_the_loop_sleeps_is_waited_for(
    world: World, running: Callable[..., Loop], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = world.store.reading
    gone = threading.Event()

    def unreachable() -> object:
        if gone.is_set():
            raise StoreUnavailableError("the database is down")
        return reading()

    monkeypatch.setattr(world.store, "reading", unreachable)
    gone.set()
    rounds: list[int] = []
    running(world, look=lambda: rounds.append(1))
    until(lambda: len(rounds) > 3)
    gone.clear()
    name = asks(world)
    until(lambda: delivered(world, name))


def test_a_store_without_a_tenant_is_told_of_once(
    world: World, running: Callable[..., Loop], caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) < 5:
            raise NotReadyError("the store holds no tenant yet")

    name = asks(world)
    with caplog.at_level(logging.WARNING):
        running(world, look=look)
        until(lambda: delivered(world, name))
    told = [record.getMessage() for record in caplog.records]
    assert told == ["nothing to work on: the store holds no tenant yet"]


def test_a_fault_of_ours_ends_a_round_and_not_the_worker(
    world: World, running: Callable[..., Loop], caplog: pytest.LogCaptureFixture
) -> None:
    faults = [ValueError("a fault")]

    def look() -> None:
        if faults:
            raise faults.pop()

    name = asks(world)
    running(world, look=look)
    until(lambda: delivered(world, name))
    assert "a round of work failed" in caplog.text


def test_what_comes_due_meanwhile_is_done_at_its_time(
    world: World, running: Callable[..., Loop]
) -> None:
    """S-76: the loop sleeps until then, or as long as somebody may have made something due."""
    name = world.ask("emil", "sales-team-access").id
    running(world)
    world.clock.instant += timedelta(days=31)
    until(lambda: world.request(name).state is RequestState.DENIED)


def test_stop_waits_for_the_round_that_is_under_way(
    world: World, running: Callable[..., Loop]
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    ended: list[str] = []

    def look() -> None:
        begun.set()
        go_on.wait(20)
        ended.append("round")

    made = running(world, look=look)
    assert begun.wait(20)

    def stop() -> None:
        made.stop()
        ended.append("stop")

    stopping = threading.Thread(target=stop)
    stopping.start()
    go_on.set()
    stopping.join(20)
    assert ended[0] == "round"
    assert ended[-1] == "stop"


def test_whoever_holds_the_turn_keeps_the_loop_waiting(
    world: World, running: Callable[..., Loop]
) -> None:
    turn = threading.Lock()
    name = asks(world)
    with turn:
        made = running(world, turn=turn)
        made.wake()
        time.sleep(0.1)
        assert not delivered(world, name)
    until(lambda: delivered(world, name))
