"""Explain over a socket: the decision of Evaluate, and what would change it."""

from __future__ import annotations

import grpc
import pytest

from ostiary.client import CallError, Client
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract
from tests.contract.questions import asked


def explained(
    client: Client,
    question: contract.EvaluateRequest,
    wanted: contract.WantedAnswer = contract.WANTED_ANSWER_BETTER,
) -> contract.ExplainResponse:
    return client.explain(contract.ExplainRequest(question=question, what_would_change=wanted))


def test_the_decision_is_that_of_evaluate(client: Client) -> None:
    question = asked("berth")
    for wanted in (contract.WANTED_ANSWER_UNSPECIFIED, contract.WANTED_ANSWER_OTHER):
        assert explained(client, question, wanted).decision == client.evaluate(question)


def test_changes_are_told_only_if_they_are_asked_for(client: Client) -> None:
    question = asked("berth")
    silent = explained(client, question, contract.WANTED_ANSWER_UNSPECIFIED)
    assert not silent.HasField("what_would_change")
    assert explained(client, question).HasField("what_would_change")


def test_each_change_leads_to_the_answer_that_is_told(client: Client) -> None:
    question = asked("crane", "gus")
    answer = explained(client, question)
    assert answer.decision.outcome == decision_pb2.OUTCOME_DENY
    remedies = answer.what_would_change.remedies
    assert remedies
    assert len({len(remedy.changes) for remedy in remedies}) == 1
    for remedy in remedies:
        assert remedy.outcome != decision_pb2.OUTCOME_DENY
        assert all(change.kind and change.text for change in remedy.changes)
    assert explained(client, question) == answer


def test_it_says_so_when_nothing_is_better(client: Client) -> None:
    question = asked("crane")
    answer = explained(client, question)
    assert answer.decision.outcome == decision_pb2.OUTCOME_GRANT
    assert answer.what_would_change.none == contract.NO_REMEDY_BEST_ALREADY
    other = explained(client, question, contract.WANTED_ANSWER_OTHER)
    assert other.what_would_change.remedies


@pytest.mark.parametrize(
    ("request_", "code", "reason"),
    [
        pytest.param(
            contract.ExplainRequest(),
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            id="no question",
        ),
        pytest.param(
            contract.ExplainRequest(question=asked("crane"), what_would_change=99),  # type: ignore[arg-type]  # of a newer contract
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            id="an unknown wish",
        ),
        pytest.param(
            contract.ExplainRequest(question=asked("gone")),
            grpc.StatusCode.NOT_FOUND,
            "ACCESS_PACKAGE_NOT_FOUND",
            id="a package that is not there",
        ),
    ],
)
def test_it_fails_like_evaluate(
    client: Client, request_: contract.ExplainRequest, code: grpc.StatusCode, reason: str
) -> None:
    with pytest.raises(CallError) as caught:
        client.explain(request_)
    assert (caught.value.code, caught.value.reason) == (code, reason)


def test_a_fault_of_the_question_has_its_place(client: Client) -> None:
    with pytest.raises(CallError) as caught:
        client.explain(contract.ExplainRequest(question=contract.EvaluateRequest()))
    assert {field for field, _ in caught.value.violations} >= {"question.access_package"}
