"""The store over a database: one code path for SQLite and PostgreSQL (ADR 12)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select

from ostiary.adapters.store import tables
from ostiary.adapters.store.audit import AuditRows
from ostiary.adapters.store.definitions import DefinitionRows
from ostiary.adapters.store.delegations import DelegationRows
from ostiary.adapters.store.failures import told
from ostiary.adapters.store.records import RecordRows
from ostiary.adapters.store.rows import POSTGRESQL
from ostiary.adapters.store.rules import RuleRows
from ostiary.adapters.store.settling import settled_now
from ostiary.adapters.store.work import WorkRows

ALREADY_OPEN = "this thread has a transaction of the store open already"


class SqlTransaction(AuditRows, RecordRows, DelegationRows, RuleRows, WorkRows, DefinitionRows):
    """One transaction; audit events come last of what is written (see AuditRows)."""

    def __init__(
        self, connection: Connection, *, writable: bool, settled: int | None = None
    ) -> None:
        super().__init__(connection, writable=writable)
        self._settled = settled
        self._begin_events()
        self._begin_tallies()
        self._begin_definitions()


class SqlStore:
    """A store over one database.

    A thread has one transaction at a time, for writing or reading; a second is a RuntimeError, as
    it would wait for the first, or see another state than it.
    """

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading
        self._shared = writing.dialect.name == POSTGRESQL
        self._of_thread = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Begin to change something; committed at the end of the block, undone if it raises.

        When the connection breaks during the commit itself, StoreUnavailableError leaves open
        whether it took place: do it again under the same id of the write (S-61).
        """
        with told(), self._alone(), self._writing.begin() as connection:
            transaction = SqlTransaction(connection, writable=True)
            yield transaction
            transaction.flush()

    @contextmanager
    def reading(self, *, settled: bool = False) -> Iterator[SqlTransaction]:
        """Begin to look at one state of the store, without waiting for writers."""
        with told(), self._alone():
            upto = settled_now(self._writing) if settled and self._shared else None
            with self._reading.begin() as connection:
                if settled and not self._shared:
                    # One writer at a time: what is visible is in order.
                    upto = connection.scalar(select(func.max(tables.event.c.sequence))) or 0
                yield SqlTransaction(connection, writable=False, settled=upto)

    def close(self) -> None:
        """Let go of all connections."""
        self._writing.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if getattr(self._of_thread, "open", False):
            raise RuntimeError(ALREADY_OPEN)
        self._of_thread.open = True
        try:
            yield
        finally:
            self._of_thread.open = False
