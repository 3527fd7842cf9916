"""One world for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ostiary.adapters.store.opening import open_store
from ostiary.domain.tenant import Tenant
from tests.life.world import World, example

Begin = Callable[..., World]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Give what begins a world in a store in memory."""
    stores = []

    def world(now: str, tenant: Tenant | None = None) -> World:
        store = open_store("memory:")
        stores.append(store)
        return World(store, tenant or example("tailwind"), now)

    yield world
    for store in stores:
        store.close()
