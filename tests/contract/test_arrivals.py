"""Calls get a thread when their message is there; nothing that a caller can see depends on it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.client import CallError, Client
from ostiary.rpc import arrivals
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import BATCHING, MOST_CALLS, Server
from tests.contract.lent import NOW, Lent
from tests.contract.questions import asked

EVALUATE = "/ostiary.v1.DecisionService/Evaluate"


@pytest.fixture(params=[True, False], ids=["known grpcio", "unknown grpcio"])
def known(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    answer: bool = request.param
    monkeypatch.setattr(arrivals, "known", lambda: answer)
    return answer


@pytest.fixture
def either(known: bool, harbour: LoadedDesk) -> Iterator[Server]:
    """A server that waits for messages without threads, and one that does not."""
    server = Server(Reception(lambda: Lent(harbour)), FixedClock(NOW))
    server.start()
    server.load()
    yield server
    server.stop(1)


class Gate(Lent):
    """A desk at which somebody has to wait before questions are answered."""

    snapshot: Any

    def __init__(self, loaded: LoadedDesk, held_up: str) -> None:
        super().__init__(loaded)
        self._loaded, self._held_up = loaded.desk, held_up
        self.desk: Any = self
        self.snapshot = loaded.desk.snapshot
        self.begun, self.opened = threading.Event(), threading.Event()

    def batch(self, data: bytes, now: Any, *rest: Any) -> bytes:
        self.begun.set()
        assert self.opened.wait(10)
        return self._loaded.batch(data, now, *rest)

    def evaluate(self, data: bytes, now: Any, *rest: Any) -> bytes:
        if self._held_up.encode() in data:
            self.begun.set()
            assert self.opened.wait(10)
        return self._loaded.evaluate(data, now, *rest)


def test_the_installed_grpcio_is_known() -> None:
    """When this fails: read grpc/_server.py of the new release, then add it to the known ones."""
    assert arrivals.known()


@pytest.mark.parametrize(
    ("release", "want"),
    [
        ("1.85.1", True),
        ("1.85.9", True),
        ("1.84.0", False),
        ("1.86.0", False),
        ("1.850.0", False),
        ("2.0.0", False),
    ],
)
def test_which_releases_are_known(release: str, want: bool) -> None:
    assert arrivals.known(release) == want


def test_an_unknown_grpcio_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, harbour: LoadedDesk
) -> None:
    monkeypatch.setattr(arrivals, "known", lambda: False)
    with caplog.at_level(logging.WARNING):
        Server(Reception(lambda: Lent(harbour)), FixedClock(NOW)).stop(0)
    assert f"grpcio {grpc.__version__} is not known" in caplog.text


def test_calls_that_are_done_no_longer_count(either: Server) -> None:
    with Client(either.address) as client:
        answers = [client.evaluate(asked("crane")).eligible for _ in range(MOST_CALLS + 100)]
    assert all(answers)


def test_a_call_without_a_message_is_refused(either: Server) -> None:
    with grpc.insecure_channel(either.address) as channel:
        call: Any = channel.stream_unary(EVALUATE)
        with pytest.raises(grpc.RpcError) as raised:
            call(iter(()), timeout=5)
    error = CallError.of_call(raised.value)
    assert error.code is grpc.StatusCode.UNIMPLEMENTED


def test_calls_that_are_called_off_before_their_message_leave_nothing_behind(
    either: Server,
) -> None:
    never = threading.Event()

    def silent() -> Iterator[bytes]:
        never.wait(20)
        yield b""

    with grpc.insecure_channel(either.address) as channel:
        call: Any = channel.stream_unary(EVALUATE)
        calls = [call.future(silent()) for _ in range(20)]
        for one in calls:
            assert one.cancel()
        with Client(either.address) as client:
            assert client.evaluate(asked("crane")).eligible
        never.set()


def test_silent_callers_hold_no_thread(server: Server) -> None:
    never = threading.Event()

    def silent() -> Iterator[bytes]:
        never.wait(20)
        yield b""

    def answering() -> int:
        return sum(thread.name.startswith("answers") for thread in threading.enumerate())

    before = answering()
    with grpc.insecure_channel(server.address) as channel, Client(server.address) as client:
        call: Any = channel.stream_unary(EVALUATE)
        calls = [call.future(silent()) for _ in range(100)]
        for _ in range(20):
            assert client.evaluate(asked("crane")).eligible
        assert not any(one.done() for one in calls)
        assert answering() == before
        for one in calls:
            one.cancel()
        never.set()


def test_a_question_that_takes_long_holds_the_others_up_for_a_moment_only(
    known: bool, harbour: LoadedDesk
) -> None:
    gate = Gate(harbour, "crane")
    server = Server(Reception(lambda: gate), FixedClock(NOW))
    server.start()
    server.load()
    with Client(server.address) as client:
        answers = []
        held = threading.Thread(target=lambda: answers.append(client.evaluate(asked("crane"))))
        held.start()
        assert gate.begun.wait(5)
        assert client.evaluate(asked("berth"), timeout=5).reasons
        gate.opened.set()
        held.join(10)
    assert answers[0].eligible
    server.stop(1)


def test_single_questions_do_not_wait_behind_batches(harbour: LoadedDesk) -> None:
    gate = Gate(harbour, "nothing")
    server = Server(Reception(lambda: gate), FixedClock(NOW))
    server.start()
    server.load()
    assert isinstance(server._crew, arrivals.Arrivals)
    with Client(server.address) as client:
        answers: list[Any] = []
        batches = [
            threading.Thread(target=lambda: answers.extend(client.batch_evaluate([asked("crane")])))
            for _ in range(BATCHING)
        ]
        for batch in batches:
            batch.start()
        assert gate.begun.wait(5)
        singles = [client.evaluate(asked("crane"), timeout=5) for _ in range(20)]
        assert server._crew.crews.answers.helpers == 0
        gate.opened.set()
        for batch in batches:
            batch.join(10)
    assert all(one.eligible for one in singles)
    assert len(answers) == BATCHING
    server.stop(1)


def test_whoever_no_longer_waits_is_not_waited_for(known: bool, harbour: LoadedDesk) -> None:
    gate = Gate(harbour, "crane")
    server = Server(Reception(lambda: gate), FixedClock(NOW))
    server.start()
    server.load()
    with Client(server.address) as client:
        with pytest.raises(CallError) as raised:
            client.evaluate(asked("crane"), timeout=0.2)
        assert raised.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
        gate.opened.set()
        assert client.evaluate(asked("crane"), timeout=5).eligible
    server.stop(1)
