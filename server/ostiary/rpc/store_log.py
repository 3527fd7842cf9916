"""The decision log in a store: through a file on this machine, so that no answer waits for it.

Each line is in the file before its decision is given, and goes from there to the database in
batches. What a process that was killed left in the file, the next one brings there. So a database
that is slow or away costs nothing but room in the file, as much of it as the operator allows.
"""

from __future__ import annotations

import errno
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ostiary.domain.errors import StoreUnavailableError
from ostiary.lifecycle.ports import LoggedLine, Store
from ostiary.rpc.decision_lines import Chain, last_sum, place_of
from ostiary.rpc.decision_log import FileSink

_log = logging.getLogger(__name__)

_BATCH = 500
_EVERY = 0.2  # seconds between two batches
_PAUSE = 2.0  # seconds after a failure
MOST_WAITING = 10_000  # lines that may wait for the database before answers do


class StoreSink:
    """Lines on their way to a store."""

    def __init__(self, store: Store, spool: FileSink, path: Path, *, most: int | None) -> None:
        """Take the file on the way, and how many lines may wait in it; None: any number."""
        self._store = store
        self._spool = spool
        self._path = path
        self._most = most
        self._waiting: deque[LoggedLine] = deque()
        self._touching = threading.Lock()
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logs-decisions", daemon=True)

    def start(self) -> None:
        """Take over what an earlier process left, and begin to bring lines to the store."""
        with self._touching:
            self._waiting.extend(left_in(self._path))
        self._thread.start()

    def write(self, line: Callable[[Chain], bytes]) -> None:
        """Write a line; raises OSError if it cannot be written, or too many wait already."""
        with self._touching:
            if self._most is not None and len(self._waiting) >= self._most:
                self._awake.set()
                raise OSError(errno.EAGAIN, f"{self._most:,} lines wait for the store")
            for text in self._spool.write_and_give(line):
                self._waiting.append(_logged(text))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait(_EVERY)
            self._awake.clear()
            try:
                while self.ship():
                    pass
            except StoreUnavailableError as error:
                _log.warning("decisions wait for the store: %s", error)
                self._stopping.wait(_PAUSE)
            except Exception:  # noqa: BLE001 the thread must not end while the process goes on
                _log.exception("decisions wait for the store")
                self._stopping.wait(_PAUSE)

    def ship(self) -> bool:
        """Bring a batch to the store; tell whether more wait. Raises StoreUnavailableError."""
        with self._touching:
            batch = [self._waiting[number] for number in range(min(_BATCH, len(self._waiting)))]
        if not batch:
            return False
        with self._store.transaction() as tx:
            tx.log_decisions(batch)
        with self._touching:
            for _ in batch:
                self._waiting.popleft()
            if not self._waiting:
                self._spool.empty()
            return bool(self._waiting)

    def close(self) -> None:
        """Bring what waits to the store if that can be done now; else the next process does it."""
        self._stopping.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            while self.ship():
                pass
        except StoreUnavailableError as error:
            _log.warning("%d decisions stay in %s: %s", len(self._waiting), self._path, error)
        self._spool.close()


def left_in(path: Path) -> list[LoggedLine]:
    """Give the lines that an earlier process left in a file; a torn one was no decision."""
    try:
        texts = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    found = []
    for text in texts:
        if last_sum(text) is not None:
            found.append(_logged(text))
        elif text.strip():
            _log.warning("%s: a line was torn when a process was killed", path)
    return found


def _logged(text: bytes) -> LoggedLine:
    run, number = place_of(text)
    return LoggedLine(run, number, text.decode())
