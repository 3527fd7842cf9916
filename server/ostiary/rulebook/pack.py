"""A rule pack as it was read: rules with their places, conditions and conclusions as words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.tables import Conclusion, Phase, Predicate, Rule
from ostiary.domain.vocabulary import VOCABULARY, PhaseSpec
from ostiary.rulebook.source import Spot

# Facts with the words that each may have: all conditions hold together, {} holds always.
When = tuple[tuple[str, tuple[str, ...]], ...]


class PackRule(msgspec.Struct, frozen=True):
    """One rule: `when` in the order of the phase's facts, `says` in the order of its answers."""

    rule: Rule
    place: Spot
    step: int  # from 0
    when: When
    says: tuple[tuple[str, Conclusion], ...] = ()
    schedules: tuple[tuple[ActionKind, Moment], ...] = ()


class NeverStatement(msgspec.Struct, frozen=True):
    """A statement of the author: no cell with these facts may give this word."""

    place: Spot
    answer: str
    word: str
    when: When


class PackPhase(msgspec.Struct, frozen=True):
    """One phase of a pack: `facts` holds the declared facts, then the author's predicates."""

    phase: Phase
    place: Spot
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    fact_places: Mapping[str, Spot]
    steps: tuple[str, ...]
    rules: tuple[PackRule, ...]  # in the order of the file
    nevers: tuple[NeverStatement, ...] = ()

    @property
    def cells(self) -> int:
        """Give the number of cells: the product of the numbers of words."""
        count = 1
        for _, words in self.facts:
            count *= len(words)
        return count

    @property
    def spec(self) -> PhaseSpec:
        """Give what the vocabulary says about the phase."""
        return VOCABULARY[self.phase]

    def facts_of(self, cell: int) -> tuple[tuple[str, str], ...]:
        """Give the facts of a cell; the first declared fact is the most significant."""
        found: list[tuple[str, str]] = []
        rest = cell
        for fact, words in reversed(self.facts):
            rest, number = divmod(rest, len(words))
            found.append((fact, words[number]))
        return tuple(reversed(found))


class Pack(msgspec.Struct, frozen=True):
    """A rule pack of all five phases; `digest` is of what it says and of where its rules stand."""

    name: str
    phases: Mapping[Phase, PackPhase]
    predicates: tuple[Predicate, ...]
    digest: str


def digest_of(phases: Mapping[Phase, PackPhase], predicates: tuple[Predicate, ...]) -> str:
    """Give the SHA-256 of everything that an answer can show of the pack.

    That is what the rules say and, since explanations tell it, the file and line of each. Comments,
    quotes and spaces that move no rule to another line do not count.
    """
    content = [
        [_canonical(phases[phase]) for phase in Phase],
        [
            (each.name, each.attribute, each.operator.value, each.values, each.phases)
            for each in sorted(predicates, key=lambda each: each.name)
        ],
    ]
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


def _canonical(phase: PackPhase) -> object:
    rules = [
        (
            each.rule.id,
            each.rule.sentence,
            each.rule.carries_out,
            phase.steps[each.step],
            each.step,
            each.when,
            each.says,
            each.schedules,
            each.rule.file,  # explanations tell where a rule stands
            each.rule.line,
        )
        for each in phase.rules
    ]
    nevers = sorted((each.answer, each.word, each.when) for each in phase.nevers)
    return (phase.phase, phase.facts, rules, nevers)


def facts_in_words(facts: tuple[tuple[str, str], ...]) -> str:
    """Give the facts of a cell as a reader wants them: `route: self, policy: enabled`."""
    return ", ".join(f"{fact}: {word}" for fact, word in facts)
