"""Decision tables: what a rule pack says, worked out for every cell of every phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from ostiary.domain.actions import ActionKind, Moment
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.reasons import Cause, Code


class Phase(Enumeration):
    """The five phases of a decision, in order."""

    REQUESTOR_SCOPE = "requestor_scope"
    POLICY_SELECTION = "policy_selection"
    APPROVER_RESOLUTION = "approver_resolution"
    LIMITS = "limits"
    LIFECYCLE = "lifecycle"


class Rule(msgspec.Struct, frozen=True):
    """A rule as an explanation names it."""

    id: str
    file: str  # relative to the folder of the pack, with `/`
    line: int
    sentence: str  # what the rule is for
    carries_out: tuple[str, ...]  # S-numbers


class Conclusion(msgspec.Struct, frozen=True):
    """What a rule concludes for one answer of a phase, e.g. scope: out, NOT_IN_SCOPE, no_match."""

    word: str
    reason: Code | None = None
    cause: Cause | None = None
    fact: str | None = None  # the missing fact, with `unknown`


class ActionRule(msgspec.Struct, frozen=True):
    """What a lifecycle rule schedules: a kind of action at an anchor; decide/ does the calendar."""

    rule: Rule
    kind: ActionKind
    moment: Moment


class Row(msgspec.Struct, frozen=True):
    """One cell of a phase: its facts, the rules that fired, and the verdict they add up to.

    `answers` holds one Conclusion for each answer that the phase's vocabulary declares, in that
    order; `deciders` names the rule behind each. A row of the lifecycle phase has `actions`.
    """

    phase: Phase
    cell: int
    fired: tuple[Rule, ...]  # in the order of the pack
    answers: tuple[Conclusion, ...]
    deciders: tuple[Rule, ...]
    actions: tuple[ActionRule, ...] = ()


class PhaseTable(Protocol):
    """The table of one phase; `row` raises TablesUnavailableError while a lazy cell is absent."""

    phase: Phase
    facts: Mapping[str, Sequence[str]]  # declared facts and their words, in order
    cells: int

    def offset(self, fact: str, word: str) -> int:
        """Give what `word` adds to the cell number; 0 for a fact that the pack does not declare."""

    def row(self, cell: int) -> Row:
        """Give the row of a cell number, the sum of one offset for each declared fact."""

    def facts_of(self, cell: int) -> tuple[tuple[str, str], ...]:
        """Give the facts of a cell as (name, word), in the declared order."""


class Tables(msgspec.Struct, frozen=True):
    """The tables of all five phases of one rule pack."""

    digest: str  # of what the pack says and of where its rules stand
    phases: Mapping[Phase, PhaseTable]
    predicates: tuple[Predicate, ...] = ()


class PredicateOperator(Enumeration):
    """How an author-defined predicate compares an attribute of the target."""

    EQUALS = "equals"
    IN = "in"
    STARTS_WITH = "starts_with"
    PRESENT = "present"


class Predicate(msgspec.Struct, frozen=True):
    """An author-defined condition over an attribute, seen by the rules as yes, no or unknown."""

    name: str
    attribute: str
    operator: PredicateOperator
    values: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()  # in which it is a fact
