"""The worker as a thread that goes on until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from ostiary.domain.errors import NotReadyError, StoreUnavailableError
from ostiary.operations.office import Office
from ostiary.worker.worker import Worker

_log = logging.getLogger(__name__)

LONGEST_SLEEP = 1.0  # seconds; work that other processes make due is noticed by then
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds after a failure


class Loop:
    """Runs due work as it comes due; a store that is gone is waited for, with growing pauses.

    `look` is done before each round, e.g. to follow what other processes wrote. `turn` is held
    while a round is under way: whoever moves the clock takes it too.
    """

    def __init__(
        self,
        office: Office,
        worker: Worker | None,
        *,
        look: Callable[[], None] = lambda: None,
        turn: threading.Lock | None = None,
    ) -> None:
        self._office = office
        self._worker = worker
        self._look = look
        self._turn = turn or threading.Lock()
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self.run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin to work in a thread of its own."""
        self._thread.start()

    def wake(self) -> None:
        """Have the next round begin at once: something may have become due."""
        self._awake.set()

    def stop(self, seconds: float = 30.0) -> None:
        """Finish the round that is under way and end."""
        self._stopping.set()
        self._awake.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def run(self) -> None:
        """Work until told to stop."""
        failures, waits = 0, False
        while not self._stopping.is_set():
            self._awake.clear()
            try:
                done = self._round()
                failures, waits = 0, False
            except StoreUnavailableError as error:
                failures += 1
                _log.warning("the store cannot be reached: %s", error)
                done = 0
            except NotReadyError as error:
                # Nothing is wrong: a tenant may be applied at any time.
                if not waits:
                    _log.warning("nothing to work on: %s", error)
                failures, waits, done = 0, True, 0
            except Exception:  # noqa: BLE001 the thread must not end while the process goes on
                failures += 1
                _log.exception("a round of work failed")
                done = 0
            if not done:
                self._awake.wait(self._sleep(failures))

    def _round(self) -> int:
        self._look()
        if self._worker is None:
            return 0
        with self._turn:
            return self._worker.run()

    def _sleep(self, failures: int) -> float:
        if failures:
            pause: float = min(_FIRST_PAUSE * 2.0 ** (failures - 1), _LONGEST_PAUSE)
            return pause
        if self._worker is None:
            return LONGEST_SLEEP
        try:
            with self._office.store.reading() as tx:
                due = tx.next_due()
        except StoreUnavailableError:
            return LONGEST_SLEEP
        if due is None:
            return LONGEST_SLEEP
        left = (due - self._office.now()) / timedelta(seconds=1)
        return min(max(left, 0.01), LONGEST_SLEEP)
