"""Changes that only one respect of an answer shows."""

from __future__ import annotations

import msgspec

from ostiary.analysis.diff.plain import as_plain
from ostiary.analysis.diff.report import Kind
from ostiary.domain.catalog import Catalog, PackageEntry, Resource, ResourceKind
from ostiary.domain.people import (
    ConnectedOrganization,
    HomeIdentity,
    IdentitySource,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.policy import AssignmentPolicy, RequestorScope, ScopeKind
from ostiary.domain.tenant import Tenant
from tests.diffing.agreeing import by_evaluate, compared, disagreement, spelled
from tests.diffing.brute import Told
from tests.diffing.test_relations import FRAN, tenant
from tests.properties.changes import with_packages
from tests.properties.ruling import standard_tables

replace = msgspec.structs.replace


def told(old: Tenant, new: Tenant) -> list[Told]:
    """Every change, which the brute comparison tells too."""
    tables = standard_tables()
    before, after = (old, tables), (new, tables)
    assert not disagreement(before, after, (by_evaluate(*before), by_evaluate(*after)))
    return sorted(spelled(compared(before, after)))


def test_a_package_that_is_hidden_is_no_loss() -> None:
    """S-49."""
    old = tenant((User("ann", "Ann"),), FRAN)
    new = with_packages(old, lambda package: replace(package, hidden=True))
    assert [(one.person, one.kind, one.before, one.after) for one in told(old, new)] == [
        ("ann", Kind.VISIBILITY, True, False),
        ("fran", Kind.VISIBILITY, True, False),
    ]


def test_a_refusal_that_compares_with_another_organization_is_another_reason() -> None:
    """S-113."""
    home = HomeIdentity(SignIn.SOCIAL, tenant_id="T", domain="a.example", identifier="x")
    guest = User("gus", "Gus", type=PersonType.GUEST, home=home)
    one = ConnectedOrganization(
        "one", "One", sources=(IdentitySource(SourceKind.DOMAIN, domain="a.example"),)
    )
    two = ConnectedOrganization(
        "two", "Two", sources=(IdentitySource(SourceKind.TENANT, tenant_id="T"),)
    )
    base = replace(tenant((guest,), FRAN), organizations=(one, two))

    def open_to(*organizations: str) -> Tenant:
        scope = RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=organizations)

        def policy(old: AssignmentPolicy) -> AssignmentPolicy:
            return replace(old, scope=scope)

        return with_packages(
            base, lambda old: replace(old, policies=tuple(map(policy, old.policies)))
        )

    changes = told(open_to("one"), open_to("one", "two"))
    (gus,) = (each for each in changes if each.person == "gus")
    assert gus.kind is Kind.REASONS
    compared_with = [
        dict(reasons[2])["compared"] for reasons in (gus.before[2][1], gus.after[2][1])
    ]
    assert compared_with == ["a.example", "T,a.example"]


def test_terms_that_nobody_in_scope_meets_change_nothing() -> None:
    old = tenant((User("ann", "Ann", type=PersonType.GUEST),), FRAN)
    alone = replace(old, users=tuple(user for user in old.users if user.id == "ann"))
    tables = standard_tables()
    new = with_packages(
        alone,
        lambda package: replace(
            package,
            policies=tuple(
                replace(policy, justification_required=True) for policy in package.policies
            ),
        ),
    )
    assert compared((alone, tables), (new, tables)).empty


READERS = Resource("r", "R", ResourceKind.GROUP, "readers", ("Member", "Owner"))
ADMINS = replace(READERS, target="admins")


def delivering(*resources: Resource) -> Tenant:
    """Everybody may have the first role of a resource `r`."""
    base = with_packages(
        tenant((User("ann", "Ann"),), FRAN),
        lambda package: replace(package, entries=(PackageEntry("r", "Member"),)),
    )

    def holding(catalog: Catalog) -> Catalog:
        return replace(catalog, resources=resources)

    return replace(base, catalogs=tuple(map(holding, base.catalogs)))


def test_a_resource_that_points_elsewhere_gives_something_else() -> None:
    """S-14: whoever asks is put into another group."""
    for resource in (ADMINS, replace(READERS, kind=ResourceKind.APPLICATION)):
        changes = told(delivering(READERS), delivering(resource))
        assert [(one.person, one.kind) for one in changes] == [("ann", Kind.ACTIONS)]
        given = [one for one in changes[0].after if one[2] == "GRANT"]
        assert [one[3:] for one in given] == [
            ("r/Member", f"{resource.kind.value} {resource.target}")
        ]


def test_what_a_resource_points_to_is_told_in_words() -> None:
    tables = standard_tables()
    report = compared((delivering(READERS), tables), (delivering(ADMINS), tables))
    (change,) = as_plain(report, "old", "new")["changes"]
    assert "grant r/Member (group readers) at the start" in change["before"]
    assert "grant r/Member (group admins) at the start" in change["after"]
    assert {one["points_at"] for one in change["new"]} == {"group admins"}


def test_a_resource_that_no_package_gives_may_point_anywhere() -> None:
    """Nobody has to be asked."""
    other = replace(READERS, id="s")
    named = replace(READERS, name="Other", roles=("Member",))
    tables = standard_tables()
    old = delivering(READERS, other), tables
    for new in (delivering(READERS, replace(other, target="x")), delivering(named, other)):
        report = compared(old, (new, tables))
        assert report.empty
        assert report.evaluations == 0


def test_other_terms_and_another_target_are_both_told() -> None:
    """A policy that is edited beside does not hide what a resource points to."""
    old = delivering(READERS)
    new = with_packages(
        delivering(ADMINS),
        lambda package: replace(
            package,
            policies=(*package.policies, replace(package.policies[0], id="off", enabled=False)),
        ),
    )
    kinds = {one.kind for one in told(old, new) if one.person == "ann"}
    assert kinds == {Kind.ACTIONS}
