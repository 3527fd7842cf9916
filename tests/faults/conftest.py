"""A server for hostile callers, which must answer right after whatever they did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.rpc.loading import Definitions, LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from tests.contract.lent import HARBOUR, NOW, Lent
from tests.faults.hostile_messages import assert_answers_right


@pytest.fixture(scope="session")
def harbour() -> Iterator[LoadedDesk]:
    loaded = Definitions(tenant=str(HARBOUR)).load()
    yield loaded
    loaded.close()


@pytest.fixture
def server(harbour: LoadedDesk) -> Iterator[Server]:
    serving = Server(Reception(lambda: Lent(harbour)), FixedClock(NOW))
    serving.start()
    serving.load()
    yield serving
    assert_answers_right(serving)
    serving.stop(0)
