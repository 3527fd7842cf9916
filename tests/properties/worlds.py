"""Random small tenants: every kind of person, group, organization, package and policy.

A world is a tenant and one request about it. The same seed and size give the same world. Sizes
go from 1 to 8 and bound the number of everything, so that a difference can be made small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
from ostiary.domain.request import EvaluationRequest
from ostiary.domain.tenant import GuestCleanup, Profile, Settings, Tenant
from tests.properties.asks import SIGN_IN_OF, ask, asked_again
from tests.properties.dice import ATTRIBUTES, DOMAINS, IDENTIFIERS, ISSUERS, TENANT_IDS, Dice
from tests.properties.policies import Names, policies_of, questions
from tests.properties.profiles import PROFILES

LARGEST = 8
REQUESTS_A_TENANT = 4
STATES = (*[AccountState.ENABLED] * 18, AccountState.BLOCKED, AccountState.DELETED)
CLEANUPS = tuple(GuestCleanup)
SIGN_INS = (*[SignIn.TENANT] * 3, *[SignIn.ONE_TIME_PASSCODE] * 2, *SignIn)
SOURCE_KINDS = (SourceKind.TENANT, SourceKind.DOMAIN, *SourceKind)
PACKAGE_NAMES = ("Sales", "HR", "Library", "Partners")


class World(NamedTuple):
    """A tenant and one request about it, with the seed and size that made them."""

    tenant: Tenant
    request: EvaluationRequest
    seed: int
    size: int


def world(seed: int, size: int) -> World:
    """The world of a seed."""
    dice = Dice(seed, size)
    tenant = make_tenant(dice)
    return World(tenant, ask(dice, tenant), seed, size)


def worlds_of(seed: int, size: int, count: int = REQUESTS_A_TENANT) -> Iterator[World]:
    """Several requests about one tenant; the first is that of `world`."""
    dice = Dice(seed, size)
    tenant = make_tenant(dice)
    for _ in range(count):
        yield World(tenant, ask(dice, tenant), seed, size)


def busy_worlds(seed: int, size: int, count: int) -> Iterator[World]:
    """Many requests about one tenant, in which the same people turn up in several ways."""
    dice = Dice(seed, size)
    tenant = make_tenant(dice)
    asked: list[EvaluationRequest] = []
    for _ in range(count):
        request = ask(dice, tenant)
        if asked and dice.chance(0.6):
            request = asked_again(dice, tenant, request, dice.pick(asked).requestor)
        asked.append(request)
        yield World(tenant, request, seed, size)


def make_tenant(dice: Dice) -> Tenant:
    """A tenant under one of the profiles, with lists in the order of ids."""
    profile = dice.pick(PROFILES)
    users = [f"u{number}" for number in range(1, dice.number(2, max(2, dice.size)) + 1)]
    groups = [f"g{number}" for number in range(1, dice.number(0, dice.bounded(5)) + 1)]
    organizations = [
        f"o{number}" for number in range(1, dice.number(1, dice.bounded(3)) + dice.number(0, 1))
    ]
    sources = [source(dice) for _ in range(3)]
    return Tenant(
        id="acme",
        name="Acme",
        profile=profile,
        settings=settings(dice),
        users=tuple(user(dice, each, users, sources) for each in users),
        groups=tuple(group(dice, each, users, groups) for each in groups),
        organizations=tuple(
            organization(dice, each, users, groups, sources) for each in organizations
        ),
        catalogs=catalogs(dice, profile, users, groups, organizations),
    )


def settings(dice: Dice) -> Settings:
    """Clean-up of guests and, sometimes, invitation lists."""
    lists = dice.number(0, 15)
    return Settings(
        guest_cleanup=dice.pick(CLEANUPS),
        allowed_domains=dice.some(DOMAINS, 3) if lists == 0 else None,
        blocked_domains=(dice.pick(DOMAINS),) if lists in {1, 2} else (),
    )


def user(dice: Dice, user_id: str, users: Sequence[str], sources: Sequence[IdentitySource]) -> User:
    """A member or guest; managers may be anybody, also themselves."""
    guest = dice.chance(0.35)
    return User(
        id=user_id,
        name=user_id,
        type=PersonType.GUEST if guest else PersonType.MEMBER,
        state=dice.pick(STATES),
        manager=dice.pick(users) if dice.chance(0.8) else None,
        sponsors=dice.some(users, 2) if dice.chance(0.4) else (),
        home=home(dice, sources) if guest and dice.chance(0.9) else None,
        mail=mail(dice) if dice.chance(0.5) else None,
        governed=dice.chance(0.4),
        attributes=attributes(dice),
    )


def mail(dice: Dice) -> str:
    """A mail address; some are written in capitals."""
    address = f"person@{dice.pick(DOMAINS)}"
    return address.upper() if dice.chance(0.2) else address


def attributes(dice: Dice) -> dict[str, str]:
    """Some attributes."""
    return {name: dice.pick(ATTRIBUTES[name]) for name in ATTRIBUTES if dice.chance(0.6)}


def home(dice: Dice, sources: Sequence[IdentitySource]) -> HomeIdentity:
    """A home identity; what is presented need not fit how the person signed in."""
    if dice.chance(0.6):
        fitting = dice.pick(sources)
        sign_in = SIGN_IN_OF[fitting.kind] if dice.chance(0.75) else dice.pick(SIGN_INS)
        return HomeIdentity(
            sign_in, fitting.tenant_id, fitting.domain, fitting.issuer, fitting.identifier
        )
    sign_in = dice.pick(SIGN_INS)
    named = sign_in in {SignIn.OTHER_CLOUD, SignIn.SOCIAL}
    return HomeIdentity(
        sign_in=sign_in,
        tenant_id=dice.pick(TENANT_IDS) if dice.chance(0.6) else None,
        domain=dice.pick(DOMAINS) if dice.chance(0.75) else None,
        issuer=dice.pick(ISSUERS) if sign_in is SignIn.FEDERATION else None,
        identifier=dice.pick(IDENTIFIERS) if named and dice.chance(0.8) else None,
    )


def group(dice: Dice, group_id: str, users: Sequence[str], groups: Sequence[str]) -> Group:
    """A group with people and nested groups; cycles happen."""
    nested = dice.some(groups, 2) if dice.chance(0.6) else ()
    return Group(id=group_id, name=group_id, users=dice.some(users, 3), groups=nested)


def organization(
    dice: Dice,
    organization_id: str,
    users: Sequence[str],
    groups: Sequence[str],
    sources: Sequence[IdentitySource],
) -> ConnectedOrganization:
    """A connected organization with sources of all kinds and sponsors on both sides."""
    configured = dice.chance(0.7)
    return ConnectedOrganization(
        id=organization_id,
        name=organization_id,
        state=OrganizationState.CONFIGURED if configured else OrganizationState.PROPOSED,
        sources=tuple(dice.pick(sources) for _ in range(dice.number(1, 2))),
        internal_sponsor_users=dice.some(users, 2),
        internal_sponsor_groups=dice.some(groups, 1),
        external_sponsor_users=dice.some(users, 1),
        external_sponsor_groups=dice.some(groups, 1),
    )


def source(dice: Dice) -> IdentitySource:
    """An identity source."""
    kind = dice.pick(SOURCE_KINDS)
    if kind is SourceKind.TENANT:
        return IdentitySource(kind, tenant_id=dice.pick(TENANT_IDS))
    if kind is SourceKind.DOMAIN:
        return IdentitySource(kind, domain=dice.pick(DOMAINS))
    if kind is SourceKind.FEDERATION:
        return IdentitySource(kind, domain=dice.pick(DOMAINS), issuer=dice.pick(ISSUERS))
    return IdentitySource(kind, identifier=dice.pick(IDENTIFIERS))


def catalogs(
    dice: Dice,
    profile: Profile,
    users: Sequence[str],
    groups: Sequence[str],
    organizations: Sequence[str],
) -> tuple[Catalog, ...]:
    """Catalogs, of which the first has at least one package."""
    made = []
    packages = [f"k{number}" for number in range(1, dice.number(1, dice.bounded(4)) + 1)]
    homes = {package: dice.number(1, dice.bounded(3)) for package in packages}
    for number in range(1, max(homes.values()) + 1):
        catalog_id = f"c{number}"
        extensions = ("x1", "x2")[: dice.number(0, 2)]
        resources = tuple(
            resource(dice, f"{catalog_id}-r{each}") for each in range(1, dice.number(1, 3) + 1)
        )
        names = Names(users, groups, organizations, extensions)
        made.append(
            Catalog(
                id=catalog_id,
                name=catalog_id,
                enabled=dice.chance(0.96),
                external=dice.chance(0.8),
                resources=resources,
                extensions=tuple(CustomExtension(each, each, "https://x") for each in extensions),
                packages=tuple(
                    AccessPackage(
                        id=each,
                        name=dice.pick(PACKAGE_NAMES),
                        catalog=catalog_id,
                        hidden=dice.chance(0.15),
                        entries=entries(dice, resources),
                        incompatible_packages=dice.some(packages, 2) if dice.chance(0.5) else (),
                        incompatible_groups=dice.some(groups, 1) if dice.chance(0.25) else (),
                        policies=policies_of(dice, profile, names),
                    )
                    for each in packages
                    if homes[each] == number
                ),
            )
        )
    return tuple(made)


def resource(dice: Dice, resource_id: str) -> Resource:
    """An application with two roles; a few carry required attributes."""
    return Resource(
        id=resource_id,
        name=resource_id,
        kind=ResourceKind.APPLICATION,
        target=resource_id,
        roles=("User", "Admin"),
        questions=questions(dice, f"{resource_id}-", 1) if dice.chance(0.15) else (),
    )


def entries(dice: Dice, resources: Sequence[Resource]) -> tuple[PackageEntry, ...]:
    """Entries in order; a package may have none, or two roles of one resource."""
    if dice.chance(0.1):
        return ()
    return tuple(
        PackageEntry(each.id, role)
        for each in resources
        for role in sorted(each.roles)
        if dice.chance(0.5)
    )
