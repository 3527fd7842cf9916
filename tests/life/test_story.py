"""The end-to-end story of section 20, and Emil beside it, instant by instant."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from ostiary.domain.access_request import RequestKind, RequestState, RequestStatus, Verdict
from ostiary.domain.assignment import AssignmentState, EndCause
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import RefusedError, SubmissionRefusedError
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.domain.review import ReviewState, ReviewVerdict
from ostiary.lifecycle.ports import Delivered, Delivery, ReviewQuery
from ostiary.operations import review
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import PRIYA, World, at

SITE = "https://sites.larkfield.example/sites/sales"
RIGHTS = {
    (PRIYA.id, "sales-group", "Member"),
    (PRIYA.id, "sales-app", "User"),
    (PRIYA.id, SITE, "Contribute"),
}


def due(world: World, kind: WorkKind) -> list[str]:
    """When a kind of work waits to be done."""
    return [
        f"{one.due_at:%Y-%m-%d %H:%M}" for one in world.work(WorkState.WAITING) if one.kind is kind
    ]


def approved_priya(begin: Begin) -> World:
    world = begin("2031-03-10 10:05")
    request = world.ask(PRIYA, "sales-team-access", justification="the spring campaign")
    world.go("2031-03-11 15:00")
    world.approve(request, "fran")
    return world


def test_a_partner_from_the_request_to_the_deleted_guest(  # noqa: PLR0915  # a story in one piece
    begin: Begin,
) -> None:
    """Section 20: S-65, S-75, S-88, S-91, S-96, S-99, S-100, S-115, S-116, S-119, S-121, S-135."""
    world = begin("2031-03-10 10:05")
    request = world.ask(PRIYA, "sales-team-access", justification="the spring campaign")
    assert (request.state, request.status) == (
        RequestState.PENDING_APPROVAL,
        RequestStatus.PENDING,
    )
    stage = request.open_stage()
    assert stage is not None
    assert (stage.approvers, stage.denies_at) == (("fran",), at("2031-04-09 10:05"))
    assert world.mails("action_needed") == [("fran", at("2031-03-10 10:05"))]

    world.systems.answer(SITE, Delivered(Delivery.AWAITING_GUEST))
    world.go("2031-03-11 15:00")
    request = world.approve(request, "fran")
    assert (request.state, request.status) == (
        RequestState.DELIVERING,
        RequestStatus.AWAITING_GUEST,
    )
    assignment = world.assignment(request)
    assert assignment.ends_at == at("2031-06-09 15:00")
    assert due(world, WorkKind.REMIND_EXPIRY) == ["2031-05-26 15:00", "2031-06-08 15:00"]
    assert due(world, WorkKind.EXPIRE_ASSIGNMENT) == ["2031-06-09 15:00"]
    assert [what for what, _, _ in world.systems.calls] == ["make_guest", *["grant"] * 3]
    assert world.systems.guests == {PRIYA.id: "enabled"}

    world.go("2031-03-12 08:30")
    request = world.request(request.id)
    assert request.state is RequestState.DELIVERED
    assert world.systems.rights == RIGHTS
    assert [who for who, _ in world.mails("access_ready")] == [PRIYA.id]

    world.go("2031-04-02 00:00")
    with world.store.reading() as tx:
        [(_, opened)] = tx.reviews(ReviewQuery())
    assert (opened.opened_at, opened.closes_at) == (at("2031-04-01 00:00"), at("2031-04-26 00:00"))
    assert opened.remind_at == at("2031-04-13 12:00")
    assert [item.reviewers for item in opened.items] == [("dana",)]
    review.decide(
        world.office,
        opened.id,
        assignment.id,
        Actor("dana"),
        verdict=ReviewVerdict.KEEP,
        justification="the campaign goes on",
    )
    world.go("2031-04-27 00:00")
    assert world.mails("review_reminder") == [("dana", at("2031-04-13 12:00"))]
    with world.store.reading() as tx:
        [(_, closed)] = tx.reviews(ReviewQuery())
    assert (closed.state, closed.items[0].applied) == (ReviewState.CLOSED, "kept")
    assert due(world, WorkKind.OPEN_REVIEW) == ["2031-06-30 00:00"]

    world.go("2031-06-10 00:00")
    assert world.assignment(request).state is AssignmentState.EXPIRED
    assert world.assignment(request).ended_at == at("2031-06-09 15:00")
    assert world.systems.rights == set()
    assert world.systems.guests == {PRIYA.id: "blocked"}
    assert world.mails("extend_by") == [
        (PRIYA.id, at("2031-05-26 15:00")),
        (PRIYA.id, at("2031-06-08 15:00")),
    ]
    assert [who for who, _ in world.mails("access_ended")] == [PRIYA.id]
    removal = world.requests()[-1]
    assert (removal.kind, removal.state) == (RequestKind.SYSTEM_REMOVE, RequestState.DELIVERED)

    world.go("2031-07-09 14:59")
    assert world.systems.guests == {PRIYA.id: "blocked"}
    world.go("2031-07-09 15:00")
    assert world.systems.guests == {}
    assert world.names(request=request.id) == [
        "User requests access package assignment",
        "Approval stage completed for access package assignment request",
        "Approve access package assignment request",
        "Ready to fulfill access package assignment request",
        *["Fulfill access package resource assignment"] * 3,
        "Fulfill access package assignment request",
    ]


def test_an_employee_whose_second_stage_times_out_and_who_asks_again(begin: Begin) -> None:
    """Section 20: S-75, S-76, S-60, W-7."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", "sales-team-access")
    world.go("2031-03-12 09:00")
    request = world.approve(request, "mona")
    stage = request.open_stage()
    assert stage is not None
    assert (stage.number, stage.denies_at) == (2, at("2031-04-11 09:00"))

    world.go("2031-04-11 08:59")
    assert world.request(request.id).open
    world.go("2031-04-12 00:00")
    request = world.request(request.id)
    assert (request.state, request.reason) == (RequestState.DENIED, "APPROVAL_TIMEOUT")
    assert request.completed_at == at("2031-04-11 09:00")
    decision = request.stages[1].decision
    assert decision is not None
    assert (decision.verdict, decision.by) == (Verdict.TIMED_OUT, "system")
    denials = [event for event in world.events() if event.name.startswith("Deny")]
    assert [(event.actor, event.reason) for event in denials] == [("system", "APPROVAL_TIMEOUT")]
    assert world.mails("request_expired") == [("emil", at("2031-04-11 09:00"))]
    assert world.mails("approval_expired") == [("dana", at("2031-04-11 09:00"))]

    again = world.ask("emil", "sales-team-access")
    world.go("2031-05-01 09:00")
    world.approve(again, "mona")
    world.go("2031-05-08 09:00")
    world.approve(again, "dana")
    assert world.assignment(again).ends_at == at("2031-06-07 09:00")
    world.go("2031-06-07 09:00")
    assert world.assignment(again).state is AssignmentState.EXPIRED
    assert world.assignment(again).end_cause is EndCause.TIME


def test_an_alternate_of_the_second_stage_could_have_decided_from_the_eighth_day_on(
    begin: Begin,
) -> None:
    """Section 20: S-64, S-68, S-77: had stage 2 one; its deadline stays where it was."""
    world = begin("2031-03-10 09:00")
    first, second = world.policy("sales-team-access", "employees").stages
    late = msgspec.structs.replace(
        second,
        alternates=(Approver(ApproverKind.USER, "sol"),),
        escalate_after=timedelta(days=8),
    )
    world.policy("sales-team-access", "employees", stages=(first, late))
    request = world.ask("emil", "sales-team-access")
    world.go("2031-03-12 09:00")
    world.approve(request, "mona")
    world.go("2031-03-20 08:59")
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "sol")
    assert caught.value.code == "NOT_APPROVER"
    world.go("2031-03-20 09:00")
    stage = world.request(request.id).open_stage()
    assert stage is not None
    assert stage.denies_at == at("2031-04-11 09:00")
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_work_missed_while_the_server_was_down_takes_effect_as_of_its_time(begin: Begin) -> None:
    """S-7: running the recovery twice changes nothing."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", "sales-team-access")
    world.jump("2031-06-01 00:00")
    world.worker.run_until_idle()
    late = world.request(request.id)
    assert (late.reason, late.completed_at) == ("APPROVAL_TIMEOUT", at("2031-04-09 09:00"))
    before = world.events(), world.work()
    world.worker.run_until_idle()
    assert (world.events(), world.work()) == before


def test_an_approval_after_the_deadline_is_too_late_even_if_no_worker_ran(begin: Begin) -> None:
    """S-5, S-7, S-64: closed at D."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", "sales-team-access")
    world.jump("2031-04-09 09:00")
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "mona")
    assert caught.value.code == "STAGE_CLOSED"


def test_an_approval_just_before_the_deadline_counts(begin: Begin) -> None:
    """S-5."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", "sales-team-access")
    world.jump("2031-04-09 08:59:59.999999")
    assert world.approve(request, "mona").stage == 2


def test_a_second_request_for_the_same_package_is_refused_while_one_is_open(begin: Begin) -> None:
    """S-45, S-60: nothing is left of the refused one but the first."""
    world = begin("2031-03-10 09:00")
    world.ask("emil", "sales-team-access")
    events = world.events()
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask("emil", "sales-team-access")
    assert caught.value.code == "REQUEST_PENDING"
    assert len(world.requests()) == 1
    assert world.events() == events
