"""Where everything is kept: SQLite or PostgreSQL through one code path, or memory for tests."""

from ostiary.adapters.store.opening import file_of, migrate, open_store
from ostiary.adapters.store.running import run

__all__ = ["file_of", "migrate", "open_store", "run"]
