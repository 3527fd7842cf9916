"""Calls outside while workers die, leases run out and people change their minds (ADR 7, S-104)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from ostiary.domain.access_request import Entry, RequestKind, RequestState
from ostiary.domain.assignment import GrantState
from ostiary.domain.due import DueAction, WorkKind, WorkState, user_case
from ostiary.domain.people import AccountState
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import outside
from ostiary.operations.ready import LEASE, LONGEST_CALL, ready
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.life.conftest import Begin
from tests.life.world import PRIYA, World, at

TEAM, GROUP_ONLY = "sales-team-access", "group-only"
GROUP = ("emil", "sales-group", "Member")
STAFF = Actor("sol", staff=True)
AWAY = Delivered(Delivery.RETRY, text="503 from the directory")
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(begin: Begin) -> World:
    """Emil may have the whole team access, or its group alone, and nobody needs to approve."""
    made = begin("2031-03-10 09:00")
    made.policy(TEAM, "employees", approval_for_add=False, stages=())
    tenant = made.tenants.tenant
    sales = next(one for one in tenant.catalogs if one.id == "sales-resources")
    [team] = sales.packages
    group = next(one for one in team.entries if one.resource == "sales-group")
    other = msgspec.structs.replace(team, id=GROUP_ONLY, name="Group", entries=(group,))
    changed = msgspec.structs.replace(sales, packages=(other, team))
    made.tenants.change(catalogs=tuple(changed if one is sales else one for one in tenant.catalogs))
    return made


def submitted(world: World, package: str, *, remove: bool = False) -> str:
    """Submit without any worker; give the id of the request."""
    kind = RequestKind.ADMIN_REMOVE if remove else RequestKind.USER_ADD
    asked = Submission(
        kind=kind, target="emil", package=package, policy=None if remove else "employees"
    )
    request = submit(world.office, asked, STAFF if remove else Actor("emil")).request
    assert request is not None
    return request.id


def leased(world: World, kind: WorkKind) -> list[DueAction]:
    """Have a worker take up what is due; give its calls of one kind."""
    now = world.office.now()
    with world.store.transaction() as tx:
        taken: Sequence[DueAction] = tx.lease(now, now + LEASE, most=100)
    return [one for one in taken if one.kind is kind]


def told(world: World, what: str) -> int:
    return sum(one == what for one, _, _ in world.systems.calls)


def state_of(world: World, index: int, resource: str = "sales-group") -> GrantState:
    assignment = world.assignments()[index]
    return next(one.state for one in assignment.grants if one.entry.resource == resource)


def entry(action: DueAction) -> Entry:
    return msgspec.convert(msgspec.json.decode(action.payload)["entry"], Entry)


def test_what_a_dead_worker_may_still_be_giving_is_taken_away_after_it(world: World) -> None:
    """S-104: its call is out, and arrives although the worker is dead and access has ended."""
    submitted(world, TEAM)
    provisions = leased(world, WorkKind.PROVISION)
    assert all(ready(world.office, one) for one in provisions)
    submitted(world, TEAM, remove=True)
    world.go(LEASE - SECOND)
    assert told(world, "revoke") == 0
    for one in provisions:
        world.systems.rights.add(("emil", entry(one).target, entry(one).role))
    world.go(timedelta(minutes=1))
    assert world.systems.rights == set()
    assert state_of(world, 0) is GrantState.REVOKED
    [removal] = [one for one in world.requests() if one.kind is RequestKind.ADMIN_REMOVE]
    assert removal.state is RequestState.DELIVERED


def test_a_grant_that_arrives_while_it_is_being_taken_away_is_taken_away_again(
    world: World,
) -> None:
    """S-104: a worker that held on longer than its lease still says what it did."""
    submitted(world, GROUP_ONLY)
    [late] = leased(world, WorkKind.PROVISION)
    submitted(world, GROUP_ONLY, remove=True)
    world.go(LEASE - SECOND)
    world.systems.answer("sales-group", AWAY)
    world.go(2 * SECOND)
    assert state_of(world, 0) is GrantState.REVOKING
    world.systems.rights.add(GROUP)
    outside.finish(world.office, late, Delivered(Delivery.DONE))
    world.go(timedelta(hours=1))
    assert world.systems.rights == set()
    assert state_of(world, 0) is GrantState.REVOKED


def test_a_right_is_kept_that_somebody_else_came_to_give_before_it_was_taken(world: World) -> None:
    """S-104: seen when the call is made, not only when it was queued."""
    world.ask("emil", TEAM)
    world.systems.answer("sales-group", *[AWAY] * 3)
    removal = submitted(world, TEAM, remove=True)
    world.worker.run_until_idle()
    assert world.request(removal).state is RequestState.DELIVERING
    submitted(world, GROUP_ONLY)
    world.go(timedelta(hours=1))
    assert world.request(removal).state is RequestState.DELIVERED
    assert (state_of(world, 0), state_of(world, 1)) == (GrantState.KEPT, GrantState.GRANTED)
    assert world.systems.rights == {GROUP}
    world.ask("emil", GROUP_ONLY, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    assert world.systems.rights == set()


def test_a_right_is_not_given_while_the_same_is_being_taken_away(world: World) -> None:
    """S-104: the later of two calls decides, and nobody knows which one arrives later."""
    world.ask("emil", TEAM)
    submitted(world, TEAM, remove=True)
    world.worker.run_inside()
    taken = leased(world, WorkKind.DEPROVISION)
    assert all(ready(world.office, one) for one in taken)
    world.systems.calls.clear()
    submitted(world, GROUP_ONLY)
    world.go(LEASE / 2)
    assert told(world, "grant") == 0
    for one in taken:
        world.systems.rights.discard(("emil", entry(one).target, entry(one).role))
        outside.finish(world.office, one, Delivered(Delivery.DONE))
    world.go(timedelta(minutes=1))
    assert world.systems.rights == {GROUP}
    assert state_of(world, 1) is GrantState.GRANTED
    attempts = [one.attempts for one in world.work() if one.kind is WorkKind.PROVISION]
    assert set(attempts) == {1}, "waiting for one's turn is no attempt"


def test_a_call_is_not_begun_when_its_lease_may_end_before_it(world: World) -> None:
    """A slow batch: whoever comes to a call too late leaves it to others."""
    submitted(world, GROUP_ONLY)
    [call] = leased(world, WorkKind.PROVISION)
    world.clock.instant += LEASE - LONGEST_CALL + SECOND
    assert not ready(world.office, call)
    [again] = leased(world, WorkKind.PROVISION)
    assert (again.id, again.attempts, again.fence) == (call.id, call.attempts, call.fence + 1)
    assert not ready(world.office, call)
    assert ready(world.office, again)


def test_a_call_whose_reason_went_away_after_its_lease_is_not_made(world: World) -> None:
    """S-48, S-7: what became overdue in the meantime comes first."""
    submitted(world, GROUP_ONLY)
    [call] = leased(world, WorkKind.PROVISION)
    submitted(world, GROUP_ONLY, remove=True)
    assert not ready(world.office, call)
    assert told(world, "grant") == 0


def test_a_guest_who_has_access_again_is_not_blocked_by_a_call_that_waited(world: World) -> None:
    """S-116."""
    first = world.ask(PRIYA, TEAM)
    world.approve(first, "fran")
    world.systems.answer(PRIYA.id, *[AWAY] * 3)
    world.ask(PRIYA.id, TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    world.approve(world.ask(PRIYA.id, TEAM), "fran")
    world.go(timedelta(hours=1))
    assert world.systems.guests == {PRIYA.id: "enabled"}
    [call] = [one for one in world.work() if one.kind is WorkKind.SET_GUEST_STATE]
    assert call.state is WorkState.VOID
    user = next(one for one in world.tenants.tenant.users if one.id == PRIYA.id)
    assert user.state is AccountState.ENABLED


def test_poison_in_a_case_does_not_end_the_calls_of_others(world: World) -> None:
    """What cannot be carried out is set aside, and everybody else is served."""
    world.ask("fran", "reading-room")
    submitted(world, GROUP_ONLY)
    world.worker.run_inside()
    poison = DueAction(
        id="poison",
        kind=WorkKind.EXPIRE_ASSIGNMENT,
        due_at=at("2031-03-10 09:00"),
        case=user_case("emil"),
        assignment="nowhere",
    )
    with world.store.transaction() as tx:
        tx.schedule([poison])
    assert world.worker.run_outside(calls=1) >= 1
    [aside] = [one for one in world.work() if one.id == "poison"]
    assert (aside.state, aside.attempts) == (WorkState.WAITING, 1)
    world.go(timedelta(hours=1))
    assert world.systems.rights >= {GROUP}
    [parked] = world.work(WorkState.PARKED)
    assert parked.id == "poison"
