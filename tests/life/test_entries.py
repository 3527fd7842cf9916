"""A package whose entries change while people hold it (S-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState, GrantState
from ostiary.domain.catalog import PackageEntry
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.operations.consequences import change_entries
from ostiary.operations.submission import Actor
from tests.life.conftest import Begin
from tests.life.world import World

TEAM = "sales-team-access"
GROUP = PackageEntry("sales-group", "Member")
APP = PackageEntry("sales-app", "User")
ADMIN = PackageEntry("sales-app", "Admin")
ALL = (GROUP, APP, PackageEntry("sales-site", "Contribute"))


def with_entries(world: World, *entries: PackageEntry, package: str = TEAM) -> None:
    def changed(one: Any) -> Any:
        return msgspec.structs.replace(one, entries=entries) if one.id == package else one

    world.tenants.change(
        catalogs=tuple(
            msgspec.structs.replace(catalog, packages=tuple(map(changed, catalog.packages)))
            for catalog in world.tenants.tenant.catalogs
        )
    )
    with world.store.transaction() as tx:
        change_entries(tx, package, 7, world.office.now())
    world.worker.run_until_idle()


def holder(begin: Begin) -> World:
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.ask("emil", TEAM)
    world.go(timedelta(days=1))
    return world


def roles(world: World) -> set[tuple[str, str]]:
    return {(target, role) for _, target, role in world.systems.rights}


def test_an_added_entry_is_granted_to_every_holder(begin: Begin) -> None:
    """S-16: and nobody is told again that access is ready."""
    world = holder(begin)
    with_entries(world, *ALL, ADMIN)
    assert ("sales-app", "Admin") in roles(world)
    [assignment] = world.assignments()
    assert assignment.state is AssignmentState.DELIVERED
    assert len(world.mails("access_ready")) == 1


def test_a_removed_entry_is_taken_from_every_holder(begin: Begin) -> None:
    """S-16; the other rights stay, and the end takes what is left."""
    world = holder(begin)
    with_entries(world, GROUP)
    assert roles(world) == {("sales-group", "Member")}
    [assignment] = world.assignments()
    assert assignment.state is AssignmentState.DELIVERED
    world.go("2031-04-10 00:00")
    assert roles(world) == set()
    assert {one.state for one in world.assignments()[0].grants} == {GrantState.REVOKED}
    assert world.requests()[-1].state is RequestState.DELIVERED


def test_a_removed_entry_stays_where_another_assignment_gives_the_same(begin: Begin) -> None:
    """S-16, S-104."""
    world = holder(begin)
    tenant = world.tenants.tenant
    sales = next(one for one in tenant.catalogs if one.id == "sales-resources")
    [team] = sales.packages
    other = msgspec.structs.replace(team, id="app-only", name="App", entries=(APP,))
    changed = msgspec.structs.replace(sales, packages=(other, team))
    world.tenants.change(
        catalogs=tuple(changed if one is sales else one for one in tenant.catalogs)
    )
    world.ask("emil", "app-only", policy="employees")
    with_entries(world, GROUP)
    assert roles(world) == {("sales-group", "Member"), ("sales-app", "User")}
    with_entries(world, package="app-only")
    assert roles(world) == {("sales-group", "Member")}


def test_an_added_entry_that_fails_is_seen_and_can_be_delivered_again(begin: Begin) -> None:
    """S-16, S-95."""
    world = holder(begin)
    gone = Delivered(Delivery.FAILED, "RESOURCE_GONE", "404")
    world.systems.answer("sales-app", gone)
    with_entries(world, *ALL, ADMIN)
    assert world.assignments()[0].state is AssignmentState.PARTIALLY_DELIVERED


def test_an_entry_that_comes_back_is_granted_again(begin: Begin) -> None:
    """S-16."""
    world = holder(begin)
    with_entries(world, GROUP)
    world.go(timedelta(days=1))
    with_entries(world, *ALL)
    with world.store.transaction() as tx:  # another revision
        change_entries(tx, TEAM, 8, world.office.now())
    world.worker.run_until_idle()
    assert len(roles(world)) == 3


def test_what_is_delivered_is_what_the_package_holds_by_then(begin: Begin) -> None:
    """S-16: a request asks for the package, whose entries may change on the way."""
    world = begin("2031-03-10 09:00")
    request = world.ask("emil", TEAM)
    with_entries(world, GROUP, ADMIN)
    world.approve(world.approve(request, "mona"), "dana")
    assert roles(world) == {("sales-group", "Member"), ("sales-app", "Admin")}


def test_running_it_twice_changes_nothing(begin: Begin) -> None:
    """S-7."""
    world = holder(begin)
    with_entries(world, GROUP)
    before = world.assignments(), world.events()
    with world.store.transaction() as tx:
        change_entries(tx, TEAM, 9, world.office.now())
    world.worker.run_until_idle()
    assert (world.assignments(), world.events()) == before


def test_access_that_has_ended_is_left_alone(begin: Begin) -> None:
    """S-90."""
    world = holder(begin)
    world.ask("emil", TEAM, kind=RequestKind.ADMIN_REMOVE, actor=Actor("sol", staff=True))
    with_entries(world, *ALL, ADMIN)
    assert roles(world) == set()
