"""The standard health service, without a deadlock that the library's has."""

from __future__ import annotations

import threading
from collections.abc import Callable

from grpc_health.v1 import health, health_pb2


class HealthService(health.HealthServicer):
    """Tells watchers of a change without holding the lock that their leaving needs.

    The library's `set` sends while it holds its lock. Sending may wait for gRPC's own thread,
    which, when a watcher leaves at that moment, waits for the lock: then neither goes on, and the
    server cannot be stopped any more. The attributes used here are those of the locked library.
    """

    _lock: threading.RLock
    _server_status: dict[str, int]
    _send_response_callbacks: dict[str, set[Callable[[object], None]]]
    _gracefully_shutting_down: bool

    def set(self, service: str, status: int) -> None:
        """Set the status of a service and tell its watchers."""
        with self._lock:
            if self._gracefully_shutting_down:
                return
            self._server_status[service] = status
            watchers = tuple(self._send_response_callbacks.get(service, ()))
        for send in watchers:
            send(health_pb2.HealthCheckResponse(status=status))

    def enter_graceful_shutdown(self) -> None:
        """Set every service to NOT_SERVING, for good."""
        with self._lock:
            services = tuple(self._server_status)
        for service in services:
            self.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)
        with self._lock:
            self._gracefully_shutting_down = True
