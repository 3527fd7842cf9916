"""Evaluate over a socket: every reason, both views, requestors by id and inline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ostiary.client import Client
from ostiary.domain.reasons import Code
from ostiary.v1 import decision_pb2, decision_service_pb2, reason_pb2
from tests.contract.lent import NOW
from tests.contract.questions import CASES, NORTH, Case, asked


def _name(case: Case) -> str:
    return f"{case.reason} for {case.ask['package']}"


@pytest.mark.parametrize("case", [pytest.param(case, id=_name(case)) for case in CASES])
def test_every_reason_reaches_the_caller(client: Client, case: Case) -> None:
    """S-47, S-138: the code, its parameters, and a sentence with each reason."""
    decision = client.evaluate(case.request())
    assert decision_pb2.Outcome.Name(decision.outcome) == f"OUTCOME_{case.outcome}"
    found = [
        one
        for one in decision.reasons
        if reason_pb2.ReasonCode.Name(one.code) == f"REASON_CODE_{case.reason}"
    ]
    assert found, decision.reasons
    assert any(case.parameters.items() <= dict(one.parameters).items() for one in found)
    for one in decision.reasons:
        assert one.text
        assert "{" not in one.text
        assert "none" not in one.text.replace("none of its", "")
        assert one.severity != reason_pb2.SEVERITY_UNSPECIFIED


def test_no_reason_of_the_contract_is_left_out() -> None:
    """S-47: the cases produce every code that a decision can carry."""
    assert {code.value for code in Code} == {case.reason for case in CASES}


@pytest.mark.parametrize("case", [pytest.param(case, id=_name(case)) for case in CASES])
def test_a_denial_comes_first_and_gives_nothing(client: Client, case: Case) -> None:
    """S-40, S-47: a decision that is no yes plans nothing."""
    decision = client.evaluate(case.request())
    if case.outcome in ("DENY", "INDETERMINATE"):
        assert decision.reasons[0].severity == reason_pb2.SEVERITY_ERROR
        assert not decision.stages
        assert not decision.scheduled_actions
    else:
        assert decision.eligible
        assert all(one.severity != reason_pb2.SEVERITY_ERROR for one in decision.reasons)


def test_the_whole_plan_of_a_request(client: Client) -> None:
    """S-75 to S-77, S-98, S-99: the stages and the dated list of what follows."""
    decision = client.evaluate(asked("berth"))
    first, second = decision.stages
    assert (list(first.approvers), list(second.approvers)) == (["mona"], ["boss"])
    assert list(second.alternates) == ["fran"]
    assert first.open_time.ToDatetime(UTC) == NOW
    assert first.deny_time.ToDatetime(UTC) == datetime(2031, 4, 9, 10, tzinfo=UTC)
    assert not second.HasField("open_time")
    assert second.escalate_after.ToTimedelta().days == 8
    kinds = [decision_pb2.ActionKind.Name(one.kind) for one in decision.scheduled_actions]
    assert kinds.count("ACTION_KIND_GRANT") == 2
    assert kinds.count("ACTION_KIND_REVOKE") == 2
    expiry = decision.scheduled_actions[kinds.index("ACTION_KIND_EXPIRE_ASSIGNMENT")]
    assert expiry.anchor == decision_pb2.ANCHOR_APPROVED
    assert expiry.offset.ToTimedelta().days == 90
    assert not expiry.HasField("time")
    assert expiry.subject == "anna"
    opened = decision.scheduled_actions[kinds.index("ACTION_KIND_OPEN_REVIEW")]
    assert opened.repeats.every.ToTimedelta().days == 90
    assert {one.rule.file for one in decision.scheduled_actions} == {"lifecycle.yaml"}
    assert all(one.rule.line > 1 for one in decision.scheduled_actions)


def test_the_explanation_names_facts_and_rules_in_order(client: Client) -> None:
    """S-138: look-up by look-up, with the rules by file and line."""
    decision = client.evaluate(asked("berth", "deckhand"))
    phases = [decision_pb2.Phase.Name(step.phase) for step in decision.explanation]
    assert phases == [
        "PHASE_REQUESTOR_SCOPE",
        "PHASE_POLICY_SELECTION",
        "PHASE_APPROVER_RESOLUTION",
        "PHASE_APPROVER_RESOLUTION",
        "PHASE_LIMITS",
        "PHASE_LIFECYCLE",
    ]
    scope = decision.explanation[0]
    assert scope.about == "crew"
    assert ("targeted", "yes") in [(fact.name, fact.value) for fact in scope.facts]
    (conclusion,) = scope.conclusions
    assert (conclusion.answer, conclusion.value) == ("scope", "in")
    decided = [rule for rule in scope.rules if rule.decided]
    assert [rule.rule.id for rule in decided] == [conclusion.rule]
    assert decided[0].sentence.endswith(".")
    assert decided[0].carries_out
    matched = decision.reasons[0]
    assert list(matched.evidence) == ["deck", "crew"]


@pytest.mark.parametrize("case", [pytest.param(case, id=_name(case)) for case in CASES])
def test_the_basic_view_is_the_same_decision_without_plan(client: Client, case: Case) -> None:
    """S-46: outcome, reasons and revision do not depend on the view."""
    full, basic = case.request(), case.request()
    basic.view = decision_service_pb2.DECISION_VIEW_BASIC
    want = client.evaluate(full)
    for field in ("stages", "scheduled_actions", "explanation"):
        want.ClearField(field)
    assert client.evaluate(basic) == want


def test_the_same_question_gives_the_same_bytes(client: Client) -> None:
    """S-46."""
    answers = {client.evaluate(asked("berth")).SerializeToString(deterministic=True) for _ in "abc"}
    assert len(answers) == 1


def test_evaluate_time_is_the_servers_clock_unless_given(client: Client) -> None:
    assert client.evaluate(asked("crane")).evaluate_time.ToDatetime(UTC) == NOW
    given = asked("crane", evaluateTime="2040-02-29T12:00:00.123456Z")
    answered = client.evaluate(given).evaluate_time
    assert answered == given.evaluate_time


def test_instants_are_cut_to_the_microsecond(client: Client) -> None:
    request = asked("crane")
    request.evaluate_time.seconds, request.evaluate_time.nanos = 2_000_000_000, 1_999
    assert client.evaluate(request).evaluate_time.nanos == 1_000


def test_names_and_ids_ask_the_same(client: Client) -> None:
    """Resource names stand for the same objects as ids."""
    package = "tenants/harbour/catalogs/port/accessPackages/ways"
    by_name = asked(
        package, "tenants/harbour/users/anna", policy=f"{package}/assignmentPolicies/long"
    )
    assert client.evaluate(by_name) == client.evaluate(asked("ways", policy="long"))


def test_the_policy_of_another_package_by_name_is_a_denial(client: Client) -> None:
    """S-54: also where the package asked for has a policy of the same id."""
    other = "tenants/harbour/catalogs/port/accessPackages/guarded/assignmentPolicies/members"
    decision = client.evaluate(asked("crane", policy=other))
    assert decision.outcome == decision_pb2.OUTCOME_DENY
    assert decision.reasons[0].code == reason_pb2.REASON_CODE_INVALID_MODEL


def test_an_inline_person_who_says_what_the_directory_says_gets_its_answer(client: Client) -> None:
    """S-46: who knows the facts does not matter."""
    inline = {
        "id": "anna",
        "type": "PERSON_TYPE_MEMBER",
        "state": "ACCOUNT_STATE_ENABLED",
        "groups": {"groups": ["crew"]},
        "manager": {"user": "mona"},
        "sponsors": {},
        "attributes": {},
    }
    assert client.evaluate(asked("berth", inline)) == client.evaluate(asked("berth", "anna"))


def test_an_external_person_is_invited_first(client: Client) -> None:
    """S-115: INVITE_GUEST comes before any grant."""
    actions = client.evaluate(asked("pilotage", NORTH)).scheduled_actions
    kinds = [decision_pb2.ActionKind.Name(one.kind) for one in actions]
    assert kinds.index("ACTION_KIND_INVITE_GUEST") < kinds.index("ACTION_KIND_GRANT")
    assert actions[0].subject == "nora"
