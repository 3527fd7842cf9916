"""The stores that every test of the contract runs on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.adapters.store import open_store
from ostiary.lifecycle.ports import Store

MEMORY, SQLITE, POSTGRESQL = "memory", "sqlite", "postgresql"


@pytest.fixture(params=[MEMORY, SQLITE, POSTGRESQL])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store with nothing in it."""
    if request.param == POSTGRESQL:
        return str(request.getfixturevalue("postgres_store_url"))
    return {MEMORY: "memory:", SQLITE: f"sqlite:///{tmp_path}/ostiary.db"}[request.param]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store with nothing in it."""
    opened = open_store(store_url)
    yield opened
    opened.close()
