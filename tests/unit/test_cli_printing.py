"""Answers for people: every outcome has words, and no text moves a cursor."""

from __future__ import annotations

import re

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.show_decision import Answered, show_decision
from ostiary.cli.show_explanation import show_explanation
from ostiary.cli.terminal import console
from ostiary.cli.tracing import origin_of
from ostiary.v1 import decision_pb2 as contract
from ostiary.v1 import decision_service_pb2 as service
from ostiary.v1 import person_pb2, reason_pb2
from tests.unit.decisions_to_print import LABELS, NOON, STAGE, action, days


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
        (reason("CHOICE_REQUIRED"), (5, "limits.x")),
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


def test_the_plan_reads_from_day_to_day(capsys: pytest.CaptureFixture[str]) -> None:
    """The contract puts known instants first (S-48); people read in the order of time."""
    late = Timestamp(seconds=NOON.seconds + 86_400 * 30)
    decision = contract.Decision(
        outcome=contract.OUTCOME_GRANT,
        scheduled_actions=[
            action("EXPIRE_ASSIGNMENT", time=late),
            action("REMIND_EXPIRY", anchor=contract.ANCHOR_APPROVED, offset=days(16)),
            action("REMOVE_OUT_OF_SCOPE", anchor=contract.ANCHOR_OUT_OF_SCOPE),
            action("INVITE_GUEST", anchor=contract.ANCHOR_APPROVED),
        ],
    )
    out = printed(capsys, decision)
    plan = out.partition("(times in UTC)\n")[2].partition("\n\n")[0]
    rules = re.compile(r" *:0$| +$", re.MULTILINE)  # of no file and no line
    assert [line for line in rules.sub("", plan).splitlines() if line] == [
        "  on approval            Emil Ek is invited into the directory",
        "  approval + 16 d        Emil Ek is reminded that the access will end",
        "  not before 2031-03-26",
        "  2031-04-09 12:00       the access of Emil Ek ends",
        "  on leaving scope       the access ends, as Emil Ek has left the requestor",
        "                         scope",
    ]


def test_approvers_that_the_stages_name_are_not_named_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unusable = reason("APPROVER_UNUSABLE", "approver is blocked", parameters={"stage": "2"})
    decision = contract.Decision(outcome=contract.OUTCOME_DENY, reasons=[unusable])
    assert "approver is blocked" in printed(capsys, decision)
    planned = contract.Decision(
        outcome=contract.OUTCOME_NEEDS_APPROVAL, stages=[STAGE], reasons=[unusable]
    )
    assert "approver is blocked" not in printed(capsys, planned)
