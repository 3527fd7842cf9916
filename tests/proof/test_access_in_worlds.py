"""No new access in random worlds: what is proved holds of everybody, what is found is real."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec
import pytest

from ostiary.analysis.proof.possible import Definitions, sides
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Finding, Property, Verdict
from ostiary.decide.model import Snapshot
from ostiary.domain.people import AccountState, OrganizationState
from ostiary.domain.tenant import Tenant
from tests.proof.crowds import (
    FEW_KINDS,
    MANY_KINDS,
    Crowd,
    Somebody,
    bounded,
    left_out,
    packages_of,
    ways_in,
)
from tests.properties.dice import DOMAINS, NOW, Dice
from tests.properties.policies import Names, policies_of
from tests.properties.ruling import snapshot, standard_tables
from tests.properties.worlds import make_tenant

replace = msgspec.structs.replace
STATES = (AccountState.ENABLED, AccountState.BLOCKED, AccountState.ENABLED)
WORLDS, PEOPLE = 12, 15
MANY_WORLDS, MANY_PEOPLE = 800, 100
COVERS = {
    "request": {"request", "automatic"},
    "on-behalf": {"request", "on-behalf", "automatic"},
    "automatic": {"request", "on-behalf", "automatic"},
}


def changed(dice: Dice, tenant: Tenant) -> Tenant:
    """The tenant with some packages made anew, and sometimes its directory and its settings."""
    names = Names(
        [one.id for one in tenant.users],
        [one.id for one in tenant.groups],
        [one.id for one in tenant.organizations],
        (),
    )
    catalogs = []
    for catalog in tenant.catalogs:
        packages = tuple(
            replace(package, policies=policies_of(dice, tenant.profile, names))
            if dice.chance(0.4)
            else package
            for package in catalog.packages
        )
        packages = tuple(
            replace(one, incompatible_groups=(), incompatible_packages=())
            if dice.chance(0.3)
            else one
            for one in packages
        )
        catalogs.append(replace(catalog, packages=packages, external=dice.chance(0.7)))
    groups = tenant.groups
    if dice.chance(0.3) and groups:
        groups = tuple(
            replace(one, groups=dice.some(names.groups, 2)) if dice.chance(0.5) else one
            for one in groups
        )
    users, organizations, settings = tenant.users, tenant.organizations, tenant.settings
    if dice.chance(0.3):
        users = tuple(
            replace(
                one,
                state=dice.pick(STATES),
                manager=dice.pick(names.users) if dice.chance(0.5) else one.manager,
            )
            if dice.chance(0.4)
            else one
            for one in users
        )
    if dice.chance(0.2):
        organizations = tuple(
            replace(one, state=dice.pick(tuple(OrganizationState)))
            if dice.chance(0.5)
            else replace(one, internal_sponsor_users=dice.some(names.users, 2))
            for one in organizations
        )
    if dice.chance(0.1):
        settings = replace(settings, blocked_domains=dice.some(DOMAINS, 1))
    return replace(
        tenant,
        catalogs=tuple(catalogs),
        groups=groups,
        users=users,
        organizations=organizations,
        settings=settings,
    )


def without_extensions(tenant: Tenant) -> Tenant:
    """The tenant without calls of extensions, which no access hangs on."""
    catalogs = tuple(
        replace(
            catalog,
            packages=tuple(
                replace(
                    package,
                    policies=tuple(replace(one, extensions=()) for one in package.policies),
                )
                for package in catalog.packages
            ),
        )
        for catalog in tenant.catalogs
    )
    return replace(tenant, catalogs=catalogs)


def comes_in_anew(old: Snapshot, new: Snapshot, package: str, one: Somebody) -> bool:
    before = ways_in(old, package, one).keys()
    return any(not COVERS[way] & before for way in ways_in(new, package, one))


def instants(tenants: tuple[Tenant, ...]) -> tuple[datetime, ...]:
    ends = {
        policy.expiration.at
        for tenant in tenants
        for package in packages_of(tenant)
        for policy in package.policies
        if policy.expiration.at is not None
    }
    return (NOW, *sorted(end for end in ends if end > NOW))


def look(seed: int, people: int, most: int) -> Finding:
    """One world: the finding, after everything about it that can be known is compared."""
    dice = Dice(seed, 1 + seed % 3)
    old = without_extensions(make_tenant(dice))
    new = changed(dice, old)
    tables = standard_tables()
    with bounded(most):
        report = prove(
            Definitions(new, tables),
            Definitions(old, tables),
            properties=[Property.NO_NEW_ACCESS],
            at=NOW,
        )
    (finding,) = report.findings
    assert all("too many" in why for why in finding.unknown)
    possible = sides([Definitions(old, tables), Definitions(new, tables)])
    for example in finding.examples:
        one = Somebody(example.person, example.at, example.holdings.assigned)
        assert comes_in_anew(possible[0].snapshot, possible[1].snapshot, example.package, one)
    broken = {example.package for example in finding.examples} | left_out(finding)
    crowd = Crowd((old, new), instants((old, new)))
    before, after = snapshot(old), snapshot(new)
    for package in packages_of(new):
        if package.id in broken:
            continue
        for _ in range(people):
            one = crowd.somebody(dice)
            assert not comes_in_anew(before, after, package.id, one), (seed, package.id, one)
    return finding


def test_what_is_proved_holds_and_what_is_found_is_real() -> None:
    found = [look(seed, PEOPLE, FEW_KINDS).verdict for seed in range(WORLDS)]
    assert {Verdict.PROVED, Verdict.COUNTEREXAMPLE} <= set(found)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_is_proved_holds_in_800_worlds() -> None:
    """In 788 more worlds 100 people ask for each package of which it is proved."""
    found = Counter(
        look(seed, MANY_PEOPLE, MANY_KINDS).verdict for seed in range(WORLDS, MANY_WORLDS)
    )
    assert min(found[Verdict.PROVED], found[Verdict.COUNTEREXAMPLE]) > 100
    assert found[Verdict.UNKNOWN] < 200
