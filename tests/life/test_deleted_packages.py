"""What becomes of requests and access when their package is deleted (S-108, T19, W-9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState, GrantState
from ostiary.domain.errors import PackageNotFoundError, RefusedError
from ostiary.domain.policy import Expiration, ExpirationKind
from ostiary.domain.request import Schedule
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations.consequences import endless_assignments
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import at

TEAM = "sales-team-access"


def test_access_lives_to_its_end_after_its_package_is_deleted(begin: Begin) -> None:
    """S-90, S-108, W-9: it is revoked on its day, and nobody can request meanwhile."""
    world = begin("2031-05-01 12:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=(), extension_allowed=True)
    request = world.ask("emil", TEAM)
    world.without_package(TEAM)
    assert world.assignment(request).current
    with pytest.raises(PackageNotFoundError):
        world.ask("mona", TEAM)
    world.go("2031-05-31 11:59")
    assert len(world.systems.rights) == 3
    assert world.mails("extend_by") == [
        ("emil", at("2031-05-17 12:00")),
        ("emil", at("2031-05-30 12:00")),
    ], "what was announced stands"
    world.go("2031-05-31 12:00")
    ended = world.assignment(request)
    assert ended.state is AssignmentState.EXPIRED
    assert {one.state for one in ended.grants} == {GrantState.REVOKED}
    assert world.systems.rights == set()


def test_open_requests_for_a_deleted_package_are_cancelled(begin: Begin) -> None:
    """S-85, S-108, T19: pending and scheduled ones; approvers and requestors are told."""
    world = begin("2031-03-10 09:00")
    pending = world.ask("emil", TEAM)
    world.policy(TEAM, "employees", approval_for_add=False, stages=(), custom_schedule=True)
    later = world.ask("nils", TEAM, schedule=Schedule(start=at("2031-04-01 00:00")))
    assert later.state is RequestState.SCHEDULED
    world.without_package(TEAM)
    for request in (pending, later):
        ended = world.request(request.id)
        assert (ended.state, ended.reason, ended.ended_by) == (
            RequestState.CANCELED,
            "PACKAGE_DELETED",
            "system",
        )
    assert sorted(whom for whom, _ in world.mails("canceled")) == ["emil", "mona", "nils"]
    with pytest.raises(RefusedError) as caught:
        world.approve(pending, "mona")
    assert caught.value.code == "STAGE_CLOSED"
    world.go("2031-06-01 00:00")
    assert world.assignments() == []
    assert world.systems.rights == set()


def test_what_is_being_delivered_when_its_package_is_deleted_finishes(begin: Begin) -> None:
    """S-92, S-108."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.systems.answer("sales-app", Delivered(Delivery.RETRY, text="busy"))
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.DELIVERING
    world.without_package(TEAM)
    assert world.request(request.id).state is RequestState.DELIVERING
    world.go(timedelta(hours=1))
    assert world.request(request.id).state is RequestState.DELIVERED
    assert len(world.systems.rights) == 3


def test_access_without_an_end_outlives_its_package_until_staff_remove_it(begin: Begin) -> None:
    """S-108: what never ends is what the reply to a deletion warns of."""
    world = begin("2031-03-10 09:00")
    endless = Expiration(ExpirationKind.NEVER)
    world.policy(TEAM, "employees", approval_for_add=False, stages=(), expiration=endless)
    request = world.ask("emil", TEAM)
    world.without_package(TEAM)
    with world.store.reading() as tx:
        assert endless_assignments(tx, TEAM) == 1
    world.go("2035-01-01 00:00")
    assert world.assignment(request).current
    world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=Actor("sol", staff=True))
    assert world.systems.rights == set()
