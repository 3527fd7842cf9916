"""In which cells two versions of a phase say different things: exactly, in all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from ostiary.analysis.coverage.changes import joined
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.reference import Reference
from ostiary.rulebook.verdicts import Judge, numbers_of

MOST_LISTED = 250_000  # cells of a phase that are looked at one by one


class Difference(msgspec.Struct, frozen=True):
    """The cells that differ; only what a decision acts on counts: answers and actions."""

    cells: int
    first: int | None  # None: equal
    other_rules: int  # cells that say the same, but other rules of the pack say it
    which: frozenset[int] | None  # None: too many cells to be named


class Said(NamedTuple):
    """Answers or actions, and the ids of the rules behind each."""

    what: tuple[object, ...]
    rules: tuple[str, ...]


class Speaker:
    """What one version of a phase says, remembered by the rules that fire."""

    def __init__(self, phase: PackPhase) -> None:
        self.phase = phase
        self.reference = Reference(phase)
        self.judge = Judge(phase)
        self._speaking = tuple(self.judge.speaking.values())
        self._said: dict[int, Said] = {}
        self._by_deciders: dict[tuple[int, ...], Said] = {}

    def says(self, fired: int) -> Said:
        """Give what a set of rules says."""
        said = self._said.get(fired)
        if said is None:
            said = self._said.setdefault(fired, self._say(fired))
        return said

    def _say(self, fired: int) -> Said:
        if self.judge.schedules:
            rules = [self.phase.rules[number] for number in numbers_of(fired)]
            actions = sorted(
                (kind.value, at.value, rule.rule.id)
                for rule in rules
                for kind, at in rule.schedules
            )
            return Said(
                tuple((kind, at) for kind, at, _ in actions), tuple(rule for *_, rule in actions)
            )
        # Of thousands of sets of rules few dozen decide; 0 where no rule speaks.
        deciders = tuple([(bits := fired & speaking) & -bits for speaking in self._speaking])
        said = self._by_deciders.get(deciders)
        if said is None:
            said = self._by_deciders.setdefault(deciders, self._decided(deciders))
        return said

    def _decided(self, deciders: tuple[int, ...]) -> Said:
        answers: list[object] = []
        rules: list[str] = []
        for answer, bit in zip(self.judge.answers, deciders, strict=True):
            if bit:
                rule = self.phase.rules[bit.bit_length() - 1]
                answers.append(dict(rule.says)[answer])
                rules.append(rule.rule.id)
            else:
                answers.append(None)
        return Said(tuple(answers), tuple(rules))

    def differs(self, other: Speaker, cell: int) -> bool:
        """Say whether another version says something else in a cell."""
        mine, theirs = self.reference.fired(cell), other.reference.fired(cell)
        return self.says(mine).what != other.says(theirs).what


def difference(
    one: Speaker, other: Speaker, region: Mapping[str, frozenset[str]] | None = None
) -> Difference:
    """Compare two versions of a phase that have the same facts, in all cells or those of a region.

    Raises TooManyOutcomesError where the cells are too many to be looked at one by one, and the
    rules of both versions can be combined in too many ways.
    """
    chosen = [
        [at for at, word in enumerate(words) if region is None or word in region.get(fact, words)]
        for fact, words in one.phase.facts
    ]
    if math.prod(map(len, chosen)) <= MOST_LISTED:
        return _cell_by_cell(one, other, chosen)
    return _together(one, other)


def _cell_by_cell(one: Speaker, other: Speaker, chosen: list[list[int]]) -> Difference:
    pairs = list(zip(_fired(one, chosen), _fired(other, chosen), strict=True))
    differing: set[tuple[int, int]] = set()
    renamed: set[tuple[int, int]] = set()
    for pair in set(pairs):
        mine, theirs = one.says(pair[0]), other.says(pair[1])
        if mine.what != theirs.what:
            differing.add(pair)
        elif mine.rules != theirs.rules:
            renamed.add(pair)
    others = sum(pair in renamed for pair in pairs) if renamed else 0
    if not differing:
        return Difference(0, None, others, frozenset())
    numbers = _numbers(one.phase, chosen)
    cells = frozenset(cell for cell, pair in zip(numbers, pairs, strict=True) if pair in differing)
    return Difference(len(cells), min(cells), others, cells)


def _fired(speaker: Speaker, chosen: list[list[int]]) -> list[int]:
    """Give the rules that fire in each cell of a region, in order."""
    fired = [speaker.reference.everything]
    for allowed, numbers in zip(speaker.reference.allowed, chosen, strict=True):
        masks = [allowed[number] for number in numbers]
        fired = [rules & mask for rules in fired for mask in masks]
    return fired


def _numbers(phase: PackPhase, chosen: list[list[int]]) -> list[int]:
    """Give the numbers of the cells of a region, in order."""
    cells = [0]
    for (_, words), numbers in zip(phase.facts, chosen, strict=True):
        width = len(words)
        cells = [cell * width + number for cell in cells for number in numbers]
    return cells


def _together(one: Speaker, other: Speaker) -> Difference:
    width = len(one.phase.rules)
    low = (1 << width) - 1
    cells = renamed = 0
    first: int | None = None
    for outcome in Reference(joined(one.phase, other.phase)).outcomes():
        mine, theirs = one.says(outcome.fired & low), other.says(outcome.fired >> width)
        if mine.what != theirs.what:
            cells += outcome.cells
            first = outcome.first if first is None else min(first, outcome.first)
        elif mine.rules != theirs.rules:
            renamed += outcome.cells
    return Difference(cells, first, renamed, None)
