"""Invented tenants of any size, the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ostiary.domain.catalog import AccessPackage, Catalog, PackageEntry, Resource, ResourceKind
from ostiary.domain.people import ConnectedOrganization, Group, IdentitySource, SourceKind, User
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    NoResponse,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from ostiary.domain.tenant import Profile, Tenant

USERS = 240
GROUPS = 120
GROUPS_OF_A_USER = 20
MANAGERS = 24
ORGANIZATIONS = 12
SEED = 20_310_310
EVERYBODY = "everybody"
APPLICATIONS = 30  # of a catalog; a package gives a role on two of them, and on a group

_PACKAGES_OF_A_CATALOG = 500
_OWN_GROUPS = ("a", "b", "c")
_FALLBACK = Approver(ApproverKind.USER, "fran")
_MANAGER = Approver(ApproverKind.MANAGER)

Scope = Callable[[int], tuple[str, ...]]


def sized_tenant(packages: int, profile: Profile) -> Tenant:
    """A tenant with so many packages, each open to two to four of the groups."""
    dice = random.Random(SEED)
    names = [group_id(number) for number in range(GROUPS)]
    scopes = [tuple(sorted(dice.sample(names, dice.randint(2, 4)))) for _ in range(packages)]
    return _tenant(packages, profile, _teams(), lambda number: scopes[number])


def shared_tenant(packages: int, profile: Profile) -> Tenant:
    """A tenant whose packages are each open to three groups of their own and to everybody."""
    own = [Group(name, name) for number in range(packages) for name in _own_groups(number)]
    everybody = Group(EVERYBODY, "Everybody", users=tuple(map(user_id, range(USERS))))
    groups = (*_teams(), everybody, *own)
    return _tenant(packages, profile, groups, shared_scope)


def shared_scope(number: int) -> tuple[str, ...]:
    """The groups that a package of `shared_tenant` is open to."""
    return (*_own_groups(number), EVERYBODY)


def user_id(number: int) -> str:
    """The id of a user."""
    return f"user-{number:03}"


def group_id(number: int) -> str:
    """The id of a team."""
    return f"team-{number:03}"


def package_id(number: int) -> str:
    """The id of a package."""
    return f"package-{number:06}"


def _manager_id(number: int) -> str:
    return f"manager-{number:02}"


def _own_groups(number: int) -> tuple[str, ...]:
    return tuple(f"own-{number:03}-{letter}" for letter in _OWN_GROUPS)


def _tenant(packages: int, profile: Profile, groups: tuple[Group, ...], scope: Scope) -> Tenant:
    return Tenant(
        id="bench",
        name="Bench",
        profile=profile,
        users=tuple(sorted(_users(), key=lambda user: user.id)),
        groups=tuple(sorted(groups, key=lambda group: group.id)),
        organizations=tuple(map(_organization, range(ORGANIZATIONS))),
        catalogs=tuple(
            _catalog(number, range(packages)[first : first + _PACKAGES_OF_A_CATALOG], scope)
            for number, first in enumerate(range(0, packages, _PACKAGES_OF_A_CATALOG))
        ),
    )


def _users() -> list[User]:
    managers = [User(_manager_id(number), f"Manager {number}") for number in range(MANAGERS)]
    staff = [
        # One in twenty has no manager, so that the fallback of the first stage is seen too.
        User(
            user_id(number),
            f"User {number}",
            manager=None if number % 20 == 19 else _manager_id(number % MANAGERS),
        )
        for number in range(USERS)
    ]
    return [User("fran", "Fran"), *managers, *staff]


def _teams() -> tuple[Group, ...]:
    """Teams such that each user is a direct member of 20; every tenth holds the next one too."""
    dice = random.Random(SEED + 1)
    members: list[list[str]] = [[] for _ in range(GROUPS)]
    for number in range(USERS):
        for team in dice.sample(range(GROUPS), GROUPS_OF_A_USER):
            members[team].append(user_id(number))
    return tuple(
        Group(
            group_id(team),
            f"Team {team}",
            users=tuple(members[team]),
            groups=(group_id(team + 1),) if team % 10 == 0 else (),
        )
        for team in range(GROUPS)
    )


def _organization(number: int) -> ConnectedOrganization:
    name = f"partner-{number:02}"
    source = IdentitySource(SourceKind.TENANT, tenant_id=f"tenant-of-{name}")
    return ConnectedOrganization(name, f"Partner {number}", sources=(source,))


def _catalog(number: int, packages: range, scope: Scope) -> Catalog:
    name = f"catalog-{number:03}"
    return Catalog(
        id=name,
        name=f"Catalog {number}",
        resources=(
            *map(_application, range(APPLICATIONS)),
            Resource("team", "Team", ResourceKind.GROUP, group_id(0), ("Member", "Owner")),
        ),
        packages=tuple(_package(package, name, scope(package)) for package in packages),
    )


def _package(number: int, catalog: str, groups: tuple[str, ...]) -> AccessPackage:
    return AccessPackage(
        id=package_id(number),
        name=f"Package {number:06}",
        catalog=catalog,
        entries=_entries(number),
        policies=(_employees(number, groups), _partners(number)),
    )


def _application(number: int) -> Resource:
    name = f"app-{number:02}"
    return Resource(name, f"App {number}", ResourceKind.APPLICATION, name, ("Reader", "User"))


def _entries(number: int) -> tuple[PackageEntry, ...]:
    first, step = number % APPLICATIONS, 1 + number // APPLICATIONS % (APPLICATIONS - 1)
    applications = sorted((f"app-{first:02}", f"app-{(first + step) % APPLICATIONS:02}"))
    entries = [PackageEntry(name, "User") for name in applications]
    return (*entries, PackageEntry("team", "Member"))


def _employees(number: int, groups: tuple[str, ...]) -> AssignmentPolicy:
    """Staff of some groups: the manager approves, then the owner of the package; thirty days."""
    owner = Approver(ApproverKind.USER, _manager_id(number % MANAGERS))
    return AssignmentPolicy(
        id="employees",
        name="Employees",
        scope=RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=tuple(sorted(groups))),
        expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=30)),
        approval_for_add=True,
        stages=(
            ApprovalStage((_MANAGER,), fallback=(_FALLBACK,)),
            ApprovalStage((owner,), fallback=(_FALLBACK,)),
        ),
        extension_allowed=True,
    )


def _partners(number: int) -> AssignmentPolicy:
    """People of two organizations: one stage, ninety days, reviewed."""
    return AssignmentPolicy(
        id="partners",
        name="Partners",
        scope=RequestorScope(
            ScopeKind.SPECIFIC_ORGANIZATIONS,
            organizations=tuple(
                sorted(f"partner-{(number + step) % ORGANIZATIONS:02}" for step in (0, 5))
            ),
        ),
        expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=90)),
        approval_for_add=True,
        stages=(ApprovalStage((_FALLBACK,)),),
        extension_allowed=True,
        reviews=ReviewSettings(
            start=datetime(2031, 4, 1, tzinfo=UTC),
            recurrence=Recurrence(every=timedelta(days=90)),
            window=timedelta(days=25),
            reviewers=ReviewerKind.SPECIFIC,
            specific=(_FALLBACK,),
            no_response=NoResponse.REMOVE,
        ),
    )
