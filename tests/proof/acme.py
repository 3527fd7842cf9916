"""A clean tenant for proofs, and edits of it: nothing of it breaks any property."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from ostiary.domain.catalog import (
    AccessPackage,
    Catalog,
    CustomExtension,
    PackageEntry,
    Resource,
    ResourceKind,
)
from ostiary.domain.people import (
    AccountState,
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.tenant import Profile, Settings, Tenant
from ostiary.rulebook.attribute_rule import parse_rule
from ostiary.rulebook.profiles import load_profile

STANDARD = load_profile("standard").profile
ENTRA = load_profile("entra").profile
DAY = timedelta(days=1)

MANAGER = Approver(ApproverKind.MANAGER)
SECOND_MANAGER = Approver(ApproverKind.MANAGER, level=2)
OWN_SPONSORS = Approver(ApproverKind.OWN_SPONSORS)
INTERNAL_SPONSORS = Approver(ApproverKind.INTERNAL_SPONSORS)
EXTERNAL_SPONSORS = Approver(ApproverKind.EXTERNAL_SPONSORS)

PASSCODE = HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain="partner.example")
USERS = (
    User("ann", "Ann", manager="boss"),
    User("bob", "Bob", state=AccountState.BLOCKED, manager="boss"),
    User("boss", "Boss", manager="chief"),
    User("chief", "Chief"),
    User("deputy", "Deputy", manager="chief"),
    User("dora", "Dora", state=AccountState.DELETED),
    User("gil", "Gil", type=PersonType.GUEST, home=PASSCODE),
    User("gus", "Gus", type=PersonType.GUEST, home=PASSCODE, sponsors=("boss", "chief")),
    User("guy", "Guy", type=PersonType.GUEST, home=PASSCODE),
    User("lee", "Lee", manager="bob"),
)
GROUPS = (
    Group("approvers", "Approvers", users=("boss", "chief", "deputy")),
    Group("blocked", "Blocked", users=("bob", "dora")),
    Group("empty", "Empty"),
    Group("hollow", "Hollow", groups=("empty",)),
    Group("interns", "Interns", users=("lee",)),
    Group("juniors", "Juniors"),
    Group("staff", "Staff", users=("ann",)),
    Group("vault", "Vault"),
    Group("vault-readers", "Vault readers"),
)
ORGANIZATIONS = (
    ConnectedOrganization(
        "other", "Other", sources=(IdentitySource(SourceKind.DOMAIN, domain="other.example"),)
    ),
    ConnectedOrganization(
        "partner",
        "Partner",
        sources=(IdentitySource(SourceKind.DOMAIN, domain="partner.example"),),
        internal_sponsor_users=("boss", "chief", "deputy"),
        external_sponsor_users=("gil", "gus", "guy"),
    ),
    ConnectedOrganization(
        "planned",
        "Planned",
        state=OrganizationState.PROPOSED,
        sources=(IdentitySource(SourceKind.DOMAIN, domain="planned.example"),),
    ),
)
RESOURCES = (
    Resource("app", "App", ResourceKind.APPLICATION, "app", ("User",)),
    Resource("readers", "Readers", ResourceKind.GROUP, "vault-readers", ("Member", "Owner")),
    Resource("vault", "Vault", ResourceKind.GROUP, "vault", ("Member", "Owner")),
)
EXTENSIONS = (CustomExtension("x", "X", "https://x.example/hook"),)
APP = PackageEntry("app", "User")


def user(name: str) -> Approver:
    """An approver named by id."""
    return Approver(ApproverKind.USER, name)


def members(name: str) -> Approver:
    """The members of a group as approvers."""
    return Approver(ApproverKind.GROUP, name)


THREE = ApprovalStage((members("approvers"),))
OTHERS = ApprovalStage((user("boss"), user("chief"), user("deputy")))


def groups(*names: str, users: tuple[str, ...] = ()) -> RequestorScope:
    """A scope of specific people."""
    return RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, users=users, groups=names)


def organizations(*names: str) -> RequestorScope:
    """A scope of people of organizations."""
    return RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=names)


def fitting(rule: str) -> RequestorScope:
    """A scope of those whose attributes fit."""
    return RequestorScope(ScopeKind.AUTOMATIC, rule=parse_rule(rule))


MEMBERS = RequestorScope(ScopeKind.ALL_MEMBERS)
EVERYBODY = RequestorScope(ScopeKind.ALL_DIRECTORY_USERS)
CONFIGURED = RequestorScope(ScopeKind.ALL_CONFIGURED_ORGANIZATIONS)
EXTERNAL = RequestorScope(ScopeKind.ALL_EXTERNAL)
NOBODY = RequestorScope(ScopeKind.NONE)


def policy(
    scope: RequestorScope, *stages: ApprovalStage, name: str = "p", **fields: Any
) -> AssignmentPolicy:
    """A policy of thirty days."""
    expiration = Expiration(ExpirationKind.DURATION, after=30 * DAY)
    made = AssignmentPolicy(
        name, name, scope, expiration, approval_for_add=bool(stages), stages=stages
    )
    return replace(made, **fields)


def package(*policies: AssignmentPolicy, name: str = "k", **fields: Any) -> AccessPackage:
    """A package of the only catalog."""
    ordered = tuple(sorted(policies, key=lambda one: (one.name, one.id)))
    made = AccessPackage(name, name, "c", entries=(APP,), policies=ordered)
    return replace(made, **fields)


def acme(*packages: AccessPackage, profile: Profile = STANDARD, **fields: Any) -> Tenant:
    """The tenant with these packages."""
    ordered = tuple(sorted(packages, key=lambda one: one.id))
    catalog = Catalog("c", "C", resources=RESOURCES, extensions=EXTENSIONS, packages=ordered)
    made = Tenant(
        "acme", "Acme", profile, Settings(), USERS, GROUPS, ORGANIZATIONS, catalogs=(catalog,)
    )
    return replace(made, **fields)


Edit = Callable[[Tenant], Tenant]


def with_catalog(**fields: Any) -> Edit:
    """Change the catalog."""
    return lambda tenant: replace(tenant, catalogs=(replace(tenant.catalogs[0], **fields),))


def with_package(of: str = "k", /, **fields: Any) -> Edit:
    """Change a package."""

    def edit(tenant: Tenant) -> Tenant:
        packages = tuple(
            replace(one, **fields) if one.id == of else one for one in tenant.catalogs[0].packages
        )
        return with_catalog(packages=packages)(tenant)

    return edit


def with_policy(name: str = "p", /, of: str = "k", **fields: Any) -> Edit:
    """Change a policy."""

    def edit(tenant: Tenant) -> Tenant:
        found = next(one for one in tenant.catalogs[0].packages if one.id == of)
        policies = tuple(
            replace(one, **fields) if one.id == name else one for one in found.policies
        )
        return with_package(of, policies=policies)(tenant)

    return edit


def adding(*policies: AssignmentPolicy, of: str = "k") -> Edit:
    """Add policies to a package."""

    def edit(tenant: Tenant) -> Tenant:
        found = next(one for one in tenant.catalogs[0].packages if one.id == of)
        ordered = sorted((*found.policies, *policies), key=lambda one: (one.name, one.id))
        return with_package(of, policies=tuple(ordered))(tenant)

    return edit


def with_group(name: str, /, **fields: Any) -> Edit:
    """Change a group of the directory."""
    return lambda tenant: replace(
        tenant,
        groups=tuple(replace(one, **fields) if one.id == name else one for one in tenant.groups),
    )


def with_user(name: str, /, **fields: Any) -> Edit:
    """Change a user of the directory."""
    return lambda tenant: replace(
        tenant,
        users=tuple(replace(one, **fields) if one.id == name else one for one in tenant.users),
    )


def with_organization(name: str, /, **fields: Any) -> Edit:
    """Change a connected organization."""
    return lambda tenant: replace(
        tenant,
        organizations=tuple(
            replace(one, **fields) if one.id == name else one for one in tenant.organizations
        ),
    )


def with_profile(**fields: Any) -> Edit:
    """Change switches of the profile."""
    return lambda tenant: replace(tenant, profile=replace(tenant.profile, **fields))


def with_settings(**fields: Any) -> Edit:
    """Change settings."""
    return lambda tenant: replace(tenant, settings=replace(tenant.settings, **fields))
