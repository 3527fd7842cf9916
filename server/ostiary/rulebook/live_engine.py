"""One engine worker that stays alive for the cells of large phases, started anew when it dies."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Sequence

from ostiary.domain.errors import EngineFailedError, TablesUnavailableError
from ostiary.rulebook.compiler import CompiledPhase
from ostiary.rulebook.engine import WORKER_COMMAND, Deadline, EngineWorker

CELL_DEADLINE = 2.0  # seconds for one cell, the wait for other threads included
START_DEADLINE = 10.0
FIRST_PAUSE = 0.1  # seconds before a dead worker is started again; doubled each time
LONGEST_PAUSE = 10.0

_engines: weakref.WeakSet[LiveEngine] = weakref.WeakSet()


class LiveEngine:
    """Works out single cells; safe for threads, and for processes forked from this one."""

    def __init__(
        self, phases: Sequence[CompiledPhase], command: Sequence[str] = WORKER_COMMAND
    ) -> None:
        self._phases = tuple(phases)
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._worker: EngineWorker | None = None
        self._closed = False
        self._pause = FIRST_PAUSE
        self._not_before = 0.0
        self._why = ""
        _engines.add(self)

    @property
    def pid(self) -> int | None:
        """Give the process id of the worker, if one is alive."""
        worker = self._worker
        return None if worker is None else worker.pid

    def fired(self, phase: str, cell: int) -> int:
        """Give the rules that the engine fires in a cell, as bits.

        Raises TablesUnavailableError if there is no answer in time; the worker is then ended, and
        the next question after a pause starts a new one.
        """
        deadline = Deadline(CELL_DEADLINE)
        if not self._lock.acquire(timeout=CELL_DEADLINE):
            raise TablesUnavailableError("the rule engine is busy with other cells")
        try:
            return self._ask(phase, cell, deadline)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the worker; cells that are not known by now stay unavailable."""
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def _ask(self, phase: str, cell: int, deadline: Deadline) -> int:
        worker = self._worker or self._start()
        try:
            (chunk,) = worker.fire(phase, cell, 1, deadline)
        except EngineFailedError as error:
            self._failed(error)
            raise TablesUnavailableError(str(error)) from None
        self._pause = FIRST_PAUSE
        return sum(1 << number for number in set(chunk.sets[chunk.cells[0]]))

    def _start(self) -> EngineWorker:
        if self._closed:
            raise TablesUnavailableError("these tables have been closed")
        if time.monotonic() < self._not_before:
            raise TablesUnavailableError(self._why)
        try:
            worker = EngineWorker(self._command)
            for phase in self._phases:
                worker.load(phase, Deadline(START_DEADLINE))
        except EngineFailedError as error:
            self._failed(error)
            raise TablesUnavailableError(str(error)) from None
        self._worker = worker
        return worker

    def _failed(self, error: EngineFailedError) -> None:
        self._worker = None
        self._why = str(error)
        self._not_before = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _after_fork(self) -> None:
        """Leave the worker to the parent: two processes must not speak over one pipe."""
        self._lock = threading.Lock()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.abandon()


def _after_fork() -> None:
    for engine in list(_engines):
        engine._after_fork()  # noqa: SLF001  # of this module


os.register_at_fork(after_in_child=_after_fork)
