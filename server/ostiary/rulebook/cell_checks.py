"""Looking at every cell of a phase: what is silent, in conflict, dead or always overruled.

Nothing is sampled: cells in which the same rules fire are looked at together, so that a phase of
a billion cells is known as exactly as one of a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.reference import MOST_OUTCOMES, Outcome, Reference, TooManyOutcomesError
from ostiary.rulebook.report import (
    Conflict,
    DeadRule,
    PhaseReport,
    Silence,
    Where,
    counted,
    in_words,
)
from ostiary.rulebook.verdicts import Clash, Judge

MOST_EXAMPLES = 5
MOST_CONFLICTS = 500

Region = dict[str, frozenset[str]]  # cells: the words that each fact may have


class PhaseLogic(msgspec.Struct, frozen=True):
    """One phase with what evaluates and judges it."""

    phase: PackPhase
    reference: Reference
    judge: Judge


def logic_of(phase: PackPhase) -> PhaseLogic:
    """Prepare a phase for looking at its cells."""
    return PhaseLogic(phase, Reference(phase), Judge(phase))


def examine(logic: PhaseLogic, faults: FaultList) -> PhaseReport:
    """Report on all cells of a phase, and add what would refuse the pack to the faults."""
    phase = logic.phase
    try:
        outcomes = logic.reference.outcomes()
    except TooManyOutcomesError:
        message = (
            f"the rules of this phase fire in more than {MOST_OUTCOMES:,} combinations; "
            "leave facts out or put rules together"
        )
        faults.add(phase.place, PackCode.LIMIT, message)
        return PhaseReport(phase.phase.value, phase.cells, len(phase.rules))
    report = PhaseReport(
        phase=phase.phase.value,
        cells=phase.cells,
        rules=len(phase.rules),
        silent=tuple(_silences(logic, outcomes)),
        never_fired=tuple(_dead(logic, outcomes, faults)),
        conflicts=tuple(_conflicts(logic, outcomes, faults)),
    )
    for silence in report.silent:
        message = f"{silence} ({counted(phase.cells)} in all)"
        faults.add(phase.place, PackCode.SILENT, message)
    return report


def _silences(logic: PhaseLogic, outcomes: Iterable[Outcome]) -> Iterable[Silence]:
    cells: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        for answer in logic.judge.silent(outcome.fired):
            cells[answer] += outcome.cells
    for answer, count in cells.items():
        yield Silence(answer, count, tuple(_silent_regions(logic, answer)))


def _silent_regions(logic: PhaseLogic, answer: str) -> Iterator[Where]:
    """Give regions of silent cells, each as wide as can be; together all of them, or the first."""
    regions: list[Region] = [{fact: frozenset(words) for fact, words in logic.phase.facts}]
    speaking = logic.judge.speaking[answer]
    found = 0
    while regions and found < MOST_EXAMPLES:
        region = regions.pop()
        outcomes = logic.reference.deciders(speaking, region)
        silent = [outcome.first for outcome in outcomes if not outcome.fired]
        if silent:
            wide = _widest(logic, speaking, logic.phase.facts_of(min(silent)))
            regions.extend(reversed(list(_without(region, wide))))
            found += 1
            yield {
                fact: tuple(word for word in words if word in wide[fact])
                for fact, words in logic.phase.facts
                if len(wide[fact]) < len(words)
            }


def _widest(logic: PhaseLogic, speaking: int, facts: tuple[tuple[str, str], ...]) -> Region:
    """Give the cells around a silent one that are all silent: word by word, as far as it goes."""
    within = {fact: frozenset((word,)) for fact, word in facts}
    for fact, words in logic.phase.facts:
        for word in words:
            wider = {**within, fact: within[fact] | {word}}
            outcomes = logic.reference.deciders(speaking, wider)
            if all(outcome.fired == 0 for outcome in outcomes):
                within = wider
    return within


def _without(region: Region, taken: Region) -> Iterator[Region]:
    """Give what is left of a region, as regions that do not overlap."""
    rest = dict(region)
    for fact, words in taken.items():
        if rest[fact] - words:
            yield {**rest, fact: rest[fact] - words}
        rest[fact] &= words


def _dead(logic: PhaseLogic, outcomes: Iterable[Outcome], faults: FaultList) -> Iterable[DeadRule]:
    """Give the rules that fire nowhere; those that fire but decide nothing are warned about."""
    fired = deciding = 0
    for outcome in outcomes:
        fired |= outcome.fired
        deciding |= logic.judge.deciding(outcome.fired)
    for number, each in enumerate(logic.phase.rules):
        rule = each.rule
        if not fired >> number & 1:
            empty = next(fact for fact, words in each.when if not words)
            message = f"`{rule.id}` never fires: its list for `{empty}` is empty"
            faults.add(each.place, PackCode.NEVER_FIRES, message)
            yield DeadRule(rule.id, rule.file, rule.line)
        elif not deciding >> number & 1:
            message = f"`{rule.id}` fires but decides nothing: other rules always speak first"
            faults.add(each.place, PackCode.OVERRULED, message, warning=True)


def _conflicts(
    logic: PhaseLogic, outcomes: Iterable[Outcome], faults: FaultList
) -> Iterable[Conflict]:
    for clash in sorted(_clashes(logic, outcomes)):
        one, other = logic.phase.rules[clash.first], logic.phase.rules[clash.second]
        where, cells = _both(logic.phase, clash)
        first = f"`{one.rule.id}` (line {one.place.line})"
        verb = f"contradicts {first} on `{clash.answer}`"
        if logic.judge.schedules:
            verb = f"schedules what {first} schedules"
        message = f"`{other.rule.id}` {verb} in {counted(cells)}: {in_words(where)}"
        faults.add(other.place, PackCode.CONFLICT, message)
        yield Conflict(clash.answer, (one.rule.id, other.rule.id), cells, where)


def _clashes(logic: PhaseLogic, outcomes: Iterable[Outcome]) -> set[Clash]:
    found: set[Clash] = set()
    for outcome in outcomes:
        for clash in logic.judge.clashes(outcome.fired):
            found.add(clash)
            if len(found) == MOST_CONFLICTS:
                return found
    return found


def _both(phase: PackPhase, clash: Clash) -> tuple[Where, int]:
    """Give the cells in which both rules fire: where all their conditions hold together."""
    conditions = [dict(phase.rules[number].when) for number in (clash.first, clash.second)]
    where: Where = {}
    cells = 1
    for fact, words in phase.facts:
        both = tuple(word for word in words if all(word in c.get(fact, words) for c in conditions))
        cells *= len(both)
        if len(both) < len(words):
            where[fact] = both
    return where, cells
