"""Approvers name a delegate for the approvals that come after (S-80)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ostiary.domain.access_request import Delegate, RequestState
from ostiary.domain.errors import ForbiddenError, InvalidRequestError, RefusedError
from ostiary.domain.people import AccountState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.operations import approve, delegating
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"


def users(*ids: str) -> tuple[Approver, ...]:
    return tuple(Approver(ApproverKind.USER, one) for one in ids)


def started(begin: Begin, *stages: ApprovalStage) -> World:
    """A tenant with delegation, in which Fran alone approves unless it is said otherwise."""
    world = begin("2031-03-10 09:00")
    world.switch(approval_delegation=True)
    stages = stages or (ApprovalStage(primary=users("fran")),)
    world.policy(TEAM, "employees", stages=stages)
    return world


def delegate(world: World, who: str, to: str, **times: str) -> Any:
    instants = {name: at(text) for name, text in times.items()}
    return delegating.set_delegation(world.office, Actor(who), to, **instants)


def refused(world: World, code: str, request: Any, who: str) -> None:
    before = world.request(request.id), world.events()
    with pytest.raises(RefusedError) as caught:
        world.approve(request, who)
    assert caught.value.code == code
    assert (world.request(request.id), world.events()) == before


def queue(world: World, who: str) -> list[str]:
    return [one.id for one in approve.queue(world.office, who)]


def test_a_delegate_decides_what_is_assigned_afterwards(begin: Begin) -> None:
    """S-80: is told, sees it in the queue, and the record says in whose place."""
    world = started(begin)
    delegate(world, "fran", "sol")
    request = world.ask("emil", TEAM)
    assert request.stages[0].delegates == (Delegate("fran", "sol"),)
    assert [who for who, _ in world.mails("action_needed")] == ["fran", "sol"]
    assert queue(world, "sol") == queue(world, "fran") == [request.id]
    delivered = world.approve(request, "sol", justification="for Fran")
    decision = delivered.stages[0].decision
    assert decision is not None
    assert (decision.by, decision.instead_of) == ("sol", "fran")
    [event] = world.events(name_contains="stage completed")
    assert (event.actor, dict(event.details)["instead_of"]) == ("sol", "fran")
    assert [who for who, _ in world.mails("decided")] == ["fran"]


def test_the_approver_keeps_the_right(begin: Begin) -> None:
    """S-80."""
    world = started(begin)
    delegate(world, "fran", "sol")
    delivered = world.approve(world.ask("emil", TEAM), "fran")
    assert delivered.stages[0].decision.instead_of == ""  # type: ignore[union-attr]
    assert [who for who, _ in world.mails("decided")] == ["sol"]


def test_a_delegate_who_denies_ends_the_request(begin: Begin) -> None:
    """S-63, S-80."""
    world = started(begin)
    delegate(world, "fran", "sol")
    denied = world.deny(world.ask("emil", TEAM), "sol", justification="no")
    assert (denied.state, denied.ended_by) == (RequestState.DENIED, "sol")
    assert dict(denied.reason_parameters) == {"instead_of": "fran", "stage": "1"}


def test_what_was_assigned_before_is_not_covered(begin: Begin) -> None:
    """S-80: neither by a delegation set later nor by one that begins later."""
    world = started(begin)
    before = world.ask("emil", TEAM)
    world.go("2031-03-11 09:00")
    delegate(world, "fran", "sol", starts_at="2031-03-12 09:00")
    between = world.ask("mona", TEAM)
    world.go("2031-03-12 09:00")
    after = world.ask("nils", TEAM)
    refused(world, "NOT_APPROVER", before, "sol")
    refused(world, "NOT_APPROVER", between, "sol")
    assert queue(world, "sol") == [after.id]
    assert world.approve(after, "sol").state is RequestState.DELIVERED


def test_a_later_stage_is_assigned_when_it_opens(begin: Begin) -> None:
    """S-75, S-80."""
    world = started(
        begin, ApprovalStage(primary=users("mona")), ApprovalStage(primary=users("fran"))
    )
    request = world.ask("emil", TEAM)
    delegate(world, "fran", "sol")
    request = world.approve(request, "mona")
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_a_delegation_ends_at_its_end(begin: Begin) -> None:
    """S-5, S-80: for what is assigned already too."""
    world = started(begin)
    delegate(world, "fran", "sol", ends_at="2031-03-20 09:00")
    request = world.ask("emil", TEAM)
    world.go("2031-03-20 08:59")
    assert queue(world, "sol") == [request.id]
    world.go("2031-03-20 09:00")
    refused(world, "NOT_APPROVER", request, "sol")
    assert world.ask("nils", TEAM).stages[0].delegates == ()


def test_who_takes_a_delegation_back_takes_it_back_at_once(begin: Begin) -> None:
    """S-80: and who names another delegate takes it from the first."""
    world = started(begin)
    delegate(world, "fran", "sol")
    first = world.ask("emil", TEAM)
    delegate(world, "fran", "dana")
    second = world.ask("nils", TEAM)
    refused(world, "NOT_APPROVER", first, "sol")
    refused(world, "NOT_APPROVER", first, "dana")
    assert queue(world, "dana") == [second.id]
    assert delegating.end_delegation(world.office, "fran", Actor("fran"))
    refused(world, "NOT_APPROVER", second, "dana")
    assert not delegating.end_delegation(world.office, "fran", Actor("fran"))
    assert delegating.delegation_of(world.office, "fran") is None
    assert world.names(name_contains="delegation") == [
        "Create approval delegation",
        "Update approval delegation",
        "Delete approval delegation",
    ]


def test_a_delegate_cannot_delegate_on(begin: Begin) -> None:
    """S-80."""
    world = started(begin)
    delegate(world, "fran", "sol")
    delegate(world, "sol", "dana")
    request = world.ask("emil", TEAM)
    refused(world, "NOT_APPROVER", request, "dana")
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_nobody_decides_their_own_request_as_a_delegate(begin: Begin) -> None:
    """S-71, S-80: and is not asked to."""
    world = started(begin)
    delegate(world, "fran", "emil")
    request = world.ask("emil", TEAM)
    refused(world, "SELF_APPROVAL", request, "emil")
    assert queue(world, "emil") == []
    assert [who for who, _ in world.mails("action_needed")] == ["fran"]
    world.deny(request, "fran")
    assert world.mails("decided") == []


def test_a_delegate_who_cannot_sign_in_decides_nothing(begin: Begin) -> None:
    """S-73, S-80."""
    world = started(begin)
    delegate(world, "fran", "sol")
    request = world.ask("emil", TEAM)
    world.users(sol={"state": AccountState.BLOCKED})
    refused(world, "NOT_APPROVER", request, "sol")


def test_nobody_stands_in_for_who_could_not_decide_themselves(begin: Begin) -> None:
    """S-73, S-80: a group that the approver has left takes the delegate along."""
    world = started(begin, ApprovalStage(primary=(Approver(ApproverKind.GROUP, "hr-leads"),)))
    delegate(world, "ivo", "sol")
    request = world.ask("emil", TEAM)
    assert queue(world, "sol") == [request.id]
    world.members("hr-leads", ["hana"])
    refused(world, "NOT_APPROVER", request, "sol")


def test_alternates_delegate_too_from_the_escalation_on(begin: Begin) -> None:
    """S-77, S-80."""
    stage = ApprovalStage(
        primary=users("fran"), alternates=users("dana"), escalate_after=timedelta(days=8)
    )
    world = started(begin, stage)
    delegate(world, "dana", "sol")
    request = world.ask("emil", TEAM)
    refused(world, "NOT_APPROVER", request, "sol")
    world.go("2031-03-18 09:00")
    assert [who for who, _ in world.mails("forwarded")] == ["dana", "sol"]
    assert world.approve(request, "sol").state is RequestState.DELIVERED


def test_who_approves_in_their_own_right_does_so(begin: Begin) -> None:
    """S-80: whoever else's delegate they are."""
    world = started(begin, ApprovalStage(primary=users("fran", "sol")))
    delegate(world, "fran", "sol")
    delivered = world.approve(world.ask("emil", TEAM), "sol")
    assert delivered.stages[0].decision.instead_of == ""  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("to", "times", "fields"),
    [
        pytest.param("fran", {}, ["delegate"], id="themselves"),
        pytest.param("nobody-at-all", {}, ["delegate"], id="nobody"),
        pytest.param("ivo", {}, ["delegate"], id="somebody who cannot sign in"),
        pytest.param("sol", {"starts_at": "2031-03-10 08:59"}, ["start_time"], id="in the past"),
        pytest.param("sol", {"ends_at": "2031-03-10 09:00"}, ["end_time"], id="over at once"),
        pytest.param(
            "fran",
            {"starts_at": "2031-03-01 09:00", "ends_at": "2031-03-01 09:00"},
            ["delegate", "start_time", "end_time"],
            id="everything at once",
        ),
    ],
)
def test_what_is_wrong_with_a_delegation(
    begin: Begin, to: str, times: dict[str, str], fields: list[str]
) -> None:
    """S-80, S-139."""
    world = started(begin)
    world.users(ivo={"state": AccountState.BLOCKED})
    with pytest.raises(InvalidRequestError) as caught:
        delegate(world, "fran", to, **times)
    assert [field for field, _ in caught.value.violations] == fields
    assert delegating.delegation_of(world.office, "fran") is None
    assert world.events() == []


def test_without_the_switch_nobody_delegates(begin: Begin) -> None:
    """S-80: off in the standard profile; switched off later, what was delegated counts no more."""
    world = started(begin)
    delegate(world, "fran", "sol")
    request = world.ask("emil", TEAM)
    world.switch(approval_delegation=False)
    with pytest.raises(ForbiddenError):
        delegate(world, "dana", "sol")
    refused(world, "NOT_APPROVER", request, "sol")
    assert world.ask("nils", TEAM).stages[0].delegates == ()


def test_naming_the_same_delegate_again_is_no_event(begin: Begin) -> None:
    """S-134."""
    world = started(begin)
    for _ in range(2):
        delegate(world, "fran", "sol", starts_at="2031-04-01 00:00", ends_at="2031-05-01 00:00")
    assert world.names() == ["Create approval delegation"]
