"""Ctrl-C ends what a command reads, wherever it comes."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from ostiary.cli.interrupting import read_until_interrupted

PATIENCE = 30.0


class Source:
    """Gives some items, then nothing more until it is closed."""

    def __init__(self, *items: str, error: Exception | None = None, endless: bool = True) -> None:
        self.items = items
        self.error = error
        self.endless = endless
        self.closed = threading.Event()
        self.left = threading.Event()

    def read(self) -> Iterator[str]:
        """Give them."""
        try:
            yield from self.items
            if self.error is not None:
                raise self.error
            if self.endless:
                assert self.closed.wait(PATIENCE)
        finally:
            self.left.set()


def press() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def pressed_soon() -> None:
    """Press Ctrl-C while the main thread waits."""

    def later() -> None:
        time.sleep(0.2)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=later).start()


def heard(source: Source, then: Callable[[], None] = lambda: None) -> list[str]:
    """What was heard of a source until it or somebody ended it."""
    told: list[str] = []
    before = signal.getsignal(signal.SIGINT)
    try:
        with read_until_interrupted(source.read, end=source.closed.set) as items:
            for item in items:
                told.append(item)
                if len(told) == len(source.items):
                    then()
    except KeyboardInterrupt:
        told.append("interrupted")
    assert source.closed.is_set()
    assert source.left.wait(PATIENCE)
    assert signal.getsignal(signal.SIGINT) is before
    return told


def test_ctrl_c_ends_a_command_that_waits() -> None:
    assert heard(Source("a", "b"), pressed_soon) == ["a", "b", "interrupted"]


def test_ctrl_c_ends_a_command_that_prints() -> None:
    assert heard(Source("a"), press) == ["a", "interrupted"]


def test_ctrl_c_that_is_lost_in_a_callback_ends_the_command_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exceptions that leave a finaliser are forgotten, as those that leave grpcio's callbacks."""
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: lost.append(what.exc_type))

    class Finalised:
        def __del__(self) -> None:
            press()

    def lose() -> None:
        Finalised()

    assert heard(Source("a"), lose) == ["a", "interrupted"]
    assert lost == [KeyboardInterrupt]


def test_what_ends_by_itself_ends_the_command() -> None:
    assert heard(Source("a", "b", endless=False)) == ["a", "b"]


def test_an_error_of_the_reading_is_raised_where_it_is_waited_for() -> None:
    source = Source("a", error=ValueError("no more"))
    with pytest.raises(ValueError, match="no more"):
        heard(source)
    assert source.closed.is_set()


def test_reading_runs_only_a_little_ahead_and_is_ended_though_nobody_takes_more() -> None:
    read = itertools.count()
    closed = threading.Event()
    given = 0

    def endless() -> Iterator[int]:
        nonlocal given
        while not closed.is_set():
            given = next(read)
            yield given

    with read_until_interrupted(endless, end=closed.set) as items:
        assert next(items) == 0
        seen = -1
        while given != seen:
            seen = given
            time.sleep(0.1)
        assert seen < 2000
    assert closed.is_set()
