"""The versions of the tables, and how a store comes from one to the next.

The migrations are Alembic's; it is imported only where there is something to do, since every start
of a process asks.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from ostiary.adapters.store.rows import POSTGRESQL, lock_number

# Every version there ever was, the oldest first; a test compares the list with the migrations.
VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
NEWEST = VERSIONS[-1]
MIGRATIONS = Path(__file__).with_name("migrations")

_LOCK = lock_number("migration")


class UnknownSchemaError(Exception):
    """The tables are of a version that this code does not know."""


def bring_up_to_date(engine: Engine) -> None:
    """Make or change the tables, in one transaction; whoever comes second finds it done.

    Raises UnknownSchemaError if they were written by a newer version, or are not ours.
    """
    with engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        # SQLite began with BEGIN IMMEDIATE, so we are the only one here.
        if version_of(connection) != NEWEST:
            _upgrade(connection)


def version_of(connection: Connection) -> str | None:
    """Give the version of the tables; None: there are none yet.

    Raises UnknownSchemaError if they are of a newer version, or not ours.
    """
    found = inspect(connection).get_table_names()
    if "alembic_version" not in found:
        if found:
            raise UnknownSchemaError(f"it holds tables that are not ours, e.g. `{min(found)}`")
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version is not None and version not in VERSIONS:
        raise UnknownSchemaError(
            f"its schema `{version}` is not known here (the newest known is `{NEWEST}`); "
            "it was written by a newer version of ostiary"
        )
    return None if version is None else str(version)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
