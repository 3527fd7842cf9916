"""Custom extensions: calls, replies and silence (section 15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ostiary.domain.access_request import AccessRequest, RequestState, RequestStatus
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.catalog import CustomExtension
from ostiary.domain.errors import (
    CalloutNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    RefusedError,
)
from ostiary.domain.policy import ExtensionCall, ExtensionStage
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import cancel, resume
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"
STAFF = Actor("sol", staff=True)
CREATED, APPROVED = ExtensionStage.REQUEST_CREATED, ExtensionStage.REQUEST_APPROVED
HOUR = timedelta(hours=1)


def extended(begin: Begin, *calls: ExtensionCall, **policy: Any) -> World:
    world = begin("2031-03-10 09:00")
    tenant = world.tenants.tenant
    world.tenants.change(
        catalogs=tuple(
            msgspec.structs.replace(
                one, extensions=(CustomExtension("check", "Check", "https://flow.example/check"),)
            )
            if one.id == "sales-resources"
            else one
            for one in tenant.catalogs
        )
    )
    world.policy(TEAM, "employees", extensions=calls, **policy)
    return world


def callouts(world: World, request: AccessRequest) -> list[Callout]:
    with world.store.reading() as tx:
        return list(tx.callouts(request.id))


def reply(world: World, callout: Callout, **said: Any) -> Callout:
    said.setdefault("stage", callout.stage)
    answered = resume.resume(world.office, callout.id, said.pop("actor", STAFF), **said)
    world.worker.run_until_idle()
    return answered


def test_nobody_is_asked_while_a_reply_is_awaited(begin: Begin) -> None:
    """S-125, S-127, S-130, T2, T18: the detail is shown to approvers."""
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    request = world.ask("emil", TEAM, justification="campaign")
    assert (request.state, request.status) == (
        RequestState.SUBMITTED,
        RequestStatus.WAITING_FOR_CALLBACK,
    )
    assert world.mails("action_needed") == []
    [callout] = callouts(world, request)
    assert (callout.status, callout.deadline) == (CalloutStatus.WAITING, at("2031-03-12 09:00"))
    [(told, facts, key)] = world.caller.calls
    assert (told.id, facts["justification"], key) == (
        callout.id,
        "campaign",
        f"{callout.id}/CALL_OUT",
    )

    world.go("2031-03-11 10:00")
    reply(world, callout, detail="no conflicts found")
    request = world.request(request.id)
    assert (request.state, request.stage, request.notes) == (
        RequestState.PENDING_APPROVAL,
        1,
        ("no conflicts found",),
    )
    assert request.stages[0].denies_at == at("2031-04-10 10:00"), "its clock starts now (S-75)"


@pytest.mark.parametrize(
    ("stage", "state", "want", "code"),
    [
        pytest.param(CREATED, "denied", RequestState.DENIED, "EXT_DENIED", id="denied at created"),
        pytest.param(
            CREATED, "canceled", RequestState.CANCELED, "EXT_CANCELED", id="cancelled at created"
        ),
        pytest.param(
            APPROVED, "denied", RequestState.DENIED, "EXT_DENIED", id="denied at approved"
        ),
    ],
)
def test_a_reply_may_end_the_request(
    begin: Begin, stage: ExtensionStage, state: str, want: RequestState, code: str
) -> None:
    """S-127, T18."""
    world = extended(
        begin, ExtensionCall("check", stage, 48 * HOUR), approval_for_add=False, stages=()
    )
    request = world.ask("emil", TEAM)
    [callout] = callouts(world, request)
    reply(world, callout, state=state, detail="a conflict was found")
    ended = world.request(request.id)
    assert (ended.state, ended.reason) == (want, code)
    assert world.systems.rights == set()


def test_access_waits_for_a_reply_after_the_approval_but_its_end_does_not_move(
    begin: Begin,
) -> None:
    """S-99, T9: the end is computed at approval."""
    world = extended(
        begin, ExtensionCall("check", APPROVED, 48 * HOUR), approval_for_add=False, stages=()
    )
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.SUBMITTED
    world.go("2031-03-11 09:00")
    assert world.systems.rights == set()
    [callout] = callouts(world, request)
    reply(world, callout)
    assert world.request(request.id).state is RequestState.DELIVERED
    assert world.assignment(request).ends_at == at("2031-04-09 09:00")


def test_silence_denies_before_access_and_is_only_reported_after(begin: Begin) -> None:
    """S-128: Process expired; nothing that was granted is undone."""
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    request = world.ask("emil", TEAM)
    world.go("2031-03-12 09:00")
    denied = world.request(request.id)
    assert (denied.state, denied.reason) == (RequestState.DENIED, "EXT_TIMEOUT")
    assert callouts(world, request)[0].status is CalloutStatus.TIMED_OUT

    world = extended(
        begin,
        ExtensionCall("check", ExtensionStage.ASSIGNMENT_GRANTED, HOUR),
        approval_for_add=False,
        stages=(),
    )
    request = world.ask("emil", TEAM)
    world.go("2031-03-10 12:00")
    assert world.request(request.id).state is RequestState.DELIVERED
    assert [event.reason for event in world.events() if event.reason] == ["EXT_TIMEOUT"]
    assert len(world.systems.rights) == 3


def test_late_double_and_foreign_replies_are_refused(begin: Begin) -> None:
    """S-5, S-127, S-129: exactly one resume counts."""
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    request = world.ask("emil", TEAM)
    [callout] = callouts(world, request)

    def refused(code: str, **said: Any) -> None:
        with pytest.raises(RefusedError) as caught:
            reply(world, callout, **said)
        assert caught.value.code == code

    with pytest.raises(ForbiddenError):
        reply(world, callout, actor=Actor("emil"))
    with pytest.raises(CalloutNotFoundError):
        resume.resume(world.office, "c-999", STAFF, stage=CREATED)
    with pytest.raises(InvalidRequestError) as wrong:
        reply(world, callout, request_id="r-999", stage=APPROVED, state="approved")
    assert [field for field, _ in wrong.value.violations] == ["stage_instance_id", "stage", "state"]
    world.jump("2031-03-12 09:00")
    refused("NOT_WAITING")
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    request = world.ask("emil", TEAM)
    [callout] = callouts(world, request)
    reply(world, callout)
    refused("NOT_WAITING")


def test_a_failed_call_that_nobody_waits_for_does_not_stop_the_request(begin: Begin) -> None:
    """S-130."""
    world = extended(begin, ExtensionCall("check", CREATED))
    world.caller.answers.append(Delivered(Delivery.FAILED, "RESOURCE_GONE", "404"))
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.PENDING_APPROVAL
    assert callouts(world, request)[0].status is CalloutStatus.FAILED


def test_a_failed_call_that_is_waited_for_waits_for_its_time_out(begin: Begin) -> None:
    """S-130."""
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    world.caller.answers.append(Delivered(Delivery.FAILED, "RESOURCE_GONE", "404"))
    request = world.ask("emil", TEAM)
    assert request.status is RequestStatus.WAITING_FOR_CALLBACK
    world.go("2031-03-12 09:00")
    assert world.request(request.id).reason == "EXT_TIMEOUT"


def test_calls_before_the_end_come_on_their_days_and_move_with_it(begin: Begin) -> None:
    """S-125: end - 14 d, end - 1 d, and at the removal."""
    world = extended(
        begin,
        ExtensionCall("check", ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY),
        ExtensionCall("check", ExtensionStage.ONE_DAY_BEFORE_EXPIRY),
        ExtensionCall("check", ExtensionStage.ASSIGNMENT_REMOVED),
        approval_for_add=False,
        stages=(),
    )
    world.ask("emil", TEAM)
    world.go("2031-05-01 00:00")
    assert [(told.stage.value, told.created_at) for told, _, _ in world.caller.calls] == [
        ("fourteen_days_before_expiry", at("2031-03-26 09:00")),
        ("one_day_before_expiry", at("2031-04-08 09:00")),
        ("assignment_removed", at("2031-04-09 09:00")),
    ]


def test_a_cancelled_request_waits_for_no_reply(begin: Begin) -> None:
    """S-85, S-129."""
    world = extended(begin, ExtensionCall("check", CREATED, 48 * HOUR))
    request = world.ask("emil", TEAM)
    [callout] = callouts(world, request)
    cancel.cancel(world.office, request.id, Actor("emil"))
    with pytest.raises(RefusedError) as caught:
        reply(world, callout)
    assert caught.value.code == "NOT_WAITING"
