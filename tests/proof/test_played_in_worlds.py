"""Whatever is found in random definitions is played: every counterexample fails as a test."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Door, Property, Verdict
from ostiary.analysis.proof.written import tests_of as written
from ostiary.analysis.suites.report import CaseReport, Mismatch, Status
from ostiary.domain.catalog import AccessPackage
from ostiary.domain.people import AccountState, PersonType, RiskLevel
from ostiary.domain.policy import ApprovalStage, AssignmentPolicy, Expiration, ExpirationKind
from ostiary.domain.request import InlinePerson
from ostiary.domain.tenant import Settings, Tenant
from tests.proof.acme import (
    APP,
    CONFIGURED,
    DAY,
    ENTRA,
    EVERYBODY,
    EXTERNAL_SPONSORS,
    INTERNAL_SPONSORS,
    MANAGER,
    MEMBERS,
    NOBODY,
    OTHERS,
    OWN_SPONSORS,
    SECOND_MANAGER,
    STANDARD,
    THREE,
    acme,
    fitting,
    groups,
    members,
    organizations,
    package,
    policy,
    user,
)
from tests.proof.crowds import Crowd
from tests.proof.defects import NEVER, READERS, RISKY, RULE, SOON, VAULT
from tests.proof.lives import TAKEN, extending
from tests.proof.replaying import played
from tests.proof.test_clean import HOMES
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import standard_tables

WORLDS, PEOPLE = 5, 15
MANY_WORLDS, MANY_PEOPLE = 200, 15
ANSWERED = Property.NO_DEAD_END
LENIENT = replace(ENTRA, manager_needs_fallback=False)
INSIDE = (
    groups("staff"),
    groups("interns", "juniors"),
    groups("vault"),
    groups("staff", users=("lee", "boss")),
    MEMBERS,
    EVERYBODY,
)
OUTSIDE = (organizations("partner"), organizations("other", "partner"), CONFIGURED)
ANYWHERE = (
    OWN_SPONSORS,
    user("ann"),
    user("bob"),
    user("boss"),
    members("approvers"),
    members("empty"),
    members("staff"),
)
FOR_INSIDERS = (*ANYWHERE, MANAGER, SECOND_MANAGER)
FOR_OUTSIDERS = (*ANYWHERE, INTERNAL_SPONSORS, EXTERNAL_SPONSORS)
ENDS = (
    Expiration(ExpirationKind.DURATION, after=30 * DAY),
    SOON,
    NEVER,
)
RULES = (RULE, 'department -startsWith "S"', 'country -eq "de"')


def stage_of(dice: Dice, *, outside: bool) -> ApprovalStage:
    approvers = FOR_OUTSIDERS if outside else FOR_INSIDERS
    found = ApprovalStage(
        (dice.pick(approvers),),
        fallback=(user("deputy"),) if dice.chance(0.3) else (),
    )
    if dice.chance(0.7):
        return dice.pick((THREE, OTHERS))
    if dice.chance(0.3):
        return replace(found, alternates=(dice.pick(approvers),), escalate_after=2 * DAY)
    return found


def policy_of(dice: Dice, name: str) -> AssignmentPolicy:
    if name == "p" and dice.chance(0.3):  # a package has one of these at most
        return policy(fitting(dice.pick(RULES)), name=name, extension_allowed=dice.chance(0.5))
    outside = dice.chance(0.3)
    scope = dice.pick(OUTSIDE if outside else INSIDE)
    stages = tuple(stage_of(dice, outside=outside) for _ in range(dice.pick((0, 0, 1, 1, 2))))
    if len({stage.primary for stage in stages}) < len(stages):
        stages = stages[:1]
    behalf = not outside and dice.chance(0.3)
    extends = dice.chance(0.5)
    return policy(
        scope,
        *stages,
        name=name,
        expiration=dice.pick(ENDS),
        custom_schedule=dice.chance(0.4),
        enabled=dice.chance(0.9),
        on_behalf=behalf,
        self_add=not behalf or dice.chance(0.5),
        extension_allowed=extends,
        approval_for_add=bool(stages) and (not extends or dice.chance(0.7)),
        approval_for_extension=bool(stages) and extends,
    )


def package_of(dice: Dice, name: str, others: tuple[str, ...]) -> AccessPackage:
    return package(
        *(policy_of(dice, one) for one in ("p", "q", "r")[: dice.pick((1, 1, 2, 3))]),
        name=name,
        entries=dice.pick(((APP,), (APP, VAULT), (READERS,))),
        incompatible_packages=others if dice.chance(0.4) else (),
        incompatible_groups=("vault",) if dice.chance(0.2) else (),
    )


def world(dice: Dice) -> Tenant:
    """A tenant that a folder can say."""
    risky = dice.chance(0.3)
    return acme(
        package_of(dice, "k", ("m",)),
        package_of(dice, "m", ("k",)),
        profile=LENIENT if risky or dice.chance(0.2) else STANDARD,
        settings=Settings(risk_stage=RISKY if dice.chance(0.5) else None) if risky else Settings(),
    )


def changed(dice: Dice, old: Tenant) -> Tenant:
    """The tenant with a package made anew."""
    (catalog,) = old.catalogs
    anew = package_of(dice, "k", ("m",))
    return replace(old, catalogs=(replace(catalog, packages=(anew, catalog.packages[1])),))


def astray(case: CaseReport) -> list[Mismatch]:
    """What went wrong on the way: an act that fails for another reason than want of an approver."""
    undone = (one for one in case.mismatches if one.expected == "it is done")
    return [one for one in undone if "NO_APPROVER" not in one.got]


class Looked(NamedTuple):
    """What came of some worlds."""

    played: Counter[tuple[Property, Door]]
    lives: int  # in which somebody extends what they came to, where there is no dead end


def look(seed: int, people: int) -> Looked:
    """Play everything that is found in one world, and let people live where nothing is."""
    dice = Dice(seed, 3)
    old = world(dice)
    new = changed(dice, old)
    tables = standard_tables()
    report = prove(Definitions(new, tables), Definitions(old, tables), at=NOW)
    found: Counter[tuple[Property, Door]] = Counter()
    for finding in report.findings:
        for example in finding.examples:
            tests = written(example, new, report.names)
            assert tests, (seed, example)
            for case in played(tests, new, tables):
                assert case.status is Status.FAILED, (seed, case.faults, example)
                assert not astray(case), (seed, case.mismatches, example)
            found[finding.property, example.way.door] += 1
    lives = 0
    if all(one.verdict is Verdict.PROVED for one in report.findings if one.property is ANSWERED):
        crowd = Crowd((new,), (NOW,), HOMES)
        for _ in range(people):
            one = crowd.somebody(dice).person
            if one.type is not PersonType.EXTERNAL:
                for name in ("k", "m"):
                    heard = extending(new, one, name)
                    lives += TAKEN in heard
                    assert "NO_APPROVER" not in heard, (seed, name, one)
    return Looked(found, lives)


def look_at(seeds: range, people: int) -> Looked:
    """Look at many worlds."""
    looked = [look(seed, people) for seed in seeds]
    return Looked(sum((one.played for one in looked), Counter()), sum(one.lives for one in looked))


def test_everything_that_is_found_is_played() -> None:
    found = look_at(range(WORLDS), PEOPLE)
    assert len({of for of, _ in found.played}) >= 4
    assert found.lives > 3


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_everything_that_is_found_in_195_worlds_is_played() -> None:
    found = look_at(range(WORLDS, MANY_WORLDS), MANY_PEOPLE)
    assert {of for of, _ in found.played} == set(Property) - {
        Property.NO_SELF_APPROVAL,  # INVARIANT of the core
        Property.EVERY_DEADLINE_ENDS,  # of the standard rules
    }
    for of in (Property.NO_WEAKER_APPROVAL, ANSWERED):
        assert found.played[of, Door.EXTENSION] > 5
    assert found.lives > 250


def test_an_extension_that_is_refused_anyway_is_no_dead_end() -> None:
    """S-101, S-117: the package gives a group that it excludes, so that no extension is taken."""
    alone = policy(
        groups("staff"),
        ApprovalStage((MANAGER,)),
        approval_for_add=False,
        extension_allowed=True,
        approval_for_extension=True,
    )
    new = acme(package(alone, entries=(VAULT,), incompatible_groups=("vault",)))
    report = prove(Definitions(new, standard_tables()), properties=[ANSWERED], at=NOW)
    assert report.verdict is Verdict.PROVED
    somebody = InlinePerson(
        "new-here",
        PersonType.MEMBER,
        AccountState.ENABLED,
        groups=("staff",),
        manager=None,
        sponsors=(),
        home=None,
        attributes={},
        risk=RiskLevel.NONE,
    )
    assert extending(new, somebody, "k") == {"INCOMPATIBLE_GROUP"}
    open_to_all = replace(alone, scope=MEMBERS)
    other = acme(package(open_to_all, incompatible_groups=("vault",)))
    report = prove(Definitions(other, standard_tables()), properties=[ANSWERED], at=NOW)
    assert report.verdict is Verdict.COUNTEREXAMPLE
    assert extending(other, somebody, "k") == {"NO_APPROVER"}


def test_what_staff_assigned_can_be_a_dead_end_too() -> None:
    """S-102: what somebody can only be assigned by staff, they may ask to extend."""
    alone = policy(
        NOBODY,
        ApprovalStage((MANAGER,)),
        extension_allowed=True,
        approval_for_extension=True,
    )
    new = acme(package(replace(alone, approval_for_add=False)))
    report = prove(Definitions(new, standard_tables()), properties=[ANSWERED], at=NOW)
    (finding,) = report.findings
    (example,) = finding.examples
    assert example.got is not None
    assert example.got.door is Door.DIRECT
    (case,) = played(written(example, new, report.names), new, standard_tables())
    assert case.status is Status.FAILED, case.faults
    assert extending(new, example.person, "k") == {"NO_APPROVER"}
    # Whom staff assign needs the same approvers (S-66): nobody comes so far.
    both = acme(package(alone))
    assert extending(both, example.person, "k") == set()
