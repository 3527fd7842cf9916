"""The mutants of a rule pack, tried against its tests, with a test for each that survives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ostiary.analysis.coverage.cases import NewSuite, cell_among, suite_of
from ostiary.analysis.coverage.least import Choice, least
from ostiary.analysis.mutation.difference import Speaker, difference
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
    *,
    only: str | None = None,
    progress: Progress | None = None,
) -> MutationReport:
    """Give what becomes of the mutants of a pack under tests that pass under the pack itself.

    With `only`, of those whose id holds this text; then no entry is said to be stale.
    """
    entries = tuple(accepted)
    why = {one.id: one.why for one in entries}
    chosen = [one for one in pack_mutants(pack) if only is None or only in one.id]
    tried = try_pack(pack, chosen, tests, progress)
    mutants = {one.id: one for one in chosen}
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
        stale=() if only is not None else stale(entries, tried),
        new=_seeing(logics, [mutants[one.tried.id] for one in survivors if not one.accepted]),
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
        test=cell_among(logic, witness.cell),
        accepted=accepted,
    )


def _seeing(
    logics: Mapping[Phase, PhaseLogic], mutants: Sequence[PackMutant]
) -> tuple[NewSuite, ...]:
    """Give suites with the fewest of the first differing cells that tell all mutants apart."""
    found = []
    for phase, logic in logics.items():
        mine = [one for one in mutants if one.phase.phase is phase]
        speaker, others = Speaker(logic.phase), [Speaker(one.phase) for one in mine]
        firsts = [
            difference(speaker, other, one.region).first
            for one, other in zip(mine, others, strict=True)
        ]
        cells = sorted({cell for cell in firsts if cell is not None})
        sees = {
            cell: [at for at, other in enumerate(others) if speaker.differs(other, cell)]
            for cell in cells
        }
        choices = [Choice(sum(1 << at for at in sees[cell]), cell) for cell in cells]
        chosen = least((1 << len(mine)) - 1, choices).choices
        cases = [
            cell_among(logic, cell) | {"about": _told([mine[at] for at in sees[cell]])}
            for cell in chosen
        ]
        if cases:
            title = f"cells of {phase.value} in which mistakes would show"
            found.append(suite_of(f"{phase.value}_mutants", title, cases, len(cases), _REMARKS))
    return tuple(found)


def _told(mutants: Sequence[PackMutant]) -> str:
    more = f" and {len(mutants) - _MOST_TOLD} more" if len(mutants) > _MOST_TOLD else ""
    return "Sees " + ", ".join(one.id for one in mutants[:_MOST_TOLD]) + more + "."


_MOST_TOLD = 5  # mutants in the text of a test
_REMARKS = (
    "Written by `ostiary mutate --write-missing`: what the rules say where mistakes would show.",
    "Read what you keep: a test that nobody has read holds mistakes in place, too.",
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
