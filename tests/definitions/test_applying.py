"""A folder brought into a store: what it changes, what it leaves alone, what stands in its way."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.domain.access_request import RequestState
from ostiary.domain.audit import Change
from ostiary.domain.due import WorkKind
from ostiary.domain.errors import RefusedError
from ostiary.domain.people import AccountState, PersonType, User
from ostiary.lifecycle.ports import OWNER, DefinitionKind, Membership, Store, WorkQuery
from tests.definitions.holding import (
    NOW,
    ask,
    assign,
    events,
    held,
    last_event,
    make,
    members,
    put,
    user,
    written,
)
from tests.unit import defining

replace = msgspec.structs.replace
BASE = defining.BASE


@pytest.fixture
def store() -> Store:
    return open_store("memory:")


@pytest.fixture
def applied(store: Store, tmp_path: Path) -> Store:
    """A store with the small tenant in it."""
    put(store, tmp_path / "first", BASE)
    return store


def without(key: str, *ids: str) -> defining.Content:
    """The tenant less some objects of one list."""
    content = copy.deepcopy(BASE)
    content[key] = [one for one in content[key] if one["id"] not in ids]
    return content


def policies(*more: dict[str, Any]) -> defining.Content:
    """The tenant with other policies in its package."""
    return defining.package(policies=list(more))


def named(store: Store, since: int) -> list[tuple[str, str]]:
    """The names of new events with the objects that they are about."""
    return [(event.name, event.object) for event in events(store, since)]


def test_the_first_folder_makes_the_tenant(store: Store, tmp_path: Path) -> None:
    changes = put(store, tmp_path / "one", BASE)
    assert held(store) == defining.load(tmp_path / "one", BASE).tenant
    assert changes.revision == 1
    assert {event.revision for event in events(store)} == {"1"}
    assert {event.actor for event in events(store)} == {"ada"}
    created = [event for event in events(store) if event.package == "p" and not event.policy]
    assert [(one.name, one.catalog, one.object) for one in created] == [
        ("Create access package", "c", "tenants/t/catalogs/c/accessPackages/p")
    ]


def test_the_same_folder_again_changes_nothing(applied: Store, tmp_path: Path) -> None:
    since = last_event(applied)
    changes = put(applied, tmp_path / "again", BASE)
    assert changes.nothing
    assert changes.revision == 1
    assert events(applied, since) == []


def test_a_change_is_one_revision_with_each_field_before_and_after(
    applied: Store, tmp_path: Path
) -> None:
    """S-134."""
    since = last_event(applied)
    changes = put(applied, tmp_path / "two", defining.package(name="Q", hidden=True))
    assert changes.revision == 2
    (event,) = events(applied, since)
    assert event.name == "Update access package"
    assert event.changes == (Change("hidden", "false", "true"), Change("name", "P", "Q"))


def test_each_kind_of_change_bears_its_name(applied: Store, tmp_path: Path) -> None:
    """Section 17."""
    since = last_event(applied)
    content = defining.catalog(
        resources=[defining.RESOURCE, {"id": "app", "kind": "application", "application": "x"}],
        extensions=[],
        owners=["user:ben"],
        packages=[
            {**defining.PACKAGE, "incompatible": {"groups": ["staff"]}},
            {"id": "r", "name": "R", "incompatible": {"packages": ["p"]}},
        ],
    )
    content["tenant"]["settings"] = {"guest_cleanup": "none"}
    content["organizations"][0]["internal_sponsors"] = ["user:ben"]
    content["users"] = [*content["users"], {"id": "eve"}]
    put(applied, tmp_path / "two", content)
    assert sorted(named(applied, since)) == [
        ("Add role assignment", "tenants/t/catalogs/c"),
        ("Assign user as internal sponsor", "tenants/t/connectedOrganizations/acme"),
        ("Create access package", "tenants/t/catalogs/c/accessPackages/r"),
        ("Create incompatible access package", "tenants/t/catalogs/c/accessPackages/r"),
        ("Create incompatible group", "tenants/t/catalogs/c/accessPackages/p"),
        ("Create resource request", "tenants/t/catalogs/c/resources/app"),
        ("Create user", "tenants/t/users/eve"),
        ("Delete custom extension", "tenants/t/catalogs/c/customExtensions/flow"),
        ("Update access package", "tenants/t/catalogs/c/accessPackages/p"),
        ("Update catalog", "tenants/t/catalogs/c"),
        ("Update connected organization", "tenants/t/connectedOrganizations/acme"),
        ("Update tenant setting", "tenants/t"),
    ]


def test_a_dry_run_says_the_same_and_leaves_no_trace(applied: Store, tmp_path: Path) -> None:
    since, before = last_event(applied), held(applied)
    content = defining.package(name="Q")
    tried = put(applied, tmp_path / "two", content, dry_run=True)
    assert events(applied, since) == []
    assert held(applied) == before
    assert put(applied, tmp_path / "two", content) == tried


def test_what_the_folder_leaves_out_is_deleted(applied: Store, tmp_path: Path) -> None:
    content = without("users", "gus")
    content["organizations"] = []
    content["catalogs"] = []
    put(applied, tmp_path / "two", content)
    assert held(applied) == defining.load(tmp_path / "two", content).tenant


# what others wrote


def test_a_guest_whom_ostiary_made_stays(applied: Store, tmp_path: Path) -> None:
    guest = User("priya", "Priya", type=PersonType.GUEST, governed=True)
    make(applied, guest, Membership("team", "priya"))
    put(applied, tmp_path / "two", defining.package(name="Q"))
    assert user(applied, "priya") == guest
    assert members(applied, "team") == ["priya"]


def test_a_guest_who_was_blocked_stays_blocked(applied: Store, tmp_path: Path) -> None:
    """S-116: the folder says of the guest what it said before."""
    gus = user(applied, "gus")
    assert gus is not None
    make(applied, replace(gus, state=AccountState.BLOCKED))
    changes = put(applied, tmp_path / "two", defining.package(name="Q"))
    blocked = user(applied, "gus")
    assert blocked is not None
    assert blocked.state is AccountState.BLOCKED
    assert changes.kept == ("tenants/t/users/gus",)


def test_what_the_folder_says_anew_counts(applied: Store, tmp_path: Path) -> None:
    gus = user(applied, "gus")
    assert gus is not None
    make(applied, replace(gus, state=AccountState.BLOCKED))
    content = without("users", "gus")
    content["users"].append({"id": "gus", "type": "guest", "mail": "gus@x.example"})
    put(applied, tmp_path / "two", content)
    now = user(applied, "gus")
    assert now is not None
    assert now.state is AccountState.ENABLED


def test_memberships_that_were_granted_or_ended_stay_so(applied: Store, tmp_path: Path) -> None:
    """S-104: a membership that ended with its assignment is not given again by a folder."""
    make(applied, Membership("team", "ann"), gone=[Membership("staff", "ann")])
    content = defining.group(users=["ben"])
    put(applied, tmp_path / "two", content)
    assert members(applied, "team") == ["ann"]
    assert members(applied, "staff") == []
    assert members(applied, "extra") == ["ben"]


def test_a_folder_adds_and_removes_the_members_that_it_says_anew(
    applied: Store, tmp_path: Path
) -> None:
    make(applied, Membership("staff", "gus"), Membership("staff", "ben", role=OWNER))
    content = copy.deepcopy(BASE)
    content["groups"][0]["users"] = ["ben"]
    changes = put(applied, tmp_path / "two", content)
    assert members(applied, "staff") == ["ben", "ben (Owner)", "gus"]
    assert [(one.added, one.membership.member) for one in changes.members] == [
        (False, "ann"),
        (True, "ben"),
    ]


def test_a_package_made_through_the_api_stays(applied: Store, tmp_path: Path) -> None:
    written(applied, DefinitionKind.PACKAGE, "c", id="mine", name="Mine")
    put(applied, tmp_path / "two", defining.package(name="Q"))
    (catalog,) = (one for one in held(applied).catalogs if one.id == "c")
    assert [one.id for one in catalog.packages] == ["mine", "p"]


def test_a_catalog_is_not_deleted_under_a_package_of_others(applied: Store, tmp_path: Path) -> None:
    """S-13."""
    written(applied, DefinitionKind.PACKAGE, "c", id="mine", name="Mine")
    before = held(applied)
    with pytest.raises(RefusedError) as refused:
        put(applied, tmp_path / "two", without("catalogs", "c"))
    assert refused.value.code == "NOT_EMPTY"
    assert str(refused.value) == "catalog `c` still holds package `mine`"
    assert held(applied) == before


def test_what_others_use_is_not_taken_away(applied: Store, tmp_path: Path) -> None:
    """S-14."""
    entries = [{"resource": "team", "role": "Member"}]
    written(applied, DefinitionKind.PACKAGE, "c", id="mine", name="Mine", entries=entries)
    content = defining.catalog(resources=[], packages=[])
    with pytest.raises(RefusedError) as refused:
        put(applied, tmp_path / "two", content)
    assert str(refused.value) == "resource `team` is still used by package `mine`"


def test_names_and_limits_hold_for_both_together(applied: Store, tmp_path: Path) -> None:
    written(applied, DefinitionKind.PACKAGE, "c", id="mine", name="Mine")
    content = defining.catalog(
        packages=[defining.PACKAGE, {"id": "other", "name": "Mine"}, {"id": "z", "name": "Z"}]
    )
    content["tenant"]["overrides"] = {"limits": {"packages_per_catalog": 3}}
    with pytest.raises(RefusedError) as refused:
        put(applied, tmp_path / "two", content)
    assert str(refused.value).splitlines() == [
        "package `mine` and package `other` are both called `Mine`",
        "packages_per_catalog would be 4 in `c`, the maximum is 3",
    ]


def test_an_id_that_others_took_in_another_catalog_is_refused(
    applied: Store, tmp_path: Path
) -> None:
    """S-10."""
    written(applied, DefinitionKind.PACKAGE, "general", id="mine", name="Mine")
    content = defining.catalog(packages=[defining.PACKAGE, {"id": "mine", "name": "Other"}])
    with pytest.raises(RefusedError, match="package `mine` cannot move from catalog `general`"):
        put(applied, tmp_path / "two", content)


def test_a_folder_takes_over_what_it_names(applied: Store, tmp_path: Path) -> None:
    written(applied, DefinitionKind.PACKAGE, "c", id="mine", name="Mine")
    content = defining.catalog(packages=[defining.PACKAGE, {"id": "mine", "name": "Mine"}])
    assert put(applied, tmp_path / "two", content).nothing
    changes = put(applied, tmp_path / "three", BASE)
    assert [one.key.id for one in changes.objects] == ["mine"]


def test_owners_appointed_through_the_api_stay(applied: Store, tmp_path: Path) -> None:
    """S-11."""
    put(applied, tmp_path / "two", defining.catalog(owners=["user:ann", "user:ben"]))
    from ostiary.domain.caller import Role, RoleAssignment

    with applied.transaction() as tx:
        tx.next_revision(NOW, actor="ada")
        tx.add_role(RoleAssignment("user:gus", Role.CATALOG_OWNER, "c"))
    put(applied, tmp_path / "three", defining.catalog(owners=["user:ann"]))
    (catalog,) = (one for one in held(applied).catalogs if one.id == "c")
    assert catalog.owners == ("user:ann", "user:gus")


# what live data stands in the way of


def test_a_policy_under_which_somebody_has_access_is_not_deleted(
    applied: Store, tmp_path: Path
) -> None:
    """S-28."""
    assign(applied, "ann")
    with pytest.raises(RefusedError) as refused:
        put(applied, tmp_path / "two", policies())
    assert refused.value.code == "NOT_EMPTY"
    assert "has 1 current assignment; disable it instead" in str(refused.value)


def test_a_package_that_people_have_may_be_deleted(applied: Store, tmp_path: Path) -> None:
    """S-108: access stays, what is open is cancelled, and who never ends is counted."""
    assign(applied, "ann")
    assign(applied, "ben", days=30)
    waiting = ask(applied, "gus", RequestState.PENDING_APPROVAL)
    ask(applied, "ann", RequestState.DELIVERING)
    changes = put(applied, tmp_path / "two", defining.catalog(packages=[]))
    assert changes.warnings == (
        "package `p`: 1 open request is cancelled",
        "package `p`: 1 assignment never ends by itself",
    )
    with applied.reading() as tx:
        (action,) = tx.work(WorkQuery())
        assert tx.count_assignments(package="p") == 2
    assert (action.kind, action.case, action.request) == (
        WorkKind.CANCEL_REQUEST,
        "user:gus",
        waiting,
    )
    assert action.due_at == NOW


def test_a_package_that_people_have_may_not_be_deleted_in_entra(
    store: Store, tmp_path: Path
) -> None:
    """S-108, W-9 [entra]."""
    put(store, tmp_path / "one", BASE, profile="entra")
    assign(store, "ann")
    with pytest.raises(RefusedError, match="package `p` has 1 current assignment") as refused:
        put(store, tmp_path / "two", defining.catalog(packages=[]), profile="entra")
    assert refused.value.code == "NOT_EMPTY"


def test_everything_that_stands_in_the_way_is_told_at_once(applied: Store, tmp_path: Path) -> None:
    """S-139."""
    both = {**defining.POLICY, "id": "b", "name": "B"}
    put(applied, tmp_path / "two", policies(defining.POLICY, both))
    assign(applied, "ann")
    assign(applied, "ben", policy="b")
    with pytest.raises(RefusedError) as refused:
        put(applied, tmp_path / "three", policies())
    assert len(str(refused.value).splitlines()) == 2
    assert refused.value.details()["refusals"] == "2"


def test_a_user_who_has_access_is_marked_as_deleted(applied: Store, tmp_path: Path) -> None:
    """S-107."""
    assign(applied, "gus")
    put(applied, tmp_path / "two", without("users", "gus"))
    gus = user(applied, "gus")
    assert gus is not None
    assert (gus.state, gus.deleted_at) == (AccountState.DELETED, NOW)


def test_a_user_who_has_nothing_is_gone_from_everything(applied: Store, tmp_path: Path) -> None:
    make(applied, Membership("team", "gus"))
    put(applied, tmp_path / "two", without("users", "gus"))
    assert user(applied, "gus") is None
    assert members(applied, "team") == []


def test_another_tenant_is_refused(applied: Store, tmp_path: Path) -> None:
    content = copy.deepcopy(BASE)
    content["tenant"]["id"] = "other"
    with pytest.raises(
        RefusedError, match="the store holds tenant `t`, the folder defines `other`"
    ):
        put(applied, tmp_path / "two", content)
