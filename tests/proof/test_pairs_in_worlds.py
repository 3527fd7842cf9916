"""Incompatible packages in random worlds: where it is proved nobody comes to hold both."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace

from ostiary.analysis.proof.possible import Definitions, sides
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Example, Property, Verdict
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.people import PersonType
from ostiary.domain.request import EvaluationRequest, Holdings, InlinePerson, Mode, RequestType
from ostiary.domain.tenant import Tenant
from tests.proof.crowds import (
    FEW_KINDS,
    GOES_ON,
    MANY_KINDS,
    Crowd,
    Somebody,
    answer,
    bounded,
    left_out,
    packages_of,
    ways_in,
)
from tests.proof.test_access_in_worlds import without_extensions
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import snapshot, standard_tables
from tests.properties.worlds import make_tenant

WORLDS, PEOPLE = 40, 6
MANY_WORLDS, MANY_PEOPLE = 150, 60


def excluding(dice: Dice, tenant: Tenant) -> Tenant:
    """The tenant with incompatible packages and groups by chance, and with groups to be given."""
    ids = [one.id for one in packages_of(tenant)]
    groups = [one.id for one in tenant.groups]
    catalogs = []
    for catalog in tenant.catalogs:
        packages = tuple(
            replace(
                one,
                incompatible_packages=dice.some([name for name in ids if name != one.id], 2),
                incompatible_groups=dice.some(groups, 1) if dice.chance(0.3) else (),
            )
            for one in catalog.packages
        )
        resources = tuple(
            replace(one, kind=ResourceKind.GROUP, target=dice.pick(groups))
            if groups and dice.chance(0.4)
            else one
            for one in catalog.resources
        )
        catalogs.append(replace(catalog, packages=packages, resources=resources))
    return replace(tenant, catalogs=tuple(catalogs))


def given(tenant: Tenant, package: str) -> set[str]:
    """The groups that a package makes its holders members of."""
    for catalog in tenant.catalogs:
        targets = {
            one.id: one.target for one in catalog.resources if one.kind is ResourceKind.GROUP
        }
        for one in catalog.packages:
            if one.id == package:
                entries = (entry for entry in one.entries if entry.role != "Owner")
                return {targets[entry.resource] for entry in entries if entry.resource in targets}
    return set()


def has_it(known: Snapshot, package: str, who: Somebody) -> bool:
    """Whether somebody comes to a package in any way, staff included."""
    if ways_in(known, package, who):
        return True
    for policy in known.packages[package].policies:
        request = EvaluationRequest(
            package=package,
            requestor=who.person,
            at=who.at,
            type=RequestType.ADMIN_ADD,
            mode=Mode.SUBMISSION,
            policy=policy.id,
            justification="for the project",
            answers=tuple(answer(each) for each in policy.questions if each.required),
            holdings=Holdings(assigned=who.held),
        )
        if evaluate(known, request).outcome in GOES_ON:
            return True
    return False


def joined(tenant: Tenant, person: InlinePerson, held: tuple[str, ...]) -> InlinePerson:
    assert isinstance(person.groups, tuple)
    groups = set(person.groups).union(*(given(tenant, name) for name in held))
    kind = PersonType.GUEST if held and person.type is PersonType.EXTERNAL else person.type
    return replace(person, groups=tuple(sorted(groups)), type=kind)


def reached(tenant: Tenant, known: Snapshot, person: InlinePerson) -> set[frozenset[str]]:
    """All that somebody can hold together by asking in any order, with anything ending between."""
    ids = {one.id for one in packages_of(tenant)}
    waiting = [frozenset[str]()]
    seen = set(waiting)
    for held in waiting:
        who = Somebody(joined(tenant, person, tuple(sorted(held))), NOW, tuple(sorted(held)))
        after = [held | {name} for name in sorted(ids - held) if has_it(known, name, who)]
        after += [held - {name} for name in sorted(held)]
        waiting += [one for one in after if one not in seen]
        seen.update(after)
    return seen


def conflicts(tenant: Tenant, known: Snapshot, held: frozenset[str]) -> set[str]:
    """The packages of those held that exclude another of them, or a group that one gives."""
    groups = tuple(sorted(set().union(*(given(tenant, name) for name in held))))
    keys = known.directory.closure(groups)
    return {
        one.id
        for one in packages_of(tenant)
        if one.id in held
        and (
            held & set(one.incompatible_packages) - {one.id}
            or any(known.directory.group_key(name) in keys for name in one.incompatible_groups)
        )
    }


def comes_about(tenant: Tenant, known: Snapshot, example: Example) -> bool:
    """Whether the steps of a story can be taken, one after the other, and end in a conflict."""
    held: tuple[str, ...] = ()
    for step in example.steps:
        assert step.at is not None
        if not has_it(
            known, step.package, Somebody(joined(tenant, example.person, held), step.at, held)
        ):
            return False
        held = (*held, step.package)
    return example.package in conflicts(tenant, known, frozenset(held))


def look(seed: int, people: int, most: int) -> Verdict:
    """One world: the verdict, after everything about it that can be known is compared."""
    dice = Dice(seed, 1 + seed % 3)
    tenant = excluding(dice, without_extensions(make_tenant(dice)))
    definitions = Definitions(tenant, standard_tables())
    with bounded(most):
        report = prove(definitions, properties=[Property.NO_INCOMPATIBLE_PAIR], at=NOW)
    (finding,) = report.findings
    (possible,) = sides([definitions])
    for example in finding.examples:
        assert comes_about(tenant, possible.snapshot, example), (seed, example)
    broken = {example.package for example in finding.examples} | left_out(finding)
    known, crowd = snapshot(tenant), Crowd((tenant,), (NOW,))
    for _ in range(people):
        person = crowd.somebody(dice).person
        for held in reached(tenant, known, person):
            wrong = conflicts(tenant, known, held) - broken
            assert not wrong, (seed, wrong, held, person)
    return finding.verdict


def test_nobody_holds_what_is_proved_to_be_apart() -> None:
    found = {look(seed, PEOPLE, FEW_KINDS) for seed in range(WORLDS)}
    assert found >= {Verdict.PROVED, Verdict.COUNTEREXAMPLE}


@pytest.mark.long
@pytest.mark.timeout(900)
def test_nobody_holds_what_is_proved_to_be_apart_in_150_worlds() -> None:
    """In 110 more worlds 60 people each try every order of requests, with any of them ending."""
    found = Counter(look(seed, MANY_PEOPLE, MANY_KINDS) for seed in range(WORLDS, MANY_WORLDS))
    assert found[Verdict.PROVED] > found[Verdict.UNKNOWN]
    assert found[Verdict.COUNTEREXAMPLE] > 5
