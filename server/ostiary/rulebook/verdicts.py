"""What the rules that fire in a cell add up to: answers by steps, conflicts, silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from ostiary.domain.tables import ActionRule, Conclusion, Rule
from ostiary.rulebook.pack import PackPhase

SCHEDULE = "schedule"  # what the rules of a phase without answers speak to


class Clash(msgspec.Struct, frozen=True, order=True):
    """Two rules of one step that answer differently, or that schedule the same thing twice."""

    answer: str
    first: int  # numbers of the rules in their phase
    second: int


class Verdict(msgspec.Struct, frozen=True):
    """The verdict on a set of rules that fire together."""

    fired: tuple[Rule, ...]
    answers: tuple[Conclusion, ...]
    deciders: tuple[Rule, ...]
    actions: tuple[ActionRule, ...]


class Judge:
    """Turns sets of fired rules of one phase, given as bits, into verdicts."""

    def __init__(self, phase: PackPhase) -> None:
        self.rules = phase.rules
        self.schedules = phase.spec.schedules
        self.answers = (SCHEDULE,) if self.schedules else tuple(phase.spec.answers)
        self.says = [dict(rule.says) for rule in phase.rules]
        self.speaking = {answer: self._speaking(answer) for answer in self.answers}
        self.enemies = {answer: self._enemies(answer) for answer in self.answers}
        self.contested = {answer: _bits(found) for answer, found in self.enemies.items()}

    def decider(self, answer: str, fired: int) -> int | None:
        """Give the number of the rule that decides an answer, if any speaks to it.

        Rules stand in the order of their steps, so it is the first of those that fired.
        """
        speaking = fired & self.speaking[answer]
        return (speaking & -speaking).bit_length() - 1 if speaking else None

    def word(self, answer: str, fired: int) -> str | None:
        """Give the word of an answer."""
        number = self.decider(answer, fired)
        return None if number is None else self.says[number][answer].word

    def verdict(self, fired: int) -> Verdict:
        """Give the verdict on rules that fire together and leave no answer open."""
        rules = [self.rules[number] for number in numbers_of(fired)]
        decided = [] if self.schedules else [(a, self.decider(a, fired)) for a in self.answers]
        return Verdict(
            fired=tuple(rule.rule for rule in rules),
            answers=tuple(self.says[n][answer] for answer, n in decided if n is not None),
            deciders=tuple(self.rules[n].rule for _, n in decided if n is not None),
            actions=tuple(
                ActionRule(rule.rule, kind, moment)
                for rule in rules
                for kind, moment in rule.schedules
            ),
        )

    def silent(self, fired: int) -> tuple[str, ...]:
        """Give the answers that no rule speaks to; `schedule` if nothing is scheduled at all."""
        return tuple(answer for answer in self.answers if not fired & self.speaking[answer])

    def clashes(self, fired: int) -> Iterator[Clash]:
        """Give the pairs of fired rules that contradict each other."""
        for answer in self.answers:
            contested = fired & self.contested[answer]
            if contested:
                enemies = self.enemies[answer]
                for first in numbers_of(contested):
                    later = (fired & enemies[first]) >> (first + 1)
                    for second in numbers_of(later):
                        yield Clash(answer, first, first + 1 + second)

    def deciding(self, fired: int) -> int:
        """Give the rules that decide something, as bits."""
        if self.schedules:
            return fired
        found = 0
        for answer in self.answers:
            speaking = fired & self.speaking[answer]
            found |= speaking & -speaking
        return found

    def _speaking(self, answer: str) -> int:
        return _bits(
            number
            for number, rule in enumerate(self.rules)
            if rule.schedules or answer in self.says[number]
        )

    def _enemies(self, answer: str) -> dict[int, int]:
        """Give for each rule those that it contradicts where both fire."""
        groups: dict[object, list[tuple[int, object]]] = defaultdict(list)
        for number, rule in enumerate(self.rules):
            for action in rule.schedules:
                groups[action].append((number, number))
            said: Conclusion | None = self.says[number].get(answer)
            if said is not None:
                groups[rule.step].append((number, said))
        found: dict[int, int] = defaultdict(int)
        for group in groups.values():
            for number, said_by_it in group:
                against = _bits(other for other, said in group if said != said_by_it)
                if against:
                    found[number] |= against
        return dict(found)


def numbers_of(bits: int) -> Iterator[int]:
    """Give the numbers of the bits that are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))
