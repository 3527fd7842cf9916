"""Properties of one side in random worlds: what is proved holds of everybody who is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest

from ostiary.analysis.proof.possible import Definitions, sides
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Decision
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, Holdings, Mode, RequestType
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
from tests.proof.test_access_in_worlds import changed, instants, without_extensions
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import snapshot, standard_tables
from tests.properties.worlds import make_tenant

WORLDS, PEOPLE = 26, 10
MANY_WORLDS, MANY_PEOPLE = 240, 50


def stages_needed(decisions: dict[str, list[Decision]]) -> int:
    if "automatic" in decisions:
        return 0
    return min(len(one.stages) for found in decisions.values() for one in found)


def weaker(old: Snapshot, new: Snapshot, package: str, one: Somebody) -> bool:
    """Whether somebody who could have it before gets it with fewer stages now."""
    before, now = ways_in(old, package, one), ways_in(new, package, one)
    return bool(before and now) and stages_needed(now) < stages_needed(before)


def asked(one: Snapshot, package: str, who: Somebody) -> list[Decision]:
    """What is answered to every request of the person's own and of their manager."""
    compiled = one.packages[package]
    found = []
    for policy in (None, *compiled.policies):
        for kind, submitter in (
            (RequestType.USER_ADD, None),
            (RequestType.ON_BEHALF_ADD, who.person.manager),
        ):
            if kind is RequestType.ON_BEHALF_ADD and not isinstance(submitter, str):
                continue
            request = EvaluationRequest(
                package=package,
                requestor=who.person,
                at=who.at,
                type=kind,
                mode=Mode.SUBMISSION,
                submitter=submitter if isinstance(submitter, str) else None,
                policy=None if policy is None else policy.id,
                justification="for the project",
                answers=()
                if policy is None
                else tuple(answer(each) for each in policy.questions if each.required),
                holdings=Holdings(assigned=who.held),
            )
            found.append(evaluate(one, request))
    return found


def dead_end(one: Snapshot, package: str, who: Somebody) -> bool:
    """Whether everything that somebody may ask for is refused for want of an approver."""
    decisions = asked(one, package, who)
    if any(decision.outcome in GOES_ON for decision in decisions) or ways_in(one, package, who):
        return False
    return any(each.reasons[0].code is Code.NO_APPROVER for each in decisions)


def decides_own(one: Snapshot, package: str, who: Somebody) -> bool:
    """Whether somebody is among those who could decide what they ask for."""
    return any(
        who.person.id in {*stage.approvers, *stage.alternates}
        for decision in asked(one, package, who)
        for stage in decision.stages
    )


Broken = Callable[[Snapshot, Snapshot, str, Somebody], bool]
BROKEN: dict[Property, Broken] = {
    Property.NO_WEAKER_APPROVAL: weaker,
    Property.NO_DEAD_END: lambda _, new, package, one: dead_end(new, package, one),
    Property.NO_SELF_APPROVAL: lambda _, new, package, one: decides_own(new, package, one),
}


def without_extending(tenant: Tenant) -> Tenant:
    """The tenant without extensions of access, which this brute force does not know."""
    replace = msgspec.structs.replace
    return replace(
        tenant,
        catalogs=tuple(
            replace(
                catalog,
                packages=tuple(
                    replace(
                        package,
                        policies=tuple(
                            replace(one, extension_allowed=False) for one in package.policies
                        ),
                    )
                    for package in catalog.packages
                ),
            )
            for catalog in tenant.catalogs
        ),
    )


def look(seed: int, people: int, most: int) -> dict[Property, Verdict]:
    dice = Dice(seed, 1 + seed % 3)
    old = without_extending(without_extensions(make_tenant(dice)))
    new = without_extending(changed(dice, old))
    tables = standard_tables()
    given = [Definitions(old, tables), Definitions(new, tables)]
    with bounded(most):
        report = prove(given[1], given[0], properties=BROKEN, at=NOW)
    possible = [one.snapshot for one in sides(given)]
    crowd = Crowd((old, new), instants((old, new)))
    known = snapshot(old), snapshot(new)
    for finding in report.findings:
        broken = BROKEN[finding.property]
        assert all("too many" in why for why in finding.unknown)
        for example in finding.examples:
            one = Somebody(example.person, example.at, example.holdings.assigned)
            assert broken(possible[0], possible[1], example.package, one), (seed, example)
        found = {example.package for example in finding.examples} | left_out(finding)
        for package in packages_of(new):
            for _ in range(0 if package.id in found else people):
                one = crowd.somebody(dice)
                assert not broken(*known, package.id, one), (seed, finding.property, one)
    return {finding.property: finding.verdict for finding in report.findings}


def test_what_is_proved_holds_and_what_is_found_is_real() -> None:
    found = {
        (of, verdict)
        for seed in range(WORLDS)
        for of, verdict in look(seed, PEOPLE, FEW_KINDS).items()
    }
    both = {Verdict.PROVED, Verdict.COUNTEREXAMPLE}
    for of in (Property.NO_WEAKER_APPROVAL, Property.NO_DEAD_END):
        assert {verdict for each, verdict in found if each is of} >= both
    # INVARIANT of the core: there is no world in which it fails (S-71).
    assert (Property.NO_SELF_APPROVAL, Verdict.COUNTEREXAMPLE) not in found


@pytest.mark.long
@pytest.mark.timeout(900)
def test_what_is_proved_holds_in_240_worlds() -> None:
    """In 214 more worlds 50 people ask for each package of which a property is proved."""
    found: Counter[tuple[Property, Verdict]] = Counter()
    for seed in range(WORLDS, MANY_WORLDS):
        found.update(look(seed, MANY_PEOPLE, MANY_KINDS).items())
    for of in (Property.NO_WEAKER_APPROVAL, Property.NO_DEAD_END):
        assert min(found[of, Verdict.PROVED], found[of, Verdict.COUNTEREXAMPLE]) > 10
    assert found[Property.NO_SELF_APPROVAL, Verdict.COUNTEREXAMPLE] == 0
    assert found[Property.NO_SELF_APPROVAL, Verdict.PROVED] > 160
