"""The mutants of a rule pack, tried against its tests, with a test for each that survives."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.analysis.coverage.cases import case_of
from ostiary.analysis.mutation.mutants import Fate, PackMutant
from ostiary.analysis.mutation.pack_operators import pack_mutants
from ostiary.analysis.mutation.pack_trial import PackTests, Progress, Tried, Witness, try_pack
from ostiary.analysis.mutation.report import MutationReport, Survivor, counted, stale
from ostiary.domain.tables import Phase
from ostiary.rulebook.cell_checks import PhaseLogic, logic_of
from ostiary.rulebook.mutants_file import Accepted
from ostiary.rulebook.pack import Pack, PackPhase, facts_in_words
from ostiary.rulebook.report import counted as in_cells


def mutate_pack(
    pack: Pack,
    tests: PackTests,
    accepted: Iterable[Accepted] = (),
    progress: Progress | None = None,
) -> MutationReport:
    """Give what becomes of every mutant of a pack under tests that pass under the pack itself."""
    entries = tuple(accepted)
    why = {one.id: one.why for one in entries}
    tried = try_pack(pack, tests, progress)
    mutants: dict[str, PackMutant] = {}
    if any(one.fate is Fate.SURVIVED for one in tried):
        mutants = {one.id: one for one in pack_mutants(pack)}
    logics = {phase: logic_of(one) for phase, one in pack.phases.items()}
    survivors = tuple(
        _survivor(logics, mutants[one.id], one, one.witness, why.get(one.id))
        for one in tried
        if one.fate is Fate.SURVIVED and one.witness is not None
    )
    return MutationReport(
        target=pack.name,
        operators=counted(tried),
        survivors=survivors,
        stale=stale(entries, tried),
        only_named=sum(one.other_rules for one in tried),
    )


def _survivor(
    logics: dict[Phase, PhaseLogic],
    mutant: PackMutant,
    tried: Tried,
    witness: Witness,
    accepted: str | None,
) -> Survivor:
    logic = logics[witness.phase]
    facts = facts_in_words(logic.phase.facts_of(witness.cell))
    return Survivor(
        tried=tried,
        shows=f"{in_cells(witness.cells)} of {witness.phase.value}, the first {facts}",
        before=said_in(logic.phase, logic, witness.cell),
        after=said_in(mutant.phase, logic_of(mutant.phase), witness.cell),
        test=case_of(logic, witness.cell, f"not as it would be if {tried.sentence}"),
        accepted=accepted,
    )


def said_in(phase: PackPhase, logic: PhaseLogic, cell: int) -> str:
    """Give what the rules of a phase say in a cell, in the words of the rules."""
    verdict = logic.judge.verdict(logic.reference.fired(cell))
    if logic.judge.schedules:
        actions = [f"{one.kind.value} at {one.moment.value}" for one in verdict.actions]
        return ", ".join(actions) or "nothing"
    parts = []
    for answer, said in zip(phase.spec.answers, verdict.answers, strict=True):
        beside = [one.value for one in (said.reason, said.cause) if one is not None]
        beside += [said.fact] if said.fact is not None else []
        parts.append(f"{answer}: {said.word}" + (f" ({', '.join(beside)})" if beside else ""))
    return ", ".join(parts)
