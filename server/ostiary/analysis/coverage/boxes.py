"""Cells put together into boxes: lists of words, all combinations of which say one thing.

So a few tests with a matrix look at thousands of cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ostiary.domain.tables import Phase
from ostiary.rulebook.cell_checks import PhaseLogic

LARGEST_BOX = 5_000  # cells; a matrix of a suite may have twice as many

Region = dict[str, frozenset[str]]


class Aspect(msgspec.Struct, frozen=True):
    """A part of what the cells of a phase say: one answer, or the actions of some of its rules."""

    answer: str | None  # None: actions
    rules: int  # those that speak to it, as bits


class Box(msgspec.Struct, frozen=True):
    """Cells of a phase that say one thing: for each fact its words, in order."""

    phase: Phase
    aspect: Aspect
    words: Mapping[str, tuple[str, ...]]
    deciding: int  # the rules of the aspect that count there: the decider, or all that fire
    cells: int


def aspects(logic: PhaseLogic) -> list[Aspect]:
    """Give the parts that every cell is told in: answer by answer, or actions by shared facts.

    Rules that schedule and share no fact, not even by way of others, do not depend on each other.
    """
    if not logic.judge.schedules:
        return [Aspect(answer, rules) for answer, rules in logic.judge.speaking.items()]
    groups: list[tuple[set[str], int]] = []
    for number, rule in enumerate(logic.phase.rules):
        facts, bits = {fact for fact, _ in rule.when}, 1 << number
        apart = []
        for others, theirs in groups:
            if facts & others:
                facts, bits = facts | others, bits | theirs
            else:
                apart.append((others, theirs))
        groups = [*apart, (facts, bits)]
    lowest = sorted(bits for _, bits in groups)
    return [Aspect(None, bits) for bits in sorted(lowest, key=lambda one: one & -one)]


def boxes_of(logic: PhaseLogic, aspect: Aspect, cells: Iterable[int]) -> list[Box]:
    """Give boxes in which all of these cells lie, each cell in one of them at least.

    A box grows from the first cell that is in none, fact by fact, as long as all of it says the
    same and each step takes in one of the cells; so it holds few others.
    """
    grower = _Grower(logic, aspect)
    wanted = {cell: dict(logic.phase.facts_of(cell)) for cell in sorted(cells)}
    found = []
    while wanted:
        cell = next(iter(wanted))
        region = grower.grown(cell, wanted)
        box = grower.box(cell, region)
        found.append(box)
        for each in [one for one, facts in wanted.items() if _inside(facts, region)]:
            del wanted[each]
    return found


def _inside(facts: Mapping[str, str], region: Region) -> bool:
    return all(facts[fact] in words for fact, words in region.items())


class _Grower:
    def __init__(self, logic: PhaseLogic, aspect: Aspect) -> None:
        self.logic = logic
        self.aspect = aspect
        # words that no rule tells apart from an earlier one lead to no other class
        self.telling = [
            [words[allowed.index(mask)] for mask in dict.fromkeys(allowed)]
            for (_, words), allowed in zip(logic.phase.facts, logic.reference.allowed, strict=True)
        ]

    def deciding(self, fired: int) -> int:
        """Give the rules of the aspect that count where these fire."""
        speaking = fired & self.aspect.rules
        return speaking if self.aspect.answer is None else speaking & -speaking

    def grown(self, cell: int, wanted: Mapping[int, Mapping[str, str]]) -> Region:
        """Give the region that grows from a cell."""
        facts = dict(self.logic.phase.facts_of(cell))
        region: Region = {fact: frozenset((word,)) for fact, word in facts.items()}
        same = self.deciding(self.logic.reference.fired(cell))
        near: Iterable[Mapping[str, str]] = list(wanted.values())
        size = 1
        for (fact, _), words in zip(self.logic.phase.facts, self.telling, strict=True):
            for word in words:
                if word in region[fact]:
                    continue
                slab = {**region, fact: frozenset((word,))}
                larger = size // len(region[fact]) * (len(region[fact]) + 1)
                if larger > LARGEST_BOX or not any(_inside(one, slab) for one in near):
                    continue
                if self._says(slab, same):
                    region[fact] |= {word}
                    size = larger
        return region

    def _says(self, region: Region, same: int) -> bool:
        reference, rules = self.logic.reference, self.aspect.rules
        if self.aspect.answer is None:
            outcomes = reference.outcomes(region, rules)
        else:
            outcomes = reference.deciders(rules, region)
        return all(self.deciding(outcome.fired) == same for outcome in outcomes)

    def box(self, cell: int, region: Region) -> Box:
        """Give a region as a box."""
        words, size = {}, 1
        for fact, domain in self.logic.phase.facts:
            words[fact] = tuple(word for word in domain if word in region[fact])
            size *= len(words[fact])
        deciding = self.deciding(self.logic.reference.fired(cell))
        return Box(self.logic.phase.phase, self.aspect, words, deciding, size)
