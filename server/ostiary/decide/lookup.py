"""The decision tables in the form the hot path reads: offsets by word, rows by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ostiary.decide.predicates import predicate_word
from ostiary.decide.subject import Subject
from ostiary.domain.tables import Phase, Predicate, Row, Tables
from ostiary.domain.vocabulary import VOCABULARY


class PhaseLookup(msgspec.Struct, frozen=True):
    """One phase: `base` and `offsets[fact][word]` add up to a cell number that `row` answers.

    The first word of each fact in the vocabulary is the usual one. It adds nothing, since `base`
    holds it already, so that a fact which is as usual may be passed over.
    """

    row: Callable[[int], Row]
    base: int
    offsets: Mapping[str, Mapping[str, int]]  # every fact of the vocabulary; 0 where not declared
    predicates: tuple[tuple[Predicate, Mapping[str, int]], ...]

    def own(self, subject: Subject) -> int:
        """Give the part of the cell number that the author's predicates add for this person."""
        return sum(
            offsets[predicate_word(predicate, subject.attributes)]
            for predicate, offsets in self.predicates
        )


class RuleLookup(msgspec.Struct, frozen=True):
    """The five phases of one rule pack."""

    scope: PhaseLookup
    selection: PhaseLookup
    approvers: PhaseLookup
    limits: PhaseLookup
    lifecycle: PhaseLookup
    digest: str


def compile_lookup(tables: Tables) -> RuleLookup:
    """Turn decision tables into look-ups by word."""
    return RuleLookup(
        scope=_phase(tables, Phase.REQUESTOR_SCOPE),
        selection=_phase(tables, Phase.POLICY_SELECTION),
        approvers=_phase(tables, Phase.APPROVER_RESOLUTION),
        limits=_phase(tables, Phase.LIMITS),
        lifecycle=_phase(tables, Phase.LIFECYCLE),
        digest=tables.digest,
    )


def _phase(tables: Tables, phase: Phase) -> PhaseLookup:
    table, facts = tables.phases[phase], VOCABULARY[phase].facts
    usual = {fact: table.offset(fact, words[0]) for fact, words in facts.items()}
    return PhaseLookup(
        row=table.row,
        base=sum(usual.values()),
        offsets={
            fact: {word: table.offset(fact, word) - usual[fact] for word in words}
            for fact, words in facts.items()
        },
        predicates=tuple(
            (
                predicate,
                {word: table.offset(predicate.name, word) for word in ("yes", "no", "unknown")},
            )
            for predicate in tables.predicates
            if phase in predicate.phases
        ),
    )
