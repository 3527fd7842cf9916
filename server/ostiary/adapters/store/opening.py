"""Opens the store at an address, and brings its tables up to date."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from ostiary.adapters.store import schema
from ostiary.adapters.store.failures import of_sqlite, tell
from ostiary.adapters.store.memory import MemoryStore
from ostiary.adapters.store.sql import SqlStore
from ostiary.domain.errors import StoreUrlError
from ostiary.lifecycle.ports import Store

_SHAPES = "sqlite:///FILE, postgresql://USER@HOST/DATABASE or memory:"
_MEMORY = frozenset({"memory:", "memory", "sqlite://", "sqlite:", "sqlite:///:memory:"})
_PATIENCE = 30  # seconds for a lock, a writer of SQLite, or a connection of the pool
_OLDEST_SQLITE = (3, 35, 0)  # the first with RETURNING

# What a server of PostgreSQL is told about each connection: who we are, how long a lock is waited
# for, and that a process that hangs inside a transaction does not hold its case for ever.
_SERVER_OPTIONS = (
    f"-c lock_timeout={_PATIENCE}s -c idle_in_transaction_session_timeout=300s "
    "-c application_name=ostiary"
)
_KEEP_ALIVE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}


def open_store(url: str, *, connections: int = 16) -> Store:
    """Give the store at an address, with its tables as this version wants them.

    `sqlite:///FILE` (four slashes: an absolute path) and `postgresql://…` are kept; `memory:` and
    `sqlite://` are forgotten when the process ends. At most `connections` are open at a time.
    Raises StoreUrlError if the address is wrong, what is there is no store of ours, or it was
    written by a newer version; StoreUnavailableError if the database cannot be reached.
    """
    if url in _MEMORY:
        return MemoryStore()
    engine = _engine(url, connections)
    try:
        _prepare(engine, url)
    except BaseException:
        engine.dispose()
        raise
    return SqlStore(*_ways(engine))


def migrate(url: str) -> str:
    """Bring the tables of a store up to date; give the name of their version.

    Raises as `open_store`. Two processes may do it at once: one waits for the other.
    """
    if url in _MEMORY:
        return schema.NEWEST
    engine = _engine(url, 1)
    try:
        _prepare(engine, url)
    finally:
        engine.dispose()
    return schema.NEWEST


def file_of(url: str) -> Path | None:
    """Give the file in which a store of SQLite is kept; None of any other address."""
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        return None
    if url in _MEMORY or parsed.drivername != "sqlite" or parsed.host or not parsed.database:
        return None
    return Path(parsed.database)


def without_password(url: str) -> str:
    """Give an address as it may be shown and logged."""
    shown = re.sub(r"((?<!/)//[^/:@]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    return re.sub(r"(?i)\b((?:ssl)?password=)[^&]*", r"\1***", shown)


def _engine(url: str, connections: int) -> Engine:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise StoreUrlError(without_password(url), f"expected {_SHAPES}") from None
    match parsed.drivername:
        case "sqlite":
            engine = _sqlite(url, parsed, connections)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            engine = _postgresql(url, parsed, connections)
        case _:
            raise StoreUrlError(without_password(url), f"expected {_SHAPES}")
    tell(engine)
    return engine


def _sqlite(url: str, parsed: URL, connections: int) -> Engine:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreUrlError(url, f"SQLite {sqlite3.sqlite_version} is older than 3.35")
    if parsed.host or not parsed.database:
        raise StoreUrlError(without_password(url), f"expected {_SHAPES}")
    file = Path(parsed.database)
    _make_private(url, file)
    # Absolute, so that a name like `file:x` means a file and is no syntax of SQLite's.
    engine = create_engine(
        URL.create("sqlite", database=str(file.absolute())),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_PATIENCE,
        connect_args={"timeout": _PATIENCE},
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private(url: str, file: Path) -> None:
    """Make the file if there is none, so that only its owner reads it: people's data is in it."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreUrlError(url, f"{file}: {error.strerror}") from error


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say so, not where Python does
    settings = (
        f"busy_timeout={_PATIENCE * 1000}",
        # NORMAL would lose the last transactions when the power goes: an approval that was
        # answered would be gone, or an effect outside would be forgotten.
        "synchronous=FULL",
        "foreign_keys=ON",
    )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}").close()
    except sqlite3.Error as error:
        raise (of_sqlite(error) or error) from error


def _begin_sqlite(connection: Connection) -> None:
    # A writer that began as a reader would fail with "locked" where it must wait.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))


def _postgresql(url: str, parsed: URL, connections: int) -> Engine:
    given = parsed.query.get("options", "")
    options = " ".join([_SERVER_OPTIONS, *([given] if isinstance(given, str) else given)]).strip()
    arguments: dict[str, Any] = {**_KEEP_ALIVE, **parsed.query, "options": options}
    try:
        return create_engine(
            parsed.set(drivername="postgresql+psycopg", query=arguments),
            isolation_level="READ COMMITTED",
            pool_size=connections,
            max_overflow=0,
            pool_timeout=_PATIENCE,
            pool_pre_ping=True,  # a connection that died while idle is replaced unseen
        )
    except (exc.ArgumentError, ValueError) as error:
        raise StoreUrlError(without_password(url), str(error)) from error


def _ways(engine: Engine) -> tuple[Engine, Engine]:
    """Give the engine for writing and the one for reading; they share their connections."""
    if engine.dialect.name == "sqlite":
        return engine, engine.execution_options(begin="BEGIN")
    # Not READ ONLY: a connection that comes back from it would say READ WRITE for ever after, which
    # a standby refuses as something it does not know, and not as something that passes.
    return engine, engine.execution_options(isolation_level="REPEATABLE READ")


def _use_wal(engine: Engine) -> None:
    """Have readers of a file not wait for its writer; a file that is not ours stays as it is."""
    with engine.execution_options(begin="BEGIN").begin() as connection:
        schema.version_of(connection)
    connection_of_file = engine.raw_connection()
    try:
        connection_of_file.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection_of_file.close()


def _prepare(engine: Engine, url: str) -> None:
    try:
        if engine.dialect.name == "sqlite":
            _use_wal(engine)
        schema.bring_up_to_date(engine)
    except schema.UnknownSchemaError as error:
        raise StoreUrlError(without_password(url), str(error)) from error
    except (exc.DatabaseError, sqlite3.DatabaseError) as error:
        # Not a database at all, or one where we may not make tables.
        cause = error.orig if isinstance(error, exc.DatabaseError) else error
        raise StoreUrlError(without_password(url), str(cause).splitlines()[0]) from error
