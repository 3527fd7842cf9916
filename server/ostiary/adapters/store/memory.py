"""The store in memory: the same contract, for tests and rehearsals; gone with the process.

It keeps the very values that it is given, which are frozen, and one list or dictionary for each
question that is asked often. A transaction has the whole store for itself, readers too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ostiary.adapters.store.memory_audit import MemoryAudit
from ostiary.adapters.store.memory_definitions import MemoryDefinitions
from ostiary.adapters.store.memory_delegations import MemoryDelegations
from ostiary.adapters.store.memory_records import MemoryRecords
from ostiary.adapters.store.memory_rules import MemoryRules
from ostiary.adapters.store.memory_state import State
from ostiary.adapters.store.memory_work import MemoryWork
from ostiary.adapters.store.sql import ALREADY_OPEN


class MemoryTransaction(
    MemoryRecords, MemoryDelegations, MemoryRules, MemoryWork, MemoryAudit, MemoryDefinitions
):
    """One transaction in memory."""


class MemoryStore:
    """A store that one process has for itself."""

    def __init__(self) -> None:
        self._state = State()
        self._lock = threading.Lock()
        self._holder: int | None = None

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """Begin to change something; undone if the block raises."""
        with self._alone():
            transaction = MemoryTransaction(self._state, writable=True)
            try:
                yield transaction
            except BaseException:
                transaction.undo()
                raise

    @contextmanager
    def reading(self, *, settled: bool = False) -> Iterator[MemoryTransaction]:
        """Begin to look at one state of the store; waits for whoever changes it."""
        with self._alone():
            transaction = MemoryTransaction(self._state, writable=False)
            transaction.knows_settled = settled
            yield transaction

    def close(self) -> None:
        """Do nothing: there are no connections."""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._holder == threading.get_ident():
            raise RuntimeError(ALREADY_OPEN)
        with self._lock:
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = None
