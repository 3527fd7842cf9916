"""Running the engine over all cells of some phases, with a worker process for each core."""

from __future__ import annotations

import os
import threading
from array import array
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from ostiary.domain.errors import EngineFailedError
from ostiary.rulebook.compiler import CompiledPhase
from ostiary.rulebook.engine import Chunk, Deadline, EngineWorker
from ostiary.rulebook.pack import PackPhase, facts_in_words
from ostiary.rulebook.reference import Reference
from ostiary.rulebook.verdicts import numbers_of

RANGE = 4_096  # cells that a worker is asked for at a time
MOST_WORKERS = 4

Progress = Callable[[int], None]


class FiredCells(msgspec.Struct, frozen=True):
    """What fires in each cell of a phase: for each a position in `sets` of rules, as bits."""

    sets: list[int]
    cells: array[int]

    def fired(self, cell: int) -> int:
        """Give the rules that fire in a cell."""
        return self.sets[self.cells[cell]]


class _Run:
    """The work that is left, and what has been found; shared by the threads of one run."""

    def __init__(
        self,
        phases: Sequence[CompiledPhase],
        deadline: Deadline,
        command: Sequence[str],
        progress: Progress,
    ) -> None:
        self.phases = phases
        self.deadline = deadline
        self.command = command
        self.progress = progress
        self.tasks = deque(
            (phase.name, first, min(RANGE, phase.cells - first))
            for phase in phases
            for first in range(0, phase.cells, RANGE)
        )
        self.chunks: deque[tuple[str, Chunk]] = deque()
        self.failure: BaseException | None = None

    def work(self) -> None:
        """Take tasks until there are none or some thread has failed."""
        try:
            worker = EngineWorker(self.command)
            try:
                self._ask(worker)
            finally:
                worker.close()
        except BaseException as error:  # noqa: BLE001  # the thread that waits raises it
            self.failure = self.failure or error

    def _ask(self, worker: EngineWorker) -> None:
        for phase in self.phases:
            worker.load(phase, self.deadline)
        while self.failure is None:
            try:
                name, first, count = self.tasks.popleft()
            except IndexError:
                return
            for chunk in worker.fire(name, first, count, self.deadline):
                self.chunks.append((name, chunk))
                self.progress(len(chunk.cells))


def run_engine(
    phases: Sequence[CompiledPhase],
    deadline: Deadline,
    command: Sequence[str],
    progress: Progress,
) -> dict[str, FiredCells]:
    """Give what fires in every cell of the phases; raises EngineFailedError."""
    run = _Run(phases, deadline, command, progress)
    threads = [
        threading.Thread(target=run.work, name=f"rules-{number}", daemon=True)
        for number in range(max(1, min(MOST_WORKERS, _cores(), len(run.tasks))))
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException as error:  # Ctrl-C: the threads stop at their next chunk
        run.failure = error
        raise
    if run.failure is not None:
        raise run.failure
    return _joined(phases, run.chunks)


def check_against_reference(phase: PackPhase, reference: Reference, fired: FiredCells) -> None:
    """Compare every cell with the independent evaluator; one difference refuses the pack."""
    sets = fired.sets
    engine = [sets[position] for position in fired.cells]
    expected = reference.all_cells()
    if engine == expected:
        return
    pairs = enumerate(zip(engine, expected, strict=True))
    cell = next(at for at, (rules, other) in pairs if rules != other)
    raise EngineFailedError(disagreement(phase, cell, engine[cell], expected[cell]))


def disagreement(phase: PackPhase, cell: int, fired: int, expected: int) -> str:
    """Say in which cell the engine and the reference fired different rules."""
    facts = facts_in_words(phase.facts_of(cell))
    return (
        f"the rule engine and the reference disagree in phase `{phase.phase.value}`, "
        f"cell {cell} ({facts}): the engine fired {_ids(phase, fired)}, "
        f"the reference {_ids(phase, expected)}"
    )


def _ids(phase: PackPhase, rules: int) -> str:
    return ", ".join(phase.rules[number].rule.id for number in numbers_of(rules)) or "nothing"


def _joined(
    phases: Sequence[CompiledPhase], chunks: Sequence[tuple[str, Chunk]]
) -> dict[str, FiredCells]:
    sets: dict[str, dict[int, int]] = {phase.name: {} for phase in phases}
    cells = {phase.name: array("I", bytes(4 * phase.cells)) for phase in phases}
    for name, chunk in chunks:
        known = sets[name]
        bits = (sum(1 << number for number in set(fired)) for fired in chunk.sets)
        positions = [known.setdefault(rules, len(known)) for rules in bits]
        found = array("I", [positions[position] for position in chunk.cells])
        cells[name][chunk.first : chunk.first + len(found)] = found
    return {phase.name: FiredCells(list(sets[phase.name]), cells[phase.name]) for phase in phases}


def _cores() -> int:
    return len(os.sched_getaffinity(0))
