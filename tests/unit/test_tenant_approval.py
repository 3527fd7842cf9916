"""What is refused, warned about and understood of approval stages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from tests.unit.defining import (
    GONE,
    STAGE,
    Content,
    approval,
    loaded,
    only_policy,
    outside,
    policy,
    said,
    stage,
)

DAY = timedelta(days=1)
BEN = Approver(ApproverKind.USER, "ben")
MANAGER = {"approvers": ["manager"], "fallback": ["user:ben"]}
FIRST = "~.approval.stages[0]"
NO_MANAGER = f"{FIRST}.fallback: without a fallback, people who have no manager cannot request"
NO_SPONSOR = f"{FIRST}.fallback: without a fallback, people who have no sponsor cannot request"
KNOWN = (
    "user:ID, group:ID, manager, manager:1, manager:2, internal-sponsors, external-sponsors, "
    "own-sponsors"
)


@pytest.mark.parametrize(
    ("content", "profile", "want"),
    [
        pytest.param(
            approval(),
            None,
            ["INVALID_MODEL: ~.approval.stages: approval is required but there is no stage"],
            id="S-24 approval without stages",
        ),
        pytest.param(
            policy(approval={"for": ["extension"]}),
            None,
            ["INVALID_MODEL: ~.approval.stages: approval is required but there is no stage"],
            id="S-24 approval for extension without stages",
        ),
        pytest.param(
            approval(STAGE, needed_for=[]),
            None,
            ["INVALID_MODEL: ~.approval.stages: there are stages but nothing needs approval"],
            id="S-24 stages without approval",
        ),
        pytest.param(approval(needed_for=[]), None, [], id="S-24 neither"),
        pytest.param(approval(STAGE, needed_for=["extension"]), None, [], id="S-24 S-102 both"),
        pytest.param(
            policy(approval={"stages": [STAGE]}),
            None,
            ["MISSING_FIELD: ~.approval.for: is missing"],
            id="S-24 stages that do not say what for",
        ),
        pytest.param(
            approval(STAGE, needed_for=["everything"]),
            None,
            ["UNKNOWN_VALUE: ~.approval.for[0]: `everything` is not one of add, extension"],
            id="S-25 approval for what nobody knows",
        ),
        pytest.param(
            approval(STAGE, STAGE, STAGE),
            None,
            [
                "LIMIT_EXCEEDED: ~.approval.stages[2]: approval_stages is 3, the maximum is 2 in "
                "profile standard"
            ],
            id="S-62 three stages under standard",
        ),
        pytest.param(approval(STAGE, STAGE), None, [], id="S-62 two stages under standard"),
        pytest.param(approval(STAGE, STAGE, STAGE), "entra", [], id="S-62 three under entra"),
        pytest.param(
            approval(STAGE, STAGE, STAGE, STAGE),
            "entra",
            [
                "LIMIT_EXCEEDED: ~.approval.stages[3]: approval_stages is 4, the maximum is 3 in "
                "profile entra"
            ],
            id="S-62 four stages under entra",
        ),
        pytest.param(
            stage(approvers=[]),
            None,
            [f"INVALID_MODEL: {FIRST}.approvers: must not be empty"],
            id="S-25 an empty list of approvers",
        ),
        pytest.param(
            stage(approvers=GONE),
            None,
            [f"MISSING_FIELD: {FIRST}.approvers: is missing"],
            id="S-25 no list of approvers",
        ),
        pytest.param(
            stage(approvers=["everybody"]),
            None,
            [f"UNKNOWN_VALUE: {FIRST}.approvers[0]: `everybody` is not one of {KNOWN}"],
            id="S-25 an approver kind that nobody knows",
        ),
        pytest.param(
            stage(approvers=["own_sponsors"], fallback=["user:ben"]),
            None,
            [
                f"UNKNOWN_VALUE: {FIRST}.approvers[0]: `own_sponsors` is not one of {KNOWN}; did "
                "you mean `own-sponsors`?"
            ],
            id="S-25 an approver kind that is nearly right",
        ),
        pytest.param(
            stage(approvers=["manager:3"], fallback=["user:ben"]),
            None,
            [
                f"INVALID_MODEL: {FIRST}.approvers[0]: `manager:3`: the manager (level 1) and the "
                "manager's manager (level 2) can approve, no other level"
            ],
            id="S-66 a third level",
        ),
        pytest.param(
            stage(approvers=["manager:1", "user:ben"], fallback=["manager:2"]),
            None,
            [],
            id="S-66 levels 1 and 2",
        ),
        pytest.param(
            stage(approvers=["manager", "manager:1"], fallback=["user:ben"]),
            None,
            [f"DUPLICATE: {FIRST}.approvers[1]: stands here twice, first in line 55"],
            id="S-72 one approver by two spellings",
        ),
        pytest.param(
            stage(
                approvers=["user:zoe"],
                fallback=["group:no"],
                alternates=["user:yan"],
                alternate_fallback=["user:xia"],
                escalate_after="P8D",
            ),
            None,
            [
                f"UNKNOWN_REFERENCE: {FIRST}.approvers[0]: no user `zoe`",
                f"UNKNOWN_REFERENCE: {FIRST}.fallback[0]: no group `no`",
                f"UNKNOWN_REFERENCE: {FIRST}.alternates[0]: no user `yan`",
                f"UNKNOWN_REFERENCE: {FIRST}.alternate_fallback[0]: no user `xia`",
            ],
            id="S-66 approvers that do not exist, in all lists",
        ),
        pytest.param(
            stage(approvers=["internal-sponsors"], fallback=["user:ben"]),
            None,
            [
                f"INVALID_MODEL: {FIRST}.approvers[0]: internal-sponsors can approve in policies "
                "for external people only"
            ],
            id="S-66 sponsors of an organization in a policy for members",
        ),
        pytest.param(
            stage(alternates=["external-sponsors"], escalate_after="P8D"),
            None,
            [
                f"INVALID_MODEL: {FIRST}.alternates[0]: external-sponsors can approve in policies "
                "for external people only"
            ],
            id="S-66 sponsors as alternates in a policy for members",
        ),
        pytest.param(
            stage(approvers=["own-sponsors"], fallback=["user:ben"]),
            None,
            [],
            id="S-66 a person's own sponsors anywhere",
        ),
        pytest.param(
            outside(approvers=["internal-sponsors", "external-sponsors"], fallback=["user:ben"]),
            None,
            [],
            id="S-66 sponsors in a policy for external people",
        ),
        pytest.param(
            outside(approvers=["manager"], fallback=["user:ben"]),
            None,
            [],
            id="S-69 W-1 the manager for external people under standard",
        ),
        pytest.param(
            outside(approvers=["manager"], fallback=["user:ben"]),
            "entra",
            [
                f"INVALID_MODEL: {FIRST}.approvers[0]: the manager cannot approve in a policy for "
                "external people under profile entra; name sponsors"
            ],
            id="S-69 W-1 the manager for external people under entra",
        ),
        pytest.param(
            outside(approvers=["internal-sponsors"], fallback=["user:ben"]),
            "entra",
            [],
            id="S-69 W-1 sponsors for external people under entra",
        ),
        pytest.param(
            stage(approvers=["manager"]),
            None,
            [f"warning NO_FALLBACK: {NO_MANAGER}"],
            id="S-70 W-7 the manager without fallback under standard",
        ),
        pytest.param(
            stage(approvers=["manager"], fallback=[]),
            "entra",
            [
                f"INVALID_MODEL: {FIRST}.fallback: a manager as approver needs a fallback in "
                "profile entra"
            ],
            id="S-70 the manager without fallback under entra",
        ),
        pytest.param(
            outside(approvers=["internal-sponsors"]),
            None,
            [f"warning NO_FALLBACK: {NO_SPONSOR}"],
            id="S-70 sponsors without fallback under standard",
        ),
        pytest.param(
            outside(approvers=["internal-sponsors"]),
            "entra",
            [f"warning NO_FALLBACK: {NO_SPONSOR}"],
            id="S-70 sponsors without fallback under entra",
        ),
        pytest.param(
            approval(MANAGER, MANAGER),
            None,
            [
                "warning REPEATED_RELATION: ~.approval.stages[1].approvers[0]: the manager "
                "approves in an earlier stage already"
            ],
            id="the manager in two stages under standard (section 2)",
        ),
        pytest.param(
            approval(MANAGER, MANAGER),
            "entra",
            [
                "INVALID_MODEL: ~.approval.stages[1].approvers[0]: the manager approves in an "
                "earlier stage already; profile entra refuses it"
            ],
            id="the manager in two stages under entra (section 2)",
        ),
        pytest.param(
            approval(MANAGER, {"approvers": ["own-sponsors"], "fallback": ["user:ben"]}),
            "entra",
            [],
            id="different relations in two stages (section 2)",
        ),
        pytest.param(
            approval(STAGE, STAGE), "entra", [], id="one person may approve in two stages"
        ),
        pytest.param(
            stage(alternates=["user:ann"]),
            None,
            [
                f"MISSING_FIELD: {FIRST}.escalate_after: is missing; it says when the alternates "
                "join"
            ],
            id="S-68 alternates that never join",
        ),
        pytest.param(
            stage(escalate_after="P8D"), None, [], id="S-68 escalation to nobody is no error"
        ),
        pytest.param(
            stage(alternate_fallback=["user:ann"], escalate_after="P8D"),
            None,
            [
                f"INVALID_MODEL: {FIRST}.alternate_fallback: stands in for alternates, but there "
                "are none"
            ],
            id="S-68 a stand-in for nobody",
        ),
        pytest.param(
            stage(alternates=["user:ann"], escalate_after="PT23H"),
            None,
            [f"INVALID_MODEL: {FIRST}.escalate_after: must be at least P1D"],
            id="S-77 escalation too early",
        ),
        pytest.param(
            stage(alternates=["user:ann"], escalate_after="P1D", time_out="P4D"),
            None,
            [],
            id="S-77 the earliest escalation and the shortest time-out",
        ),
        pytest.param(
            stage(alternates=["user:ann"], escalate_after="P1D", time_out="P3D"),
            None,
            [f"INVALID_MODEL: {FIRST}.time_out: must be at least P4D in a stage that escalates"],
            id="S-77 a time-out too short to escalate",
        ),
        pytest.param(
            stage(alternates=["user:ann"], escalate_after="P20D", time_out="P20D"),
            None,
            [f"INVALID_MODEL: {FIRST}.escalate_after: must be shorter than the time-out P20D"],
            id="S-77 escalation at the time-out",
        ),
        pytest.param(
            stage(alternates=["user:ann"], escalate_after="P14D"),
            "entra",
            [f"INVALID_MODEL: {FIRST}.escalate_after: must be shorter than the time-out P14D"],
            id="S-77 escalation at the profile's time-out",
        ),
        pytest.param(stage(time_out="P1D"), None, [], id="S-76 a short time-out alone"),
        pytest.param(
            stage(time_out="P3661D"),
            None,
            [f"INVALID_MODEL: {FIRST}.time_out: must be at most P3660D"],
            id="S-76 a time-out beyond all bounds",
        ),
        pytest.param(
            stage(time_out="P1M"),
            None,
            [f"INVALID_MODEL: {FIRST}.time_out: must be in days or weeks or hours, not `P1M`"],
            id="S-4 a time-out in calendar months",
        ),
        pytest.param(
            approval(STAGE, scope={"kind": "automatic", "rule": 'a -eq "b"'}),
            None,
            ["INVALID_MODEL: ~.approval: an automatic policy has no approval"],
            id="S-106 approval of an automatic policy",
        ),
    ],
)
def test_faulty_approval(
    tmp_path: Path, content: Content, profile: str | None, want: list[str]
) -> None:
    assert said(tmp_path, content, profile) == want


@pytest.mark.parametrize(
    ("content", "profile", "want"),
    [
        pytest.param(
            stage(),
            None,
            ApprovalStage(primary=(BEN,), time_out=30 * DAY),
            id="S-76 the time-out of standard",
        ),
        pytest.param(
            stage(),
            "entra",
            ApprovalStage(primary=(BEN,), time_out=14 * DAY),
            id="S-76 the time-out of entra",
        ),
        pytest.param(
            stage(
                approvers=["user:ben", "manager", "group:staff"],
                fallback=["user:ann"],
                alternates=["manager:2"],
                alternate_fallback=["own-sponsors"],
                escalate_after="P8D",
                time_out="P20D",
                justification="required",
            ),
            None,
            ApprovalStage(
                primary=(
                    Approver(ApproverKind.GROUP, "staff"),
                    Approver(ApproverKind.MANAGER),
                    BEN,
                ),
                fallback=(Approver(ApproverKind.USER, "ann"),),
                alternates=(Approver(ApproverKind.MANAGER, level=2),),
                alternate_fallback=(Approver(ApproverKind.OWN_SPONSORS),),
                escalate_after=8 * DAY,
                time_out=20 * DAY,
                justification_required=True,
            ),
            id="S-63 S-67 S-68 everything",
        ),
        pytest.param(
            outside(approvers=["external-sponsors"], fallback=["internal-sponsors"]),
            None,
            ApprovalStage(
                primary=(Approver(ApproverKind.EXTERNAL_SPONSORS),),
                fallback=(Approver(ApproverKind.INTERNAL_SPONSORS),),
            ),
            id="S-66 sponsors",
        ),
    ],
)
def test_stages(tmp_path: Path, content: Content, profile: str | None, want: ApprovalStage) -> None:
    found = only_policy(loaded(tmp_path, content, profile))
    assert found.stages == (want,)
    assert (found.approval_for_add, found.approval_for_extension) == (True, False)
