"""The example tenants over a socket: every question beside them, with the answer it must get."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.protobuf.json_format import Parse

from ostiary.adapters.clock import FixedClock
from ostiary.client import Client
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook.places import rules_dir
from ostiary.v1 import decision_pb2
from ostiary.v1.decision_service_pb2 import EvaluateRequest, ResolveApproversRequest
from tests.contract.lent import NOW

EXAMPLES = rules_dir() / "examples"
WANT = {
    "overlap/ada": "?",
}


@pytest.fixture(scope="module", params=["tailwind", "overlap"])
def example(request: pytest.FixtureRequest) -> Iterator[tuple[str, Client]]:
    server = Server(Reception(Definitions(str(EXAMPLES / request.param)).load), FixedClock(NOW))
    server.start()
    server.load()
    with Client(server.address) as client:
        yield request.param, client
    server.stop(0)


def test_x(example):
    name, client = example
    for path in sorted((EXAMPLES / name / "requests").glob("*.json")):
        d = client.evaluate(Parse(path.read_text(), EvaluateRequest()))
        print(f'    "{name}/{path.stem}": "{decision_pb2.Outcome.Name(d.outcome)[8:]} {d.reasons[0].text}",')
