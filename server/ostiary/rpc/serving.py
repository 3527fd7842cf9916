"""A serving process from start to stop: load, serve, reload on SIGHUP, end on SIGTERM."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import msgspec

from ostiary.adapters.clock import Clock, SystemClock
from ostiary.domain.errors import NotReadyError
from ostiary.rpc.hosting import Hosted
from ostiary.rpc.loading import Definitions
from ostiary.rpc.log_options import LogOptions
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


class StoreOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The store behind a server, and what carries out the life of requests."""

    url: str
    connectors: str | None = None  # a file; None: Ostiary's own groups, the rest is recorded
    mail: str | None = None  # a file; None: notices are logged
    works: bool = True  # whether a worker runs beside the server
    movable_clock: bool = False  # time stands still until ClockService moves it
    believes_headers: bool = False  # which say who calls; for servers of one machine alone
    source: str = "/ostiary"  # how events name us


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is started with."""

    definitions: Definitions
    store: StoreOptions | None = None
    host: str = "127.0.0.1"
    port: int = 50051  # 0: any that is free
    processes: int = 1
    pinned: bool = True  # each process to a core of its own
    believes_headers: bool = False  # of a server without a store; with one, the store's counts
    revisions: str = "memory:"  # the store of the revisions of rules, where there is no other
    watch: bool = False  # the folders are loaded again when they change
    settle: float = 1.0  # seconds for which a watched folder must have come to rest
    log: LogOptions | None = None  # of decisions
    shadow: str | None = None  # a folder of rules, or a revision, that decides beside
    grace: float = 10.0  # seconds for calls in flight when the server stops


class Backing(Protocol):
    """What stands behind a server beside a folder: a store, its services, its worker."""

    @property
    def clock(self) -> Clock:
        """Give the clock that the server goes by."""

    @property
    def hosted(self) -> Hosted:
        """Give the services beside DecisionService."""

    def load(self) -> OpenDesk:
        """Give a desk over the present state; raises what loading raises."""

    def started(self, reception: Reception) -> None:
        """Note that the server answers; from now on newer desks may be put in charge."""

    def close(self) -> None:
        """Let go of everything."""


Backed = Callable[[ServeOptions, int], Backing | None]


def serve_one(
    options: ServeOptions, ready: Ready, *, shared: bool = False, backing: Backing | None = None
) -> None:
    """Serve from this process until it is told to stop; raises what the first loading raises.

    `ready` is called with the address and the desk as soon as questions are answered.
    """
    events: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()
    reception = Reception(options.definitions.load if backing is None else backing.load)
    server = Server(
        reception,
        SystemClock() if backing is None else backing.clock,
        host=options.host,
        port=options.port,
        shared=shared,
        hosted=None if backing is None else backing.hosted,
    )
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
                    if backing is not None:
                        backing.started(reception)
                    ready(server.address, reception.opened())
        finally:
            _log.info("stopping")
            server.stop(options.grace)
            if backing is not None:
                backing.close()
            _log.info("stopped")


_LOADED = "loaded"
_PATIENCE = 2.0  # seconds between two looks for a tenant in an empty store


def _load(server: Server, events: queue.SimpleQueue[str | Exception]) -> None:
    try:
        while not _loaded(server):
            time.sleep(_PATIENCE)
        events.put(_LOADED)
    except Exception as error:  # noqa: BLE001 the main thread raises it again
        events.put(error)


def _loaded(server: Server) -> bool:
    """Load; False if the store holds no tenant yet, which somebody may apply at any time."""
    try:
        server.load()
    except NotReadyError as error:
        _log.info("not serving yet: %s", error)
        return False
    return True


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
