"""The audit log: every change writes one event, under the names of section 17."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.audit import FURTHER, SECTION_17, named
from ostiary.domain.decision import Decision
from ostiary.domain.people import AccountState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.domain.request import Schedule
from ostiary.lifecycle.ports import Delivered, Delivery, Store
from ostiary.operations import cancel, deliver
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.replaying import Replay
from tests.life.stories import Story, tell
from tests.life.telling import Teller
from tests.life.world import World, at

TEAM = "sales-team-access"
STAFF = Actor("sol", staff=True)
OPERATIONS = Path(__file__).parents[2] / "server" / "ostiary" / "operations"


def agrees(world: World, replay: Replay) -> None:
    """Assert that what the log tells is what the store holds."""
    replay.follow(world.events(after=replay.sequence))
    assert replay.requests == {one.id: one.state for one in world.requests()}
    assert replay.assignments == {one.id: one.state for one in world.assignments()}


class Auditor(Teller):
    """Tells a story, and compares log and store whenever somebody has acted."""

    def __init__(self, store: Store, story: Story) -> None:
        super().__init__(store, story)
        self.replay = Replay()

    def tell(self) -> Decision | None:
        decision = super().tell()
        agrees(self.world, self.replay)
        return decision

    def _next_act(self) -> datetime | None:
        agrees(self.world, self.replay)
        return super()._next_act()


def audited(first: int, count: int) -> None:
    for seed in range(first, first + count):
        store = open_store("memory:")
        try:
            Auditor(store, tell(seed)).tell()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        finally:
            store.close()


def test_the_log_alone_tells_the_state_of_every_request_and_assignment() -> None:
    """S-31, S-134: in random stories, whenever somebody has acted; no event comes twice."""
    audited(50_000, 150)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_the_log_alone_tells_every_state_in_many_stories() -> None:
    """S-134."""
    audited(3_000_000, 20_000)


def test_the_log_tells_of_failure_repair_and_records_that_are_gone(begin: Begin) -> None:
    """S-87, S-94, S-95, S-134: partial delivery, reprocessing, drift repair, deletion."""
    world, replay = begin("2031-03-10 09:00"), Replay()
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    broken = Delivered(Delivery.FAILED, "RESOURCE_GONE", "no such application")
    world.systems.answer("sales-app", broken)
    request = world.ask("emil", TEAM)
    assert request.state is RequestState.PARTIALLY_DELIVERED
    agrees(world, replay)

    world.systems.answer("sales-app", broken)
    deliver.reprocess_assignment(world.office, request.assignment, STAFF)
    agrees(world, replay)
    world.worker.run_until_idle()
    agrees(world, replay)
    assert world.assignment(request).state is AssignmentState.PARTIALLY_DELIVERED

    deliver.reprocess_request(world.office, request.id, STAFF)
    agrees(world, replay)
    world.worker.run_until_idle()
    agrees(world, replay)
    assert world.request(request.id).state is RequestState.DELIVERED

    deliver.reprocess_assignment(world.office, request.assignment, STAFF)
    agrees(world, replay)
    world.worker.run_until_idle()
    agrees(world, replay)
    assert world.request(request.id).state is RequestState.DELIVERED

    cancel.delete_record(world.office, request.id, STAFF)
    agrees(world, replay)
    deliver.reprocess_assignment(world.office, request.assignment, STAFF)
    world.worker.run_until_idle()
    agrees(world, replay)
    assert world.assignments()[0].state is AssignmentState.DELIVERED
    world.go("2031-05-01 00:00")
    agrees(world, replay)
    assert world.assignments()[0].state is AssignmentState.EXPIRED


def test_the_log_tells_of_everything_else_that_ends_a_request(begin: Begin) -> None:
    """S-134: nobody left to decide, failures cancelled by staff, access removed, packages gone."""
    world, replay = begin("2031-03-10 09:00"), Replay()

    given = world.ask("nils", TEAM, kind=RequestKind.ADMIN_ADD, actor=STAFF, policy="employees")
    agrees(world, replay)
    world.users(dana={"state": AccountState.BLOCKED})
    world.approve(given, "fran")
    agrees(world, replay)
    assert world.request(given.id).reason == "NO_APPROVER"

    world.policy(TEAM, "employees", approval_for_add=False, stages=(), custom_schedule=True)
    for target in ("sales-group", "sales-app", "https://sites.larkfield.example/sites/sales"):
        world.systems.answer(target, Delivered(Delivery.FAILED, "RESOURCE_GONE"))
    failed = world.ask("emil", TEAM)
    agrees(world, replay)
    assert failed.state is RequestState.DELIVERY_FAILED
    cancel.cancel(world.office, failed.id, STAFF)
    agrees(world, replay)
    deliver.reprocess_assignment(world.office, failed.assignment, STAFF)
    world.worker.run_until_idle()
    agrees(world, replay)
    assert world.request(failed.id).state is RequestState.CANCELED
    world.ask("emil", TEAM, kind=RequestKind.ADMIN_UPDATE, actor=STAFF, schedule=IN_MAY)
    agrees(world, replay)
    world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=STAFF)
    agrees(world, replay)

    later = world.ask("mona", TEAM, schedule=Schedule(start=at("2031-04-01 00:00")))
    agrees(world, replay)
    world.without_package(TEAM)
    agrees(world, replay)
    assert world.request(later.id).reason == "PACKAGE_DELETED"


IN_MAY = Schedule(end=at("2031-05-01 00:00"))


def test_a_stage_that_escalates_says_so_once(begin: Begin) -> None:
    """S-77, S-134, T8."""
    world = begin("2031-03-10 09:00")
    stage = ApprovalStage(
        primary=(Approver(ApproverKind.USER, "fran"),),
        alternates=(Approver(ApproverKind.USER, "sol"),),
        escalate_after=timedelta(days=8),
    )
    world.policy(TEAM, "employees", stages=(stage,))
    request = world.ask("emil", TEAM)
    world.go("2031-03-30 09:00")
    [event] = world.events(request=request.id, name_contains="update")
    assert (event.at, event.actor, dict(event.details)) == (
        at("2031-03-18 09:00"),
        "system",
        {"stage": "1", "status": "escalated"},
    )


def test_every_event_bears_a_name_of_the_closed_lists() -> None:
    """S-134: no operation writes another, and the names of section 17 stay as they are."""
    with pytest.raises(ValueError, match="no audit event"):
        named("Approve access package request")
    assert not SECTION_17 & FURTHER
    assert len(SECTION_17) == 55
    spelled = {
        node.value
        for file in OPERATIONS.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for name in sorted(spelled):
        if name.endswith(("access package assignment request", "access package assignment")):
            assert name in SECTION_17 | FURTHER or name == "access package assignment request"


def test_the_filter_finds_everything_about_assignments_and_their_requests(begin: Begin) -> None:
    """S-134: "Access package assignment", whatever the case."""
    world = begin("2031-03-10 09:00")
    world.approve(world.approve(world.ask("emil", TEAM), "mona"), "dana")
    world.go("2031-05-01 00:00")
    about = [one for one in world.events() if one.request or one.assignment]
    assert sum("resource assignment" in one.name for one in about) == 6
    assert world.events(name_contains="Access package assignment") == about
