"""Answers for people: every outcome, action and event has words, and no text moves a cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.labels import Labels
from ostiary.cli.phrases import ActionWords, earliest, instant, length, people, when, word_of
from ostiary.cli.plain import clean
from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.show_explanation import show_explanation
from ostiary.cli.terminal import console
from ostiary.cli.tracing import origin_of
from ostiary.domain.catalog import AccessPackage, Catalog, CustomExtension, Resource, ResourceKind
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import (
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.tenant import Tenant
from ostiary.v1 import decision_pb2 as contract
from ostiary.v1 import decision_service_pb2 as service
from ostiary.v1 import person_pb2, reason_pb2
from tests.properties.profiles import STANDARD

NOON = Timestamp(seconds=1_930_910_400)  # 2031-03-10 12:00
LABELS = Labels(
    Tenant(
        id="acme",
        name="Acme",
        profile=STANDARD,
        users=(User("emil", "Emil Ek"), User("mona", "Mona Malik"), User("otto", "Otto Ost")),
        groups=(Group("sales", "Sales Staff"),),
        organizations=(ConnectedOrganization("tailwind", "Tailwind Traders"),),
        catalogs=(
            Catalog(
                "cat",
                "Sales Resources",
                resources=(Resource("app", "Sales App", ResourceKind.APPLICATION, "a", ("User",)),),
                extensions=(CustomExtension("ext", "Ticket System", "https://x.example"),),
                packages=(
                    AccessPackage(
                        "team",
                        "Sales Team",
                        "cat",
                        policies=(
                            AssignmentPolicy(
                                "staff",
                                "Employees",
                                RequestorScope(ScopeKind.ALL_MEMBERS),
                                Expiration(ExpirationKind.NEVER),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
)
STAGE = contract.PlannedStage(number=2, approvers=["mona"], alternates=["otto"])


def action(kind: str, **fields: object) -> contract.ScheduledAction:
    number = contract.ActionKind.Value(f"ACTION_KIND_{kind}")
    return contract.ScheduledAction(kind=number, **{"subject": "emil", **fields})  # type: ignore[arg-type]  # rows of fields


def days(number: int) -> Duration:
    return Duration(seconds=number * 86_400)


@pytest.mark.parametrize(
    ("asked", "want"),
    [
        pytest.param(
            action("OPEN_STAGE", stage=2, time=NOON),
            "stage 2 opens: Mona Malik may decide",
            id="a stage that opens at a known time",
        ),
        pytest.param(
            action("OPEN_STAGE", stage=2, anchor=contract.ANCHOR_STAGE_OPENED),
            "stage 1 has approved: Mona Malik may decide",
            id="a stage that waits for the one before",
        ),
        pytest.param(
            action("ESCALATE_STAGE", stage=2),
            "if nobody has decided stage 2, Otto Ost may too",
            id="escalation",
        ),
        pytest.param(
            action("TIME_OUT_STAGE", stage=2),
            "if nobody has decided stage 2, the request is denied",
            id="time-out",
        ),
        pytest.param(
            action("CALL_EXTENSION", target="ext"),
            "the extension Ticket System is called",
            id="an extension",
        ),
        pytest.param(
            action("TIME_OUT_EXTENSION", target="ext"),
            "if the extension Ticket System has not replied, it counts as failed",
            id="an extension that is silent",
        ),
        pytest.param(
            action("START_DELIVERY"), "delivery to Emil Ek begins, as asked for", id="a later start"
        ),
        pytest.param(
            action("INVITE_GUEST"), "Emil Ek is invited into the directory", id="invitation"
        ),
        pytest.param(
            action("GRANT", target="app/User"), "Emil Ek gets Sales App (User)", id="grant"
        ),
        pytest.param(
            action("REVOKE", target="app/User"),
            "Emil Ek loses Sales App (User), unless another assignment gives the same",
            id="revocation",
        ),
        pytest.param(action("EXPIRE_ASSIGNMENT"), "the access of Emil Ek ends", id="expiry"),
        pytest.param(
            action("REMOVE_OUT_OF_SCOPE"),
            "the access ends, as Emil Ek has left the requestor scope",
            id="out of scope",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(every=days(90))),
            "an access review opens, and every 90 d from then on",
            id="reviews by days",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(months=3)),
            "an access review opens, and every 3 months from then on",
            id="reviews by months",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(months=1)),
            "an access review opens, and every month from then on",
            id="reviews each month",
        ),
        pytest.param(action("REMIND_REVIEWERS"), "the reviewers are reminded", id="half time"),
        pytest.param(
            action("CLOSE_REVIEW"), "the access review closes and takes effect", id="review closes"
        ),
        pytest.param(
            action("REMIND_EXPIRY"),
            "Emil Ek is reminded that the access will end",
            id="reminder",
        ),
        pytest.param(
            action("BLOCK_GUEST"),
            "the guest account of Emil Ek is blocked, if this was the last assignment",
            id="guest blocked",
        ),
        pytest.param(
            action("DELETE_GUEST"),
            "the guest account of Emil Ek is deleted, if nothing was assigned since",
            id="guest deleted",
        ),
        pytest.param(
            contract.ScheduledAction(kind=99, subject="emil"),  # type: ignore[arg-type]  # of a newer contract
            "ACTION_KIND_99 emil",
            id="something of a newer contract",
        ),
    ],
)
def test_what_an_action_does(asked: contract.ScheduledAction, want: str) -> None:
    words = ActionWords(contract.Decision(stages=[STAGE]), "team", LABELS)
    assert words.what([asked]) == want


def test_every_kind_of_action_has_words() -> None:
    """S-48."""
    words = ActionWords(contract.Decision(), "team", Labels())
    for kind in contract.ActionKind.values()[1:]:
        name = contract.ActionKind.Name(kind)
        assert "ACTION_KIND" not in words.what([contract.ScheduledAction(kind=name)]), name


@pytest.mark.parametrize(
    ("asked", "want", "soonest"),
    [
        pytest.param(action("GRANT", time=NOON), "2031-03-10 12:00", None, id="a known time"),
        pytest.param(
            action("GRANT", time=Timestamp(seconds=NOON.seconds + 5)),
            "2031-03-10 12:00:05",
            None,
            id="a known time to the second",
        ),
        pytest.param(
            action("GRANT", anchor=contract.ANCHOR_APPROVED), "on approval", None, id="approval"
        ),
        pytest.param(
            action("REMIND_EXPIRY", anchor=contract.ANCHOR_APPROVED, offset=days(76)),
            "approval + 76 d",
            "2031-05-25",
            id="after approval",
        ),
        pytest.param(
            action(
                "GRANT",
                anchor=contract.ANCHOR_ASSIGNMENT_START,
                not_before_time=Timestamp(seconds=NOON.seconds + 86_400),
            ),
            "on the start",
            "2031-03-11",
            id="a start that was asked for",
        ),
        pytest.param(
            action("ESCALATE_STAGE", anchor=contract.ANCHOR_STAGE_OPENED, stage=2, offset=days(8)),
            "stage 2 opens + 8 d",
            "2031-03-18",
            id="after a stage opens",
        ),
        pytest.param(
            action("REMIND_EXPIRY", anchor=contract.ANCHOR_ASSIGNMENT_END, offset=days(-14)),
            "end - 14 d",
            None,
            id="before the end",
        ),
        pytest.param(
            action("CALL_EXTENSION", anchor=contract.ANCHOR_DELIVERED),
            "on delivery",
            None,
            id="delivery",
        ),
        pytest.param(
            action("REMOVE_OUT_OF_SCOPE", anchor=contract.ANCHOR_OUT_OF_SCOPE, offset=days(7)),
            "leaving scope + 7 d",
            None,
            id="leaving the scope",
        ),
        pytest.param(
            contract.ScheduledAction(anchor=99),  # type: ignore[arg-type]  # of a newer contract
            "later",
            None,
            id="an event of a newer contract",
        ),
    ],
)
def test_when_an_action_is_due(
    asked: contract.ScheduledAction, want: str, soonest: str | None
) -> None:
    found = earliest(asked, NOON)
    assert when(asked) == want
    assert (None if found is None else f"{found:%Y-%m-%d}") == soonest


@pytest.mark.parametrize(
    ("time", "want"),
    [
        (timedelta(0), "0 d"),
        (timedelta(days=90), "90 d"),
        (timedelta(days=1, hours=12), "1 d 12 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(days=-14), "14 d"),
    ],
)
def test_lengths_of_time(time: timedelta, want: str) -> None:
    assert length(time) == want


@pytest.mark.parametrize(
    ("ids", "want"),
    [
        ([], ""),
        (["emil"], "Emil Ek"),
        (["emil", "mona"], "Emil Ek or Mona Malik"),
        (["emil", "mona", "otto"], "Emil Ek, Mona Malik or Otto Ost"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"),
    ],
)
def test_several_people(ids: list[str], want: str) -> None:
    assert people(ids, LABELS) == want


def test_ids_stand_for_themselves_where_nobody_knows_names() -> None:
    """A server gives ids; S-138 still asks for a readable answer."""
    bare = Labels()
    assert bare.package_with_id("tenants/t/catalogs/c/accessPackages/p") == "p"
    assert bare.policy("p", "tenants/t/catalogs/c/accessPackages/p/assignmentPolicies/a") == "a"
    assert bare.person_with_id("tenants/t/users/emil") == "emil"
    assert bare.entry("p", "app/User") == "app (User)"
    assert bare.entry("p", "app") == "app"
    assert bare.extension("p", "ext") == "ext"
    assert bare.evidence("organization:o") == "organization o"


def test_names_stand_before_ids_where_the_tenant_is_at_hand() -> None:
    assert LABELS.person_with_id("tenants/acme/users/emil") == "Emil Ek (emil)"
    assert LABELS.package_with_id("team") == "Sales Team (team) in Sales Resources"
    assert LABELS.policy_with_id("team", "staff") == "Employees (staff)"
    assert LABELS.evidence("user:emil") == "Emil Ek (emil)"
    assert LABELS.evidence("sales") == "group Sales Staff (sales)"
    assert LABELS.evidence("group:sales") == "group Sales Staff (sales)"
    assert LABELS.evidence("organization:tailwind") == "organization Tailwind Traders (tailwind)"


def printed(
    capsys: pytest.CaptureFixture[str],
    decision: contract.Decision,
    request: service.EvaluateRequest | None = None,
    *,
    explain: bool = False,
) -> str:
    asked = request or service.EvaluateRequest(access_package="team", requestor_id="emil")
    decision.evaluate_time.CopyFrom(NOON)
    show = show_explanation if explain else show_decision
    show(console(), Answered(asked, decision, LABELS))
    return capsys.readouterr().out


def reason(code: str, text: str = "why", **fields: object) -> reason_pb2.Reason:
    number = reason_pb2.ReasonCode.Value(f"REASON_CODE_{code}")
    return reason_pb2.Reason(code=number, text=text, severity=reason_pb2.SEVERITY_ERROR, **fields)  # type: ignore[arg-type]  # rows of fields


@pytest.mark.parametrize(
    ("decision", "want"),
    [
        pytest.param(
            contract.Decision(outcome=contract.OUTCOME_GRANT),
            "GRANT  Yes, at once; nobody has to approve.",
            id="grant",
        ),
        pytest.param(
            contract.Decision(outcome=contract.OUTCOME_NEEDS_APPROVAL, stages=[STAGE]),
            "NEEDS APPROVAL  Yes, once the approval stage has approved.",
            id="one stage",
        ),
        pytest.param(
            contract.Decision(outcome=contract.OUTCOME_NEEDS_APPROVAL, stages=[STAGE, STAGE]),
            "NEEDS APPROVAL  Yes, once both approval stages have approved.",
            id="two stages",
        ),
        pytest.param(
            contract.Decision(outcome=contract.OUTCOME_NEEDS_APPROVAL),
            "NEEDS APPROVAL  Yes, once every stage has approved.",
            id="stages that the view leaves out",
        ),
        pytest.param(
            contract.Decision(
                outcome=contract.OUTCOME_NEEDS_CHOICE, offered_policies=["staff", "b"]
            ),
            "NEEDS CHOICE  Yes, but a policy has to be chosen: Employees (staff) or b.",
            id="choice",
        ),
        pytest.param(
            contract.Decision(
                outcome=contract.OUTCOME_DENY, reasons=[reason("NO_POLICY", "nobody can")]
            ),
            "DENY  No: nobody can.",
            id="denial",
        ),
        pytest.param(
            contract.Decision(
                outcome=contract.OUTCOME_INDETERMINATE, reasons=[reason("FACT_MISSING", "unknown")]
            ),
            "INDETERMINATE  It cannot be said: unknown.",
            id="missing fact",
        ),
        pytest.param(
            contract.Decision(outcome=99),  # type: ignore[arg-type]  # of a newer contract
            "OUTCOME 99  No: no reason was given.",
            id="an outcome of a newer contract is no",
        ),
    ],
)
def test_the_headline_of_each_outcome(
    capsys: pytest.CaptureFixture[str], decision: contract.Decision, want: str
) -> None:
    """S-47."""
    lines = printed(capsys, decision).splitlines()
    assert lines[0] == 'May Emil Ek have "Sales Team"?'
    assert lines[2] == want


@pytest.mark.parametrize(
    ("request_", "want"),
    [
        pytest.param(
            service.EvaluateRequest(
                requestor_id="emil",
                request_type=service.REQUEST_TYPE_ON_BEHALF_ADD,
                submitter="mona",
            ),
            "  asked by  Mona Malik (mona)",
            id="a manager",
        ),
        pytest.param(
            service.EvaluateRequest(
                requestor_id="emil", request_type=service.REQUEST_TYPE_ADMIN_ADD
            ),
            "  asked by  staff",
            id="staff",
        ),
        pytest.param(
            service.EvaluateRequest(
                requestor_id="emil",
                request_type=service.REQUEST_TYPE_ADMIN_ADD,
                submitter="otto",
            ),
            "  asked by  Otto Ost (otto)",
            id="somebody of the staff",
        ),
        pytest.param(
            service.EvaluateRequest(person=person_pb2.InlinePerson(id="ext-7")),
            "  person    ext-7",
            id="a person whom the caller describes",
        ),
    ],
)
def test_who_asks_is_told(
    capsys: pytest.CaptureFixture[str], request_: service.EvaluateRequest, want: str
) -> None:
    assert want in printed(capsys, contract.Decision(), request_).splitlines()


def test_stages_name_everybody_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    """S-72, S-138."""
    stage = contract.PlannedStage(
        number=1,
        approvers=["emil", "mona"],
        origin=contract.APPROVER_ORIGIN_FALLBACK,
        alternates=["otto"],
        escalate_after=days(8),
        justification_required=True,
        discarded=[
            contract.DiscardedApprover(
                kind=contract.APPROVER_KIND_MANAGER, cause=contract.UNUSABLE_CAUSE_MISSING
            ),
            contract.DiscardedApprover(
                kind=contract.APPROVER_KIND_USER,
                person="otto",
                cause=contract.UNUSABLE_CAUSE_BLOCKED,
            ),
            contract.DiscardedApprover(kind=99, cause=99),  # type: ignore[arg-type]  # newer
        ],
    )
    out = printed(
        capsys, contract.Decision(outcome=contract.OUTCOME_NEEDS_APPROVAL, stages=[stage])
    )
    assert (
        """\
Who must approve
  stage 1  any one of Emil Ek (emil), Mona Malik (mona)
           as fallback, since none of those named first can decide
           not the manager: there is none
           not the named Otto Ost (otto): sign-in is blocked
           not the approver: cannot decide
           after 8 d also Otto Ost
           whoever decides has to give a reason
"""
        in out
    )


def test_what_is_due_together_stands_together(capsys: pytest.CaptureFixture[str]) -> None:
    rule = contract.RuleReference(id="plan.grant", file="lifecycle.yaml", line=60)
    alike = {"anchor": contract.ANCHOR_APPROVED, "rule": rule}
    decision = contract.Decision(
        outcome=contract.OUTCOME_GRANT,
        scheduled_actions=[
            action("GRANT", target="app/User", **alike),
            action("GRANT", target="site/Read", **alike),
            action("REMIND_EXPIRY", **alike),
        ],
    )
    out = printed(capsys, decision)
    assert (
        """\
  on approval  Emil Ek gets Sales App (User), site (Read)    plan.grant
                                                             lifecycle.yaml:60
               Emil Ek is reminded that the access will end  plan.grant
                                                             lifecycle.yaml:60
"""
        in out
    )


def test_no_line_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, contract.Decision(reasons=[reason("NO_POLICY")]))
    assert out.splitlines() == [line.rstrip() for line in out.splitlines()]


def test_text_from_elsewhere_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b[2J\x07[red]gone[/red]\r\n\u202e"
    decision = contract.Decision(
        outcome=contract.OUTCOME_DENY,
        reasons=[reason("NO_POLICY", hostile, evidence=[hostile])],
        explanation=[
            contract.ExplanationStep(
                about=hostile,
                facts=[contract.Fact(name=hostile, value=hostile)],
                rules=[
                    contract.FiredRule(
                        rule=contract.RuleReference(id=hostile, file=hostile), sentence=hostile
                    )
                ],
            )
        ],
    )
    request = service.EvaluateRequest(access_package=hostile, requestor_id=hostile)
    for explain in (False, True):
        out = printed(capsys, decision, request, explain=explain)
        assert "[red]gone[/red]" in out
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(out)


def test_a_name_that_a_terminal_cannot_print_does_not_fail() -> None:
    assert clean("Zoë\x1b[31m\n") == "Zoë [31m "


def test_numbers_of_a_newer_contract_are_shown() -> None:
    assert word_of(contract.Phase.DESCRIPTOR, 5, "PHASE_") == "LIFECYCLE"
    assert word_of(contract.Phase.DESCRIPTOR, 77, "PHASE_") == "PHASE_77"


def test_an_instant_is_told_in_utc() -> None:
    moment = Timestamp()
    moment.FromDatetime(datetime(2031, 3, 10, 9, tzinfo=UTC))
    assert instant(moment) == "2031-03-10 09:00"


def conclusion(answer: str, rule: str, **fields: object) -> contract.Conclusion:
    return contract.Conclusion(answer=answer, value="x", rule=rule, **fields)  # type: ignore[arg-type]  # rows of fields


def step(phase: str, about: str, *conclusions: contract.Conclusion) -> contract.ExplanationStep:
    return contract.ExplanationStep(
        phase=f"PHASE_{phase}",
        about=about,
        rules=[
            contract.FiredRule(rule=contract.RuleReference(id=one.rule, file="f", line=1))
            for one in conclusions
        ],
        conclusions=conclusions,
    )


NOT_IN_SCOPE = reason_pb2.REASON_CODE_NOT_IN_SCOPE
WAY = contract.Decision(
    explanation=[
        step("REQUESTOR_SCOPE", "a", conclusion("scope", "scope.a", reason=NOT_IN_SCOPE)),
        step("REQUESTOR_SCOPE", "b", conclusion("scope", "scope.b", missing_fact="groups")),
        step(
            "POLICY_SELECTION",
            "",
            conclusion("visible", "visible.x"),
            conclusion("selection", "selection.x", reason=NOT_IN_SCOPE),
        ),
        step(
            "APPROVER_RESOLUTION",
            "stage 1",
            conclusion("deciders", "deciders.1"),
            conclusion("escalation", "escalation.1"),
        ),
        step("APPROVER_RESOLUTION", "stage 2", conclusion("deciders", "deciders.2")),
        step(
            "LIMITS",
            "",
            conclusion("outcome", "limits.x", reason=reason_pb2.REASON_CODE_NO_APPROVER),
        ),
    ]
)


@pytest.mark.parametrize(
    ("asked", "want"),
    [
        (reason("NOT_IN_SCOPE"), (2, "selection.x")),
        (reason("NOT_IN_SCOPE", policy="a"), (0, "scope.a")),
        (reason("FACT_MISSING", policy="b", parameters={"fact": "groups"}), (1, "scope.b")),
        (reason("SCOPE_MATCHED", policy="b"), (1, "scope.b")),
        (reason("POLICY_SELECTED", policy="b"), (2, "selection.x")),
        (reason("FALLBACK_USED", policy="b", parameters={"stage": "2"}), (4, "deciders.2")),
        (reason("ESCALATION_EMPTY", policy="b", parameters={"stage": "1"}), (3, "escalation.1")),
        (reason("NO_APPROVER", policy="b", parameters={"stage": "1"}), (5, "limits.x")),
        (reason("AUTO_APPROVED", policy="b"), (5, "limits.x")),
        (reason("EMPTY_PACKAGE"), None),
        (reason("END_PASSED"), None),
    ],
)
def test_each_reason_leads_back_to_its_rule(
    asked: reason_pb2.Reason, want: tuple[int, str] | None
) -> None:
    """S-138."""
    found = origin_of(asked, WAY)
    shown = None if found is None or found.rule is None else (found.step, found.rule.id)
    assert shown == want
