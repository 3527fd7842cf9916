"""Wrong beliefs about access packages, each disproved (W-10), and which feature serves which need.

The feature chooser is S-140.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.caller import Caller, Role, RoleAssignment
from ostiary.domain.errors import SubmissionRefusedError
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    ExtensionCall,
    ExtensionStage,
    NoResponse,
    Recurrence,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.operations.rights import rights_of
from ostiary.rpc.permissions import TABLE
from tests.life.conftest import Begin
from tests.life.world import PRIYA, at
from tests.unit.defining import BASE, PACKAGE, STAGE, approval, load, package, resource, said

TEAM = "sales-team-access"
DAY = timedelta(days=1)


def test_no_custom_catalog_is_needed(begin: Begin, tmp_path: Path) -> None:
    """S-10, S-140, W-10: a package without a catalog lives in General, and is delivered."""
    loose = {"id": "loose", "name": "Loose", "policies": PACKAGE["policies"]}
    content = {**BASE, "catalogs": [], "packages": [loose]}
    world = begin("2031-03-10 09:00", load(tmp_path, content).tenant)
    request = world.ask("ann", "loose")
    assert (request.state, request.terms.catalog) == (RequestState.DELIVERED, "general")


def test_packages_hand_out_no_directory_roles(tmp_path: Path) -> None:
    """S-1, S-19, S-140, W-10: they belong to privileged-role management."""
    role = resource(kind="directory_role", role="global-reader", roles=["eligible"])
    [fault] = said(tmp_path, role)
    assert fault.startswith("INVALID_MODEL: catalogs[c].resources[extra]")


def test_external_people_get_nowhere_without_set_up(begin: Begin) -> None:
    """S-110, W-10: without their organization nothing is created, no guest and no organization."""
    world = begin("2031-03-10 10:00")
    organizations = (
        msgspec.structs.replace(one, sources=()) for one in world.tenants.tenant.organizations
    )
    world.tenants.change(organizations=tuple(organizations))
    before = world.tenants.tenant
    with pytest.raises(SubmissionRefusedError) as caught:
        world.ask(PRIYA, TEAM)
    assert caught.value.code == "NOT_IN_SCOPE"
    assert (world.requests(), world.events(), world.work()) == ([], [], [])
    assert world.tenants.tenant == before


def test_deleting_a_package_takes_no_access_away(begin: Begin) -> None:
    """S-108, W-9, W-10."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.ask("emil", TEAM)
    world.without_package(TEAM)
    world.go("2031-04-09 08:59")
    assert world.assignments()[0].current
    assert len(world.systems.rights) == 3


@pytest.mark.parametrize(("profile", "most"), [("standard", 2), ("entra", 3)])
def test_stages_are_not_unlimited(tmp_path: Path, profile: str, most: int) -> None:
    """S-62, W-10."""
    stages = [STAGE] * most
    assert said(tmp_path, approval(*stages), profile) == []
    [fault] = said(tmp_path, approval(*stages, STAGE), profile)
    assert fault.startswith("LIMIT_EXCEEDED")
    assert f"{most}" in fault


def test_no_administrator_has_to_own_a_catalog(begin: Begin) -> None:
    """S-11, S-132, S-133, W-10: owners do everything in their catalog, and nothing elsewhere."""
    world = begin("2031-03-10 09:00")
    owner = RoleAssignment("user:sol", Role.CATALOG_OWNER, "sales-resources")
    with world.store.reading() as tx:
        directory = world.tenants.current(tx).directory
    rights = rights_of(Caller("sol"), [owner], directory)
    writes = ("Update", "Create", "Delete")
    nouns = ("Catalog", "Resource", "CustomExtension", "AccessPackage", "AssignmentPolicy")
    own = {f"{write}{noun}" for write in writes for noun in nouns} - {"CreateCatalog"}
    for method in sorted(own):
        row = TABLE[f"ostiary.v1.CatalogService/{method}"]
        assert rights.have(row.roles, "sales-resources"), method
        assert not rights.have(row.roles, "hr"), method
    assert not rights.administrator


def test_a_package_without_entries_only_looks_empty(begin: Begin, tmp_path: Path) -> None:
    """S-20, W-6: validation says so, and a request under it is no error."""
    empty = package(entries=[])
    [warning] = said(tmp_path, empty)
    assert warning.startswith("warning EMPTY_PACKAGE")
    world = begin("2031-03-10 09:00", load(tmp_path, empty).tenant)
    assert world.ask("ann", "p").state is RequestState.DELIVERED


def test_a_hand_in_the_group_is_not_as_good_as_a_package(begin: Begin) -> None:
    """S-63, S-99, S-119, W-10: no approval, no review and no end ever come of it."""
    world = begin("2031-03-10 09:00")
    by_hand = ("nils", "sales-group", "Member")
    world.systems.rights.add(by_hand)
    request = world.approve(world.approve(world.ask("emil", TEAM), "mona"), "dana")
    assert by_hand in world.systems.rights
    assert len(world.systems.rights) == 4
    world.go("2035-03-10 09:00")
    assert world.assignment(request).state is AssignmentState.EXPIRED
    assert world.systems.rights == {by_hand}
    assert world.events(target="nils") == []


# which feature serves which need


def test_access_ends_by_itself_by_the_expiration_of_the_policy(begin: Begin) -> None:
    """S-140."""
    world = begin("2031-03-10 09:00")
    world.policy(TEAM, "employees", approval_for_add=False, stages=())
    world.ask("emil", TEAM)
    world.go("2031-04-09 09:00")
    assert world.systems.rights == set()


def test_partners_help_themselves_by_a_connected_organization(begin: Begin) -> None:
    """S-140: nobody of ours does anything until Fran decides."""
    world = begin("2031-03-10 10:00")
    assert world.ask(PRIYA, TEAM).submitter == PRIYA.id
    assert {event.actor for event in world.events()} == {PRIYA.id}


def test_several_people_agree_by_a_policy_with_several_stages(begin: Begin) -> None:
    """S-140."""
    world = begin("2031-03-10 09:00")
    request = world.approve(world.ask("emil", TEAM), "mona")
    assert (request.state, world.systems.rights) == (RequestState.PENDING_APPROVAL, set())
    assert world.approve(request, "dana").state is RequestState.DELIVERED


def test_need_is_proved_from_time_to_time_by_review_settings(begin: Begin) -> None:
    """S-140: who is not confirmed loses the access."""
    world = begin("2031-03-10 09:00")
    reviews = ReviewSettings(
        start=at("2031-03-15 00:00"),
        recurrence=Recurrence(every=90 * DAY),
        window=5 * DAY,
        reviewers=ReviewerKind.SPECIFIC,
        specific=(Approver(ApproverKind.USER, "dana"),),
        no_response=NoResponse.REMOVE,
    )
    world.policy(TEAM, "employees", approval_for_add=False, stages=(), reviews=reviews)
    request = world.ask("emil", TEAM)
    world.go("2031-03-20 00:00")
    assert world.assignment(request).state is AssignmentState.EXPIRED


def test_what_stages_cannot_express_is_done_by_a_custom_extension(begin: Begin) -> None:
    """S-140: another system is asked, and denies."""
    world = begin("2031-03-10 09:00")
    call = ExtensionCall("check", ExtensionStage.REQUEST_CREATED, DAY)
    fran = (Approver(ApproverKind.USER, "fran"),)
    world.policy(TEAM, "employees", stages=(ApprovalStage(primary=fran),), extensions=(call,))
    request = world.ask("emil", TEAM)
    assert [callout.stage for callout, _, _ in world.caller.calls] == [call.stage]
    assert request.waits_for == call.stage.value
