"""What the rules that fire in a cell add up to: answers by steps, conflicts, silence."""

from __future__ import annotations

import itertools

import msgspec

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.tables import ActionRule, Conclusion, Rule
from ostiary.rulebook.pack import PackPhase, PackRule


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
        self.phase = phase
        self.rules = phase.rules
        self.answers = tuple(phase.spec.answers)
        self.speakers = {
            answer: [
                (number, rule, conclusion)
                for number, rule in enumerate(phase.rules)
                for name, conclusion in rule.says
                if name == answer
            ]
            for answer in self.answers
        }

    def speaking(self, answer: str) -> int:
        """Give the rules that speak to an answer, as bits."""
        return sum(1 << number for number, _, _ in self.speakers[answer])

    def fired(self, bits: int) -> list[PackRule]:
        """Give the rules of a set in the order of the pack."""
        return [rule for number, rule in enumerate(self.rules) if bits >> number & 1]

    def decider(self, answer: str, bits: int) -> tuple[int, Conclusion] | None:
        """Give the rule that decides an answer: the first of the first step that speaks to it."""
        for number, _, conclusion in self.speakers[answer]:
            if bits >> number & 1:
                return number, conclusion
        return None

    def verdict(self, bits: int) -> Verdict:
        """Give the verdict on rules that fire together and leave no answer open."""
        decided = [self.decider(answer, bits) for answer in self.answers]
        found = [each for each in decided if each is not None]
        fired = self.fired(bits)
        return Verdict(
            fired=tuple(rule.rule for rule in fired),
            answers=tuple(conclusion for _, conclusion in found),
            deciders=tuple(self.rules[number].rule for number, _ in found),
            actions=tuple(
                ActionRule(rule.rule, kind, moment)
                for rule in fired
                for kind, moment in rule.schedules
            ),
        )

    def silent(self, bits: int) -> tuple[str, ...]:
        """Give the answers that no rule of the set speaks to; `schedule` if nothing fires at all."""
        if self.phase.spec.schedules:
            return () if bits else ("schedule",)
        return tuple(answer for answer in self.answers if self.decider(answer, bits) is None)

    def clashes(self, bits: int) -> list[Clash]:
        """Give the pairs of fired rules that contradict each other."""
        if self.phase.spec.schedules:
            return self._doubled(bits)
        return [
            Clash(answer, first, second)
            for answer in self.answers
            for (first, one, said), (second, other, also) in itertools.combinations(
                [each for each in self.speakers[answer] if bits >> each[0] & 1], 2
            )
            if one.step == other.step and said != also
        ]

    def _doubled(self, bits: int) -> list[Clash]:
        seen: dict[tuple[ActionKind, Moment], int] = {}
        found = []
        for number, rule in enumerate(self.rules):
            for action in rule.schedules if bits >> number & 1 else ():
                first = seen.setdefault(action, number)
                if first != number:
                    found.append(Clash(action[0].value, first, number))
        return found

    def deciding(self, bits: int) -> int:
        """Give the rules of the set that decide something, as bits."""
        if self.phase.spec.schedules:
            return bits
        found = 0
        for answer in self.answers:
            decided = self.decider(answer, bits)
            if decided is not None:
                found |= 1 << decided[0]
        return found
