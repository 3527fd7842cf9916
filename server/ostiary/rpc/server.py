"""One serving process: gRPC with health and reflection around a reception."""

from __future__ import annotations

import gc
import ipaddress
import logging
from concurrent import futures
from typing import cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from ostiary.adapters.clock import Clock
from ostiary.domain.errors import AddressError
from ostiary.rpc import arrivals, decision_service
from ostiary.rpc.arrivals import Arrivals, Crews
from ostiary.rpc.crew import Crew
from ostiary.rpc.decision_service import DecisionService
from ostiary.rpc.health_service import HealthService
from ostiary.rpc.hosting import Hosted
from ostiary.rpc.reception import Reception

ANSWERING = 1  # threads for single questions: another one is a hand-over more (ADR 9)
BATCHING = 2  # threads for batches and lists
HOLDING = 8  # threads for what has to wait in one: streams, and all calls of an unknown grpcio
WORKING = 8  # threads for what waits for the database
LARGEST_MESSAGE = 4 * 1024 * 1024
MOST_CALLS = 1024

_log = logging.getLogger(__name__)

_OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", -1),  # bounded by the bounds on batches and pages
    ("grpc.max_concurrent_streams", 256),  # a connection
    # A peer that is gone is noticed within a minute and a half, and pings must not be a load.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ("grpc.http2.max_ping_strikes", 4),
    ("grpc.max_connection_idle_ms", 600_000),
)


class Server:
    """A server on one port; NOT_SERVING until `load` has succeeded and from `stop` on."""

    def __init__(
        self,
        reception: Reception,
        clock: Clock,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        shared: bool = False,
        hosted: Hosted | None = None,
    ) -> None:
        """Bind the port; port 0 picks one, and `shared` lets other processes listen on it too.

        `hosted` are the services beside DecisionService.
        """
        self._hosted = hosted
        self._services = (decision_service.NAME, *(hosted.handlers if hosted else ()))
        self._reception = reception
        self._crew = _crew()
        self._health = HealthService()
        self._server = grpc.server(
            cast(futures.ThreadPoolExecutor, self._crew),  # gRPC calls nothing but `submit`
            options=(*_OPTIONS, ("grpc.so_reuseport", int(shared))),
            maximum_concurrent_rpcs=MOST_CALLS,
        )
        self._add_services(DecisionService(reception, clock, hosted.asking if hosted else None))
        self._tell(health_pb2.HealthCheckResponse.NOT_SERVING)
        self.port = self._bind(host, port)
        self.address = address(host, self.port)

    def _add_services(self, decisions: DecisionService) -> None:
        hosted = {} if self._hosted is None else self._hosted.handlers
        for name, methods in {decision_service.NAME: decisions.handlers(), **hosted}.items():
            handlers = dict(methods)
            self._server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(name, handlers),)
            )
            self._server.add_registered_method_handlers(name, handlers)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (*self._services, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )

    def _bind(self, host: str, port: int) -> int:
        where = address(host, port)
        try:
            bound = self._server.add_insecure_port(where)
        except RuntimeError as error:
            raise AddressError(where) from error
        if bound == 0:
            raise AddressError(where)
        return bound

    def start(self) -> None:
        """Accept calls; until rules and definitions are loaded they end with NOT_READY."""
        self._server.start()

    def load(self) -> None:
        """Load rules and definitions and begin to serve; raises what loading raises."""
        self._reception.load()
        _settle()
        self._tell(health_pb2.HealthCheckResponse.SERVING)

    def reload(self) -> bool:
        """Load again; False, and nothing changes, if anything is wrong."""
        gc.unfreeze()
        loaded = self._reception.reload()
        _settle()
        return loaded

    def stop(self, grace: float) -> None:
        """Take no more calls, let those in flight finish within `grace` seconds, and end."""
        self._health.enter_graceful_shutdown()
        if self._hosted is not None:
            self._hosted.close()
        self._server.stop(grace).wait()
        self._crew.shutdown()
        self._reception.close()

    def _tell(self, status: int) -> None:
        for service in ("", *self._services):
            self._health.set(service, status)


def _crew() -> futures.Executor:
    if arrivals.known():
        return Arrivals(Crews(*map(Crew, (ANSWERING, BATCHING, WORKING, HOLDING))))
    _log.warning("grpcio %s is not known: every call takes a thread at once", grpc.__version__)
    return Crew(HOLDING)


def address(host: str, port: int) -> str:
    """Give HOST:PORT, with the brackets that an IPv6 address needs."""
    try:
        wrapped = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        wrapped = host
    return f"{wrapped}:{port}"


_ALLOCATIONS_BEFORE_COLLECTING = 20_000


def _settle() -> None:
    # A snapshot is large and never changes: the collector need not walk it again and again. Answers
    # hold no cycles, so it need not look for them after every few of them either.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTING, 20, 50)
