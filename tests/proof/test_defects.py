"""Every seeded defect is found, and what was found is played on the real engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from ostiary.analysis.proof.possible import Definitions, Names
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Example, Property, Verdict
from ostiary.analysis.proof.written import tests_of as written
from ostiary.analysis.suites.report import CaseReport, Status
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from tests.proof.acme import members, user, with_package
from tests.proof.defects import ENDING, Defect, defects, tables_of
from tests.proof.replaying import played
from tests.properties.dice import NOW
from tests.properties.ruling import standard_tables

DEFECTS = tuple(defects())


def found(defect: Defect) -> tuple[Example, Names]:
    """The counterexample in the package that the defect is in."""
    old = None if defect.old is None else Definitions(defect.old, standard_tables())
    new = Definitions(defect.new, tables_of(defect))
    report = prove(new, old, properties=[defect.property], at=NOW)
    (finding,) = report.findings
    assert finding.verdict is Verdict.COUNTEREXAMPLE, defect
    assert finding.unknown == ()
    return next(one for one in finding.examples if one.package == "k"), report.names


def failures(cases: tuple[CaseReport, ...]) -> list[str]:
    return [f"{one.status.value}: {one.faults}{one.mismatches}" for one in cases]


# What definitions are made of; a change of each can break a property that compares.
ANYTHING = {
    *("tenant.profile", "tenant.settings", "tenant.users", "tenant.groups", "tenant.organizations"),
    *("catalog.external", "package.policies", "policy.scope", "policy.enabled", "policy.self_add"),
    *("policy.on_behalf", "policy.expiration", "policy.stages", "policy.approval_for_add"),
}
MECHANISMS = {
    Property.NO_NEW_ACCESS: ANYTHING
    | {"catalog.packages", "catalog.enabled"}
    | {"package.incompatible_packages", "package.incompatible_groups"},
    Property.NO_WEAKER_APPROVAL: ANYTHING
    | {"policy.approval_for_extension", "policy.extension_allowed"},
}


def differing(of: str, old: msgspec.Struct, new: msgspec.Struct, *deeper: str) -> Iterator[str]:
    for name in old.__struct_fields__:
        if name not in deeper and getattr(old, name) != getattr(new, name):
            yield f"{of}.{name}"


def changed(defect: Defect) -> set[str]:
    """What of the definitions a defect is made by."""
    assert defect.old is not None
    found = set(differing("tenant", defect.old, defect.new, "catalogs"))
    (before,), (after,) = defect.old.catalogs, defect.new.catalogs
    found.update(differing("catalog", before, after, "packages"))
    packages = {one.id: one for one in before.packages}
    if packages.keys() != {one.id for one in after.packages}:
        return found | {"catalog.packages"}
    for one in after.packages:
        old = packages[one.id]
        found.update(differing("package", old, one, "policies"))
        policies = {each.id: each for each in old.policies}
        if policies.keys() != {each.id for each in one.policies}:
            found.add("package.policies")
        for each in one.policies:
            found.update(differing("policy", policies.get(each.id, each), each))
    return found


def test_there_is_a_defect_for_each_property_and_mechanism() -> None:
    assert len({(one.property, one.name) for one in DEFECTS}) == len(DEFECTS) >= 350
    counts = Counter(one.property for one in DEFECTS)
    assert set(counts) == set(Property) - {Property.NO_SELF_APPROVAL}  # test_self_approval.py
    assert min(counts.values()) >= 35
    for of, mechanisms in MECHANISMS.items():
        assert set().union(*(changed(one) for one in DEFECTS if one.property is of)) == mechanisms
    rules = {one.rules.partition(" ")[0] for one in DEFECTS if one.rules}
    assert rules == set(ENDING)


SOMEBODY_ELSE = (members("approvers"), user("boss"), user("chief"), user("deputy"))


def staffed(tenant: Tenant) -> Tenant:
    """The tenant with a fallback in every stage, of whom somebody can always decide."""
    packages = tuple(
        replace(
            one,
            policies=tuple(
                replace(
                    each,
                    stages=tuple(replace(stage, fallback=SOMEBODY_ELSE) for stage in each.stages),
                )
                for each in one.policies
            ),
        )
        for one in tenant.catalogs[0].packages
    )
    return replace(tenant, catalogs=(replace(tenant.catalogs[0], packages=packages),))


def mended(defect: Defect) -> tuple[Tenant, Tables] | None:
    """Definitions without the defect, where that is said more shortly than by the old ones."""
    match defect.property:
        case Property.EVERY_DEADLINE_ENDS:
            return defect.new, standard_tables()
        case Property.NO_DEAD_END if "at risk" not in defect.name:
            return staffed(defect.new), standard_tables()
        case Property.NO_INCOMPATIBLE_PAIR if "third" not in defect.name and "excludes" not in (
            defect.name
        ):
            return with_package("q", incompatible_packages=("k",))(defect.new), standard_tables()
        case _:
            return None


def can_be_asked(tenant: Tenant, example: Example) -> bool:
    """Whether a folder can say the definitions, and they know the policy of the example."""
    packages = tenant.catalogs[0].packages
    known = {policy.id for one in packages for policy in one.policies}
    return tenant.profile.group_membership_transitive and example.way.policy in known


@pytest.mark.parametrize("of", [one for one in Property if one is not Property.NO_SELF_APPROVAL])
def test_every_defect_is_found_and_plays_on_the_real_engine(of: Property) -> None:
    for defect in DEFECTS:
        if defect.property is not of:
            continue
        example, names = found(defect)
        tests = written(example, defect.new, names)
        assert tests, defect.name
        cases = played(tests, defect.new, tables_of(defect))
        statuses = {one.status for one in cases}
        assert statuses == {Status.FAILED}, (defect.name, failures(cases))
        whole = mended(defect)
        if whole is not None:  # what failed did so for the defect, and for nothing else
            cases = played(tests, *whole)
            assert {one.status for one in cases} == {Status.PASSED}, (defect.name, failures(cases))
        if defect.old is not None and can_be_asked(defect.old, example):
            cases = played(tests, defect.old, standard_tables())
            assert {one.status for one in cases} == {Status.PASSED}, (defect.name, failures(cases))
