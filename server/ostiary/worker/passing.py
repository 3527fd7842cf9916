"""Time that passes as somebody wants it, with everything done at its own instant on the way."""

from __future__ import annotations

import threading
from datetime import datetime

from ostiary.adapters.clock import FixedClock
from ostiary.lifecycle.ports import Store
from ostiary.worker.worker import Worker


class MovingTime:
    """Moves a clock from one due instant to the next; `turn` keeps all others from working."""

    def __init__(
        self, clock: FixedClock, store: Store, worker: Worker, turn: threading.Lock | None = None
    ) -> None:
        """Take the lock that whoever else works on the store holds meanwhile."""
        self._clock = clock
        self._store = store
        self._worker = worker
        self._turn = turn or threading.Lock()

    def now(self) -> datetime:
        """Give the present instant."""
        return self._clock.now()

    def next_due(self) -> datetime | None:
        """Give when the next piece of work is due."""
        with self._store.reading() as tx:
            return tx.next_due()

    def pass_until(self, goal: datetime) -> int:
        """Move on to an instant, doing what is due on the way; give how much that was.

        Raises StoreUnavailableError; the clock then stands where the store was lost.
        """
        with self._turn:
            done = self._worker.run_until_idle()
            while (due := self.next_due()) is not None and due <= goal:
                self._clock.instant = max(due, self._clock.instant)
                done += self._worker.run_until_idle()
            self._clock.instant = max(goal, self._clock.instant)
            return done + self._worker.run_until_idle()
