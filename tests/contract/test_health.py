"""Health: NOT_SERVING until everything is loaded and from the stop on; watchers are told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ostiary.adapters.clock import FixedClock
from ostiary.client import CallError, Client
from ostiary.domain.errors import AddressError, DefinitionError, EngineFailedError, Fault
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import OpenDesk, Reception
from ostiary.rpc.server import Server
from tests.contract.lent import NOW, Lent
from tests.contract.questions import asked

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICES = ("", "ostiary.v1.DecisionService")


class Loader:
    """Loads whatever it is told to, or fails with it."""

    def __init__(self, what: OpenDesk | Exception) -> None:
        self.what = what

    def __call__(self) -> OpenDesk:
        """Give the desk or raise the error."""
        if isinstance(self.what, Exception):
            raise self.what
        return self.what


@pytest.fixture
def loader(harbour: LoadedDesk) -> Loader:
    return Loader(Lent(harbour))


@pytest.fixture
def starting(loader: Loader) -> Iterator[Server]:
    server = Server(Reception(loader, farewell=0.05), FixedClock(NOW))
    server.start()
    yield server
    server.stop(0)


def _health(server: Server, service: str = "") -> int:
    with grpc.insecure_channel(server.address) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        stub: Any = health_pb2_grpc.HealthStub(channel)
        status: int = stub.Check(request, timeout=5).status
        return status


def test_not_serving_until_loaded(starting: Server) -> None:
    assert [_health(starting, service) for service in SERVICES] == [NOT_SERVING, NOT_SERVING]
    starting.load()
    assert [_health(starting, service) for service in SERVICES] == [SERVING, SERVING]


def test_what_cannot_be_loaded_is_never_served(starting: Server, loader: Loader) -> None:
    loader.what = EngineFailedError("the worker crashed")
    with pytest.raises(EngineFailedError):
        starting.load()
    assert _health(starting) == NOT_SERVING


def test_an_unknown_service_is_not_found(starting: Server) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        _health(starting, "ostiary.v1.Nothing")
    assert CallError.of_call(raised.value).code is grpc.StatusCode.NOT_FOUND


def test_a_watcher_sees_loading_and_stopping(starting: Server) -> None:
    seen = []
    with grpc.insecure_channel(starting.address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest())
        seen.append(next(watch).status)
        starting.load()
        seen.append(next(watch).status)
        stopping = threading.Thread(target=starting.stop, args=(2,))
        stopping.start()
        seen.append(next(watch).status)
        watch.cancel()
        stopping.join()
    assert seen == [NOT_SERVING, SERVING, NOT_SERVING]


def test_watchers_take_no_thread_from_the_callers(starting: Server) -> None:
    starting.load()
    with grpc.insecure_channel(starting.address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watches = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(50)]
        assert {next(watch).status for watch in watches} == {SERVING}
        with Client(starting.address) as client:
            assert client.evaluate(asked("crane")).eligible
        for watch in watches:
            watch.cancel()


def test_watchers_who_leave_do_not_keep_a_server_from_stopping(harbour: LoadedDesk) -> None:
    for _ in range(10):
        server = Server(Reception(Loader(Lent(harbour)), farewell=0.05), FixedClock(NOW))
        server.start()
        server.load()
        with grpc.insecure_channel(server.address) as channel:
            stub: Any = health_pb2_grpc.HealthStub(channel)
            watches = [stub.Watch(health_pb2.HealthCheckRequest()) for _ in range(20)]
            assert {next(watch).status for watch in watches} == {SERVING}
            for watch in watches:
                watch.cancel()
            stopping = threading.Thread(target=server.stop, args=(0,), daemon=True)
            stopping.start()
            stopping.join(20)
            assert not stopping.is_alive()


def test_a_reload_puts_the_new_desk_in_charge(
    starting: Server, loader: Loader, harbour: LoadedDesk
) -> None:
    starting.load()
    closed = threading.Event()
    first = loader.what

    class Next(Lent):
        def close(self) -> None:
            closed.set()

    loader.what = Next(harbour)
    assert starting.reload()
    loader.what = first
    assert not closed.is_set()
    assert starting.reload()
    assert closed.wait(5), "the desk that was replaced is closed after its farewell"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(
            DefinitionError([Fault("a.yaml", 3, 7, "UNKNOWN_VALUE", "`x` is none of y, z")]),
            "a.yaml:3:7: UNKNOWN_VALUE: `x` is none of y, z",
            id="faulty definitions",
        ),
        pytest.param(EngineFailedError("the worker hung"), "the worker hung", id="engine"),
        pytest.param(OSError("disk on fire"), "not reloaded", id="anything else"),
    ],
)
def test_a_broken_reload_leaves_the_last_good_state(
    starting: Server,
    loader: Loader,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    line: str,
) -> None:
    """S-3: the server keeps the last valid configuration."""
    starting.load()
    loader.what = error
    with caplog.at_level(logging.INFO):
        assert not starting.reload()
    assert any(line in record.getMessage() for record in caplog.records)
    assert _health(starting) == SERVING
    with Client(starting.address) as client:
        assert client.evaluate(asked("crane")).eligible


def test_calls_in_flight_are_finished_when_the_server_stops(
    starting: Server, loader: Loader, harbour: LoadedDesk
) -> None:
    begun, release = threading.Event(), threading.Event()

    class Slow:
        snapshot = harbour.desk.snapshot

        def evaluate(self, *args: object) -> bytes:
            begun.set()
            release.wait(10)
            return harbour.desk.evaluate(*args)  # type: ignore[arg-type]

    class Open:
        desk = Slow()

        def close(self) -> None:
            pass

    loader.what = Open()  # type: ignore[assignment]
    starting.load()
    with Client(starting.address) as client:
        answers = []
        calling = threading.Thread(target=lambda: answers.append(client.evaluate(asked("crane"))))
        calling.start()
        assert begun.wait(5)
        stopping = threading.Thread(target=starting.stop, args=(10,))
        stopping.start()
        time.sleep(0.1)
        release.set()
        stopping.join(10)
        calling.join(10)
    assert answers[0].eligible


def test_a_port_that_is_taken_is_refused_in_words(server: Server, harbour: LoadedDesk) -> None:
    with pytest.raises(AddressError, match=f"cannot listen on 127.0.0.1:{server.port}"):
        Server(Reception(lambda: Lent(harbour)), FixedClock(NOW), port=server.port)


def test_the_server_listens_on_ipv6_too(harbour: LoadedDesk) -> None:
    try:
        server = Server(Reception(lambda: Lent(harbour)), FixedClock(NOW), host="::1")
    except AddressError:
        pytest.skip("this machine has no IPv6")
    server.start()
    server.load()
    assert server.address == f"[::1]:{server.port}"
    with Client(server.address) as client:
        assert client.evaluate(asked("crane")).eligible
    server.stop(0)
