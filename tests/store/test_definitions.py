"""Definitions, directory and roles change as revisions, and remembered answers stay the first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ostiary.domain.caller import Role, RoleAssignment
from ostiary.lifecycle.ports import (
    OWNER,
    DefinitionKind,
    Membership,
    Remembered,
    Store,
    Touched,
    Transaction,
)
from tests.store.records import NOW, definition, later, undone

CATALOG, PACKAGE, POLICY = DefinitionKind.CATALOG, DefinitionKind.PACKAGE, DefinitionKind.POLICY
GROUP, USER = DefinitionKind.GROUP, DefinitionKind.USER
OWNER_OF_PEOPLE = RoleAssignment("user:ana", Role.CATALOG_OWNER, "people")


def test_the_first_answer_is_kept(store: Store) -> None:
    """S-61"""
    with store.transaction() as tx:
        assert tx.remembered("submit/ana/1") is None
        tx.remember("submit/ana/1", Remembered("d-1", b"\x00first"), NOW)
        tx.remember("submit/ana/1", Remembered("d-2", b"second"), later(days=1))
    with store.reading() as tx:
        assert tx.remembered("submit/ana/1") == Remembered("d-1", b"\x00first")
        assert tx.remembered("submit/ana/2") is None


def test_revisions_count_up(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.revision() == 0
        assert tx.next_revision(NOW, actor="ana", digest="d") == 1
        assert tx.next_revision(NOW, actor="ana") == 2
        assert tx.revision() == 2
    with undone(store) as tx:
        assert tx.next_revision(NOW, actor="ana") == 3
    with store.reading() as tx:
        assert tx.revision() == 2


def test_a_definition_comes_back_as_it_was_last_put(store: Store) -> None:
    first = definition(PACKAGE, "p", "general", applied="d-1")
    second = definition(PACKAGE, "p", "general", body=b"{}", revision=2)
    other = definition(PACKAGE, "p", "people")
    with store.transaction() as tx:
        tx.put_definition(first)
        assert tx.definition(PACKAGE, "general", "p") == first
        tx.put_definition(other)
        tx.put_definition(first)
        tx.put_definition(second)
    with store.reading() as tx:
        assert tx.definition(PACKAGE, "general", "p") == second
        assert tx.definition(PACKAGE, "people", "p") == other
        assert tx.definition(PACKAGE, None, "p") == second
        assert tx.definition(PACKAGE, "nowhere", "p") is None
        assert tx.definition(PACKAGE, None, "q") is None
        assert tx.definition(CATALOG, None, "p") is None


SIX = (
    definition(USER, "Ümit"),
    definition(USER, "ana"),
    definition(USER, "Bo"),
    definition(CATALOG, "people"),
    definition(POLICY, "staff", "sales"),
    definition(POLICY, "all", "tools"),
)


def names(found: object) -> list[str]:
    return [one.id for one in found]  # type: ignore[attr-defined]  # a sequence of definitions


def test_definitions_come_by_kind_container_and_id_in_code_points(store: Store) -> None:
    with store.transaction() as tx:
        for one in reversed(SIX):
            tx.put_definition(one)
        assert names(tx.definitions()) == ["Bo", "ana", "Ümit", "people", "staff", "all"]
        assert names(tx.definitions(USER)) == ["Bo", "ana", "Ümit"]
        assert names(tx.definitions(POLICY)) == ["staff", "all"]
        assert names(tx.definitions(POLICY, within="tools")) == ["all"]
        assert names(tx.definitions(within="")) == ["Bo", "ana", "Ümit", "people"]
        assert names(tx.definitions(USER, size=2)) == ["Bo", "ana"]
        assert names(tx.definitions(USER, after="Bo", size=1)) == ["ana"]
        assert names(tx.definitions(USER, within="", after="ana")) == ["Ümit"]
        assert names(tx.definitions(USER, after="Ümit")) == []
        assert names(tx.definitions(POLICY, after="staff", after_within="sales")) == ["all"]
        with pytest.raises(ValueError, match="needs a kind"):
            tx.definitions(after="Bo")
        counted = [tx.count_definitions(kind) for kind in (USER, POLICY, PACKAGE)]
        assert counted == [3, 2, 0]
        assert tx.count_definitions(POLICY, within="sales") == 1


def test_a_definition_is_deleted_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ana")
        tx.put_definition(definition(CATALOG, "people"))
        assert not tx.delete_definition(CATALOG, "x", "people")
        assert tx.delete_definition(CATALOG, "", "people")
        assert not tx.delete_definition(CATALOG, "", "people")
        assert tx.definition(CATALOG, "", "people") is None


def test_memberships_are_added_and_removed_one_by_one(store: Store) -> None:
    ana, owner = Membership("g", "ana"), Membership("g", "ana", role=OWNER)
    nested, other = Membership("g", "h", nested=True), Membership("h", "bo")
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ana")
        for one in (other, nested, owner, ana):
            assert tx.add_membership(one)
            assert not tx.add_membership(one)
        assert tx.count_members("g") == 1
        assert tx.count_members("nothing") == 0
    with store.reading() as tx:
        assert list(tx.memberships()) == [ana, owner, nested, other]
        assert list(tx.memberships("g")) == [ana, owner, nested]
        assert list(tx.memberships(member="ana")) == [ana, owner]
        assert list(tx.memberships("g", member="h")) == [nested]
        assert list(tx.memberships("nothing")) == []
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ana")
        assert tx.remove_membership(ana)
        assert not tx.remove_membership(ana)
        assert not tx.remove_membership(Membership("g", "h"))
        assert list(tx.memberships("g")) == [owner, nested]
        assert tx.count_members("g") == 0


def test_roles_are_given_and_taken_one_by_one(store: Store) -> None:
    owner = OWNER_OF_PEOPLE
    reader = RoleAssignment("user:ana", Role.CATALOG_READER, "people")
    admin = RoleAssignment("group:admins", Role.ADMINISTRATOR)
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ana")
        for one in (reader, owner, admin):
            assert tx.add_role(one)
            assert not tx.add_role(one)
        assert list(tx.role_assignments()) == [admin, owner, reader]
    with store.transaction() as tx:
        tx.next_revision(NOW, actor="ana")
        assert tx.remove_role(owner)
        assert not tx.remove_role(owner)
    with store.reading() as tx:
        assert list(tx.role_assignments()) == [admin, reader]


def test_whoever_follows_sees_all_that_later_revisions_touched(store: Store) -> None:
    member = Membership("g", "ana")
    owner = OWNER_OF_PEOPLE
    with store.transaction() as tx:
        assert tx.next_revision(NOW, actor="ana") == 1
        tx.put_definition(definition(CATALOG, "people"))
        tx.put_definition(definition(PACKAGE, "p", "people"))
    with store.transaction() as tx:
        assert tx.next_revision(NOW, actor="ana") == 2
        tx.add_membership(member)
        tx.add_membership(member)
        tx.add_role(owner)
        tx.add_role(RoleAssignment("user:ana", Role.ADMINISTRATOR))
        tx.delete_definition(PACKAGE, "people", "p")
        tx.delete_definition(PACKAGE, "people", "p")
        second = tx.touched_since(1, most=3)
    with store.transaction() as tx:
        assert tx.next_revision(NOW, actor="ana") == 3
        tx.remove_membership(member)
        tx.remove_role(owner)
    assert second == [
        Touched(2, CATALOG, "", "people"),
        Touched(2, GROUP, "", "g", "ana"),
        Touched(2, PACKAGE, "people", "p"),
    ]
    third = [Touched(3, CATALOG, "", "people"), Touched(3, GROUP, "", "g", "ana")]
    with store.reading() as tx:
        assert tx.touched_since(3, most=9) == []
        assert tx.touched_since(2, most=2) == third
        assert tx.touched_since(1, most=5) == [*second, *third]
        assert tx.touched_since(0, most=7) == [
            Touched(1, CATALOG, "", "people"),
            Touched(1, PACKAGE, "people", "p"),
            *second,
            *third,
        ]
        assert tx.touched_since(1, most=4) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tx: tx.add_membership(Membership("g", "ana")), id="add a member"),
        pytest.param(lambda tx: tx.remove_membership(Membership("g", "a")), id="remove a member"),
        pytest.param(lambda tx: tx.add_role(OWNER_OF_PEOPLE), id="give a role"),
        pytest.param(lambda tx: tx.remove_role(OWNER_OF_PEOPLE), id="take a role"),
        pytest.param(lambda tx: tx.delete_definition(CATALOG, "", "people"), id="delete"),
    ],
)
def test_the_tenant_is_changed_only_within_a_revision(
    store: Store, change: Callable[[Transaction], bool]
) -> None:
    with store.transaction() as tx:
        with pytest.raises(RuntimeError, match="begin a revision"):
            change(tx)
        tx.next_revision(NOW, actor="ana")
        change(tx)
    with store.transaction() as tx, pytest.raises(RuntimeError, match="begin a revision"):
        change(tx)
