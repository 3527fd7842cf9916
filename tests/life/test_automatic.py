"""Access that follows who people are: rules, scopes left, accounts deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from ostiary.domain.access_request import RequestKind
from ostiary.domain.assignment import AssignmentState, EndCause
from ostiary.domain.attributes import AttributeTest, Comparison
from ostiary.domain.people import AccountState
from ostiary.domain.policy import RequestorScope, ScopeKind
from ostiary.operations.automatic import sweep
from tests.life.conftest import Begin
from tests.life.world import World, at

TEAM = "sales-team-access"
DAY = timedelta(days=1)
SALES = RequestorScope(
    ScopeKind.AUTOMATIC, rule=AttributeTest("department", Comparison.EQ, ("Sales",))
)


def swept(world: World) -> None:
    with world.store.transaction() as tx:
        sweep(world.office.unit(tx, ""), world.tenants.tenant.users)
    world.worker.run_until_idle()


def by_rule(begin: Begin, **policy: Any) -> World:
    world = begin("2031-03-10 09:00")
    fields = {"approval_for_add": False, "stages": (), "scope": SALES, **policy}
    world.policy(TEAM, "employees", **fields)
    return world


def holders(world: World) -> set[str]:
    return {one.target for one in world.assignments() if one.current}


def test_who_fits_the_rule_is_assigned_and_running_it_twice_changes_nothing(begin: Begin) -> None:
    """S-106: SYSTEM_ADD without approval."""
    world = by_rule(begin)
    swept(world)
    assert holders(world) == {"sol", "fran", "dana", "mona", "emil", "nils"}
    assert {one.kind for one in world.requests()} == {RequestKind.SYSTEM_ADD}
    before = world.requests(), world.assignments()
    swept(world)
    assert (world.requests(), world.assignments()) == before


def test_who_stops_fitting_is_removed_after_the_grace_unless_they_fit_again(begin: Begin) -> None:
    """S-106."""
    world = by_rule(begin, remove_when_unfit=True, out_of_scope_grace=5 * DAY)
    swept(world)
    moved = {"attributes": {"department": "Studio"}}
    world.users(emil=moved, nils=moved)
    swept(world)
    assert holders(world) >= {"emil", "nils"}
    world.go("2031-03-13 09:00")
    world.users(nils={"attributes": {"department": "Sales"}})
    swept(world)
    world.go("2031-03-15 09:00")
    assert "emil" not in holders(world)
    assert "nils" in holders(world)
    [ended] = [one for one in world.assignments() if one.state is AssignmentState.EXPIRED]
    assert (ended.target, ended.end_cause) == ("emil", EndCause.RULE)


def test_nobody_is_removed_where_the_policy_does_not_say_so(begin: Begin) -> None:
    """S-106: never if off."""
    world = by_rule(begin)
    swept(world)
    world.users(emil={"attributes": {"department": "Studio"}})
    swept(world)
    world.go("2031-03-20 09:00")
    assert "emil" in holders(world)


def test_leaving_the_scope_ends_access_only_where_the_policy_says_so(begin: Begin) -> None:
    """S-37, S-109."""
    for ends in (False, True):
        world = begin("2031-03-10 09:00")
        world.policy(
            TEAM,
            "employees",
            approval_for_add=False,
            stages=(),
            revoke_when_out_of_scope=ends,
            out_of_scope_grace=2 * DAY,
        )
        world.ask("emil", TEAM)
        groups = tuple(
            msgspec.structs.replace(one, groups=(), users=()) for one in world.tenants.tenant.groups
        )
        world.tenants.change(groups=groups)
        swept(world)
        world.go("2031-03-12 08:59")
        assert world.assignments()[0].current
        world.go("2031-03-12 09:00")
        assert world.assignments()[0].current is not ends


def test_switching_a_policy_off_is_no_leaving_of_its_scope(begin: Begin) -> None:
    """S-28."""
    world = begin("2031-03-10 09:00")
    world.policy(
        TEAM, "employees", approval_for_add=False, stages=(), revoke_when_out_of_scope=True
    )
    world.ask("emil", TEAM)
    world.policy(TEAM, "employees", enabled=False)
    swept(world)
    world.go("2031-03-20 09:00")
    assert world.assignments()[0].current


def test_access_of_a_deleted_user_lasts_while_they_can_be_restored(begin: Begin) -> None:
    """S-107."""
    for restored in (False, True):
        world = begin("2031-03-10 09:00")
        world.policy(
            TEAM,
            "employees",
            approval_for_add=False,
            stages=(),
            expiration=msgspec.structs.replace(
                world.policy(TEAM, "employees").expiration, after=300 * DAY
            ),
        )
        world.ask("emil", TEAM)
        gone = {"state": AccountState.DELETED, "deleted_at": at("2031-03-15 00:00")}
        world.go("2031-03-16 00:00")
        world.users(emil=gone)
        swept(world)
        world.go("2031-04-13 23:59")
        assert world.assignments()[0].current
        if restored:
            world.users(emil={"state": AccountState.ENABLED, "deleted_at": None})
        world.go("2031-04-14 00:00")
        [assignment] = world.assignments()
        assert assignment.current is restored
        if not restored:
            assert assignment.end_cause is EndCause.SUBJECT_DELETED
