"""Where everything about the life of requests is carried out: a store, a tenant, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol, TypeVar

from ostiary.adapters.clock import Clock
from ostiary.decide.model import Snapshot
from ostiary.domain.errors import RequestNotFoundError
from ostiary.lifecycle.ports import Ids, Store, Transaction
from ostiary.operations.catch_up import run_due
from ostiary.operations.unit import Unit

Result = TypeVar("Result")
TENANT = "tenant"


class Snapshots(Protocol):
    """Gives the tenant as the store has it, ready for deciding."""

    def current(self, tx: Transaction) -> Snapshot:
        """Give the snapshot of the revision that a transaction sees."""


class Office:
    """Carries out operations; may be shared by all threads of a process."""

    def __init__(self, store: Store, snapshots: Snapshots, clock: Clock, ids: Ids) -> None:
        self.store = store
        self.snapshots = snapshots
        self.clock = clock
        self.ids = ids
        self._tell: Callable[[], None] = lambda: None

    def when_changed(self, tell: Callable[[], None]) -> None:
        """Have somebody told after each change, in the thread that made it."""
        self._tell = tell

    def now(self) -> datetime:
        """Give the present instant."""
        return self.clock.now()

    @contextmanager
    def case(self, name: str, *, also: tuple[str, ...] = ()) -> Iterator[Unit]:
        """Work on a case: its lock, what is overdue in it, then the block, all or nothing.

        `also` names further locks; they are taken in the order of their names (ADR 7).
        """
        with self.store.transaction() as tx:
            for lock in sorted({name, *also}):
                tx.lock(lock)
            unit = self.unit(tx, name)
            run_due(unit)
            yield unit
            run_due(unit)
        self._tell()

    def unit(self, tx: Transaction, case: str) -> Unit:
        """Give what a transaction that holds a case's lock works with."""
        return Unit(tx, case, self.now(), self.snapshots.current(tx), self.ids)

    def look(self, work: Callable[[Unit], Result]) -> Result:
        """Look at the store without changing it."""
        with self.store.reading() as tx:
            return work(self.unit(tx, ""))

    def target_of(self, request_id: str) -> str:
        """Give whose case a request belongs to; raises RequestNotFoundError."""
        with self.store.reading() as tx:
            request = tx.request(request_id)
        if request is None:
            raise RequestNotFoundError(request_id)
        return request.target
