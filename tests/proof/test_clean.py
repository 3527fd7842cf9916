"""No false alarms: what is clean is proved, and everybody there can be agrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.domain.people import HomeIdentity, SignIn
from ostiary.domain.policy import Expiration, ExpirationKind
from ostiary.domain.tenant import Tenant
from tests.proof.acme import (
    CONFIGURED,
    ENTRA,
    EVERYBODY,
    MEMBERS,
    NOBODY,
    OTHERS,
    THREE,
    Edit,
    acme,
    adding,
    fitting,
    groups,
    organizations,
    package,
    policy,
    with_catalog,
    with_group,
    with_organization,
    with_package,
    with_policy,
    with_settings,
)
from tests.proof.crowds import Crowd, ways_in
from tests.proof.test_access_in_worlds import comes_in_anew
from tests.proof.test_single_in_worlds import dead_end, weaker
from tests.properties.dice import DAY, NOW
from tests.properties.ruling import snapshot, standard_tables

RULE = 'department -in ["Sales", "Legal"]'
SCOPES = {
    "a group": groups("interns", "staff"),
    "users": groups("staff", users=("ann", "lee")),
    "members": MEMBERS,
    "everybody": EVERYBODY,
    "organizations": organizations("other", "partner"),
    "all organizations": CONFIGURED,
    "staff alone": NOBODY,
    "a rule": fitting(RULE),
}
# What lets nobody in, asks nobody less, and leaves everybody with an answer.
HARMLESS: dict[str, Edit] = {
    "nothing": lambda tenant: tenant,
    "another name": with_package(name="Another name", description="New."),
    "a hidden package": with_package(hidden=True),
    "a policy that is disabled": with_policy(enabled=False),
    "no self-service": with_policy(self_add=False),
    "a stage more": with_policy(stages=(THREE, OTHERS, THREE), approval_for_add=True),
    "an earlier end": with_policy(expiration=Expiration(ExpirationKind.DATE, at=NOW + DAY)),
    "an incompatible group": with_package(incompatible_groups=("juniors",)),
    "a catalog that is disabled": with_catalog(enabled=False),
    "a catalog closed to people from outside": with_catalog(external=False),
    "a policy twice": lambda tenant: adding(
        replace(tenant.catalogs[0].packages[0].policies[0], id="twin", name="twin")
    )(tenant),
    "a group that nobody looks at": with_group("vault", groups=("juniors",)),
    "a blocked domain": with_settings(blocked_domains=("elsewhere.example",)),
    "fewer allowed domains": with_settings(allowed_domains=()),
    "an organization without sources": with_organization("other", sources=()),
    "fewer groups": with_policy(scope=groups("staff")),
    "fewer organizations": with_policy(scope=organizations("partner")),
    "a narrower rule": with_policy(scope=fitting('department -eq "sales"')),
    "another way to say it": with_policy(
        scope=fitting('-not (department -ne "SALES" -and department -ne "legal")')
    ),
}
HOMES = (
    HomeIdentity(SignIn.TENANT, tenant_id="t-1"),
    *(
        HomeIdentity(SignIn.ONE_TIME_PASSCODE, domain=domain)
        for domain in ("partner.example", "other.example", "planned.example", "elsewhere.example")
    ),
)
DEPARTMENTS: tuple[Mapping[str, str], ...] = (
    {},
    {"department": "Sales"},
    {"department": "legal"},
    {"department": "Sales East"},
)
NARROWER = {
    "fewer groups": ("a group", "users"),
    "fewer organizations": ("organizations", "all organizations"),
    "a narrower rule": ("a rule",),
    "another way to say it": ("a rule",),
}
COMPARED = (Property.NO_NEW_ACCESS, Property.NO_WEAKER_APPROVAL, Property.NO_DEAD_END)


class Clean(NamedTuple):
    """A change that breaks nothing."""

    name: str
    old: Tenant
    new: Tenant


def clean() -> Iterator[Clean]:
    for scope_name, scope in SCOPES.items():
        for stages in ((), (THREE,), (THREE, OTHERS)):
            for profile_name, profile in (("standard", {}), ("entra", {"profile": ENTRA})):
                base = acme(package(policy(scope, *stages)), **profile)
                for name, edit in HARMLESS.items():
                    if scope_name in NARROWER.get(name, (scope_name,)):
                        called = f"{name}, {scope_name}, {len(stages)} stages, {profile_name}"
                        yield Clean(called, base, edit(base))


def proved(one: Clean) -> None:
    tables = standard_tables()
    new, old = Definitions(one.new, tables), Definitions(one.old, tables)
    report = prove(new, old, at=NOW)
    found = {finding.property: finding.examples for finding in report.findings if finding.examples}
    assert report.verdict is Verdict.PROVED, (one.name, found)


def agreed(one: Clean) -> int:
    """Ask about every possible person of the small vocabulary."""
    before, after = snapshot(one.old), snapshot(one.new)
    instants = (NOW, NOW + DAY) if "an earlier end" in one.name else (NOW,)
    asked, let_in = 0, 0
    departments = DEPARTMENTS if "a rule" in one.name else ({},)
    for somebody in Crowd((one.old, one.new), instants, HOMES, departments).everybody():
        asked += 1
        let_in += bool(ways_in(before, "k", somebody))
        assert not comes_in_anew(before, after, "k", somebody), (one.name, somebody)
        assert not weaker(before, after, "k", somebody), (one.name, somebody)
        assert not dead_end(after, "k", somebody), (one.name, somebody)
    assert let_in or "staff alone" in one.name, one.name
    return asked


def small(one: Clean) -> Clean:
    """The same with few people and groups, so that everybody can be asked about."""
    kept = {"approvers", "interns", "juniors", "staff"}

    def fewer(tenant: Tenant) -> Tenant:
        users = tuple(
            user for user in tenant.users if user.id in ("ann", "boss", "chief", "deputy")
        )
        known = tuple(group for group in tenant.groups if group.id in kept)
        return replace(tenant, users=users, groups=known)

    return Clean(one.name, fewer(one.old), fewer(one.new))


CLEAN = tuple(clean())


def test_what_is_clean_is_proved() -> None:
    assert len(CLEAN) >= 700
    assert {one.name.split(", ")[0] for one in CLEAN if one.old == one.new} == {"nothing"}
    for one in CLEAN[::17]:
        proved(one)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_all_750_clean_changes_are_proved() -> None:
    for one in CLEAN:
        proved(one)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_everybody_of_small_worlds_agrees_with_what_is_proved() -> None:
    """Of each of 19 changes one is chosen, and over 6,000 people are asked about in each."""
    changes = {
        name: [one for one in CLEAN if one.name.startswith(f"{name}, ")] for name in HARMLESS
    }
    chosen = [found[11 * number % len(found)] for number, found in enumerate(changes.values())]
    assert {one.name.split(", ")[1] for one in chosen} == set(SCOPES)
    for one in chosen:
        assert agreed(small(one)) > 6_000
