"""What all parts of a transaction over SQL share: statements, upserts, and locks of cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Executable, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, object]

POSTGRESQL = "postgresql"


def lock_number(name: str) -> int:
    """Give the number of an advisory lock, the same in every process: 64 bits of a hash."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


class Rows:
    """One transaction over one connection, with the writes that wait for its end."""

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable
        self._shared = connection.dialect.name == POSTGRESQL  # several may write at a time

    def lock(self, case: str) -> None:
        """Wait until nobody else works on the case; SQLite's writer is alone from the start."""
        self._may_write()
        if self._shared:
            self._connection.execute(select(func.pg_advisory_xact_lock(lock_number(case))))

    def try_lock(self, case: str) -> bool:
        """Take the case if nobody else works on it."""
        self._may_write()
        if not self._shared:
            return True
        free = select(func.pg_try_advisory_xact_lock(lock_number(case)))
        return bool(self._connection.scalar(free))

    def flush(self) -> None:
        """Write what was held back for the end of the transaction."""

    def _may_write(self) -> None:
        if not self._writable:
            raise RuntimeError("nothing can be changed or locked while reading")

    def _rows(self, query: Select[Any]) -> list[Any]:
        """Give all rows of a query."""
        return list(self._connection.execute(query))

    def _first(self, query: Select[Any]) -> Any:
        """Give the first row of a query, or None."""
        return self._connection.execute(query).first()

    def _write(self, statement: Executable, rows: Row | list[Row] | None = None) -> int:
        """Carry out a change; give how many rows it touched."""
        self._may_write()
        result = cast("CursorResult[Any]", self._connection.execute(statement, rows))
        return result.rowcount

    def _insert_new(self, table: Table, rows: Row | Iterable[Row]) -> int:
        """Insert rows whose keys are not there yet; the others are left as they are."""
        # SQLAlchemy counts the rows of an insert only on request.
        counted = self._insert(table).execution_options(preserve_rowcount=True)
        statement = counted.on_conflict_do_nothing()
        return self._write(statement, rows if isinstance(rows, Mapping) else list(rows))

    def _put(self, table: Table, rows: list[Row], *changing: str) -> None:
        """Insert rows, or set the columns that change where the primary key is there."""
        insert = self._insert(table)
        keys = [column.name for column in table.primary_key]
        new = {name: insert.excluded[name] for name in changing}
        self._write(insert.on_conflict_do_update(index_elements=keys, set_=new), rows)

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        return postgresql.insert(table) if self._shared else sqlite.insert(table)
