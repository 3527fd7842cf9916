"""From a folder of rules to decision tables: read, pass the gate, look at all cells, run, check.

A pack is in force only if nothing is wrong with it and durable-rules and the reference agree in
every cell; whoever holds older tables keeps them otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ostiary.domain.errors import EngineFailedError, Fault, TablesUnavailableError
from ostiary.domain.tables import Phase, PhaseTable, Tables
from ostiary.rulebook.cache import Caching, cache_folder, read_cells, write_cells
from ostiary.rulebook.cell_checks import PhaseLogic, examine, logic_of
from ostiary.rulebook.compiler import CompiledPhase, compile_phase
from ostiary.rulebook.engine import WORKER_COMMAND, Deadline
from ostiary.rulebook.engine_run import FiredCells, check_against_reference, run_engine
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import check_gate
from ostiary.rulebook.invariants import check_invariants, check_nevers
from ostiary.rulebook.live_engine import LiveEngine
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.phase_tables import EagerTable, LazyTable
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.progress import progress_bar
from ostiary.rulebook.report import PackReport, PhaseReport

__all__ = ["LoadedPack", "load_pack", "report_pack", "rules_dir", "standard_pack_dir"]

DEADLINE = 60.0  # seconds for the engine's work on all phases
LAZY_OVER = 250_000  # a phase of more cells is worked out cell by cell
MOST_SAMPLES = 2_000  # cells of such a phase that are tried while it is loaded


class LoadedPack:
    """A pack that is fit to be in force; close it to end the worker of its large phases."""

    def __init__(
        self, tables: Tables, report: PackReport, engine: LiveEngine | None = None
    ) -> None:
        self.tables = tables
        self.report = report
        self.faults: tuple[Fault, ...] = report.faults  # warnings alone
        self._engine = engine

    def close(self) -> None:
        """End the live worker, if there is one; cells known by then stay known."""
        if self._engine is not None:
            self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Options(msgspec.Struct, frozen=True):
    cache: Path | None
    deadline: float
    lazy_over: int
    progress: bool
    command: tuple[str, ...]


class _Prepared(msgspec.Struct, frozen=True):
    """A pack that the engine may see, with what its cells look like."""

    pack: Pack
    logics: tuple[PhaseLogic, ...]
    compiled: tuple[CompiledPhase, ...]
    phases: tuple[PhaseReport, ...]
    faults: FaultList

    def report(self) -> PackReport:
        return PackReport(self.phases, self.faults.sorted())


def standard_pack_dir() -> Path:
    """Give the folder of the rules that come with the product."""
    return rules_dir() / "packs" / "standard"


def load_pack(
    folder: Path,
    *,
    cache: Path | None | Caching = Caching.DEFAULT,
    deadline: float = DEADLINE,
    lazy_over: int = LAZY_OVER,
    progress: bool = False,
    command: Sequence[str] = WORKER_COMMAND,
) -> LoadedPack:
    """Give the tables of the pack in a folder.

    Raises DefinitionError with every fault of every file, or EngineFailedError if durable-rules
    crashed, hung or disagreed with the reference. `cache` is a folder, None for no cache;
    `deadline` is in seconds; `command` starts the worker.
    """
    options = _Options(cache_folder(cache), deadline, lazy_over, progress, tuple(command))
    prepared = _prepare(folder)
    prepared.faults.refuse_if_errors()
    fired = _fire(prepared, options)
    large = [each for each in prepared.compiled if each.name not in fired]
    engine = LiveEngine(large, options.command) if large else None
    tables: dict[Phase, PhaseTable] = {}
    for logic in prepared.logics:
        phase = logic.phase
        if phase.phase.value in fired:
            tables[phase.phase] = EagerTable(phase, fired[phase.phase.value])
        elif engine is not None:
            tables[phase.phase] = _lazy_table(logic, engine)
    pack = prepared.pack
    return LoadedPack(Tables(pack.digest, tables, pack.predicates), prepared.report(), engine)


def report_pack(
    folder: Path,
    *,
    cache: Path | None | Caching = Caching.DEFAULT,
    deadline: float = DEADLINE,
    lazy_over: int = LAZY_OVER,
    progress: bool = False,
    command: Sequence[str] = WORKER_COMMAND,
) -> PackReport:
    """Report on all cells of a pack, also of one that is refused for what its cells say.

    Raises DefinitionError only for a pack that cannot be read or may not be run.
    """
    options = _Options(cache_folder(cache), deadline, lazy_over, progress, tuple(command))
    prepared = _prepare(folder)
    _fire(prepared, options)
    return prepared.report()


def _prepare(folder: Path) -> _Prepared:
    faults = FaultList()
    pack = read_pack(folder, faults)
    if pack is not None:
        for phase in pack.phases.values():
            check_gate(phase, faults)
    faults.refuse_if_errors()
    assert pack is not None  # noqa: S101  # no pack without a fault
    logics = tuple(logic_of(phase) for phase in pack.phases.values())
    reports = tuple(examine(logic, faults) for logic in logics)
    for logic in logics:
        check_invariants(logic, faults)
        check_nevers(logic, faults)
    compiled = tuple(compile_phase(logic.phase) for logic in logics)
    return _Prepared(pack, logics, compiled, reports, faults)


def _fire(prepared: _Prepared, options: _Options) -> dict[str, FiredCells]:
    """Give what fires in each cell of every phase that is not too large, checked in every cell."""
    logics = {logic.phase.phase.value: logic for logic in prepared.logics}
    small = [phase for phase in prepared.compiled if phase.cells <= options.lazy_over]
    found: dict[str, FiredCells] = {}
    for phase in small if options.cache is not None else ():
        remembered = read_cells(options.cache, phase) if options.cache is not None else None
        if remembered is not None and _agrees(logics[phase.name], remembered):
            found[phase.name] = remembered
    missing = [phase for phase in small if phase.name not in found]
    if missing:
        found.update(_run(missing, logics, options))
    return found


def _agrees(logic: PhaseLogic, fired: FiredCells) -> bool:
    try:
        check_against_reference(logic.phase, logic.reference, fired)
    except EngineFailedError:
        return False  # forged or foreign: the engine is asked instead
    return True


def _run(
    missing: Sequence[CompiledPhase], logics: dict[str, PhaseLogic], options: _Options
) -> dict[str, FiredCells]:
    total = sum(phase.cells for phase in missing)
    with progress_bar(total, wanted=options.progress) as advance:
        fired = run_engine(missing, Deadline(options.deadline), options.command, advance)
    for phase in missing:
        logic = logics[phase.name]
        check_against_reference(logic.phase, logic.reference, fired[phase.name])
    for phase in missing:
        if options.cache is not None:
            write_cells(options.cache, phase, fired[phase.name])
    return fired


def _lazy_table(logic: PhaseLogic, engine: LiveEngine) -> LazyTable:
    """Give the table of a large phase after trying one cell of each outcome."""
    table = LazyTable(logic.phase, logic.reference, engine)
    try:
        for outcome in logic.reference.outcomes()[:MOST_SAMPLES]:
            table.fired(outcome.first)
    except TablesUnavailableError as error:
        engine.close()
        raise EngineFailedError(str(error)) from None
    return table
