"""Which errors of the databases mean that the store is away for a while, or that others were first.

Everything else (a missing table, a broken constraint) is a fault of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Engine, ExceptionContext, event, exc

from ostiary.domain.errors import StoreBusyError, StoreUnavailableError

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_AWAY = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOMEM,
    }
)
_BYTE = 0xFF  # the first byte of an extended code is the plain one


def tell(engine: Engine) -> None:
    """Have an engine raise StoreUnavailableError or StoreBusyError for what may be tried again."""
    event.listen(engine, "handle_error", _meaning)


@contextmanager
def told() -> Iterator[None]:
    """Raise the same for what SQLAlchemy finds out by itself."""
    try:
        yield
    except exc.TimeoutError as error:
        raise StoreBusyError("all connections to the store are in use") from error
    except exc.PendingRollbackError as error:
        raise StoreUnavailableError("the connection was lost in this transaction") from error


def _meaning(context: ExceptionContext) -> StoreUnavailableError | None:
    """Give what is raised in an error's place; None for a fault of ours, which stays what it is."""
    if context.is_pre_ping:
        return None  # the pool tries an idle connection, and opens another if it is dead
    cause = context.original_exception
    if isinstance(cause, sqlite3.Error):
        return of_sqlite(cause)
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause, lost=context.is_disconnect)
    return None


def of_sqlite(cause: sqlite3.Error) -> StoreUnavailableError | None:
    """Give what is raised for an error of SQLite; None for a fault of ours."""
    code = getattr(cause, "sqlite_errorcode", 0) & _BYTE
    if code in _BUSY:
        return StoreBusyError(f"the store is busy: {cause}")
    if code in _AWAY:
        return StoreUnavailableError(f"the store cannot be used just now: {cause}")
    return None


def _of_postgresql(cause: psycopg.Error, *, lost: bool) -> StoreUnavailableError | None:
    state = cause.sqlstate or ""
    text = _first_line(cause)
    # 40: serialization, deadlock. 55P03: waited too long for a lock.
    if state.startswith("40") or state == "55P03":
        return StoreBusyError(f"the store is busy: {text}")
    # 25006: after a fail-over we talk to a server that only reads.
    if lost or isinstance(cause, psycopg.OperationalError) or state == "25006":
        return StoreUnavailableError(f"the store cannot be used just now: {text}")
    return None


def _first_line(cause: psycopg.Error) -> str:
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__
