"""The stage of security administrators before all others for people at risk (S-81)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ostiary.decide.evaluate import evaluate
from ostiary.domain.access_request import (
    AccessRequest,
    ExternalPerson,
    RequestKind,
    RequestState,
)
from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import RefusedError, SubmissionRefusedError
from ostiary.domain.people import UNKNOWN, AccountState, PersonType, RiskLevel, Unknown
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.domain.request import EvaluationRequest, InlinePerson
from ostiary.domain.tenant import RiskStage
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import PRIYA, World, at

TEAM = "sales-team-access"
SECURITY = (Approver(ApproverKind.USER, "ines"), Approver(ApproverKind.GROUP, "hr-leads"))
MEDIUM = RiskStage(RiskLevel.MEDIUM, SECURITY)
OPENED = {ActionKind.OPEN_STAGE, ActionKind.TIME_OUT_STAGE, ActionKind.ESCALATE_STAGE}


def at_risk(begin: Begin, level: RiskLevel = RiskLevel.HIGH, stage: RiskStage = MEDIUM) -> World:
    """A tenant with the stage, in which Emil's account is at risk."""
    world = begin("2031-03-10 09:00")
    world.switch(risk_stage=True)
    world.settings(risk_stage=stage)
    world.users(emil={"risk": level})
    return world


def ask_about(world: World, who: str | InlinePerson, policy: str | None = None) -> Decision:
    question = EvaluationRequest(package=TEAM, requestor=who, at=world.clock.instant, policy=policy)
    return evaluate(world.office.look(lambda unit: unit.snapshot), question)


@pytest.mark.parametrize("level", [RiskLevel.MEDIUM, RiskLevel.HIGH])
def test_who_reaches_the_threshold_is_looked_at_first(begin: Begin, level: RiskLevel) -> None:
    """S-81: before the manager, with fourteen days; the policy's stages follow."""
    world = at_risk(begin, level)
    request = world.ask("emil", TEAM)
    assert [one.approvers for one in request.stages] == [
        ("hana", "ines", "ivo"),
        ("mona",),
        ("dana",),
    ]
    assert [one.added_by for one in request.stages] == ["risk", "", ""]
    assert request.stages[0].denies_at == at("2031-03-24 09:00")
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "mona")
    assert caught.value.code == "NOT_APPROVER"
    for who in ("ivo", "mona", "dana"):
        request = world.approve(request, who)
    assert request.state is RequestState.DELIVERED


@pytest.mark.parametrize("level", [RiskLevel.NONE, RiskLevel.LOW])
def test_who_stays_below_the_threshold_is_not(begin: Begin, level: RiskLevel) -> None:
    """S-81."""
    world = at_risk(begin, level)
    assert [one.approvers for one in world.ask("emil", TEAM).stages] == [("mona",), ("dana",)]


def test_the_denial_of_a_security_administrator_ends_the_request(begin: Begin) -> None:
    """S-81."""
    world = at_risk(begin)
    request = world.ask("emil", TEAM)
    denied = world.deny(request, "ines", justification="the account was abused")
    assert (denied.state, denied.reason, denied.ended_by) == (
        RequestState.DENIED,
        "DENIED_BY_APPROVER",
        "ines",
    )


def test_the_stage_is_over_after_fourteen_days_whatever_the_profile_says(begin: Begin) -> None:
    """S-76, S-81."""
    world = at_risk(begin)
    world.switch(risk_stage_time_out=timedelta(days=60))
    request = world.ask("emil", TEAM)
    world.go("2031-03-24 08:59")
    assert world.request(request.id).open
    world.go("2031-03-24 09:00")
    assert world.request(request.id).reason == "APPROVAL_TIMEOUT"


def test_the_stage_counts_against_no_limit(begin: Begin) -> None:
    """S-62, S-81: two stages are the most that the profile allows a policy."""
    world = at_risk(begin)
    assert world.tenants.tenant.profile.limits["approval_stages"] == 2
    assert len(world.ask("emil", TEAM).stages) == 3


def test_who_would_be_let_in_at_once_is_looked_at_all_the_same(begin: Begin) -> None:
    """S-65, S-81: nothing is given before."""
    world = at_risk(begin)
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    assert ask_about(world, "emil").outcome is Outcome.NEEDS_APPROVAL
    assert ask_about(world, "nils").outcome is Outcome.GRANT
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.PENDING_APPROVAL
    assert world.systems.rights == set()
    assert world.approve(request, "ines").state is RequestState.DELIVERED


def test_what_a_decision_announces_is_what_happens(begin: Begin) -> None:
    """S-48, S-81: plan and history agree on the stage; the reason says why it is there."""
    world = at_risk(begin)
    decision = ask_about(world, "emil")
    assert [(one.number, one.approvers, one.denies_at) for one in decision.stages] == [
        (1, ("hana", "ines", "ivo"), at("2031-03-24 09:00")),
        (2, ("mona",), None),
        (3, ("dana",), None),
    ]
    required = next(one for one in decision.reasons if one.code.value == "APPROVAL_REQUIRED")
    assert dict(required.parameters) == {"risk": "high", "stages": "3"}
    request = world.ask("emil", TEAM)
    announced = [
        (one.kind, one.stage, one.offset) for one in (*decision.actions,) if one.kind in OPENED
    ]
    assert [(one.kind, one.stage, one.offset) for one in request.plan if one.kind in OPENED] == (
        announced
    )
    world.go("2031-03-12 09:00")
    world.approve(request, "ivo")
    world.go("2031-03-15 10:00")
    world.approve(world.request(request.id), "mona")
    opened = [one for one in world.work(WorkState.DONE) if one.kind is WorkKind.OPEN_STAGE]
    assert [(one.stage, one.due_at) for one in opened] == [
        (1, at("2031-03-10 09:00")),
        (2, at("2031-03-12 09:00")),
        (3, at("2031-03-15 10:00")),
    ]


def test_nobody_looks_at_themselves(begin: Begin) -> None:
    """S-71, S-81."""
    world = at_risk(begin)
    world.settings(risk_stage=RiskStage(RiskLevel.LOW, (Approver(ApproverKind.USER, "emil"),)))
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask("emil", TEAM)
    assert caught.value.code == "NO_APPROVER"
    assert world.requests() == []


def test_the_stage_follows_who_is_in_its_groups(begin: Begin) -> None:
    """S-73, S-81."""
    world = at_risk(begin)
    request = world.ask("emil", TEAM)
    world.members("hr-leads", ["sol"])
    with pytest.raises(RefusedError):
        world.approve(request, "ivo")
    assert world.approve(request, "sol").stage == 2


def test_direct_assignment_passes_the_stage_too_unless_approval_is_left_out(begin: Begin) -> None:
    """S-66, S-81."""
    world = at_risk(begin)
    kind, staff = RequestKind.ADMIN_ADD, Actor("sol", staff=True)
    request = world.ask("emil", TEAM, kind=kind, actor=staff, policy="employees")
    assert request.stages[0].added_by == "risk"
    world.deny(request, "ines")
    given = world.ask(
        "emil", TEAM, kind=kind, actor=staff, policy="employees", bypass_approval=True
    )
    assert given.state is RequestState.DELIVERED


def test_an_extension_of_somebody_at_risk_is_looked_at(begin: Begin) -> None:
    """S-81, S-102: also where extensions need no approval; the risk of the moment counts."""
    world = at_risk(begin, RiskLevel.NONE)
    world.policy(TEAM, "employees", approval_for_add=False, stages=(), extension_allowed=True)
    world.ask("emil", TEAM)
    world.users(emil={"risk": RiskLevel.HIGH})
    world.go("2031-03-20 09:00")
    request = extend(world)
    assert (request.state, [one.added_by for one in request.stages]) == (
        RequestState.PENDING_APPROVAL,
        ["risk"],
    )
    assert world.approve(request, "ines").state is RequestState.DELIVERED
    assert world.assignments()[0].ends_at == at("2031-04-19 09:00")
    world.users(emil={"risk": RiskLevel.LOW})
    world.go("2031-04-01 09:00")
    assert extend(world).state is RequestState.DELIVERED


def extend(world: World) -> AccessRequest:
    return world.ask("emil", TEAM, kind=RequestKind.USER_UPDATE)


def inline(risk: RiskLevel | Unknown) -> InlinePerson:
    return InlinePerson(
        id="emil",
        type=PersonType.MEMBER,
        state=AccountState.ENABLED,
        groups=("sales-staff",),
        manager="mona",
        sponsors=(),
        home=None,
        attributes={},
        risk=risk,
    )


def test_a_risk_that_nobody_told_leaves_the_decision_open(begin: Begin) -> None:
    """S-25, S-47, S-81: of people whom the caller describes; never a yes."""
    world = at_risk(begin)
    decision = ask_about(world, inline(UNKNOWN))
    assert (decision.outcome, decision.reasons[0].code.value) == (
        Outcome.INDETERMINATE,
        "FACT_MISSING",
    )
    assert dict(decision.reasons[0].parameters) == {"fact": "risk"}
    assert len(ask_about(world, inline(RiskLevel.HIGH)).stages) == 3
    assert len(ask_about(world, inline(RiskLevel.NONE)).stages) == 2
    world.settings(risk_stage=None)
    assert ask_about(world, inline(UNKNOWN)).outcome is Outcome.NEEDS_APPROVAL


def test_somebody_without_an_account_here_is_at_no_risk_that_is_known(begin: Begin) -> None:
    """S-81: there is no user object to have one."""
    world = at_risk(begin)
    request = world.ask(ExternalPerson(PRIYA.id, PRIYA.mail, PRIYA.home), TEAM)
    assert [one.added_by for one in request.stages] == [""]


def test_without_the_switch_nobody_is_looked_at(begin: Begin) -> None:
    """S-81: off in the standard profile."""
    world = at_risk(begin)
    world.switch(risk_stage=False)
    assert len(world.ask("emil", TEAM).stages) == 2
