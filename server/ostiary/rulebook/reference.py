"""The independent evaluator: which rules of a phase hold in a cell, by plain subset tests.

It shares nothing with the compiler and the engine but the rules as they were read. A set of rules
is an int with one bit for each rule, so a look at a cell is one `&` for each fact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ostiary.rulebook.pack import PackPhase

MOST_OUTCOMES = 250_000


class TooManyOutcomesError(Exception):
    """The rules of a phase can be combined in more ways than can be looked at."""


class Outcome(msgspec.Struct, frozen=True):
    """A set of rules that fire together, with the number of such cells and the first of them."""

    fired: int
    cells: int
    first: int


class Reference:
    """The rules of one phase as bits: `allowed` holds, for each word, what it does not exclude."""

    def __init__(self, phase: PackPhase) -> None:
        self.everything = (1 << len(phase.rules)) - 1
        self.allowed: list[list[int]] = []
        self.facts = [fact for fact, _ in phase.facts]
        conditions = [dict(rule.when) for rule in phase.rules]
        for fact, words in phase.facts:
            self.allowed.append(
                [
                    sum(
                        1 << number
                        for number, when in enumerate(conditions)
                        if fact not in when or word in when[fact]
                    )
                    for word in words
                ]
            )
        self._words = [{word: at for at, word in enumerate(words)} for _, words in phase.facts]

    def all_cells(self) -> list[int]:
        """Give the rules that fire in each cell, in the order of the cell numbers."""
        fired = [self.everything]
        for allowed in self.allowed:
            fired = [rules & mask for rules in fired for mask in allowed]
        return fired

    def fired(self, cell: int) -> int:
        """Give the rules that fire in one cell."""
        rules, rest = self.everything, cell
        for allowed in reversed(self.allowed):
            rest, number = divmod(rest, len(allowed))
            rules &= allowed[number]
        return rules

    def outcomes(
        self, within: Mapping[str, frozenset[str]] | None = None, speaking: int | None = None
    ) -> list[Outcome]:
        """Give what can fire together in the cells `within`, of the rules in the mask `speaking`.

        Exact for any number of cells: cells in which the same rules are still possible are counted
        together, fact by fact. Raises TooManyOutcomesError beyond MOST_OUTCOMES.
        """
        start = self.everything if speaking is None else speaking
        found: dict[int, tuple[int, int]] = {start: (1, 0)}
        for fact, allowed, numbers in zip(self.facts, self.allowed, self._words, strict=True):
            chosen = _numbers(numbers, (within or {}).get(fact))
            found = _refined(found, [(number, allowed[number]) for number in chosen], len(allowed))
        return [Outcome(fired, cells, first) for fired, (cells, first) in found.items()]

    def deciders(
        self, speaking: int, within: Mapping[str, frozenset[str]] | None = None
    ) -> list[Outcome]:
        """Give the first rule of the mask `speaking` that fires, for all cells `within`.

        Quicker than `outcomes`: rules after one that is certain to fire are not looked at.
        """
        certain = self._certain()
        found: dict[int, tuple[int, int]] = {_until_certain(speaking, certain[0]): (1, 0)}
        for at, (fact, allowed) in enumerate(zip(self.facts, self.allowed, strict=True)):
            chosen = _numbers(self._words[at], (within or {}).get(fact))
            choices = [(number, allowed[number]) for number in chosen]
            found = _refined(found, choices, len(allowed), certain[at + 1])
        return [Outcome(fired, cells, first) for fired, (cells, first) in found.items()]

    def _certain(self) -> list[int]:
        """Give the rules that have no condition left before the first fact, the second, ..."""
        certain = [self.everything]
        for allowed in reversed(self.allowed):
            indifferent = certain[-1]
            for mask in allowed:
                indifferent &= mask
            certain.append(indifferent)
        return certain[::-1]

    def along(
        self, fact: str, speaking: int, within: Mapping[str, frozenset[str]] | None = None
    ) -> Iterator[tuple[tuple[int, ...], int]]:
        """Give what fires along one fact while all others stay: for each of its words the rules.

        Beside each such line of cells stands the number of its first cell. With `within`, lines
        that lie in other cells altogether are left out.
        """
        axis = self.facts.index(fact)
        width = self.everything.bit_length()
        words = len(self.allowed[axis])
        # the line is one wide int: one copy of the rules for each word of the fact
        line = sum((speaking & self.allowed[axis][at]) << (at * width) for at in range(words))
        copies = sum(1 << (at * width) for at in range(words))
        found: dict[int, tuple[int, int]] = {line: (1, 0)}
        for number, allowed in enumerate(self.allowed):
            choices = (
                [(0, line)]
                if number == axis
                else [
                    (at, allowed[at] * copies)
                    for at in _numbers(self._words[number], (within or {}).get(self.facts[number]))
                ]
            )
            found = _refined(found, choices, len(allowed))
        for wide, (_, first) in found.items():
            yield tuple((wide >> (at * width)) & self.everything for at in range(words)), first


def _numbers(words: Mapping[str, int], wanted: frozenset[str] | None) -> list[int]:
    return [number for word, number in words.items() if wanted is None or word in wanted]


def _until_certain(rules: int, certain: int) -> int:
    """Give the rules up to the first that is certain to fire."""
    surely = rules & certain
    return rules & ((surely & -surely) * 2 - 1) if surely else rules


def _refined(
    found: Mapping[int, tuple[int, int]],
    choices: list[tuple[int, int]],
    width: int,
    certain: int = 0,
) -> dict[int, tuple[int, int]]:
    """Split every set of rules by the choices of one more fact, and put equal ones together."""
    refined: dict[int, tuple[int, int]] = {}
    for rules, (cells, first) in found.items():
        for number, mask in choices:
            left, cell = rules & mask, first * width + number
            if certain:
                left = _until_certain(left, certain)
            if left in refined:
                count, earliest = refined[left]
                refined[left] = (count + cells, min(earliest, cell))
            else:
                refined[left] = (cells, cell)
        if len(refined) > MOST_OUTCOMES:
            raise TooManyOutcomesError
    return refined
