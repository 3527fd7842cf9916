"""An approver takes an approval back (S-83)."""

from __future__ import annotations

from typing import Any

import pytest

from ostiary.domain.access_request import AccessRequest, RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState, EndCause
from ostiary.domain.errors import ForbiddenError, RefusedError
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World

TEAM = "sales-team-access"


def approved(begin: Begin, **switches: Any) -> World:
    """A world in which Mona and then Dana approved Emil's access."""
    world = begin("2031-03-10 09:00")
    world.switch(revoke_approval=True, **switches)
    world.approve(world.approve(world.ask("emil", TEAM), "mona"), "dana")
    return world


def take_back(world: World, who: str, why: str | None = "he has left the campaign") -> Any:
    kind = RequestKind.APPROVER_REMOVE
    return world.ask("emil", TEAM, kind=kind, actor=Actor(who), justification=why)


@pytest.mark.parametrize("who", ["mona", "dana"])
def test_who_approved_takes_the_approval_back_and_the_access_goes(begin: Begin, who: str) -> None:
    """S-83, S-86, S-105: through a request of its own, with the reason, without approval."""
    world = approved(begin)
    world.go("2031-03-20 09:00")
    removal: AccessRequest = take_back(world, who)
    assert (removal.kind, removal.state, removal.submitter, removal.justification) == (
        RequestKind.APPROVER_REMOVE,
        RequestState.DELIVERED,
        who,
        "he has left the campaign",
    )
    [assignment] = world.assignments()
    assert (assignment.state, assignment.end_cause) == (AssignmentState.EXPIRED, EndCause.APPROVER)
    assert world.systems.rights == set()
    assert [whom for whom, _ in world.mails("access_ended")] == ["emil"]
    assert world.names(request=removal.id, actor=who) == [
        "User requests to remove access package assignment"
    ]


@pytest.mark.parametrize("why", [None, "", "  \n"])
def test_an_approval_is_taken_back_with_a_reason_only(begin: Begin, why: str | None) -> None:
    """S-83."""
    world = approved(begin)
    with pytest.raises(RefusedError) as caught:
        take_back(world, "dana", why)
    assert caught.value.code == "JUSTIFICATION_REQUIRED"
    assert world.assignments()[0].current


@pytest.mark.parametrize("who", ["fran", "emil", "sol"])
def test_nobody_else_takes_an_approval_back(begin: Begin, who: str) -> None:
    """S-83: not who could have approved and did not, not the holder, not staff."""
    world = approved(begin)
    before = world.requests(), world.events()
    with pytest.raises(ForbiddenError):
        take_back(world, who)
    assert (world.requests(), world.events()) == before
    assert world.assignments()[0].current


def test_without_the_switch_an_approval_stands(begin: Begin) -> None:
    """S-83: off in the standard profile."""
    world = approved(begin)
    world.switch(revoke_approval=False)
    with pytest.raises(ForbiddenError):
        take_back(world, "dana")
    assert world.assignments()[0].current


def test_an_approval_of_access_that_has_ended_cannot_be_taken_back(begin: Begin) -> None:
    """S-83, S-86."""
    world = approved(begin)
    take_back(world, "dana")
    with pytest.raises(RefusedError) as caught:
        take_back(world, "mona")
    assert caught.value.code == "NOT_ASSIGNED"
