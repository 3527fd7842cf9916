"""Invented tenants with many people, and edits of their policies of every kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

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
    NoResponse,
    Recurrence,
    RequestorScope,
    ReviewerKind,
    ReviewSettings,
    ScopeKind,
)
from ostiary.domain.tenant import Profile, Tenant

SEED = 20_310_310
GROUPS_OF_A_USER = 8
PEOPLE_OF_A_GROUP = 400  # in the mean; a few groups hold a tenth of everybody
REPORTS = 12
ORGANIZATIONS = 40
GUESTS = 0.08
OPEN_TO_ALL = 0.1  # policies for all members
DEPARTMENTS = ("Sales", "Finance", "Research", "Support", "Legal", "Operations")
_FALLBACK = Approver(ApproverKind.USER, "fran")
_MANAGER = Approver(ApproverKind.MANAGER)
_SECOND = Approver(ApproverKind.MANAGER, level=2)
_DAY = timedelta(days=1)

replace = msgspec.structs.replace


def crowd(people: int, packages: int, profile: Profile) -> Tenant:
    """A tenant with so many people and packages; the same one in every run."""
    dice = random.Random(SEED)
    users = [_user(number, people, dice) for number in range(people)]
    groups = _groups(people, dice)
    names = [group.id for group in groups]
    return Tenant(
        id="bench",
        name="Bench",
        profile=profile,
        users=tuple(sorted([User("fran", "Fran"), *users], key=lambda user: user.id)),
        groups=groups,
        organizations=tuple(map(_organization, range(ORGANIZATIONS))),
        catalogs=(
            Catalog(
                id="catalog",
                name="Catalog",
                resources=(
                    Resource("app", "App", ResourceKind.APPLICATION, "app", ("Reader", "User")),
                ),
                packages=tuple(_package(number, people, names, dice) for number in range(packages)),
            ),
        ),
        digest="before",
    )


def user_id(number: int) -> str:
    """The id of a user."""
    return f"user-{number:07}"


def _user(number: int, people: int, dice: random.Random) -> User:
    guest = dice.random() < GUESTS
    managers = max(1, people // REPORTS)
    manager = None if dice.random() < 0.02 else user_id(dice.randrange(managers))
    organization = f"tenant-of-partner-{dice.randrange(ORGANIZATIONS):02}"
    return User(
        user_id(number),
        f"User {number}",
        type=PersonType.GUEST if guest else PersonType.MEMBER,
        state=AccountState.BLOCKED if dice.random() < 0.01 else AccountState.ENABLED,
        manager=None if guest else manager,
        home=HomeIdentity(SignIn.TENANT, tenant_id=organization) if guest else None,
        governed=guest,
        attributes={"department": dice.choice(DEPARTMENTS)},
    )


def _groups(people: int, dice: random.Random) -> tuple[Group, ...]:
    count = max(8, people * GROUPS_OF_A_USER // PEOPLE_OF_A_GROUP)
    members: list[list[str]] = [[] for _ in range(count)]
    large = max(1, count // 200)
    for number in range(people):
        name = user_id(number)
        for _ in range(GROUPS_OF_A_USER - 1):
            members[dice.randrange(large, count)].append(name)
        if dice.random() < 0.1 * large:
            members[dice.randrange(large)].append(name)
    return tuple(
        Group(
            f"group-{number:05}",
            f"Group {number}",
            users=tuple(dict.fromkeys(found)),
            groups=(f"group-{number + 1:05}",) if number % 10 == 0 and number + 1 < count else (),
        )
        for number, found in enumerate(members)
    )


def _organization(number: int) -> ConnectedOrganization:
    name = f"partner-{number:02}"
    source = IdentitySource(SourceKind.TENANT, tenant_id=f"tenant-of-{name}")
    return ConnectedOrganization(
        name, f"Partner {number}", sources=(source,), internal_sponsor_users=("fran",)
    )


def _package(number: int, people: int, groups: list[str], dice: random.Random) -> AccessPackage:
    return AccessPackage(
        id=f"package-{number:05}",
        name=f"Package {number:05}",
        catalog="catalog",
        entries=(PackageEntry("app", "User"),),
        policies=(_employees(people, groups, dice), _partners(dice)),
    )


def _employees(people: int, groups: list[str], dice: random.Random) -> AssignmentPolicy:
    """Staff of some groups: their manager, then the owner, or late the manager's manager."""
    scope = RequestorScope(ScopeKind.ALL_MEMBERS)
    if dice.random() > OPEN_TO_ALL:
        named = tuple(sorted(dice.sample(groups, dice.randint(2, 4))))
        scope = RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=named)
    return AssignmentPolicy(
        id="employees",
        name="Employees",
        scope=scope,
        expiration=Expiration(ExpirationKind.DURATION, after=30 * _DAY),
        approval_for_add=True,
        stages=(
            ApprovalStage((_MANAGER,), fallback=(_FALLBACK,)),
            ApprovalStage(
                (_owner(people, dice),),
                fallback=(_FALLBACK,),
                alternates=(_SECOND,),
                escalate_after=8 * _DAY,
            ),
        ),
        extension_allowed=True,
    )


def _owner(people: int, dice: random.Random) -> Approver:
    return Approver(ApproverKind.USER, user_id(dice.randrange(people)))


def _partners(dice: random.Random) -> AssignmentPolicy:
    """People of two organizations: their sponsors on our side, ninety days, reviewed."""
    named = sorted(dice.sample(range(ORGANIZATIONS), 2))
    organizations = tuple(f"partner-{number:02}" for number in named)
    return AssignmentPolicy(
        id="partners",
        name="Partners",
        scope=RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=organizations),
        expiration=Expiration(ExpirationKind.DURATION, after=90 * _DAY),
        approval_for_add=True,
        stages=(ApprovalStage((Approver(ApproverKind.INTERNAL_SPONSORS),), fallback=(_FALLBACK,)),),
        reviews=ReviewSettings(
            start=datetime(2031, 4, 1, tzinfo=UTC),
            recurrence=Recurrence(every=90 * _DAY),
            window=25 * _DAY,
            reviewers=ReviewerKind.SPECIFIC,
            specific=(_FALLBACK,),
            no_response=NoResponse.REMOVE,
        ),
    )


def edited(tenant: Tenant, changed: int) -> Tenant:
    """The tenant with one policy of so many packages changed, each kind of edit in turn."""
    dice = random.Random(SEED + 1)
    (catalog,) = tenant.catalogs
    groups = [group.id for group in tenant.groups]
    step = max(1, len(catalog.packages) // changed)
    chosen = {package.id: None for package in catalog.packages[::step][:changed]}
    edits = {name: _EDITS[number % len(_EDITS)] for number, name in enumerate(chosen)}
    packages = tuple(
        _edited(package, edits[package.id], groups, dice) if package.id in edits else package
        for package in catalog.packages
    )
    return replace(tenant, catalogs=(replace(catalog, packages=packages),), digest="after")


Edit = Callable[[AssignmentPolicy, list[str], random.Random], AssignmentPolicy]


def _edited(
    package: AccessPackage, edit: Edit, groups: list[str], dice: random.Random
) -> AccessPackage:
    employees, partners = package.policies
    return replace(package, policies=(edit(employees, groups, dice), partners))


def _other_group(
    policy: AssignmentPolicy, groups: list[str], dice: random.Random
) -> AssignmentPolicy:
    return _open_to(policy, (*policy.scope.groups[1:], _another(policy, groups, dice)))


def _one_more_group(
    policy: AssignmentPolicy, groups: list[str], dice: random.Random
) -> AssignmentPolicy:
    return _open_to(policy, (*policy.scope.groups, _another(policy, groups, dice)))


def _another(policy: AssignmentPolicy, groups: list[str], dice: random.Random) -> str:
    found = dice.choice(groups)
    return _another(policy, groups, dice) if found in policy.scope.groups else found


def _open_to(policy: AssignmentPolicy, groups: tuple[str, ...]) -> AssignmentPolicy:
    scope = RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, groups=tuple(sorted(groups)))
    return replace(policy, scope=scope)


def _other_owner(
    policy: AssignmentPolicy, groups: list[str], dice: random.Random
) -> AssignmentPolicy:
    first, second = policy.stages
    group = Approver(ApproverKind.GROUP, dice.choice(groups[len(groups) // 200 + 1 :]))
    return replace(policy, stages=(first, replace(second, primary=(group,))))


def _first_stage_alone(
    policy: AssignmentPolicy, _: list[str], __: random.Random
) -> AssignmentPolicy:
    return replace(policy, stages=policy.stages[:1])


def _shorter(policy: AssignmentPolicy, _: list[str], __: random.Random) -> AssignmentPolicy:
    stages = tuple(replace(stage, time_out=14 * _DAY) for stage in policy.stages)
    return replace(
        policy, stages=stages, expiration=Expiration(ExpirationKind.DURATION, after=14 * _DAY)
    )


_EDITS: tuple[Edit, ...] = (
    _other_group,
    _one_more_group,
    _other_owner,
    _first_stage_alone,
    _shorter,
)
