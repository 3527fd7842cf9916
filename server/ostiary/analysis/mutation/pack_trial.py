"""Trying the mutants of a rule pack: compare, check, then ask the tests that look at a change.

Mutants are tabulated by the reference evaluator: the pack itself was checked against durable-rules
in every cell, so both read rules alike, and a thousand mutants take seconds (ADR 14).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from ostiary.analysis.mutation.difference import Difference, Speaker, difference
from ostiary.analysis.mutation.mutants import Change, Fate, PackMutant
from ostiary.domain.tables import Phase, PhaseTable, Tables
from ostiary.rulebook.cell_checks import PhaseLogic
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import check_gate
from ostiary.rulebook.invariants import check_invariants, check_nevers
from ostiary.rulebook.pack import Pack, PackPhase
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.phase_tables import ReferenceTable
from ostiary.rulebook.reference import Reference, TooManyOutcomesError

Progress = Callable[[int, int], None]


class PackTests(Protocol):
    """Tests that pass under a pack, with the cells that each looked at."""

    def looked_at(self, phase: Phase) -> Sequence[Mapping[int, Sequence[str]]]:
        """Give the cells of a phase that tests looked at, with these tests; cheap ones first."""

    def fails(self, test: str, tables: Tables) -> bool:
        """Say whether a test fails under other tables."""


class Witness(msgspec.Struct, frozen=True):
    """A cell in which a mutant says something else, and in how many it does."""

    phase: Phase
    cell: int  # the first of them
    cells: int


class Tried(msgspec.Struct, frozen=True):
    """A mutant with what became of it; `by` is the test that fails, or the fault that refuses."""

    id: str
    operator: str
    sentence: str
    change: Change
    fate: Fate
    by: str = ""
    witness: Witness | None = None
    other_rules: bool = False  # of an equal one: other rules say it, which only explanations show


def try_pack(
    pack: Pack,
    mutants: Sequence[PackMutant],
    tests: PackTests,
    progress: Progress | None = None,
) -> tuple[Tried, ...]:
    """Give what becomes of mutants of a pack, in their order.

    The tests must all pass under the pack itself: whoever calls has seen to it.
    """
    trial = _Trial(pack, tests)
    found = []
    for number, mutant in enumerate(mutants):
        found.append(trial.fate(mutant))
        if progress is not None:
            progress(number + 1, len(mutants))
    return tuple(found)


class _Trial:
    """The pack as it is, against which each mutant is held."""

    def __init__(self, pack: Pack, tests: PackTests) -> None:
        self.pack = pack
        self.tests = tests
        self.speakers = {phase: Speaker(one) for phase, one in pack.phases.items()}
        self.tables: dict[Phase, PhaseTable] = {
            phase: ReferenceTable(one, Reference(one)) for phase, one in pack.phases.items()
        }

    def fate(self, mutant: PackMutant) -> Tried:
        """Give what becomes of a mutant."""
        phase = mutant.phase.phase
        speaker, other = self.speakers[phase], Speaker(mutant.phase)
        try:
            differing = difference(speaker, other, mutant.region)
        except TooManyOutcomesError:
            return _tried(mutant, Fate.REFUSED, by="LIMIT")
        if differing.first is None:
            return _tried(mutant, Fate.EQUAL, other_rules=differing.other_rules > 0)
        witness = Witness(phase, differing.first, differing.cells)
        fault = refused_for(other, mutant.region)
        if fault is not None:
            return _tried(mutant, Fate.REFUSED, by=fault, witness=witness)
        killer = self._killer(mutant.phase, speaker, other, differing)
        fate = Fate.SURVIVED if killer is None else Fate.KILLED
        return _tried(mutant, fate, by=killer or "", witness=witness)

    def _killer(
        self, phase: PackPhase, speaker: Speaker, other: Speaker, differing: Difference
    ) -> str | None:
        """Give the first test that fails; who looks at no cell that differs cannot."""
        tables = self._tables_with(phase, other.reference)
        asked: set[str] = set()
        for looked in self.tests.looked_at(phase.phase):
            if differing.which is None:
                cells = [cell for cell in sorted(looked) if speaker.differs(other, cell)]
            else:
                cells = sorted(looked.keys() & differing.which)
            for test in (test for cell in cells for test in looked[cell]):
                if test not in asked and self.tests.fails(test, tables):
                    return test
                asked.add(test)
        return None

    def _tables_with(self, phase: PackPhase, reference: Reference) -> Tables:
        phases = {**self.tables, phase.phase: ReferenceTable(phase, reference)}
        return Tables(self.pack.digest, phases, self.pack.predicates)


def reference_tables(pack: Pack) -> Tables:
    """Give the tables of a pack as the reference evaluates it: for analysis, never in force."""
    tables: dict[Phase, PhaseTable] = {
        phase: ReferenceTable(one, Reference(one)) for phase, one in pack.phases.items()
    }
    return Tables(pack.digest, tables, pack.predicates)


def refused_for(speaker: Speaker, region: Mapping[str, frozenset[str]] | None = None) -> str | None:
    """Give the code of a fault for which loading refuses a phase, if there is one.

    Where the original is in order, whatever is not lies in the region in which a mutant differs.
    """
    faults = FaultList()
    logic = PhaseLogic(speaker.phase, speaker.reference, speaker.judge)
    check_gate(speaker.phase, faults)
    if faults.has_errors:
        return _first_error(faults)
    for rule in speaker.phase.rules:
        if any(not words for _, words in rule.when):
            return PackCode.NEVER_FIRES.value
    for outcome in speaker.reference.outcomes(region):
        if speaker.judge.silent(outcome.fired):
            return PackCode.SILENT.value
        if next(speaker.judge.clashes(outcome.fired), None) is not None:
            return PackCode.CONFLICT.value
    check_nevers(logic, faults, region)
    if not faults.has_errors:
        check_invariants(logic, faults, region)
    return _first_error(faults)


def _first_error(faults: FaultList) -> str | None:
    return next((str(one.code) for one in faults.sorted() if one.severity == "error"), None)


def _tried(
    mutant: PackMutant,
    fate: Fate,
    *,
    by: str = "",
    witness: Witness | None = None,
    other_rules: bool = False,
) -> Tried:
    return Tried(
        mutant.id,
        mutant.operator,
        mutant.sentence,
        mutant.change,
        fate,
        by,
        witness,
        other_rules,
    )
