"""How much of a rule pack its tests look at: rules that fired and decided, and classes of cells.

Nothing is estimated. A rule is reached when a test looked at a cell in which it fires; it has also
*decided* when it gave one of the answers there. A class of cells, in which exactly the same rules
fire, is reached when a test looked at one of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import msgspec

from ostiary.analysis.coverage.least import Choice, Chosen, least
from ostiary.domain.tables import Phase, Rule
from ostiary.rulebook.cell_checks import PhaseLogic, logic_of
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.reference import Outcome
from ostiary.rulebook.verdicts import numbers_of


class Look(msgspec.Struct, frozen=True, order=True):
    """A test looked at one cell of a phase."""

    test: str
    phase: Phase
    cell: int


class RuleCoverage(msgspec.Struct, frozen=True):
    """How many different tests saw one rule fire, and decide; `can_decide`: some cell lets it."""

    rule: Rule
    fired: int
    decided: int
    can_decide: bool


class Share(msgspec.Struct, frozen=True):
    """So many of so many."""

    reached: int
    of: int

    @property
    def percent(self) -> float:
        """Give the share in hundredths; nothing to reach is all reached."""
        return 100.0 * self.reached / self.of if self.of else 100.0

    def __str__(self) -> str:
        return f"{self.reached:,} of {self.of:,}"

    def __add__(self, other: Share) -> Share:
        return Share(self.reached + other.reached, self.of + other.of)


class MissingCell(msgspec.Struct, frozen=True):
    """A cell to look at: the first of its class, with what the rules say there."""

    phase: Phase
    cell: int
    facts: tuple[tuple[str, str], ...]
    cells: int  # in its class
    fired: tuple[Rule, ...]
    deciders: tuple[Rule, ...]


class PhaseCoverage(msgspec.Struct, frozen=True):
    """One phase. Where only changes count, `rules` and `classes` hold nothing else."""

    phase: Phase
    rules: tuple[RuleCoverage, ...]  # in the order of the pack
    classes: Share
    for_rules: tuple[MissingCell, ...]  # the least cells that reach every rule not reached
    for_rules_exact: bool
    for_classes: tuple[MissingCell, ...]  # beside those: one cell for each class still not reached

    @property
    def fired(self) -> Share:
        """Give how many rules fired."""
        return Share(sum(one.fired > 0 for one in self.rules), len(self.rules))

    @property
    def decided(self) -> Share:
        """Give how many rules decided, of those that can."""
        able = [one for one in self.rules if one.can_decide]
        return Share(sum(one.decided > 0 for one in able), len(able))

    @property
    def missing(self) -> tuple[MissingCell, ...]:
        """Give the least set of cells that reaches all that was not reached."""
        return (*self.for_rules, *self.for_classes)


class PackCoverage(msgspec.Struct, frozen=True):
    """All phases of a pack in order, under the tests that were counted."""

    pack: str
    digest: str
    tests: int
    phases: tuple[PhaseCoverage, ...]

    @property
    def fired(self) -> Share:
        """Give how many rules fired."""
        return sum((one.fired for one in self.phases), Share(0, 0))

    @property
    def decided(self) -> Share:
        """Give how many rules decided, of those that can."""
        return sum((one.decided for one in self.phases), Share(0, 0))

    @property
    def classes(self) -> Share:
        """Give how many classes of cells were reached."""
        return sum((one.classes for one in self.phases), Share(0, 0))


class Wanted(msgspec.Struct, frozen=True):
    """The part of one phase that counts: rules as bits, and classes by the rules that fire."""

    rules: int
    classes: Collection[int]


def cover_pack(
    pack: Pack, looks: Iterable[Look], only: Mapping[Phase, Wanted] | None = None
) -> PackCoverage:
    """Give what tests reached of a pack, or of the part of it that `only` names.

    Raises IndexError for a cell that the phase does not have.
    """
    cells: dict[Phase, dict[int, set[str]]] = {phase: defaultdict(set) for phase in pack.phases}
    for look in looks:
        cells[look.phase][look.cell].add(look.test)
    tests = {test for looked in cells.values() for found in looked.values() for test in found}
    phases = tuple(
        _cover_phase(logic_of(phase), cells[phase.phase], None if only is None else only[number])
        for number, phase in pack.phases.items()
    )
    return PackCoverage(pack.name, pack.digest, len(tests), phases)


def _cover_phase(
    logic: PhaseLogic, looked: Mapping[int, set[str]], only: Wanted | None
) -> PhaseCoverage:
    outcomes = logic.reference.outcomes()
    reached = _tests_by_class(logic, looked)
    able = 0
    for outcome in outcomes:
        able |= logic.judge.deciding(outcome.fired)
    counted = logic.reference.everything if only is None else only.rules
    rules = _cover_rules(logic, reached, counted, able)
    classes = [one for one in outcomes if only is None or one.fired in only.classes]
    missed = [one for one in classes if one.fired not in reached]
    chosen = _for_rules(logic, outcomes, reached, counted)
    by_rules = {one.fired for one in chosen.choices}
    rest = [one for one in missed if one.fired not in by_rules]
    return PhaseCoverage(
        phase=logic.phase.phase,
        rules=rules,
        classes=Share(len(classes) - len(missed), len(classes)),
        for_rules=_missing(logic, chosen.choices),
        for_rules_exact=chosen.exact,
        for_classes=_missing(logic, sorted(rest, key=lambda one: one.first)),
    )


def _tests_by_class(logic: PhaseLogic, looked: Mapping[int, set[str]]) -> dict[int, set[str]]:
    """Give which tests looked at which class, named by the rules that fire in it."""
    found: dict[int, set[str]] = defaultdict(set)
    for cell, tests in looked.items():
        if not 0 <= cell < logic.phase.cells:
            raise IndexError(f"phase {logic.phase.phase.value} has no cell {cell}")
        found[logic.reference.fired(cell)] |= tests
    return dict(found)


def _cover_rules(
    logic: PhaseLogic, reached: Mapping[int, set[str]], counted: int, able: int
) -> tuple[RuleCoverage, ...]:
    fired: dict[int, set[str]] = defaultdict(set)
    decided: dict[int, set[str]] = defaultdict(set)
    for rules, tests in reached.items():
        for number in numbers_of(rules & counted):
            fired[number] |= tests
        for number in numbers_of(logic.judge.deciding(rules) & counted):
            decided[number] |= tests
    return tuple(
        RuleCoverage(
            rule=logic.phase.rules[number].rule,
            fired=len(fired[number]),
            decided=len(decided[number]),
            can_decide=bool(able >> number & 1),
        )
        for number in numbers_of(counted)
    )


def _for_rules(
    logic: PhaseLogic, outcomes: Iterable[Outcome], reached: Iterable[int], counted: int
) -> Chosen[Outcome]:
    """Give the least classes in which every rule that counts fires and, where it can, decides."""
    judge, width = logic.judge, len(logic.phase.rules)
    fired = decided = able = 0
    for rules in reached:
        fired |= rules
        decided |= judge.deciding(rules)
    ordered = sorted(outcomes, key=lambda one: one.first)
    choices = []
    for one in ordered:
        deciding = judge.deciding(one.fired)
        able |= deciding
        choices.append(Choice(deciding << width | one.fired, one))
    to_decide = able & ~decided & counted
    # who decides has fired, too
    to_fire = counted & ~fired & ~to_decide
    return least(to_decide << width | to_fire, choices)


def _missing(logic: PhaseLogic, outcomes: Iterable[Outcome]) -> tuple[MissingCell, ...]:
    found = []
    for one in outcomes:
        verdict = logic.judge.verdict(one.fired)
        found.append(
            MissingCell(
                phase=logic.phase.phase,
                cell=one.first,
                facts=logic.phase.facts_of(one.first),
                cells=one.cells,
                fired=verdict.fired,
                deciders=tuple(dict.fromkeys(verdict.deciders)),
            )
        )
    return tuple(found)
