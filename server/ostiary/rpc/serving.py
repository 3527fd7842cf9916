"""A serving process from start to stop: load, serve, reload on SIGHUP, end on SIGTERM."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import msgspec

from ostiary.adapters.clock import SystemClock
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import OpenDesk, Reception
from ostiary.rpc.server import Server

_log = logging.getLogger(__name__)

Ready = Callable[[str, OpenDesk], None]

STOP, RELOAD = "stop", "reload"
SIGNALS: Mapping[signal.Signals, str] = {
    signal.SIGTERM: STOP,
    signal.SIGINT: STOP,
    signal.SIGHUP: RELOAD,
}


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with."""

    definitions: Definitions
    host: str = "127.0.0.1"
    port: int = 50051  # 0: any that is free
    processes: int = 1
    pinned: bool = True  # each process to a core of its own
    grace: float = 10.0  # seconds for calls in flight when the server stops


def serve_one(options: ServeOptions, ready: Ready, *, shared: bool = False) -> None:
    """Serve from this process until it is told to stop; raises what the first loading raises.

    `ready` is called with the address and the desk as soon as questions are answered.
    """
    events: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()
    reception = Reception(options.definitions.load)
    server = Server(reception, SystemClock(), host=options.host, port=options.port, shared=shared)
    with told_by_signals(events.put):
        server.start()
        _log.info("listening on %s, loading", server.address)
        _in_background(_load, server, events)
        try:
            while (event := events.get()) != STOP:
                if isinstance(event, Exception):
                    raise event
                if event == RELOAD:
                    _in_background(_reload, server, events)
                elif event == _LOADED:
                    _log.info("serving on %s", server.address)
                    ready(server.address, reception.opened())
        finally:
            _log.info("stopping")
            server.stop(options.grace)
            _log.info("stopped")


_LOADED = "loaded"


def _load(server: Server, events: queue.SimpleQueue[str | Exception]) -> None:
    try:
        server.load()
        events.put(_LOADED)
    except Exception as error:  # noqa: BLE001 the main thread raises it again
        events.put(error)


def _reload(server: Server, _: object) -> None:
    server.reload()


def _in_background(
    work: Callable[[Server, queue.SimpleQueue[str | Exception]], None],
    server: Server,
    events: queue.SimpleQueue[str | Exception],
) -> None:
    threading.Thread(target=work, args=(server, events), name="loads", daemon=True).start()


@contextmanager
def told_by_signals(tell: Callable[[str], None]) -> Iterator[None]:
    """Have SIGTERM, SIGINT and SIGHUP told as words; only in the main thread.

    Handlers, not a signal mask: a mask would be inherited by the processes that load rules.
    """

    def handle(number: int, _: FrameType | None) -> None:
        tell(SIGNALS[signal.Signals(number)])

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def pin(index: int = 0) -> None:
    """Keep this process, and all threads it will start, on one core.

    A process that may use several cores is slower: the interpreter lock is handed from core to
    core all the time.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[index % len(cores)]})
