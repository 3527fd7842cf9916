"""Several serving processes on one port, one a core: started, watched, restarted, stopped.

They are fresh processes, not forks: a process that has started gRPC cannot be forked safely. All
listen on the port themselves (SO_REUSEPORT) and the kernel deals out connections.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import msgspec

from ostiary.domain.errors import AddressError
from ostiary.rpc.child import ChildOptions
from ostiary.rpc.server import address
from ostiary.rpc.serving import (
    RELOAD,
    STOP,
    Backed,
    Backing,
    Ready,
    ServeOptions,
    pin,
    serve_one,
    told_by_signals,
)

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.5  # seconds before a process that died is started again; doubles each time
_LONGEST_PAUSE = 30.0
_STEADY = 60.0  # a process that lived so long starts with the first pause again
_MARGIN = 5.0  # seconds beyond the grace after which a process is killed


class _Event(msgspec.Struct, frozen=True):
    word: str
    child: _Child | None = None


_READY, _ENDED, _RESTART = "ready", "ended", "restart"


class _Child:
    """One serving process and what becomes of it."""

    def __init__(
        self, index: int, options: ServeOptions, tell: Callable[[_Event], None], module: str
    ) -> None:
        self.index = index
        self._module = module
        self.ready = False
        self._options = options
        self._tell = tell
        self._failures = 0
        self.start()

    def start(self) -> None:
        """Start the process; it ends when this one does, since its life pipe ends then."""
        self.ready = False
        self._started = time.monotonic()
        ready_end, ready_pipe = os.pipe()
        life_pipe, self._life = os.pipe()
        told = ChildOptions(self._options, self.index, ready_pipe, life_pipe)
        command = [sys.executable, "-m", self._module, msgspec.json.encode(told).decode()]
        self.process = subprocess.Popen(command, pass_fds=(ready_pipe, life_pipe))
        os.close(ready_pipe)
        os.close(life_pipe)
        threading.Thread(target=self._watch, args=(ready_end,), daemon=True).start()

    def _watch(self, ready_end: int) -> None:
        if os.read(ready_end, 1):
            self._tell(_Event(_READY, self))
        os.close(ready_end)
        self.process.wait()
        os.close(self._life)
        self._tell(_Event(_ENDED, self))

    def restart_later(self) -> float:
        """Start the process again after a pause that grows with each failure; give the pause."""
        steady = time.monotonic() - self._started > _STEADY
        self._failures = 0 if steady else self._failures + 1
        pause = min(_FIRST_PAUSE * 2.0 ** max(self._failures - 1, 0), _LONGEST_PAUSE)
        timer = threading.Timer(pause, self._tell, (_Event(_RESTART, self),))
        timer.daemon = True
        timer.start()
        return pause

    def signal(self, number: signal.Signals) -> None:
        """Pass a signal on, if there is still somebody to take it."""
        if self.process.poll() is None:
            self.process.send_signal(number)


def _nothing(_: ServeOptions, __: int) -> Backing | None:
    return None


def serve(
    options: ServeOptions,
    ready: Ready,
    backed: Backed = _nothing,
    *,
    child: str = "ostiary.rpc.child",
) -> None:
    """Serve until told to stop, from as many processes as the options say.

    `backed` gives what stands behind a process; `child` is the module that several of them run.
    """
    if options.processes > 1:
        serve_many(options, ready, backed, child=child)
        return
    if options.pinned:
        pin()
    serve_one(options, ready, backing=backed(options, 0))


def serve_many(
    options: ServeOptions,
    ready: Ready,
    backed: Backed = _nothing,
    *,
    child: str = "ostiary.rpc.child",
) -> None:
    """Serve from several processes until told to stop; raises what loading raises.

    `ready` is called with the address and a desk as soon as all of them answer questions.
    """
    # Faults are told once, and what takes long (the rule tables) is in the cache afterwards.
    backing = backed(options, 0)
    opened = options.definitions.load() if backing is None else backing.load()
    opened.close()
    if backing is not None:
        backing.close()
    events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
    with (
        _reserve(options.host, options.port) as held,
        told_by_signals(lambda word: events.put(_Event(word))),
    ):
        port = held.getsockname()[1]
        told = msgspec.structs.replace(options, port=port)
        children = [_Child(index, told, events.put, child) for index in range(options.processes)]
        try:
            _supervise(children, events, partial(ready, address(options.host, port), opened))
        finally:
            _stop(children, options.grace)


def _supervise(
    children: list[_Child], events: queue.SimpleQueue[_Event], all_ready: Callable[[], None]
) -> None:
    announced = False
    while (event := events.get()).word != STOP:
        child = event.child
        if event.word == RELOAD:
            for one in children:
                one.signal(signal.SIGHUP)
        elif child is not None and event.word == _READY:
            child.ready = True
            _log.info("process %d serves", child.process.pid)
            if not announced and all(one.ready for one in children):
                announced = True
                all_ready()
        elif child is not None and event.word == _ENDED:
            pause = child.restart_later()
            code = child.process.returncode
            _log.error("process %d ended with %d; again in %.1f s", child.process.pid, code, pause)
        elif child is not None and event.word == _RESTART:
            child.start()


def _stop(children: list[_Child], grace: float) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace + _MARGIN
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _log.warning("process %d does not stop and is killed", child.process.pid)
            child.process.kill()
            child.process.wait()


def _reserve(host: str, port: int) -> socket.socket:
    """Hold the port, without listening, so that it stays ours between two children."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family)
    try:
        # A port that somebody listens on must not be shared with them by accident.
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, port))
    except OSError as error:
        held.close()
        raise AddressError(address(host, port)) from error
    return held
