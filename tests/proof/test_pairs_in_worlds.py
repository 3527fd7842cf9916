"""Incompatible packages in random worlds: where it is proved nobody comes to hold both."""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec.structs import replace

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.people import PersonType
from ostiary.domain.request import EvaluationRequest, Holdings, InlinePerson, Mode, RequestType
from ostiary.domain.tenant import Tenant
from tests.proof.crowds import GOES_ON, Crowd, Somebody, answer, packages_of, ways_in
from tests.proof.test_access_in_worlds import without_extensions
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import snapshot, standard_tables
from tests.properties.worlds import make_tenant

WORLDS, PEOPLE = 12, 6
MANY_WORLDS, MANY_PEOPLE = 1_500, 300


def excluding(dice: Dice, tenant: Tenant) -> Tenant:
    """The tenant with incompatible packages and groups by chance."""
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
        catalogs.append(replace(catalog, packages=packages))
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


def holds_in_order(
    tenant: Tenant, known: Snapshot, order: tuple[str, ...], person: InlinePerson
) -> bool:
    held: tuple[str, ...] = ()
    for name in order:
        who = Somebody(joined(tenant, person, held), NOW, held)
        if not has_it(known, name, who):
            return False
        held = (*held, name)
    return True


def look(seed: int, people: int) -> Verdict:
    dice = Dice(seed, 1 + seed % 4)
    tenant = excluding(dice, without_extensions(make_tenant(dice)))
    report = prove(
        Definitions(tenant, standard_tables()),
        properties=[Property.NO_INCOMPATIBLE_PAIR],
        at=NOW,
    )
    (finding,) = report.findings
    assert finding.unknown == ()
    broken = {example.package for example in finding.examples}
    known, crowd = snapshot(tenant), Crowd((tenant,), (NOW,))
    ids = [one.id for one in packages_of(tenant)]
    for package in packages_of(tenant):
        excluded = set(package.incompatible_packages) & set(ids)
        if package.id in broken or not excluded:
            continue
        for other in sorted(excluded):
            for length in (2, 3):
                for order in permutations(ids, min(length, len(ids))):
                    if not {package.id, other} <= set(order):
                        continue
                    for _ in range(people):
                        person = crowd.somebody(dice).person
                        held = holds_in_order(tenant, known, order, person)
                        assert not held, (seed, order, person)
    return finding.verdict


def test_nobody_holds_what_is_proved_to_be_apart() -> None:
    found = {look(seed, PEOPLE) for seed in range(WORLDS)}
    assert found == {Verdict.PROVED, Verdict.COUNTEREXAMPLE}


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_nobody_holds_what_is_proved_to_be_apart_in_many_worlds() -> None:
    for seed in range(WORLDS, MANY_WORLDS):
        look(seed, MANY_PEOPLE)
