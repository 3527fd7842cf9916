"""What a caller may do (section 16): by name, by group, by what vouches, and never by accident."""

from __future__ import annotations

import pytest

from ostiary.domain.caller import CATALOG_ROLES, NOBODY, Caller, Role, RoleAssignment
from ostiary.domain.people import AccountState, Group, User
from ostiary.domain.tenant import Tenant
from ostiary.index.directory import IndexedDirectory
from ostiary.operations.rights import STAFF, Rights, rights_of
from tests.unit.deciding import profile

OWNERS = frozenset({Role.CATALOG_OWNER})
DIRECTORY = IndexedDirectory(
    Tenant(
        "t",
        "T",
        profile(),
        users=(
            User("bea", "Bea", state=AccountState.BLOCKED),
            User("dea", "Dea", state=AccountState.DELETED),
            User("sol", "Sol"),
        ),
        groups=(
            Group("all", "All", groups=("team",)),
            Group("other", "Other"),
            Group("team", "Team", users=("bea", "sol")),
        ),
    )
)


def _rights(caller: Caller, *given: RoleAssignment) -> Rights:
    return rights_of(caller, given, DIRECTORY)


@pytest.mark.parametrize(
    ("caller", "holder", "theirs"),
    [
        pytest.param(Caller("sol"), "user:sol", True, id="by name"),
        pytest.param(Caller("sol"), "group:team", True, id="by a group"),
        pytest.param(Caller("sol"), "group:all", True, id="by a group around the group"),
        pytest.param(Caller("sol"), "group:other", False, id="not by another group"),
        pytest.param(Caller("sol"), "group:nowhere", False, id="not by a group that is not there"),
        pytest.param(Caller("sol"), "service:sol", False, id="not as a service of the same name"),
        pytest.param(Caller("sol", service=True), "service:sol", True, id="as a service"),
        pytest.param(Caller("sol", service=True), "user:sol", False, id="a service is no user"),
        pytest.param(
            Caller("sol", service=True), "group:team", False, id="nor in the user's group"
        ),
        pytest.param(Caller("bea"), "user:bea", False, id="not while the sign-in is blocked"),
        pytest.param(Caller("bea"), "group:team", False, id="nor by a group while it is"),
        pytest.param(Caller("dea"), "user:dea", False, id="not when the account is deleted"),
        pytest.param(Caller("pia"), "user:pia", True, id="somebody outside the directory"),
        pytest.param(NOBODY, "user:", False, id="nobody has no roles"),
    ],
)
def test_roles_in_a_catalog(caller: Caller, holder: str, theirs: bool) -> None:
    """S-11, S-34, S-132: owners are users, groups and services; membership is transitive."""
    rights = _rights(caller, RoleAssignment(holder, Role.CATALOG_OWNER, "sales"))
    assert rights.have(OWNERS, "sales") is theirs
    assert not rights.have(OWNERS, "hr")
    assert not rights.have(OWNERS)
    assert rights.catalogs(STAFF) == (frozenset({"sales"}) if theirs else frozenset())
    assert not rights.administrator


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(RoleAssignment("user:sol", role, "sales" if out else ""), id=f"{role.value}")
        for role in Role
        for out in (role not in CATALOG_ROLES,)
    ],
)
def test_a_role_in_the_wrong_place_is_worth_nothing(given: RoleAssignment) -> None:
    """S-25, S-132: a catalog role without a catalog, or a tenant's role in one, widens nothing."""
    rights = _rights(Caller("sol"), given)
    assert not rights.everywhere
    assert not any(rights.have(frozenset(Role), catalog) for catalog in ("", "sales"))


def test_an_administrator_may_act_in_every_catalog() -> None:
    """S-132."""
    rights = _rights(Caller("sol"), RoleAssignment("group:all", Role.ADMINISTRATOR))
    assert rights.administrator
    assert rights.have(STAFF, "any")
    assert rights.catalogs(STAFF) is None


def test_the_roles_that_vouch_for_a_caller_hold_in_the_tenant_only() -> None:
    """S-132: what the identity source says is no way into a catalog."""
    said = frozenset({Role.EVALUATOR, Role.CATALOG_OWNER})
    rights = _rights(Caller("sol", roles=said))
    assert rights.everywhere == {Role.EVALUATOR}
    assert not rights.have(OWNERS, "sales")
    assert not _rights(Caller("bea", roles=said)).everywhere


def test_several_roles_in_several_catalogs() -> None:
    """S-132: others act only inside their catalogs."""
    rights = _rights(
        Caller("sol"),
        RoleAssignment("user:sol", Role.CATALOG_READER, "hr"),
        RoleAssignment("group:team", Role.ASSIGNMENT_MANAGER, "sales"),
        RoleAssignment("user:sol", Role.PACKAGE_MANAGER, "sales"),
    )
    assert rights.within("sales") == {Role.ASSIGNMENT_MANAGER, Role.PACKAGE_MANAGER}
    assert rights.catalogs(STAFF) == frozenset({"sales"})
    assert rights.catalogs(frozenset({Role.CATALOG_READER})) == frozenset({"hr"})
