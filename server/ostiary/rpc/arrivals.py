"""Calls that get a thread when their message is there, not before.

gRPC's server for Python gives every call a thread at once, which then sleeps until the message has
been read: two hand-overs of the interpreter lock for each call, and a caller who sends nothing
holds a thread. Here the message is waited for without a thread, and one thread answers short calls
one after another without ever going to sleep between them (ADR 9).

grpcio has no public way to do this. What is private to it is used in this module and nowhere else,
only with the releases that were tested with it, and with any other each call gets a thread at once.
"""
# ruff: noqa: SLF001 see above

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from importlib import import_module
from typing import Any, NamedTuple, ParamSpec, TypeVar

import grpc

from ostiary.rpc.crew import Crew

# Attributes of the function behind a method: it waits for more than the processor, or it may need
# the processor for milliseconds.
WAITS, LONG = "waits", "long"

KNOWN_RELEASES = ("1.85.",)

_server: Any = import_module("grpc._server")
_cygrpc: Any = import_module("grpc._cython.cygrpc")

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Method = TypeVar("Method", bound=Callable[..., Any])


def known(release: str = grpc.__version__) -> bool:
    """Whether calls can be waited for without a thread in a release of grpcio."""
    return release.startswith(KNOWN_RELEASES)


def long(method: Method) -> Method:
    """Mark a method that may need the processor for milliseconds."""
    setattr(method, LONG, True)
    return method


class Crews(NamedTuple):
    """Who answers what, so that no question waits for another of a longer kind."""

    answers: Crew  # what is answered in microseconds
    batches: Crew  # what may need milliseconds
    works: Crew  # what waits for a database
    streams: Crew  # what holds a thread for as long as the caller likes


class Arrivals(futures.Executor):
    """Hands unary calls to a crew once their message has arrived, all else to another at once."""

    def __init__(self, crews: Crews) -> None:
        self.crews = crews

    def submit(
        self,
        fn: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> futures.Future[Result]:
        """Have a function called, after the message for it has arrived if it is a unary call."""
        if not _is_unary(args):
            return self.crews.streams.submit(fn, *args, **kwargs)
        return self._wait(fn, *args)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Send all crews home."""
        for crew in self.crews:
            crew.shutdown(wait, cancel_futures=cancel_futures)

    def _crew(self, behavior: Callable[..., Any]) -> Crew:
        if getattr(behavior, WAITS, False):
            return self.crews.works
        return self.crews.batches if getattr(behavior, LONG, False) else self.crews.answers

    def _wait(self, run: Callable[..., Result], *task: Any) -> futures.Future[Result]:
        # gRPC holds `state.condition` here, as it must be for what follows.
        answer, rpc_event, state, behavior, _, deserializer, serializer = task
        crew = self._crew(behavior)
        future: futures.Future[Result] = futures.Future()
        receive = _server._receive_message(state, rpc_event.call, deserializer)

        def request() -> Any:
            return _arrived(rpc_event, state)

        def arrive(event: Any) -> Any:
            result = receive(event)
            task = (answer, rpc_event, state, behavior, request, deserializer, serializer)
            crew.call(future, run, *task)
            return result

        rpc_event.call.start_server_batch((_cygrpc.ReceiveMessageOperation(0),), arrive)
        state.due.add(_server._RECEIVE_MESSAGE_TOKEN)
        return future


def _is_unary(task: tuple[Any, ...]) -> bool:
    # The same function answers calls whose requests are a stream; only what it waits for differs.
    return (
        len(task) == 7
        and task[0] is _server._unary_response_in_pool
        and task[4].__name__ == "unary_request"
    )


def _arrived(rpc_event: Any, state: Any) -> Any:
    """Give the message that has arrived; None, and the call is ended, if there was none."""
    with state.condition:
        request, state.request = state.request, None
        if request is None and state.client is _server._CLOSED:
            method = rpc_event.call_details.method
            details = f'"{method}" requires exactly one request message.'
            code = _cygrpc.StatusCode.unimplemented
            _server._abort(state, rpc_event.call, code, details.encode())
        return request
