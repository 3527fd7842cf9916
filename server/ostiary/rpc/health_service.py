"""The standard health service, without a deadlock that the library's has."""

from __future__ import annotations

import threading
from collections.abc import Callable

import grpc
from grpc_health.v1 import health, health_pb2


class HealthService(health.HealthServicer):
    """Tells watchers of a change without holding the lock that their leaving needs.

    The library's `set` and `Watch` send while they hold its lock. Sending may wait for gRPC's own
    thread, which, when a watcher leaves at that moment, waits for the lock: then neither goes on,
    and the server cannot be stopped any more. The attributes used here are those of the locked
    library.
    """

    _lock: threading.RLock
    _server_status: dict[str, int]
    _send_response_callbacks: dict[str, set[Callable[[object], None]]]
    _gracefully_shutting_down: bool

    _on_close_callback: Callable[[Callable[[object], None], str], Callable[[], None]]

    def Watch(  # type: ignore[override]  # noqa: N802  # named by the contract; registered as non-blocking
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send_response_callback: Callable[[object], None] | None = None,
    ) -> None:
        """Tell a watcher the status now and whenever it changes, never sending under the lock.

        gRPC hands over how to send, as it was told that this method does not block.
        """
        assert send_response_callback is not None  # noqa: S101  # as the library registers it
        send, service = send_response_callback, request.service
        leave = self._on_close_callback(send, service)
        told: int | None = None
        while True:
            with self._lock:
                status = self._status(service)
                if status == told:  # nothing came in between: from here on `set` tells
                    self._send_response_callbacks.setdefault(service, set()).add(send)
                    break
            send(health_pb2.HealthCheckResponse(status=status))
            told = status
        if not context.add_callback(leave):
            leave()  # the watcher is gone already

    def _status(self, service: str) -> int:
        return self._server_status.get(service, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)

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
