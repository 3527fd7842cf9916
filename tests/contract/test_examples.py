"""The example tenants over a socket: every question beside them, with the answer it must get."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from google.protobuf.json_format import Parse

from ostiary.adapters.clock import FixedClock
from ostiary.client import Client
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook.places import rules_dir
from ostiary.v1 import decision_pb2
from ostiary.v1.decision_service_pb2 import EvaluateRequest
from tests.contract.lent import NOW

EXAMPLES = rules_dir() / "examples"
WANT = {
    "overlap/ada": "NEEDS_CHOICE",
    "overlap/bo": "NEEDS_CHOICE",
    "overlap/bo-asks-for-members": "NEEDS_APPROVAL members",
    "overlap/cleo": "NEEDS_CHOICE",
    "overlap/ext": "NEEDS_APPROVAL partners",
    "overlap/gast": "NEEDS_CHOICE",
    "tailwind/birch-partner": "NEEDS_APPROVAL partners",
    "tailwind/emil": "NEEDS_APPROVAL employees",
    "tailwind/gil-library": "NEEDS_APPROVAL graduates",
    "tailwind/mona-for-emil": "GRANT everybody",
    "tailwind/nils-no-manager": "DENY sales",
    "tailwind/otto-as-contractor": "NEEDS_APPROVAL contractors",
    "tailwind/otto-must-choose": "NEEDS_CHOICE",
    "tailwind/priya": "NEEDS_APPROVAL partners",
    "tailwind/priya-wrong-organization": "DENY",
    "tailwind/rosa-hr": "NEEDS_APPROVAL hr-staff",
}


@pytest.fixture(scope="module", params=["tailwind", "overlap"])
def example(request: pytest.FixtureRequest) -> Iterator[tuple[str, Client]]:
    server = Server(Reception(Definitions(str(EXAMPLES / request.param)).load), FixedClock(NOW))
    server.start()
    server.load()
    with Client(server.address) as client:
        yield request.param, client
    server.stop(0)


def _question(name: str) -> EvaluateRequest:
    tenant, _, stem = name.partition("/")
    return Parse((EXAMPLES / tenant / "requests" / f"{stem}.json").read_text(), EvaluateRequest())


def test_the_questions_beside_the_examples_get_their_answers(example: tuple[str, Client]) -> None:
    """W-1 to W-7, S-55: over the socket, one by one and as a batch."""
    tenant, client = example
    names = sorted(f"{tenant}/{path.stem}" for path in (EXAMPLES / tenant).glob("requests/*.json"))
    answers = {name: client.evaluate(_question(name)) for name in names}
    told = {
        name: " ".join(
            filter(None, (decision_pb2.Outcome.Name(one.outcome)[8:], one.selected_policy))
        )
        for name, one in answers.items()
    }
    assert told == {name: want for name, want in WANT.items() if name.startswith(tenant)}
    assert client.batch_evaluate(map(_question, names)) == list(answers.values())


@pytest.mark.parametrize("example", ["tailwind"], indirect=True)
def test_priyas_story_over_the_wire(example: tuple[str, Client]) -> None:
    """Section 20, 2031-03-10 10:00: eligible, one policy, Fran by fallback, until 2031-04-09."""
    _, client = example
    decision = client.evaluate(_question("tailwind/priya"))
    assert (decision.visible, decision.eligible) == (True, True)
    assert list(decision.offered_policies) == ["partners"]
    (stage,) = decision.stages
    assert list(stage.approvers) == ["fran"]
    assert stage.origin == decision_pb2.APPROVER_ORIGIN_FALLBACK
    assert stage.deny_time.ToDatetime(UTC) == datetime(2031, 4, 9, 10, tzinfo=UTC)
    kinds = [decision_pb2.ActionKind.Name(one.kind)[12:] for one in decision.scheduled_actions]
    assert kinds.count("GRANT") == kinds.count("REVOKE") == 3
    assert {"INVITE_GUEST", "BLOCK_GUEST", "DELETE_GUEST", "EXPIRE_ASSIGNMENT"} <= set(kinds)
