"""How long the audit log and the records of requests are kept (S-87, S-136)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.errors import ForbiddenError, RequestNotFoundError
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations import deliver, retention
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"
STAFF = Actor("sol", staff=True)
DAY = timedelta(days=1)


def holding(begin: Begin, **settings: timedelta) -> World:
    """A world in which Emil has asked for the package and got it on 2031-03-10."""
    world = begin("2031-03-10 09:00")
    world.settings(**settings)
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.ask("emil", TEAM)
    return world


def test_everything_is_kept_unless_the_tenant_says_otherwise(begin: Begin) -> None:
    """S-87, S-136."""
    world = holding(begin)
    world.go("2041-03-10 09:00")
    assert len(world.events()) == 12
    assert len(world.requests()) == 2


def test_events_are_forgotten_when_they_are_old_enough(begin: Begin) -> None:
    """S-136: those of the beginning, not yet those of the end; numbers are not given again."""
    world = holding(begin, keep_audit_for=90 * DAY)
    world.go("2031-06-08 08:59")
    whole = world.events()
    assert len(whole) == 12
    world.go("2031-06-08 10:30")
    rest = world.events()
    assert rest == [one for one in whole if one.at > at("2031-03-11 00:00")]
    assert len(rest) == 5
    assert [one.sequence for one in rest] == [8, 9, 10, 11, 12]
    world.go("2031-09-01 00:00")
    assert world.events() == []
    assert len(world.requests()) == 2, "records have a setting of their own"
    world.ask("emil", TEAM)
    assert world.events()[0].sequence == 13


def test_a_long_log_is_forgotten_in_batches(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    """S-136: no transaction deletes more than a few."""
    world = holding(begin)
    world.jump("2032-03-10 09:00")
    world.settings(keep_audit_for=90 * DAY)
    monkeypatch.setattr(retention, "BATCH", 4)
    assert [retention.forget(world.office) for _ in range(3)] == [4, 3, 0]


def test_records_of_requests_are_deleted_after_their_completion(begin: Begin) -> None:
    """S-87: with an event by the system; the access lives on."""
    world = begin("2031-03-10 09:00")
    world.settings(keep_requests_for=20 * DAY)
    request = world.ask("emil", TEAM)
    world.go("2031-03-29 00:00")
    world.approve(world.approve(request, "mona"), "dana")
    world.go("2031-04-17 23:59")
    assert world.request(request.id).state is RequestState.DELIVERED, "it was completed later"
    world.go("2031-04-18 01:00")
    assert world.requests() == []
    [assignment] = world.assignments()
    assert assignment.current
    [event] = world.events(name_contains="delete")
    assert (event.name, event.actor, event.request) == (
        "Delete access package assignment request",
        "system",
        request.id,
    )
    with pytest.raises(RequestNotFoundError):
        deliver.reprocess_request(world.office, request.id, STAFF)
    world.go("2031-04-28 00:00")
    assert world.systems.rights == set(), "it ends on its day all the same"


def test_what_is_open_is_never_deleted(begin: Begin) -> None:
    """S-87."""
    world = begin("2031-03-10 09:00")
    world.settings(keep_requests_for=1 * DAY)
    request = world.ask("emil", TEAM)
    world.go("2031-04-09 08:59")
    assert world.request(request.id).open
    world.go("2031-04-09 09:00")
    assert world.request(request.id).reason == "APPROVAL_TIMEOUT"
    world.go("2031-04-24 10:00")
    assert world.requests() == []


def test_what_can_be_tried_again_is_kept_as_long_as_that(begin: Begin) -> None:
    """S-87, S-94: 14 days, however short the setting is."""
    world = begin("2031-03-10 09:00")
    world.settings(keep_requests_for=1 * DAY)
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.systems.answer("sales-app", Delivered(Delivery.FAILED, "RESOURCE_GONE"))
    request = world.ask("emil", TEAM)
    world.go("2031-03-24 08:59")
    deliver.reprocess_request(world.office, request.id, STAFF)
    world.worker.run_until_idle()
    assert world.request(request.id).state is RequestState.DELIVERED
    world.go("2031-04-08 10:00")
    assert world.requests() == []


def test_what_a_limit_counts_is_kept_for_three_months(begin: Begin) -> None:
    """S-87 and section 18: requests in three months are counted by their records."""
    world = holding(begin, keep_requests_for=1 * DAY)
    limits = {**world.tenants.tenant.profile.limits, "requests_in_three_months": 200_000}
    world.switch(limits=limits)
    world.go("2031-05-31 00:00")
    assert len(world.requests()) == 2
    world.go("2031-08-01 00:00")
    assert world.requests() == []


def test_an_approval_whose_record_is_gone_cannot_be_taken_back(begin: Begin) -> None:
    """S-83, S-87: who approved is not known any more, and unknown never means allowed."""
    world = begin("2031-03-10 09:00")
    world.switch(revoke_approval=True)
    world.settings(keep_requests_for=1 * DAY)
    world.approve(world.approve(world.ask("emil", TEAM), "mona"), "dana")
    world.go("2031-03-26 00:00")
    assert world.requests() == []
    kind = RequestKind.APPROVER_REMOVE
    with pytest.raises(ForbiddenError):
        world.ask("emil", TEAM, kind=kind, actor=Actor("dana"), justification="no")
