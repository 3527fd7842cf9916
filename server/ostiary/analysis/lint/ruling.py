"""Findings about a rule pack that is accepted: what in it decides nothing, in any of its cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path as Folder

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Path, Witness
from ostiary.analysis.lint.placed import Placed, in_order
from ostiary.decide.predicates import predicate_word
from ostiary.domain.people import AccountState
from ostiary.domain.tables import Conclusion, Predicate
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.cell_checks import PhaseLogic, logic_of
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.pack import Pack, facts_in_words
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.reference import TooManyOutcomesError
from ostiary.rulebook.source import Spot
from ostiary.rulebook.verdicts import numbers_of

Answers = tuple[Conclusion | None, ...]


def lint_pack(folder: Folder) -> tuple[Placed, ...]:
    """Give the findings over a rule pack, which must be one that loads."""
    pack = read(folder)
    found: list[tuple[Finding, Spot]] = []
    for phase in pack.phases.values():
        logic = logic_of(phase)
        found += _conditions(logic)
        found += _predicates(logic, pack)
        found += _echoes(logic)
    return in_order(found)


def lint_under(folder: Folder, tenant: Tenant) -> tuple[Placed, ...]:
    """Give the findings over a rule pack for the people of one tenant."""
    pack = read(folder)
    found: list[tuple[Finding, Spot]] = []
    for one in pack.predicates:
        if not _fits_anybody(one, tenant):
            text = f"nobody of tenant {quoted(tenant.id)} has {_spelled(one)}"
            path = ("predicates", f"[{one.name}]")
            spot = pack.phases[one.phases[0]].fact_places[one.name]
            found.append((finding("PREDICATE_FITS_NOBODY", path, text), spot))
    return in_order(found)


def read(folder: Folder) -> Pack:
    """Give the pack of a folder that loads."""
    faults = FaultList()
    pack = read_pack(folder, faults)
    faults.refuse_if_errors()
    assert pack is not None  # noqa: S101  # no pack without a fault
    return pack


def _rule_path(rule: str) -> Path:
    return ("rules", f"[{rule}]")


def _conditions(logic: PhaseLogic) -> Iterator[tuple[Finding, Spot]]:
    words_of = dict(logic.phase.facts)
    for rule in logic.phase.rules:
        for fact, words in rule.when:
            if set(words) == set(words_of[fact]):
                text = f"the condition on {quoted(fact)} lists all its words, and so holds always"
                path = (*_rule_path(rule.rule.id), "when", fact)
                yield finding("CONDITION_ALWAYS_HOLDS", path, text), rule.place


def _predicates(logic: PhaseLogic, pack: Pack) -> Iterator[tuple[Finding, Spot]]:
    phase = logic.phase
    used = {fact for rule in phase.rules for fact, _ in rule.when}
    for one in pack.predicates:
        if phase.phase not in one.phases:
            continue
        if one.name not in used:
            text = f"no rule of phase {phase.phase.value} looks at it"
        elif not _decides(logic, one.name):
            text = f"whatever it is, phase {phase.phase.value} answers the same"
        else:
            continue
        path = ("predicates", f"[{one.name}]")
        yield finding("PREDICATE_DECIDES_NOTHING", path, text), phase.fact_places[one.name]


def _decides(logic: PhaseLogic, fact: str) -> bool:
    """Say whether two cells that differ in this fact alone are answered differently."""
    try:
        lines = logic.reference.along(fact, logic.reference.everything)
        return any(len({_answers(logic, fired) for fired in line}) > 1 for line, _ in lines)
    except TooManyOutcomesError:
        return True  # not known, so nothing is said


def _answers(logic: PhaseLogic, fired: int) -> object:
    judge = logic.judge
    if judge.schedules:
        return fired
    deciders = ((answer, judge.decider(answer, fired)) for answer in judge.answers)
    return tuple(None if n is None else judge.says[n][answer] for answer, n in deciders)


def _echoes(logic: PhaseLogic) -> Iterator[tuple[Finding, Spot]]:
    """Rules without which every cell would be answered the same."""
    judge = logic.judge
    if judge.schedules:
        return  # each rule there schedules something of its own
    try:
        outcomes = logic.reference.outcomes()
    except TooManyOutcomesError:
        return
    speaks = (1 << len(judge.rules)) - 1
    echoing: dict[int, int] = {}  # rule -> the first cell that it decides
    for outcome in outcomes:
        for number in numbers_of(judge.deciding(outcome.fired) & speaks):
            if _answers(logic, outcome.fired) == _answers(logic, outcome.fired & ~(1 << number)):
                echoing[number] = min(outcome.first, echoing.get(number, outcome.first))
            else:
                speaks &= ~(1 << number)
    for number, first in sorted(echoing.items()):
        if speaks >> number & 1:
            rule = judge.rules[number]
            cell = facts_in_words(logic.phase.facts_of(first))
            text = "every cell that it decides is answered the same by the rules after it"
            path, witness = _rule_path(rule.rule.id), Witness("cell", cell)
            yield finding("RULE_ECHOES", path, text, witness=witness), rule.place


def _fits_anybody(one: Predicate, tenant: Tenant) -> bool:
    people = (user for user in tenant.users if user.state is not AccountState.DELETED)
    return any(predicate_word(one, user.attributes) == "yes" for user in people)


def _spelled(one: Predicate) -> str:
    values = ", ".join(map(quoted, one.values))
    return f"attribute {quoted(one.attribute)} {one.operator.value} {values}".rstrip()


def all_under(folders: Iterable[Folder], tenant: Tenant) -> tuple[Placed, ...]:
    """Give the findings over several rule packs for the people of one tenant."""
    return tuple(one for folder in folders for one in lint_under(folder, tenant))
