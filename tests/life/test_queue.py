"""What waits for somebody's decision is found by an index, and by nothing else is it decided."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from ostiary.domain.access_request import RequestState
from ostiary.domain.people import AccountState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.operations import approve, delegating, staging
from ostiary.operations.submission import Actor
from ostiary.operations.unit import Unit
from tests.life.conftest import Begin
from tests.life.world import World

TEAM = "sales-team-access"
HR = Approver(ApproverKind.GROUP, "hr-leads")
FRAN = Approver(ApproverKind.USER, "fran")
SOL = Approver(ApproverKind.USER, "sol")
DANA = Approver(ApproverKind.USER, "dana")
MANAGER = Approver(ApproverKind.MANAGER)


def queues(world: World) -> dict[str, list[str]]:
    """Who may decide what, as the queue says; it must be what a look at every request says."""

    requests = world.requests()

    def looked(unit: Unit) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for request in requests:
            record = request.open_stage()
            if record is not None and request.state is RequestState.PENDING_APPROVAL:
                for who in staging.deciders(unit, request, record):
                    found.setdefault(who, []).append(request.id)
        return found

    want = world.office.look(looked)
    everybody = [user.id for user in world.tenants.tenant.users]
    queued = {who: [one.id for one in approve.queue(world.office, who)] for who in everybody}
    assert {who: ids for who, ids in queued.items() if ids} == want
    return want


def started(begin: Begin, *stages: ApprovalStage) -> World:
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", stages=stages)
    return world


def test_the_queue_follows_groups_as_they_are_at_the_moment(begin: Begin) -> None:
    """S-73: who joined finds it, who left does not; the fallback when everybody has gone."""
    world = started(begin, ApprovalStage(primary=(HR,), fallback=(FRAN,)))
    world.members("hr-leads", ["hana"])
    request = world.ask("emil", TEAM)
    assert queues(world) == {"hana": [request.id]}
    world.members("hr-leads", ["ivo", "emil"])
    assert queues(world) == {"ivo": [request.id]}
    world.users(ivo={"state": AccountState.BLOCKED})
    assert queues(world) == {"fran": [request.id]}


def test_the_queue_follows_groups_within_groups(begin: Begin) -> None:
    """S-34, S-73."""
    world = started(begin, ApprovalStage(primary=(Approver(ApproverKind.GROUP, "sales-staff"),)))
    world.members("sales-staff", ["nils"])
    world.tenants.change(
        groups=tuple(
            replace(one, groups=("hr-leads",)) if one.id == "sales-staff" else one
            for one in world.tenants.tenant.groups
        )
    )
    world.members("hr-leads", ["hana"])
    asked = world.ask("nils", TEAM)
    assert queues(world) == {"hana": [asked.id]}


def test_the_queue_follows_the_stages_to_their_end(begin: Begin) -> None:
    """S-63, S-77: managers, alternates once they are let in, the next stage, nobody after it."""
    first = ApprovalStage(
        primary=(MANAGER,),
        fallback=(FRAN,),
        alternates=(SOL, HR),
        escalate_after=timedelta(days=4),
    )
    world = started(begin, first, ApprovalStage(primary=(DANA,)))
    request, other = world.ask("emil", TEAM), world.ask("nils", TEAM)
    before = queues(world)
    assert "sol" not in before
    world.go("2031-03-15 09:00")
    after = queues(world)
    assert after["sol"] == [request.id, other.id]
    assert set(after) > set(before)
    world.approve(request, "sol")
    assert queues(world)["dana"] == [request.id]
    world.approve(request, "dana")
    world.deny(other, "sol")
    assert queues(world) == {}


def test_delegates_find_what_they_may_decide_while_they_may(begin: Begin) -> None:
    """S-80."""
    world = started(begin, ApprovalStage(primary=(FRAN,)))
    world.switch(approval_delegation=True)
    delegating.set_delegation(world.office, Actor("fran"), "dana")
    request = world.ask("emil", TEAM)
    assert queues(world) == {"fran": [request.id], "dana": [request.id]}
    delegating.end_delegation(world.office, "fran", Actor("fran"))
    assert queues(world) == {"fran": [request.id]}
