"""Definitions written one by one: the checks of files, the limits, and what is still used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostiary.adapters.store import open_store
from ostiary.domain.access_request import RequestState
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.errors import (
    ConflictError,
    DefinitionNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    LimitExceededError,
    NotReadyError,
    PackageNotFoundError,
    RefusedError,
)
from ostiary.domain.people import AccountState
from ostiary.lifecycle.ports import OWNER, DefinitionKind, Membership, Store
from ostiary.operations.documents import Key
from ostiary.operations.writing import Author, DefinitionWriter, Written, etag_of
from tests.definitions.holding import (
    ADA,
    NOW,
    SOL,
    ask,
    assign,
    events,
    held,
    last_event,
    make,
    put,
    user,
)
from tests.unit import defining

CATALOG, RESOURCE = DefinitionKind.CATALOG, DefinitionKind.RESOURCE
PACKAGE, POLICY = DefinitionKind.PACKAGE, DefinitionKind.POLICY
MEMBERS = {"kind": "all_members"}
POLICY_TEXT = {"id": "b", "name": "B", "scope": MEMBERS}
STAGE = {"approvers": ["user:ben"]}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with the small tenant in it."""
    store = open_store("memory:")
    put(store, tmp_path / "first", defining.BASE)
    return store


def create(
    store: Store, what: DefinitionKind, within: str, author: Author = ADA, /, **plain: Any
) -> Written:
    """Create an object."""
    with store.transaction() as tx:
        return DefinitionWriter(tx, author, NOW).create(what, within, plain)


def update(store: Store, key: Key, plain: dict[str, Any], author: Author = ADA) -> Written:
    """Change an object."""
    with store.transaction() as tx:
        return DefinitionWriter(tx, author, NOW).update(key, lambda _: plain)


def delete(store: Store, key: Key, author: Author = ADA) -> tuple[str, ...]:
    """Delete an object."""
    with store.transaction() as tx:
        return DefinitionWriter(tx, author, NOW).delete(key).notes


def violations(store: Store, what: DefinitionKind, within: str, /, **plain: Any) -> Any:
    """What is wrong with an object."""
    with pytest.raises(InvalidRequestError) as refused:
        create(store, what, within, **plain)
    return refused.value.violations


def test_nothing_is_written_before_there_is_a_tenant() -> None:
    with pytest.raises(NotReadyError):
        create(open_store("memory:"), CATALOG, "", id="x", name="X")


# catalogs


def test_who_creates_a_catalog_is_its_first_owner_unless_administrator(store: Store) -> None:
    """S-11."""
    create(store, CATALOG, "", SOL, id="mine", name="Mine")
    create(store, CATALOG, "", ADA, id="theirs", name="Theirs")
    owners = {one.id: one.owners for one in held(store).catalogs}
    assert (owners["mine"], owners["theirs"]) == (("user:sol",), ())


def test_only_a_catalog_without_packages_can_be_deleted(store: Store) -> None:
    """S-13."""
    with pytest.raises(RefusedError, match="catalog `c` holds 1 package") as refused:
        delete(store, Key(CATALOG, "", "c"))
    assert refused.value.code == "NOT_EMPTY"
    delete(store, Key(PACKAGE, "c", "p"))
    delete(store, Key(CATALOG, "", "c"))
    assert [one.id for one in held(store).catalogs] == ["general"]


def test_access_to_deleted_packages_does_not_hold_their_catalog(store: Store) -> None:
    """S-13."""
    assign(store, "ann")
    assert delete(store, Key(PACKAGE, "c", "p")) == (
        "package `p`: 1 assignment never ends by itself",
    )
    delete(store, Key(CATALOG, "", "c"))


def test_the_built_in_catalog_cannot_be_deleted_by_anybody(store: Store) -> None:
    """S-10."""
    with pytest.raises(ForbiddenError):
        delete(store, Key(CATALOG, "", "general"))


# resources


def test_an_owner_adds_only_resources_that_they_own(store: Store) -> None:
    """S-17."""
    text = {"id": "mine", "kind": "group", "group": "staff"}
    with pytest.raises(ForbiddenError):
        create(store, RESOURCE, "c", SOL, **text)
    make(store, Membership("staff", "sol"))
    with pytest.raises(ForbiddenError):
        create(store, RESOURCE, "c", SOL, **text)
    make(store, Membership("staff", "sol", role=OWNER))
    create(store, RESOURCE, "c", SOL, **text)


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        pytest.param(
            {"kind": "application", "application": "sales-app"},
            "application:sales-app",
            id="application",
        ),
        pytest.param(
            {"kind": "site", "url": "https://x.example/sales", "group_connected": True},
            "site:https://x.example/sales",
            id="site",
        ),
    ],
)
def test_an_owner_of_an_application_or_site_may_add_it(
    store: Store, text: dict[str, Any], owned: str
) -> None:
    """S-17."""
    with pytest.raises(ForbiddenError):
        create(store, RESOURCE, "c", SOL, id="mine", **text)
    make(store, Membership(owned, "sol", role=OWNER))
    create(store, RESOURCE, "c", SOL, id="mine", **text)


def test_an_administrator_adds_any_resource(store: Store) -> None:
    """S-17."""
    create(store, RESOURCE, "c", ADA, id="mine", kind="group", group="staff")


def test_a_resource_that_a_package_uses_stays(store: Store) -> None:
    """S-14."""
    with pytest.raises(RefusedError, match="resource `team` is still used by package `p`"):
        delete(store, Key(RESOURCE, "c", "team"))
    text = {"id": "team", "kind": "group", "group": "team", "roles": ["Owner"]}
    with pytest.raises(RefusedError, match="role `Member` is still used by package `p`"):
        update(store, Key(RESOURCE, "c", "team"), text)


def test_groups_that_cannot_be_granted_are_refused(store: Store) -> None:
    """S-14, S-139."""
    assert violations(store, RESOURCE, "c", id="x", kind="group", group="filled-by-rule") == (
        (
            "group",
            "INVALID_MODEL: group `filled-by-rule` has dynamic membership, which cannot be written",
        ),
    )


def test_one_thing_is_one_resource_of_a_catalog(store: Store) -> None:
    assert violations(store, RESOURCE, "c", id="x", kind="group", group="team") == (
        ("group", "DUPLICATE: a resource for group `team` is there already"),
    )


# packages


def test_a_package_can_be_created_together_with_its_first_policy(store: Store) -> None:
    """S-22: it is a policy like any other."""
    made = create(store, PACKAGE, "c", id="q", name="Q", policies=[POLICY_TEXT])
    assert [one.code for one in made.warnings] == ["EMPTY_PACKAGE"]
    update(store, Key(POLICY, "q", "b"), {**POLICY_TEXT, "enabled": False})
    (catalog,) = (one for one in held(store).catalogs if one.id == "c")
    (package,) = (one for one in catalog.packages if one.id == "q")
    assert [(one.id, one.enabled) for one in package.policies] == [("b", False)]


def test_a_first_policy_that_wants_approval_needs_stages(store: Store) -> None:
    """S-22."""
    wanting = {**POLICY_TEXT, "approval": {"for": ["add"]}}
    (found,) = violations(store, PACKAGE, "c", id="q", name="Q", policies=[wanting])
    assert found == (
        "policies[b].approval.stages",
        "INVALID_MODEL: approval is required but there is no stage",
    )


def test_everything_wrong_is_told_at_once_by_the_path_of_its_field(store: Store) -> None:
    """S-139: in stable order."""
    wrong = {
        "id": "q",
        "name": " ",
        "entries": [
            {"resource": "team", "role": "Nobody"},
            {"resource": "missing", "role": "Member"},
        ],
        "incompatible": {"packages": ["nothing"], "groups": ["staff"]},
        "policies": [{"id": "b", "name": "B", "scope": {"kind": "specific_subjects"}}],
    }
    found = violations(store, PACKAGE, "c", **wrong)
    assert [field for field, _ in found] == [
        "name",
        "entries[0].role",
        "entries[1].resource",
        "incompatible.packages[0]",
        "policies[b].scope.groups",
    ]
    assert found == violations(store, PACKAGE, "c", **wrong)


def test_ids_and_names_are_taken_once(store: Store) -> None:
    create(store, CATALOG, "", id="d", name="D")
    assert violations(store, PACKAGE, "d", id="p", name="Other") == (
        ("id", "DUPLICATE: package `p` is there already"),
    )
    assert violations(store, PACKAGE, "c", id="q", name="P") == (
        ("name", "DUPLICATE: a package called `P` is there already"),
    )
    assert violations(store, CATALOG, "", id="d", name="C") == (
        ("id", "DUPLICATE: catalog `d` is there already"),
        ("name", "DUPLICATE: a catalog called `C` is there already"),
    )
    create(store, PACKAGE, "d", id="q", name="P")


def test_an_unchanged_object_may_be_written_again(store: Store) -> None:
    since = last_event(store)
    with store.transaction() as tx:
        writer = DefinitionWriter(tx, ADA, NOW)
        row = writer.find(Key(CATALOG, "", "c"))
        writer.update(Key(CATALOG, "", "c"), lambda _: {"id": "c", "name": "C"}, etag_of(row))
    assert events(store, since) == []


def test_an_old_etag_is_refused(store: Store) -> None:
    key = Key(CATALOG, "", "c")
    with store.reading() as tx:
        row = tx.definition(*key)
    assert row is not None
    update(store, key, {"id": "c", "name": "C2"})
    with store.transaction() as tx, pytest.raises(ConflictError, match="tenants/t/catalogs/c"):
        DefinitionWriter(tx, ADA, NOW).update(key, lambda _: {}, etag_of(row))


def test_deleting_a_package_cancels_what_is_open(store: Store) -> None:
    """S-108."""
    ask(store, "ann", RequestState.SUBMITTED)
    ask(store, "ben", RequestState.SCHEDULED)
    assert delete(store, Key(PACKAGE, "c", "p")) == ("package `p`: 2 open requests are cancelled",)
    with store.reading() as tx:
        assert tx.definitions(POLICY) == []


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(DefinitionNotFoundError):
        create(store, PACKAGE, "missing", id="q", name="Q")
    with pytest.raises(PackageNotFoundError):
        create(store, POLICY, "missing", **POLICY_TEXT)


# policies


def test_changing_a_policy_touches_nothing_that_exists(store: Store) -> None:
    """S-27: neither requests nor assignments; their terms are copies."""
    assign(store, "ann", days=10)
    asked = ask(store, "gus", RequestState.PENDING_APPROVAL)
    with store.reading() as tx:
        before = (tx.assignment("ann-p"), tx.request(asked))
    update(
        store,
        Key(POLICY, "p", "a"),
        {"id": "a", "name": "A", "scope": MEMBERS, "expiration": {"after": "P1D"}},
    )
    with store.reading() as tx:
        assert (tx.assignment("ann-p"), tx.request(asked)) == before


def test_a_policy_in_use_is_not_deleted(store: Store) -> None:
    """S-28."""
    assign(store, "ann")
    with pytest.raises(RefusedError, match="disable it instead"):
        delete(store, Key(POLICY, "p", "a"))
    update(
        store, Key(POLICY, "p", "a"), {"id": "a", "name": "A", "scope": MEMBERS, "enabled": False}
    )


AUTOMATIC = {"id": "b", "name": "B", "scope": {"kind": "automatic", "rule": 'user.x -eq "y"'}}


def test_only_administrators_write_automatic_policies(store: Store) -> None:
    """S-29."""
    with pytest.raises(ForbiddenError):
        create(store, POLICY, "p", SOL, **AUTOMATIC)
    with pytest.raises(ForbiddenError):
        create(store, PACKAGE, "c", SOL, id="q", name="Q", policies=[AUTOMATIC])
    create(store, POLICY, "p", ADA, **AUTOMATIC)
    with pytest.raises(ForbiddenError):
        update(store, Key(POLICY, "p", "b"), dict(POLICY_TEXT), SOL)
    with pytest.raises(ForbiddenError):
        delete(store, Key(POLICY, "p", "b"), SOL)
    with pytest.raises(ForbiddenError):
        update(store, Key(POLICY, "p", "a"), {**AUTOMATIC, "id": "a", "name": "A"}, SOL)


def test_a_package_has_one_automatic_policy_at_most(store: Store) -> None:
    """S-29."""
    create(store, POLICY, "p", ADA, **AUTOMATIC)
    with pytest.raises(LimitExceededError) as refused:
        create(store, POLICY, "p", ADA, **{**AUTOMATIC, "id": "c", "name": "C"})
    assert (refused.value.name, refused.value.most) == ("auto_policies_per_package", 1)


def test_two_stages_are_fine_and_three_pass_the_limit(store: Store) -> None:
    """S-62."""
    approval = {"for": ["add"], "stages": [STAGE, STAGE]}
    create(store, POLICY, "p", **{**POLICY_TEXT, "approval": approval})
    approval = {"for": ["add"], "stages": [STAGE, STAGE, STAGE]}
    with pytest.raises(LimitExceededError) as refused:
        create(store, POLICY, "p", **{**POLICY_TEXT, "id": "c", "name": "C", "approval": approval})
    assert (refused.value.name, refused.value.most) == ("approval_stages", 2)


# people


def test_a_deleted_user_can_be_restored(store: Store) -> None:
    """S-107."""
    delete(store, Key(DefinitionKind.USER, "", "ann"))
    gone = user(store, "ann")
    assert gone is not None
    assert (gone.state, gone.deleted_at) == (AccountState.DELETED, NOW)
    with store.transaction() as tx:
        DefinitionWriter(tx, ADA, NOW).upsert(DefinitionKind.USER, {"id": "ann", "manager": "ben"})
    back = user(store, "ann")
    assert back is not None
    assert (back.state, back.deleted_at) == (AccountState.ENABLED, None)


def test_a_group_that_something_names_stays(store: Store) -> None:
    with pytest.raises(RefusedError, match="group `staff` is still used by policy `a`"):
        delete(store, Key(DefinitionKind.GROUP, "", "staff"))
    delete(store, Key(DefinitionKind.GROUP, "", "mailing"))


def test_a_group_that_looks_at_people_at_risk_stays(tmp_path: Path) -> None:
    """S-81: the tenant's settings name it."""
    store = open_store("memory:")
    stage = {"threshold": "high", "approvers": ["group:mailing"]}
    put(store, tmp_path / "first", defining.settings(risk_stage=stage), profile="entra")
    with pytest.raises(RefusedError, match="group `mailing` is still used by tenant `tenant`"):
        delete(store, Key(DefinitionKind.GROUP, "", "mailing"))


def test_a_deleted_group_has_no_roles_and_is_in_no_group(store: Store) -> None:
    make(store, Membership("team", "mailing", nested=True), Membership("mailing", "ann"))
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ada")
        tx.add_role(RoleAssignment("group:mailing", Role.PACKAGE_MANAGER, "c"))
    delete(store, Key(DefinitionKind.GROUP, "", "mailing"))
    with store.reading() as tx:
        assert tx.memberships("mailing") == []
        assert tx.memberships("team") == []
        assert tx.role_assignments() == []


def test_a_group_keeps_what_a_folder_said_of_its_members(store: Store, tmp_path: Path) -> None:
    update(store, Key(DefinitionKind.GROUP, "", "staff"), {"id": "staff", "name": "Everybody"})
    content = defining.BASE | {
        "groups": [{"id": "staff", "users": []}, *defining.BASE["groups"][1:]]
    }
    put(store, tmp_path / "two", content)
    (staff,) = (one for one in held(store).groups if one.id == "staff")
    assert (staff.name, staff.users) == ("staff", ())
