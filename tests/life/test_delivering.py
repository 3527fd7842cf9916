"""Delivery, its failures, and delivering again (section 10)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState, GrantState
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import (
    ForbiddenError,
    RefusedError,
    RequestIdReusedError,
    SubmissionRefusedError,
)
from ostiary.domain.people import AccountState
from ostiary.domain.request import Schedule
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import cancel, deliver
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.life.conftest import Begin
from tests.life.world import PRIYA, World, at

TEAM = "sales-team-access"
SITE = "https://sites.larkfield.example/sites/sales"
FULL = Delivered(
    Delivery.FAILED,
    "LIMIT_EXCEEDED",
    "group sales-group has 50,000 members",
    (("max", "50000"), ("name", "group_members")),
)
LATER = Delivered(Delivery.RETRY, text="503 from the directory")
STAFF = Actor("sol", staff=True)


def automatic(begin: Begin, now: str = "2031-03-10 09:00") -> World:
    """A world in which the sales team's policy asks nobody."""
    world = begin(now)
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    return world


def grants(world: World, request: object) -> dict[str, GrantState]:
    assignment = world.assignment(request)  # type: ignore[arg-type]
    return {one.entry.resource: one.state for one in assignment.grants}


def test_without_approval_the_request_never_waits(begin: Begin) -> None:
    """S-65, S-91, S-135: approved by itself, then one grant for each entry."""
    world = automatic(begin)
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.DELIVERED
    assert world.names(request=request.id) == [
        "User requests access package assignment",
        "Auto approve access package assignment request",
        "Ready to fulfill access package assignment request",
        *["Fulfill access package resource assignment"] * 3,
        "Fulfill access package assignment request",
    ]
    assert world.systems.rights == {
        ("emil", "sales-group", "Member"),
        ("emil", "sales-app", "User"),
        ("emil", SITE, "Contribute"),
    }
    keys = [key for _, key, _ in world.systems.calls]
    assert len(set(keys)) == len(keys) == 3


def test_a_full_group_fails_alone_and_is_delivered_again_when_there_is_room(begin: Begin) -> None:
    """S-92, S-93, S-94, S-97, W-8."""
    world = automatic(begin)
    world.systems.answer("sales-group", FULL)
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.PARTIALLY_DELIVERED
    assert world.assignment(request).state is AssignmentState.PARTIALLY_DELIVERED
    assert grants(world, request)["sales-group"] is GrantState.FAILED
    [failed] = [event for event in world.events() if event.name.startswith("Failed")]
    assert (failed.object, failed.reason) == ("sales-group/Member", "LIMIT_EXCEEDED")
    assert "50,000" in dict(failed.details)["error"]
    assert {who for who, _ in world.mails("delivery_failed")} == {"ines", "sol"}

    world.go(timedelta(days=13))
    world.systems.calls.clear()
    deliver.reprocess_request(world.office, request.id, STAFF)
    world.worker.run_until_idle()
    assert world.request(request.id).state is RequestState.DELIVERED
    assert [what for what, _, _ in world.systems.calls] == ["grant"]
    assert set(grants(world, request).values()) == {GrantState.GRANTED}


def test_a_request_is_delivered_again_only_in_its_window_and_by_staff(begin: Begin) -> None:
    """S-94."""
    world = automatic(begin)
    world.systems.answer("sales-group", FULL)
    request = world.ask("emil", TEAM)
    with pytest.raises(ForbiddenError):
        deliver.reprocess_request(world.office, request.id, Actor("emil"))
    world.go(timedelta(days=14))
    with pytest.raises(RefusedError) as caught:
        deliver.reprocess_request(world.office, request.id, STAFF)
    assert caught.value.code == "NOT_REPROCESSABLE"


def test_a_delivery_that_failed_does_not_block_and_is_not_repeated_beside_a_newer_one(
    begin: Begin,
) -> None:
    """S-60, S-94."""
    world = automatic(begin)
    for target in ("sales-group", "sales-app", SITE):
        world.systems.answer(target, FULL)
    failed = world.ask("emil", TEAM)
    assert failed.state is RequestState.DELIVERY_FAILED
    assert world.assignment(failed).state is AssignmentState.DELIVERY_FAILED
    world.go(timedelta(hours=1))
    again = world.ask("emil", TEAM)
    assert again.state is RequestState.DELIVERED
    with pytest.raises(RefusedError) as caught:
        deliver.reprocess_request(world.office, failed.id, STAFF)
    assert caught.value.code == "NOT_REPROCESSABLE"


def test_transient_failures_are_tried_again_until_the_window_closes(begin: Begin) -> None:
    """S-92: reported as late after an hour, given up after four; each failure is an event."""
    world = automatic(begin)
    world.systems.answer("sales-app", *[LATER] * 1000)
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.DELIVERING
    world.go("2031-03-10 10:00")
    assert world.assignment(request).late
    assert world.request(request.id).state is RequestState.DELIVERING
    late = [event for event in world.events() if event.reason == "PROVISIONING_LATE"]
    assert [event.at for event in late] == [at("2031-03-10 10:00")]
    world.go("2031-03-10 13:00")
    assert world.request(request.id).state is RequestState.PARTIALLY_DELIVERED
    assert world.request(request.id).completed_at == at("2031-03-10 13:00")
    calls = len(world.systems.calls)
    world.go("2031-03-12 13:00")
    assert len(world.systems.calls) == calls, "nothing is tried beyond the window"
    assert calls < 60


def test_a_system_that_comes_back_in_time_gets_everything(begin: Begin) -> None:
    """S-92."""
    world = automatic(begin)
    world.systems.answer("sales-app", LATER, LATER, LATER)
    request = world.ask("emil", TEAM)
    world.go(timedelta(hours=1))
    assert world.request(request.id).state is RequestState.DELIVERED


@pytest.mark.parametrize(
    ("said", "given_at"),
    [
        pytest.param(None, "2031-03-11 16:00", id="each hour"),
        pytest.param(1800, "2031-03-11 15:30", id="when the system says"),
        pytest.param(0, "2031-03-11 15:01", id="never in a tight loop"),
    ],
)
def test_a_guest_who_has_not_signed_in_yet_is_asked_for_again(
    begin: Begin, said: float | None, given_at: str
) -> None:
    """S-96."""
    world = begin("2031-03-11 15:00")
    request = world.ask(PRIYA, TEAM)
    world.systems.answer(SITE, Delivered(Delivery.AWAITING_GUEST, retry_after=said))
    world.approve(request, "fran")
    world.go("2031-03-12 15:00")
    assert world.request(request.id).completed_at == at(given_at)


def test_an_external_person_is_told_before_there_is_an_object_in_the_directory(
    begin: Begin,
) -> None:
    """S-115, S-137: the address that came with the request goes with the notices to them alone."""
    world = begin("2031-03-11 15:00")
    request = world.ask(PRIYA, TEAM)
    world.approve(request, "fran")
    told = {notice.kind.value: notice for _, notice in world.postman.delivered}
    assert told["request_received"].addresses == ((PRIYA.id, PRIYA.mail),)
    assert told["action_needed"].addresses == ()
    assert told["access_ready"].addresses == ()  # by then there is one


def test_nothing_waits_to_be_done_about_a_delivery_that_is_over(begin: Begin) -> None:
    """S-48, S-92: not even to report it as late; delivered anew, it has its windows again."""
    kinds = {WorkKind.REPORT_LATE, WorkKind.CLOSE_DELIVERY}

    def waiting() -> set[WorkKind]:
        return {one.kind for one in world.work(WorkState.WAITING)} & kinds

    world = automatic(begin)
    world.systems.answer("sales-group", FULL)
    request = world.ask("emil", TEAM)
    assert world.request(request.id).state is RequestState.PARTIALLY_DELIVERED
    assert waiting() == set()
    world.go("2031-03-11 09:00")
    world.systems.answer("sales-group", LATER)
    deliver.reprocess_request(world.office, request.id, STAFF)
    world.worker.run_until_idle()
    assert waiting() == kinds
    world.go("2031-03-11 09:30")
    assert world.request(request.id).state is RequestState.DELIVERED
    assert waiting() == set()


def test_rights_changed_outside_are_enforced_anew_on_demand(begin: Begin) -> None:
    """S-95, S-89: outside changes are not noticed by themselves."""
    world = automatic(begin)
    request = world.ask("emil", TEAM)
    world.systems.rights.discard(("emil", "sales-app", "User"))
    world.go(timedelta(days=1))
    assert world.assignment(request).state is AssignmentState.DELIVERED
    deliver.reprocess_assignment(world.office, world.assignment(request).id, STAFF)
    world.worker.run_until_idle()
    assert ("emil", "sales-app", "User") in world.systems.rights
    assert world.assignment(request).state is AssignmentState.DELIVERED
    assert world.request(request.id).state is RequestState.DELIVERED


def test_a_start_of_ones_own_is_waited_for(begin: Begin) -> None:
    """S-58, S-90, T10."""
    world = automatic(begin)
    world.policy(TEAM, "employees", custom_schedule=True)
    start = Schedule(start=at("2031-04-01 08:00"))
    request = world.ask("emil", TEAM, schedule=start)
    assert request.state is RequestState.SCHEDULED
    world.go("2031-04-01 07:59")
    assert world.systems.rights == set()
    world.go("2031-04-01 08:00")
    assert world.request(request.id).state is RequestState.DELIVERED
    assert world.assignment(request).ends_at == at("2031-05-01 08:00")


def test_the_last_check_before_delivery_looks_at_the_target_again(begin: Begin) -> None:
    """S-84, T20."""
    world = automatic(begin)
    world.policy(TEAM, "employees", custom_schedule=True)
    request = world.ask("emil", TEAM, schedule=Schedule(start=at("2031-04-01 08:00")))
    world.users(emil={"state": AccountState.BLOCKED})
    world.go("2031-04-02 00:00")
    denied = world.request(request.id)
    assert (denied.state, denied.reason) == (RequestState.DENIED, "SUBJECT_BLOCKED")
    assert world.assignments() == []


def with_rival(world: World) -> None:
    """Put a package beside that of the team that nobody may hold together with it."""
    tenant = world.tenants.tenant
    sales = next(one for one in tenant.catalogs if one.id == "sales-resources")
    [team] = sales.packages
    rival = msgspec.structs.replace(
        team, id="rival", name="Rival", incompatible_packages=(TEAM,), entries=team.entries[:1]
    )
    team = msgspec.structs.replace(team, incompatible_packages=("rival",))
    changed = msgspec.structs.replace(sales, packages=(rival, team))
    world.tenants.change(
        catalogs=tuple(changed if one is sales else one for one in tenant.catalogs)
    )
    for package in (TEAM, "rival"):
        world.policy(package, "employees", custom_schedule=True)


def test_of_two_incompatible_requests_at_most_one_is_delivered(begin: Begin) -> None:
    """S-84, S-117: also when both were asked for before either was held."""
    world = automatic(begin)
    with_rival(world)
    start = Schedule(start=at("2031-04-01 08:00"))
    first = world.ask("emil", TEAM, schedule=start)
    second = world.ask("emil", "rival", schedule=start)
    world.go("2031-04-02 00:00")
    states = {world.request(first.id).state, world.request(second.id).state}
    assert states == {RequestState.DELIVERED, RequestState.DENIED}
    denied = next(one for one in world.requests() if one.state is RequestState.DENIED)
    assert denied.reason == "INCOMPATIBLE_PACKAGE"


def test_what_failed_is_not_delivered_again_beside_what_excludes_it(begin: Begin) -> None:
    """S-84, S-94, S-117: what failed is not held, so that its rival could be had meanwhile."""
    world = automatic(begin)
    with_rival(world)
    for target in ("sales-group", "sales-app", SITE):
        world.systems.answer(target, FULL)
    failed = world.ask("emil", TEAM)
    assert failed.state is RequestState.DELIVERY_FAILED
    world.go(timedelta(hours=1))
    rival = world.ask("emil", "rival")
    assert rival.state is RequestState.DELIVERED
    for again in (
        lambda: deliver.reprocess_request(world.office, failed.id, STAFF),
        lambda: deliver.reprocess_assignment(world.office, world.assignment(failed).id, STAFF),
    ):
        with pytest.raises(RefusedError, match="INCOMPATIBLE_PACKAGE") as caught:
            again()
        assert caught.value.code == "NOT_REPROCESSABLE"
    assert world.assignment(failed).state is AssignmentState.DELIVERY_FAILED
    assert [one.package for one in world.assignments() if one.current] == ["rival"]


def test_a_package_without_entries_is_delivered_with_a_warning(begin: Begin) -> None:
    """S-20: never an error loop."""
    world = automatic(begin)
    tenant = world.tenants.tenant
    catalogs = tuple(
        msgspec.structs.replace(
            one, packages=tuple(msgspec.structs.replace(p, entries=()) for p in one.packages)
        )
        for one in tenant.catalogs
    )
    world.tenants.change(catalogs=catalogs)
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.DELIVERED
    assert "EMPTY_PACKAGE" in {event.reason for event in world.events(request=request.id)}


def test_a_requestor_may_cancel_until_the_delivery_begins(begin: Begin) -> None:
    """S-85, S-48: what was to come is void."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", TEAM)
    with pytest.raises(ForbiddenError):
        cancel.cancel(world.office, request.id, Actor("ivo"))
    canceled = cancel.cancel(world.office, request.id, Actor("emil"))
    assert (canceled.state, canceled.ended_by) == (RequestState.CANCELED, "emil")
    assert [
        one for one in world.work(WorkState.WAITING) if one.kind.value != "DELIVER_NOTICE"
    ] == []
    with pytest.raises(RefusedError) as caught:
        world.approve(request, "mona")
    assert caught.value.code == "STAGE_CLOSED"
    with pytest.raises(RefusedError) as caught:
        cancel.cancel(world.office, request.id, Actor("emil"))
    assert caught.value.code == "NOT_CANCELLABLE"


def test_staff_may_also_cancel_what_could_not_be_delivered(begin: Begin) -> None:
    """S-85, T17."""
    world = automatic(begin)
    for target in ("sales-group", "sales-app", SITE):
        world.systems.answer(target, FULL)
    request = world.ask("emil", TEAM)
    with pytest.raises(RefusedError):
        cancel.cancel(world.office, request.id, Actor("emil"))
    assert cancel.cancel(world.office, request.id, STAFF).state is RequestState.CANCELED


def test_deleting_a_record_leaves_the_assignment_alone(begin: Begin) -> None:
    """S-87."""
    world = automatic(begin)
    request = world.ask("emil", TEAM)
    assignment = world.assignment(request)
    cancel.delete_record(world.office, request.id, STAFF)
    assert world.assignments() == [assignment]
    deliver.reprocess_assignment(world.office, assignment.id, STAFF)
    world.go("2031-04-10 00:00")
    [ended] = world.assignments()
    assert ended.state is AssignmentState.EXPIRED
    assert world.systems.rights == set()


def test_direct_assignment_goes_through_approval_unless_it_is_bypassed(begin: Begin) -> None:
    """S-44, S-66, S-137: direct assignments tell the person nothing."""
    world = begin("2031-03-10 09:00")
    asked = world.ask("emil", TEAM, kind=RequestKind.ADMIN_ADD, actor=STAFF, policy="employees")
    assert asked.state is RequestState.PENDING_APPROVAL
    cancel.cancel(world.office, asked.id, STAFF)
    past = world.ask(
        "emil",
        TEAM,
        kind=RequestKind.ADMIN_ADD,
        actor=STAFF,
        policy="employees",
        bypass_approval=True,
    )
    assert past.state is RequestState.DELIVERED
    assert world.assignment(past).ends_at == at("2031-04-09 09:00")
    assert [who for who, _ in world.mails("access_ready")] == []


def test_trying_leaves_nothing_behind(begin: Begin) -> None:
    """S-45."""
    world = begin("2031-03-10 09:00")
    trial = Submission(kind=RequestKind.USER_ADD, target="emil", package=TEAM, validate_only=True)
    made = submit(world.office, trial, Actor("emil"))
    assert made.request is None
    assert made.decision is not None
    assert made.decision.outcome.value == "NEEDS_APPROVAL"
    assert (world.requests(), world.events(), world.work()) == ([], [], [])


def test_the_same_submission_told_twice_is_one_request(begin: Begin) -> None:
    """S-61."""
    world = begin("2031-03-10 09:00")
    first = world.ask("emil", TEAM, request_id="k-1")
    assert world.ask("emil", TEAM, request_id="k-1").id == first.id
    with pytest.raises(RequestIdReusedError):
        world.ask("emil", TEAM, request_id="k-1", justification="another")
    assert len(world.requests()) == 1
    assert world.ask("rosa", "hr-systems-access", request_id="k-1").id != first.id


def test_who_holds_the_package_is_pointed_to_the_extension(begin: Begin) -> None:
    """S-60, S-105: two current ones of one package never coexist."""
    world = automatic(begin)
    world.ask("emil", TEAM)
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask("emil", TEAM)
    assert caught.value.code == "ALREADY_ASSIGNED"


def test_late_work_is_listed_with_what_it_waits_for(begin: Begin) -> None:
    """Every piece of work is visible to staff."""
    world = automatic(begin)
    request = world.ask("emil", TEAM)
    kinds = {one.kind for one in world.work(WorkState.WAITING, request=request.id)}
    assert kinds >= {WorkKind.EXPIRE_ASSIGNMENT}


def test_a_request_whose_package_was_deleted_meanwhile_is_cancelled(begin: Begin) -> None:
    """S-108, T19: also if nobody was told of the deletion in time."""
    world = begin("2031-03-10 09:00")
    request = world.approve(world.ask("emil", TEAM), "mona")
    world.tenants.change(
        catalogs=tuple(
            msgspec.structs.replace(one, packages=()) if one.id == "sales-resources" else one
            for one in world.tenants.tenant.catalogs
        )
    )
    canceled = world.approve(request, "dana")
    assert (canceled.state, canceled.reason) == (RequestState.CANCELED, "PACKAGE_DELETED")
    assert world.assignments() == []
