"""Extension and the end of access (section 11), duties and guests beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState, EndCause, GrantState
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.errors import (
    ForbiddenError,
    InvalidRequestError,
    RefusedError,
    SubmissionRefusedError,
)
from ostiary.domain.people import AccountState, PersonType
from ostiary.domain.policy import Expiration, ExpirationKind
from ostiary.domain.request import Schedule
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import outside
from ostiary.operations.automatic import sweep
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.life.conftest import Begin
from tests.life.world import PRIYA, World, at

TEAM = "sales-team-access"
STAFF = Actor("sol", staff=True)
DAY = timedelta(days=1)


def holder(begin: Begin, **policy: Any) -> World:
    """A world in which Emil holds the package from 2031-03-10 09:00 for 30 days."""
    world = begin("2031-03-10 09:00")
    fields = {"approval_for_add": False, "stages": (), "extension_allowed": True, **policy}
    world.policy(TEAM, "employees", **fields)
    world.ask("emil", TEAM)
    return world


def extend(world: World, end: str | None = None, **fields: Any) -> Any:
    wanted = None if end is None else Schedule(end=at(end))
    return world.ask("emil", TEAM, kind=RequestKind.USER_UPDATE, schedule=wanted, **fields)


def refused(code: str, act: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        act()
    assert caught.value.code == code


def waiting(world: World, kind: WorkKind) -> list[Any]:
    return [one.due_at for one in world.work(WorkState.WAITING) if one.kind is kind]


def test_an_extension_moves_the_end_and_everything_that_hangs_on_it(begin: Begin) -> None:
    """S-86, S-100, S-101: granted at + the policy's duration; the grants are not touched."""
    world = holder(begin)
    world.go("2031-03-20 09:00")
    calls = len(world.systems.calls)
    request = extend(world)
    assert request.state is RequestState.DELIVERED
    [assignment] = world.assignments()
    assert (assignment.ends_at, assignment.state) == (
        at("2031-04-19 09:00"),
        AssignmentState.DELIVERED,
    )
    assert waiting(world, WorkKind.EXPIRE_ASSIGNMENT) == [at("2031-04-19 09:00")]
    assert waiting(world, WorkKind.REMIND_EXPIRY) == [
        at("2031-04-05 09:00"),
        at("2031-04-18 09:00"),
    ]
    assert len(world.systems.calls) == calls
    world.go("2031-04-18 23:59")
    assert world.assignments()[0].current
    world.go("2031-04-19 09:00")
    assert world.assignments()[0].state is AssignmentState.EXPIRED
    assert world.systems.rights == set()


def test_the_old_end_passes_unnoticed_after_an_extension(begin: Begin) -> None:
    """S-101."""
    world = holder(begin)
    world.go("2031-04-09 08:00")
    extend(world)
    world.go("2031-04-10 00:00")
    assert world.assignments()[0].current


def test_a_holder_may_name_an_earlier_end_but_not_a_later_one(begin: Begin) -> None:
    """S-101: needs no custom-schedule permission; equal is fine; never before the old end."""
    world = holder(begin)
    world.go("2031-03-20 09:00")
    refused("SCHEDULE_BEYOND_POLICY", lambda: extend(world, "2031-04-19 09:00:00.000001"))
    refused("SCHEDULE_INVALID", lambda: extend(world, "2031-04-01 09:00"))
    refused("SCHEDULE_INVALID", lambda: extend(world, "2031-03-20 09:00"))
    assert extend(world, "2031-04-19 09:00").state is RequestState.DELIVERED
    with pytest.raises(InvalidRequestError):
        world.ask(
            "emil",
            TEAM,
            kind=RequestKind.USER_UPDATE,
            schedule=Schedule(start=at("2031-05-01 00:00")),
        )


def test_what_stands_against_an_extension(begin: Begin) -> None:
    """S-101, S-102: not allowed, out of scope, ended; the old end stays."""
    world = holder(begin, extension_allowed=False)
    refused("EXTENSION_NOT_ALLOWED", lambda: extend(world))
    world.policy(TEAM, "employees", extension_allowed=True)
    world.members("sales-staff", [])
    tenant = world.tenants.tenant
    groups = tuple(msgspec.structs.replace(one, groups=(), users=()) for one in tenant.groups)
    world.tenants.change(groups=groups)
    with pytest.raises(SubmissionRefusedError) as caught:
        extend(world)
    assert caught.value.code == "NOT_IN_SCOPE"
    assert world.assignments()[0].ends_at == at("2031-04-09 09:00")
    world.tenants.change(groups=tenant.groups)
    world.go("2031-04-10 00:00")
    refused("EXTENSION_NOT_ALLOWED", lambda: extend(world))


def test_an_extension_asks_the_same_stages_and_lapses_with_the_access(begin: Begin) -> None:
    """S-102, T21: access goes on until the old end, and what comes later revives nothing."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", extension_allowed=True, approval_for_extension=True)
    first = world.ask("emil", TEAM)
    world.approve(world.approve(first, "mona"), "dana")
    world.go("2031-03-30 09:00")
    request = extend(world)
    assert request.state is RequestState.PENDING_APPROVAL
    refused("REQUEST_PENDING", lambda: extend(world))
    request = world.approve(request, "mona")
    world.go("2031-04-09 09:00")
    denied = world.request(request.id)
    assert (denied.state, denied.reason) == (RequestState.DENIED, "EXTENSION_NOT_ALLOWED")
    refused("STAGE_CLOSED", lambda: world.approve(denied, "dana"))
    assert world.assignments()[0].state is AssignmentState.EXPIRED


def test_an_extension_whose_approval_has_no_stage_is_approved_by_nobody(begin: Begin) -> None:
    """S-24, S-25: no version would save such a policy, and one that is kept extends nothing."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", extension_allowed=True, approval_for_extension=True)
    first = world.ask("emil", TEAM)
    world.approve(world.approve(first, "mona"), "dana")
    world.policy(TEAM, "employees", stages=())
    world.go("2031-03-30 09:00")
    refused("NO_APPROVER", lambda: extend(world))
    assert world.assignments()[0].ends_at == at("2031-04-09 09:00")


def test_an_approved_extension_counts_from_its_approval_under_the_policy_as_it_is_now(
    begin: Begin,
) -> None:
    """S-101."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", extension_allowed=True, approval_for_extension=True)
    first = world.ask("emil", TEAM)
    world.approve(world.approve(first, "mona"), "dana")
    after = Expiration(ExpirationKind.DURATION, after=60 * DAY)
    world.policy(TEAM, "employees", expiration=after)
    world.go("2031-03-30 09:00")
    request = extend(world)
    world.approve(request, "mona")
    world.go("2031-04-01 09:00")
    world.approve(request, "dana")
    assert world.assignments()[0].ends_at == at("2031-05-31 09:00")


def test_administrators_may_set_any_future_end(begin: Begin) -> None:
    """S-103."""
    world = holder(begin, extension_allowed=False)

    def set_end(end: str, actor: Actor = STAFF) -> Any:
        wanted = Schedule(end=at(end))
        return world.ask("emil", TEAM, kind=RequestKind.ADMIN_UPDATE, schedule=wanted, actor=actor)

    with pytest.raises(ForbiddenError):
        set_end("2031-12-01 00:00", Actor("emil"))
    refused("SCHEDULE_INVALID", lambda: set_end("2031-03-10 09:00"))
    refused("SCHEDULE_INVALID", lambda: set_end("2051-03-10 09:00"))
    assert set_end("2031-03-12 00:00").state is RequestState.DELIVERED
    [event] = [one for one in world.events() if one.name.startswith("Extend")]
    assert (event.actor, dict(event.details)["new_end"]) == ("sol", "2031-03-12T00:00:00+00:00")
    world.go("2031-03-12 00:00")
    assert world.assignments()[0].state is AssignmentState.EXPIRED


def test_a_right_goes_with_the_last_assignment_that_gives_it(begin: Begin) -> None:
    """S-104, S-105: Member and Owner are different; each assignment has its own end."""
    world = holder(begin)
    tenant = world.tenants.tenant
    sales = next(one for one in tenant.catalogs if one.id == "sales-resources")
    [team] = sales.packages
    other = msgspec.structs.replace(team, id="group-only", name="Group", entries=team.entries[:1])
    changed = msgspec.structs.replace(sales, packages=(other, team))
    world.tenants.change(
        catalogs=tuple(changed if one is sales else one for one in tenant.catalogs)
    )
    world.go("2031-03-20 09:00")
    world.ask("emil", "group-only", policy="employees")
    world.go("2031-04-10 00:00")
    first, second = world.assignments()
    assert (first.state, second.state) == (AssignmentState.EXPIRED, AssignmentState.DELIVERED)
    kept = {one.entry.resource: one.state for one in first.grants}
    assert kept.pop(team.entries[0].resource) is GrantState.KEPT
    assert set(kept.values()) == {GrantState.REVOKED}
    assert len(world.systems.rights) == 1
    world.go("2031-04-20 00:00")
    assert world.systems.rights == set()


def test_a_holder_gives_back_only_where_the_policy_lets_them(begin: Begin) -> None:
    """S-86, S-105."""
    world = holder(begin)

    def give_back() -> Any:
        return world.ask("emil", TEAM, kind=RequestKind.USER_REMOVE)

    with pytest.raises(ForbiddenError):
        give_back()
    tenant = world.tenants.tenant
    world.worker.run_until_idle()
    assert tenant is world.tenants.tenant
    removed = world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    assert (removed.kind, removed.state) == (RequestKind.ADMIN_REMOVE, RequestState.DELIVERED)
    [assignment] = world.assignments()
    assert (assignment.state, assignment.end_cause) == (AssignmentState.EXPIRED, EndCause.STAFF)
    assert world.systems.rights == set()
    assert world.work(WorkState.WAITING) == []
    with pytest.raises(RefusedError) as caught:
        world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    assert caught.value.code == "NOT_ASSIGNED"


def test_what_was_given_back_can_be_asked_for_again_at_once(begin: Begin) -> None:
    """S-60."""
    world = holder(begin, self_remove=True)
    world.ask("emil", TEAM, kind=RequestKind.USER_REMOVE)
    world.go(timedelta(minutes=1))
    assert world.ask("emil", TEAM).state is RequestState.DELIVERED
    assert len(world.systems.rights) == 3


def test_a_removal_that_fails_stays_in_sight_until_it_is_done(begin: Begin) -> None:
    """Nothing of a right that may still be there is forgotten."""
    world = holder(begin)
    gone = Delivered(Delivery.FAILED, "INSUFFICIENT_PERMISSION", "403 from the directory")
    world.systems.answer("sales-app", gone)
    removal = world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    assert removal.state is RequestState.DELIVERING
    [parked] = world.work(WorkState.PARKED)
    assert (parked.kind, parked.target) == (WorkKind.DEPROVISION, "sales-app/User")
    with world.store.transaction() as tx:
        assert tx.unpark(parked.id, world.office.now())
    world.worker.run_until_idle()
    assert world.systems.rights == set()
    assert world.request(removal.id).state is RequestState.DELIVERED


def test_a_grant_that_comes_after_the_end_is_taken_away_again(begin: Begin) -> None:
    """S-104: whatever order the systems behind us answer in."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    asked = Submission(kind=RequestKind.USER_ADD, target="emil", package=TEAM)
    submit(world.office, asked, Actor("emil"))
    now = world.office.now()
    with world.store.transaction() as tx:
        leased = list(tx.lease(now, now + 2 * timedelta(minutes=1), most=100))
    provisions = [one for one in leased if one.kind is WorkKind.PROVISION]
    assert len(provisions) == 3
    removal = Submission(kind=RequestKind.ADMIN_REMOVE, target="emil", package=TEAM)
    submit(world.office, removal, STAFF)
    # The calls that were under way succeed now, after access has ended.
    for action in provisions:
        world.systems.rights.add(("emil", action.target, "late"))
        outside.finish(world.office, action, Delivered(Delivery.DONE))
    world.go(timedelta(minutes=10))
    revoked = [what for what, _, _ in world.systems.calls if what == "revoke"]
    assert len(revoked) >= 3
    assert {one.state for one in world.assignments()[0].grants} == {GrantState.REVOKED}


def test_a_guest_who_holds_something_again_is_not_deleted(begin: Begin) -> None:
    """S-116, S-48."""
    world = begin("2031-03-10 10:05")
    first = world.ask(PRIYA, TEAM)
    world.approve(first, "fran")
    world.go("2031-03-20 00:00")
    world.ask(PRIYA.id, TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    assert world.systems.guests == {PRIYA.id: "blocked"}
    world.users(**{PRIYA.id: {"state": AccountState.ENABLED}})
    again = world.ask(PRIYA.id, TEAM)
    world.approve(again, "fran")
    world.go("2031-05-01 00:00")
    assert PRIYA.id in world.systems.guests


def test_a_blocked_guest_cannot_request(begin: Begin) -> None:
    """S-116."""
    world = begin("2031-03-10 10:05")
    world.approve(world.ask(PRIYA, TEAM), "fran")
    world.ask(PRIYA.id, TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask(PRIYA.id, TEAM)
    assert caught.value.code == "SUBJECT_BLOCKED"


def deleted_priya(begin: Begin) -> World:
    """Priya's access ended on 2031-03-20, and her account was deleted on 2031-04-19."""
    world = begin("2031-03-10 10:05")
    world.approve(world.ask(PRIYA, TEAM), "fran")
    world.go("2031-03-20 00:00")
    world.ask(PRIYA.id, TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    world.go("2031-04-19 00:00")
    assert world.systems.guests == {}
    return world


def test_a_deleted_guest_may_come_back_once_the_account_cannot_be_restored(begin: Begin) -> None:
    """S-35, S-107, S-115: then it counts as not being there, and a guest is made anew."""
    world = deleted_priya(begin)
    world.go("2031-05-18 23:59")
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask(PRIYA, TEAM)
    assert caught.value.code == "SUBJECT_DELETED"
    world.go("2031-05-19 00:00")
    again = world.ask(PRIYA, TEAM)
    with world.store.transaction() as tx:  # whoever looks for deleted holders leaves this one be
        sweep(world.office.unit(tx, "tenant"), world.tenants.tenant.users)
    again = world.approve(again, "fran")
    assert again.state is RequestState.DELIVERED
    assert world.systems.guests == {PRIYA.id: "enabled"}
    world.go("2031-06-20 00:00")
    assert world.assignment(again).current


def test_nobody_ends_new_access_because_the_old_account_was_deleted(begin: Begin) -> None:
    """S-107: also while the guest's new account is still to be made."""
    world = deleted_priya(begin)
    world.go("2031-05-19 00:00")
    world.systems.answer(PRIYA.id, *[Delivered(Delivery.RETRY)] * 3)
    again = world.approve(world.ask(PRIYA, TEAM), "fran")
    with world.store.transaction() as tx:
        sweep(world.office.unit(tx, "tenant"), world.tenants.tenant.users)
    world.go("2031-05-20 00:00")
    assert world.request(again.id).state is RequestState.DELIVERED


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"type": PersonType.MEMBER}, id="a member"),
        pytest.param({"deleted_at": None}, id="nobody knows since when"),
    ],
)
def test_other_deleted_accounts_stand_in_the_way_for_good(
    begin: Begin, changed: dict[str, object]
) -> None:
    """S-35: who was let go as a member does not come in again as somebody from outside."""
    world = deleted_priya(begin)
    world.users(**{PRIYA.id: changed})
    world.go("2032-05-19 00:00")
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask(PRIYA, TEAM)
    assert caught.value.code == "SUBJECT_DELETED"
