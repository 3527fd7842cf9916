"""An invented tenant as large as they come: every policy is somebody's, and some are mistaken."""

from __future__ import annotations

import random
from datetime import timedelta

from ostiary.domain.catalog import AccessPackage, Catalog, PackageEntry, Resource, ResourceKind
from ostiary.domain.people import (
    AccountState,
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
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
from ostiary.domain.tenant import Profile, Tenant

GUESTS = 0.08
ORGANIZATIONS = 200
USERS_OF_A_GROUP = 50  # users for each group that there is
MEMBERSHIPS = 20  # of a user
PACKAGES_OF_A_CATALOG = 500
RESOURCES_OF_A_CATALOG = 200
MANAGER = Approver(ApproverKind.MANAGER)
SEED = 7


def full_tenant(users: int, packages: int, profile: Profile) -> Tenant:
    """A tenant with so many people and packages, two policies a package."""
    dice = random.Random(SEED)
    people = [_user(dice, number, users) for number in range(users)]
    groups = _groups(dice, users)
    return Tenant(
        id="full",
        name="Full",
        profile=profile,
        users=tuple(people),
        groups=groups,
        organizations=tuple(map(_organization, range(ORGANIZATIONS))),
        catalogs=tuple(
            _catalog(dice, first, min(first + PACKAGES_OF_A_CATALOG, packages), len(groups), users)
            for first in range(0, packages, PACKAGES_OF_A_CATALOG)
        ),
    )


def _user(dice: random.Random, number: int, users: int) -> User:
    guest = dice.random() < GUESTS
    home = None
    if guest:
        home = HomeIdentity(SignIn.TENANT, tenant_id=f"partner-{number % ORGANIZATIONS}")
    return User(
        id=f"u{number:07}",
        name=f"User {number}",
        type=PersonType.GUEST if guest else PersonType.MEMBER,
        state=AccountState.BLOCKED if dice.random() < 0.01 else AccountState.ENABLED,
        # Nine in ten have a manager, all of whom stand before them.
        manager=f"u{dice.randrange(number):07}" if number and dice.random() < 0.9 else None,
        home=home,
        attributes={"department": f"d{number % 300}"},
    )


def _groups(dice: random.Random, users: int) -> tuple[Group, ...]:
    count = max(20, users // USERS_OF_A_GROUP)
    sizes = [dice.paretovariate(1.1) for _ in range(count)]
    scale = users * MEMBERSHIPS / sum(sizes)
    return tuple(
        Group(
            id=f"g{number:06}",
            name=f"Group {number}",
            users=tuple(
                sorted(f"u{dice.randrange(users):07}" for _ in range(_size(size * scale, users)))
            ),
            groups=(f"g{dice.randrange(number):06}",) if number and dice.random() < 0.3 else (),
        )
        for number, size in enumerate(sizes)
    )


def _size(wanted: float, users: int) -> int:
    return max(1, min(int(wanted), users // 4))


def _organization(number: int) -> ConnectedOrganization:
    source = IdentitySource(SourceKind.TENANT, tenant_id=f"partner-{number}")
    return ConnectedOrganization(f"o{number:03}", f"Partner {number}", sources=(source,))


def _catalog(dice: random.Random, first: int, last: int, groups: int, users: int) -> Catalog:
    name = f"c{first:06}"
    return Catalog(
        id=name,
        name=name,
        owners=("user:u0000001",),
        resources=tuple(
            Resource(f"r{n:03}", f"R {n}", ResourceKind.APPLICATION, f"{name}-{n}", ("User",))
            for n in range(RESOURCES_OF_A_CATALOG)
        ),
        packages=tuple(_package(dice, n, name, groups, users) for n in range(first, last)),
    )


def _package(
    dice: random.Random, number: int, catalog: str, groups: int, users: int
) -> AccessPackage:
    scope = tuple(sorted({f"g{dice.randrange(groups):06}" for _ in range(dice.randint(1, 4))}))
    owner = Approver(ApproverKind.USER, f"u{dice.randrange(users):07}")
    board = Approver(ApproverKind.GROUP, f"g{dice.randrange(groups):06}")
    staff = AssignmentPolicy(
        id="staff",
        name="Staff",
        scope=RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=scope),
        expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=180)),
        approval_for_add=True,
        stages=(
            ApprovalStage((MANAGER,), fallback=(owner,)),
            ApprovalStage((owner,), fallback=(board,)),
        ),
        extension_allowed=True,
    )
    partner = f"o{dice.randrange(ORGANIZATIONS):03}"
    outside = AssignmentPolicy(
        id="partners",
        name="Partners",
        scope=RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=(partner,)),
        expiration=Expiration(ExpirationKind.DURATION, after=timedelta(days=90)),
        approval_for_add=True,
        stages=(ApprovalStage((board,), fallback=(owner,)),),
    )
    if dice.random() < 0.1:  # open to all, as one package in ten is
        everybody = RequestorScope(ScopeKind.ALL_MEMBERS)
        staff = AssignmentPolicy(
            id="staff", name="Staff", scope=everybody, expiration=staff.expiration
        )
    return AccessPackage(
        id=f"p{number:06}",
        name=f"Package {number}",
        catalog=catalog,
        entries=(PackageEntry(f"r{number % RESOURCES_OF_A_CATALOG:03}", "User"),),
        policies=(outside, staff),
    )
