"""Approvers and their decisions (section 8)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from ostiary.domain.access_request import RequestKind, RequestState, RequestStatus
from ostiary.domain.decision import Origin
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import OstiaryError, RefusedError
from ostiary.domain.people import AccountState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, RequestorScope, ScopeKind
from ostiary.operations import approve
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"


def users(*ids: str) -> tuple[Approver, ...]:
    return tuple(Approver(ApproverKind.USER, one) for one in ids)


def group(name: str) -> tuple[Approver, ...]:
    return (Approver(ApproverKind.GROUP, name),)


def staged(world: World, *stages: ApprovalStage) -> None:
    world.policy(TEAM, "employees", stages=stages)


def refused(world: World, code: str, request: object, who: str, **said: object) -> None:
    before = world.request(request.id), world.events()  # type: ignore[attr-defined]
    with pytest.raises(RefusedError) as caught:
        world.approve(request, who, **said)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert (world.request(request.id), world.events()) == before  # type: ignore[attr-defined]


def test_any_one_of_several_approvers_completes_a_stage(begin: Begin) -> None:
    """S-63, S-64: others find it closed, and are told."""
    world = begin("2031-03-10 09:00")
    staged(world, ApprovalStage(primary=users("fran", "dana", "sol")))
    request = world.ask("emil", TEAM)
    decided = world.approve(request, "fran", justification="fits")
    assert decided.state is RequestState.DELIVERED
    refused(world, "STAGE_CLOSED", request, "dana")
    assert world.mails("decided") == [
        ("dana", at("2031-03-10 09:00")),
        ("sol", at("2031-03-10 09:00")),
    ]


def test_any_one_denial_ends_the_request_even_after_earlier_approvals(begin: Begin) -> None:
    """S-63, S-65: with the approver's reasons for the requestor."""
    world = begin("2031-03-10 09:00")
    request = world.approve(world.ask("emil", TEAM), "mona")
    denied = world.deny(request, "dana", justification="no seat left")
    assert (denied.state, denied.reason, denied.ended_by) == (
        RequestState.DENIED,
        "DENIED_BY_APPROVER",
        "dana",
    )
    assert world.assignments() == []
    [(_, notice)] = [
        one for one in world.postman.delivered if one[1].kind.value == "request_denied"
    ]
    assert (notice.to, notice.justification) == (("emil",), "no seat left")


def test_a_decision_is_checked_in_its_order(begin: Begin) -> None:
    """S-64: closed, own, not an approver, justification; a refused one changes nothing."""
    world = begin("2031-03-10 09:00")
    staged(
        world,
        ApprovalStage(primary=users("fran", "emil"), justification_required=True),
        ApprovalStage(primary=users("dana")),
    )
    request = world.ask("emil", TEAM)
    refused(world, "SELF_APPROVAL", request, "emil")
    refused(world, "NOT_APPROVER", request, "dana")  # of a stage that is not open yet
    refused(world, "NOT_APPROVER", request, "dana", stage=2)
    refused(world, "NOT_APPROVER", request, "nobody-at-all")
    refused(world, "JUSTIFICATION_REQUIRED", request, "fran", justification="  ")
    world.approve(request, "fran", justification="yes")
    refused(world, "STAGE_CLOSED", request, "fran", stage=1)
    refused(world, "STAGE_CLOSED", request, "emil", stage=1)
    world.deny(request, "dana")
    refused(world, "STAGE_CLOSED", request, "dana")


def test_of_two_concurrent_decisions_exactly_one_is_recorded(begin: Begin) -> None:
    """S-64."""
    world = begin("2031-03-10 09:00")
    staged(world, ApprovalStage(primary=users("fran", "dana")))
    request = world.ask("emil", TEAM)
    said: list[str] = []

    def decide(who: str, approved: bool) -> None:
        try:
            approve.decide(world.office, request.id, Actor(who), approved=approved)
            said.append(who)
        except OstiaryError as error:
            said.append(getattr(error, "code", error.reason))

    threads = [
        threading.Thread(target=decide, args=("fran", True)),
        threading.Thread(target=decide, args=("dana", False)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(said) == "STAGE_CLOSED"
    decision = world.request(request.id).stages[0].decision
    assert decision is not None
    assert decision.by in said


def test_a_stage_that_is_late_lets_its_alternates_in_and_keeps_its_deadline(begin: Begin) -> None:
    """S-68, S-77: primaries keep their right."""
    world = begin("2031-03-10 09:00")
    stage = ApprovalStage(
        primary=users("fran"), alternates=users("sol"), escalate_after=timedelta(days=8)
    )
    staged(world, stage)
    request = world.ask("emil", TEAM)
    refused(world, "NOT_APPROVER", request, "sol")
    world.go("2031-03-18 09:00")
    escalated = world.request(request.id)
    assert escalated.status is RequestStatus.ESCALATED
    assert escalated.stages[0].denies_at == at("2031-04-09 09:00")
    assert world.mails("forwarded") == [("sol", at("2031-03-18 09:00"))]
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_a_stage_decided_in_time_escalates_no_more(begin: Begin) -> None:
    """S-77, S-48: the action is void."""
    world = begin("2031-03-10 09:00")
    stage = ApprovalStage(
        primary=users("fran"), alternates=users("sol"), escalate_after=timedelta(days=8)
    )
    staged(world, stage)
    request = world.ask("emil", TEAM)
    world.approve(request, "fran")
    world.go("2031-03-30 09:00")
    [escalation] = [one for one in world.work() if one.kind is WorkKind.ESCALATE_STAGE]
    assert escalation.state is WorkState.VOID
    assert world.mails("forwarded") == []


def test_groups_are_resolved_when_somebody_decides(begin: Begin) -> None:
    """S-73: who left cannot, who joined can; named people are fixed when the stage opens."""
    world = begin("2031-03-10 09:00")
    world.members("sales-staff", ["emil", "fran", "sol"])
    staged(world, ApprovalStage(primary=(*group("sales-staff"), *users("dana"))))
    world.policy(TEAM, "employees", scope=_everybody())
    request = world.ask("ivo", TEAM)
    world.members("sales-staff", ["emil", "mona"])
    refused(world, "NOT_APPROVER", request, "fran")
    assert [one.id for one in approve.queue(world.office, "mona")] == [request.id]
    world.users(dana={"state": AccountState.BLOCKED})
    refused(world, "NOT_APPROVER", request, "dana")
    assert world.approve(request, "mona").state is RequestState.DELIVERED


def _everybody() -> object:
    return RequestorScope(ScopeKind.ALL_MEMBERS)


def test_an_open_stage_that_lost_everybody_may_be_decided_by_its_fallback(begin: Begin) -> None:
    """S-73."""
    world = begin("2031-03-10 09:00")
    staged(world, ApprovalStage(primary=users("fran"), fallback=users("sol")))
    request = world.ask("emil", TEAM)
    refused(world, "NOT_APPROVER", request, "sol")
    world.users(fran={"state": AccountState.DELETED})
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_a_stage_that_lost_everybody_and_has_no_fallback_runs_into_its_time_out(
    begin: Begin,
) -> None:
    """S-73, S-76."""
    world = begin("2031-03-10 09:00")
    staged(world, ApprovalStage(primary=users("fran")))
    request = world.ask("emil", TEAM)
    world.users(fran={"state": AccountState.DELETED})
    refused(world, "NOT_APPROVER", request, "fran")
    world.go("2031-04-10 00:00")
    assert world.request(request.id).reason == "APPROVAL_TIMEOUT"


def test_a_later_stage_that_nobody_can_decide_when_it_opens_denies_the_request(
    begin: Begin,
) -> None:
    """S-73, T21."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", TEAM)
    world.users(dana={"state": AccountState.BLOCKED})
    denied = world.approve(request, "mona")
    assert (denied.state, denied.reason) == (RequestState.DENIED, "NO_APPROVER")
    assert dict(denied.reason_parameters) == {"stage": "2"}


def test_the_manager_is_the_one_of_the_moment_at_which_the_stage_opens(begin: Begin) -> None:
    """S-73: a change of manager while the stage is open does not move it."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", TEAM)
    world.users(emil={"manager": "sol"})
    refused(world, "NOT_APPROVER", request, "sol")
    assert world.approve(request, "mona").stage == 2


def test_who_submitted_for_somebody_never_approves_it(begin: Begin) -> None:
    """S-71: own covers the submitter, so that the fallback decides."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", on_behalf=True)
    request = world.ask("emil", TEAM, kind=RequestKind.ON_BEHALF_ADD, actor=Actor("mona"))
    assert request.stages[0].origin is Origin.FALLBACK
    refused(world, "SELF_APPROVAL", request, "mona")
    assert request.id not in {one.id for one in approve.queue(world.office, "mona")}
    assert world.approve(request, "fran").stage == 2


def test_a_changed_policy_leaves_pending_requests_as_they_are(begin: Begin) -> None:
    """S-27, S-28: they keep their stages, time-outs and expiration; switched off, they go on."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", TEAM)
    staged(world, ApprovalStage(primary=users("sol"), time_out=timedelta(days=1)))
    world.policy(TEAM, "employees", enabled=False)
    world.go("2031-03-20 09:00")
    assert world.approve(request, "mona").open
    delivered = world.approve(request, "dana")
    assert world.assignment(delivered).ends_at == at("2031-04-19 09:00")


def test_reminders_to_approvers_come_at_half_time_where_the_policy_wants_them(
    begin: Begin,
) -> None:
    """S-78: off by default."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approver_reminders=True)
    world.ask("emil", TEAM)
    world.go("2031-04-01 00:00")
    assert world.mails("approval_reminder") == [("mona", at("2031-03-25 09:00"))]
