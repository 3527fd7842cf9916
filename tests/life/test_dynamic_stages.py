"""Stages that an extension returns in its reply (S-82)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ostiary.domain.access_request import AccessRequest, RequestKind, RequestState, RequestStatus
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import InvalidRequestError, RefusedError
from ostiary.domain.people import AccountState
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    ExtensionCall,
    ExtensionStage,
)
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.test_extensions import callouts, extended, reply
from tests.life.world import World, at

TEAM = "sales-team-access"
CREATED, APPROVED = ExtensionStage.REQUEST_CREATED, ExtensionStage.REQUEST_APPROVED
DAY = timedelta(days=1)


def users(*ids: str) -> tuple[Approver, ...]:
    return tuple(Approver(ApproverKind.USER, one) for one in ids)


def stage(*ids: str, time_out: timedelta = 3 * DAY, **fields: Any) -> ApprovalStage:
    return ApprovalStage(primary=users(*ids), time_out=time_out, **fields)


def waiting(begin: Begin, **policy: Any) -> tuple[World, AccessRequest]:
    """Emil's request, which waits for an extension."""
    world = extended(begin, ExtensionCall("check", CREATED, 2 * DAY), **policy)
    world.switch(dynamic_stage=True)
    return world, world.ask("emil", TEAM)


def answer(world: World, request: AccessRequest, returned: ApprovalStage, **said: Any) -> Any:
    [callout] = callouts(world, request)
    reply(world, callout, returned=returned, **said)
    return world.request(request.id)


def test_a_returned_stage_opens_at_the_resume_before_the_policys_own(begin: Begin) -> None:
    """S-82: its clock starts then; the others follow, each with its own."""
    world, request = waiting(begin)
    world.go("2031-03-11 10:00")
    request = answer(world, request, stage("sol", justification_required=True))
    assert (request.state, request.stage, len(request.stages)) == (
        RequestState.PENDING_APPROVAL,
        1,
        3,
    )
    first = request.stages[0]
    assert (first.approvers, first.opened_at, first.denies_at, first.added_by) == (
        ("sol",),
        at("2031-03-11 10:00"),
        at("2031-03-14 10:00"),
        "extension:check",
    )
    assert [one.number for one in request.stages] == [1, 2, 3]
    assert world.mails("action_needed") == [("sol", at("2031-03-11 10:00"))]
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "mona")
    assert caught.value.code == "NOT_APPROVER"
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "sol")
    assert caught.value.code == "JUSTIFICATION_REQUIRED"
    request = world.approve(request, "sol", justification="checked with the lender")
    assert (request.stage, request.open_stage().approvers) == (2, ("mona",))  # type: ignore[union-attr]
    world.go("2031-03-20 10:00")
    request = world.approve(request, "mona")
    assert request.stages[2].denies_at == at("2031-04-19 10:00")
    assert world.approve(request, "dana").state is RequestState.DELIVERED
    done = [one for one in world.work(WorkState.DONE) if one.kind is WorkKind.OPEN_STAGE]
    assert [(one.stage, one.due_at) for one in done] == [
        (1, at("2031-03-11 10:00")),
        (2, at("2031-03-11 10:00")),
        (3, at("2031-03-20 10:00")),
    ]


def test_a_returned_stage_times_out_on_its_own_clock(begin: Begin) -> None:
    """S-76, S-82."""
    world, request = waiting(begin)
    answer(world, request, stage("sol"))
    world.go("2031-03-13 09:00")
    denied = world.request(request.id)
    assert (denied.reason, dict(denied.reason_parameters)) == ("APPROVAL_TIMEOUT", {"stage": "1"})


def test_a_returned_stage_escalates_like_any_other(begin: Begin) -> None:
    """S-77, S-82."""
    world, request = waiting(begin)
    late = stage("sol", time_out=5 * DAY, alternates=users("fran"), escalate_after=2 * DAY)
    answer(world, request, late)
    world.go("2031-03-12 09:00")
    assert world.request(request.id).status is RequestStatus.ESCALATED
    assert world.approve(request, "fran").stage == 2


def test_a_denial_of_a_returned_stage_ends_the_request(begin: Begin) -> None:
    """S-63, S-82."""
    world, request = waiting(begin)
    request = answer(world, request, stage("sol"))
    assert world.deny(request, "sol").reason == "DENIED_BY_APPROVER"


def test_a_returned_stage_asks_somebody_where_the_policy_asks_nobody(begin: Begin) -> None:
    """S-82."""
    world, request = waiting(begin, approval_for_add=False, stages=())
    request = answer(world, request, stage("sol"))
    assert (request.state, len(request.stages)) == (RequestState.PENDING_APPROVAL, 1)
    assert world.systems.rights == set()
    assert world.approve(request, "sol").state is RequestState.DELIVERED


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param(stage("emil"), id="only the requestor"),
        pytest.param(stage("nobody-at-all"), id="somebody who does not exist"),
        pytest.param(stage("ivo"), id="somebody who cannot sign in"),
        pytest.param(
            ApprovalStage(primary=(Approver(ApproverKind.GROUP, "no-such-group"),)), id="no group"
        ),
    ],
)
def test_a_returned_stage_that_nobody_can_decide_denies_the_request(
    begin: Begin, returned: ApprovalStage
) -> None:
    """S-71, S-82: NO_APPROVER."""
    world, request = waiting(begin)
    world.users(ivo={"state": AccountState.BLOCKED})
    denied = answer(world, request, returned)
    assert (denied.state, denied.reason) == (RequestState.DENIED, "NO_APPROVER")
    assert world.systems.rights == set()


def test_two_extensions_may_return_a_stage_each(begin: Begin) -> None:
    """S-82, S-127: in the order of their replies; the first opens when the last has come."""
    world, request = waiting(begin)
    calls = (ExtensionCall("check", CREATED, 2 * DAY), ExtensionCall("other", CREATED, 2 * DAY))
    world.policy(TEAM, "employees", extensions=calls)
    request = world.ask("nils", TEAM)
    one, other = callouts(world, request)
    world.go("2031-03-11 09:00")
    reply(world, other, returned=stage("sol"))
    assert world.request(request.id).status is RequestStatus.WAITING_FOR_CALLBACK
    world.go("2031-03-11 12:00")
    reply(world, one, returned=stage("dana"))
    request = world.request(request.id)
    assert [record.added_by for record in request.stages] == [
        "extension:other",
        "extension:check",
        "",
        "",
    ]
    assert request.stages[0].denies_at == at("2031-03-14 12:00")


@pytest.mark.parametrize(
    ("returned", "said", "fields"),
    [
        pytest.param(stage(), {}, ["approval_stage.approvers"], id="no approvers"),
        pytest.param(
            stage("sol", time_out=timedelta(0)), {}, ["approval_stage.time_out"], id="no time"
        ),
        pytest.param(
            stage("sol", time_out=3661 * DAY), {}, ["approval_stage.time_out"], id="for ever"
        ),
        pytest.param(
            stage("sol", alternates=users("fran"), escalate_after=timedelta(hours=1)),
            {},
            ["approval_stage.escalate_after", "approval_stage.time_out"],
            id="it escalates too soon for its time-out",
        ),
        pytest.param(stage("sol"), {"state": "denied"}, ["approval_stage"], id="with a denial"),
    ],
)
def test_what_is_wrong_with_a_returned_stage_is_told_and_the_request_waits_on(
    begin: Begin, returned: ApprovalStage, said: dict[str, str], fields: list[str]
) -> None:
    """S-82, S-139."""
    world, request = waiting(begin)
    before = world.request(request.id), world.events()
    with pytest.raises(InvalidRequestError) as caught:
        answer(world, request, returned, **said)
    assert [field for field, _ in caught.value.violations] == fields
    assert (world.request(request.id), world.events()) == before
    assert answer(world, request, stage("sol")).stage == 1


def test_stages_are_returned_at_the_creation_of_a_request_only(begin: Begin) -> None:
    """S-82."""
    world = extended(
        begin, ExtensionCall("check", APPROVED, 2 * DAY), approval_for_add=False, stages=()
    )
    world.switch(dynamic_stage=True)
    request = world.ask("emil", TEAM)
    with pytest.raises(InvalidRequestError):
        answer(world, request, stage("sol"))


def test_no_stage_comes_back_where_an_administrator_left_approval_out(begin: Begin) -> None:
    """S-66, S-82."""
    world, _ = waiting(begin)
    request = world.ask(
        "nils",
        TEAM,
        kind=RequestKind.ADMIN_ADD,
        actor=Actor("ines", staff=True),
        policy="employees",
        bypass_approval=True,
    )
    with pytest.raises(InvalidRequestError):
        answer(world, request, stage("sol"))


def test_without_the_switch_a_reply_with_a_stage_is_refused(begin: Begin) -> None:
    """S-82: off in the standard profile."""
    world, request = waiting(begin)
    world.switch(dynamic_stage=False)
    with pytest.raises(InvalidRequestError) as caught:
        answer(world, request, stage("sol"))
    assert "dynamic_stage" in str(caught.value)
    assert world.request(request.id).status is RequestStatus.WAITING_FOR_CALLBACK
