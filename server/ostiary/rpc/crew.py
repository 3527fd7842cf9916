"""The threads that answer calls: few, and more only while callers keep all of them waiting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_Task = tuple[futures.Future[Any], Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Crew(futures.Executor):
    """A thread pool of a fixed size that nobody can block.

    A question that takes long holds its thread, and so does a caller who opens a stream and sends
    nothing (with an unknown grpcio, any call: see arrivals). So when tasks wait and none begins,
    helpers join in, and leave when there is nothing to do.
    """

    def __init__(
        self, size: int, *, most: int = 256, patience: float = 0.25, idle: float = 5.0
    ) -> None:
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._size = size
        self._most = most
        self._patience = patience
        self._idle = idle
        self._begun = 0
        self._helpers = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        for _ in range(size):
            threading.Thread(target=self._work, name="answers", daemon=True).start()
        threading.Thread(target=self._watch, name="crew-watch", daemon=True).start()

    @property
    def helpers(self) -> int:
        """Give how many threads have joined beyond the fixed size."""
        return self._helpers

    def submit(
        self,
        fn: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> futures.Future[Result]:
        """Have a function called by one of the threads."""
        if self._closed.is_set():
            raise RuntimeError("the crew has gone home")
        future: futures.Future[Result] = futures.Future()
        self._tasks.put((future, fn, args, kwargs))
        return future

    def call(
        self,
        future: futures.Future[Result],
        fn: Callable[Arguments, Result],
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> None:
        """Have a function called for a future that somebody holds already; never raises."""
        self._tasks.put((future, fn, args, kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 as in Executor
        """Send the threads home once the tasks that wait are done; never waits itself."""
        self._closed.set()
        for _ in range(self._size):
            self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._do(task)

    def _help(self) -> None:
        try:
            while (task := self._tasks.get(timeout=self._idle)) is not None:
                self._do(task)
            self._tasks.put(None)  # it was meant for one of the fixed threads
        except queue.Empty:
            pass
        finally:
            with self._lock:
                self._helpers -= 1

    def _do(self, task: _Task) -> None:
        self._begun += 1  # a lost update does no harm: any change means that work goes on
        future, fn, args, kwargs = task
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 whoever holds the future gets it
            future.set_exception(error)

    def _watch(self) -> None:
        seen = -1
        while not self._closed.wait(self._patience):
            if not self._tasks.empty() and self._begun == seen:
                self._send_help()
            seen = self._begun

    def _send_help(self) -> None:
        with self._lock:
            more = min(self._size, self._most - self._size - self._helpers)
            self._helpers += more
        for _ in range(more):
            threading.Thread(target=self._help, name="answers-helper", daemon=True).start()
