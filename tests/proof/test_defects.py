"""Every seeded defect is found, and what was found is played on the real engine."""

from __future__ import annotations

from collections import Counter

import pytest

from ostiary.analysis.proof.possible import Definitions, Names
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Door, Example, Property, Verdict
from ostiary.analysis.proof.written import tests_of as written
from ostiary.analysis.suites.report import CaseReport, Status
from tests.proof.defects import Defect, defects, tables_of
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


def test_there_is_a_defect_for_each_property_and_mechanism() -> None:
    assert len({(one.property, one.name) for one in DEFECTS}) == len(DEFECTS) >= 300
    counts = Counter(one.property for one in DEFECTS)
    assert set(counts) == set(Property) - {Property.NO_SELF_APPROVAL}  # test_self_approval.py
    assert min(counts.values()) >= 35


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
        if defect.old is not None and example.way.door is not Door.EXTENSION:
            questions = played(tests[:1], defect.old, standard_tables())
            policies = defect.old.catalogs[0].packages
            known = {policy.id for one in policies for policy in one.policies}
            if example.way.policy in known:  # else the old definitions cannot be asked about it
                assert questions[0].status is Status.PASSED, (defect.name, failures(questions))
