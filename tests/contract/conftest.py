"""A real server on a socket of this machine, with rules and definitions loaded from files."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.client import Client
from ostiary.rpc.loading import Definitions, LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.v1 import decision_service_pb2_grpc
from tests.contract.lent import HARBOUR, NOW, Lent


@pytest.fixture(scope="session")
def harbour() -> Iterator[LoadedDesk]:
    loaded = Definitions(tenant=str(HARBOUR)).load()
    yield loaded
    loaded.close()


@pytest.fixture(scope="session")
def server(harbour: LoadedDesk) -> Iterator[Server]:
    serving = Server(Reception(lambda: Lent(harbour)), FixedClock(NOW))
    serving.start()
    serving.load()
    yield serving
    serving.stop(1)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.address) as connected:
        yield connected


@pytest.fixture
def channel(server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(server.address) as connected:
        yield connected


@pytest.fixture
def stub(channel: grpc.Channel) -> decision_service_pb2_grpc.DecisionServiceStub:
    return decision_service_pb2_grpc.DecisionServiceStub(channel)
