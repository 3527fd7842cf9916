"""Phases too large to be worked out: cells on demand from a worker that may die at any time."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ostiary.domain.errors import EngineFailedError, TablesUnavailableError
from ostiary.domain.tables import Phase, PhaseTable
from ostiary.rulebook import live_engine, phase_tables
from ostiary.rulebook.phase_tables import LazyTable
from ostiary.rulebook.tabulate import LoadedPack, load_pack
from tests.packs.building import SMALL, changed
from tests.packs.workers import CRASHES_AT_ONCE, HANGS_IN_A_CELL, sick

SCOPE = Phase.REQUESTOR_SCOPE

# Python 3.12 warns of what these tests are about.
forks = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture
def lazy() -> Iterator[LoadedPack]:
    """The small pack with every phase worked out on demand."""
    with load_pack(SMALL, cache=None, lazy_over=0) as loaded:
        yield loaded


@pytest.fixture(scope="module")
def eager() -> LoadedPack:
    """The small pack with every phase worked out beforehand."""
    return load_pack(SMALL, cache=None)


def scope_of(loaded: LoadedPack) -> LazyTable:
    """The lazy table of the first phase."""
    table = loaded.tables.phases[SCOPE]
    assert isinstance(table, LazyTable)
    return table


def worker_of(loaded: LoadedPack) -> int:
    """The process id of the live worker."""
    pid = scope_of(loaded)._engine.pid
    assert pid is not None
    return pid


def kill(pid: int) -> None:
    """End the worker as a crash would, and wait until that can be seen."""
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.05)


def rows(table: PhaseTable) -> list[object]:
    """All rows of a phase."""
    return [table.row(cell) for cell in range(table.cells)]


def test_every_cell_is_what_it_would_have_been(lazy: LoadedPack, eager: LoadedPack) -> None:
    for phase in Phase:
        table = lazy.tables.phases[phase]
        assert isinstance(table, LazyTable)
        assert rows(table) == rows(eager.tables.phases[phase])
        assert table.row(0) is table.row(0)
    assert lazy.report == eager.report


def test_only_the_large_phases_are_lazy() -> None:
    with load_pack(SMALL, cache=None, lazy_over=540) as loaded:
        kinds = {phase: type(table).__name__ for phase, table in loaded.tables.phases.items()}
    assert [phase for phase, kind in kinds.items() if kind == "LazyTable"] == [
        Phase.POLICY_SELECTION
    ]


def test_a_phase_far_too_large_to_be_worked_out(tmp_path: Path) -> None:
    """Twelve predicates make a hundred million cells; loading and asking stay quick."""
    names = [f"p{number:02}" for number in range(12)]
    lines = "".join(f"  {name}: {{attribute: a, equals: x}}\n" for name in names)
    folder = changed(tmp_path, SCOPE.value, "predicates:\n", f"predicates:\n{lines}")
    path = folder / "requestor_scope.yaml"
    text = path.read_text(encoding="utf-8").replace(
        'contractor: "no"}', 'contractor: "no", p03: ["yes", "no"], p11: "yes"}'
    )
    path.write_text(text, encoding="utf-8")
    begun = time.monotonic()
    with load_pack(folder, cache=None) as loaded:
        table = scope_of(loaded)
        assert table.cells == 216 * 3**12 > 100_000_000
        facts = {"scope": "all_members", "contractor": "no", "p03": "no", "p11": "yes"}
        cell = sum(table.offset(fact, word) for fact, word in facts.items())
        assert table.row(cell).answers[0].word == "in"
        assert table.row(cell + table.offset("p11", "no")).answers[0].word == "out"
        with pytest.raises(IndexError):
            table.row(table.cells)
    assert time.monotonic() - begun < 30


def test_many_threads_ask_one_worker(lazy: LoadedPack, eager: LoadedPack) -> None:
    table, expected = scope_of(lazy), rows(eager.tables.phases[SCOPE])
    cells = list(range(table.cells)) * 4
    random.Random(7).shuffle(cells)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(table.row, cells))
    assert found == [expected[cell] for cell in cells]


def test_a_dead_worker_makes_cells_unavailable_and_is_started_again(
    lazy: LoadedPack, eager: LoadedPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, expected = scope_of(lazy), eager.tables.phases[SCOPE]
    known = table.row(3)
    first = worker_of(lazy)
    kill(first)
    with pytest.raises(TablesUnavailableError, match="the rule engine crashed with SIGKILL"):
        table.row(4)
    assert table.row(3) is known, "what is known stays known"
    with pytest.raises(TablesUnavailableError, match="SIGKILL"):
        table.row(4)  # still within the pause
    time.sleep(live_engine.FIRST_PAUSE + 0.05)
    assert table.row(4) == expected.row(4)
    assert worker_of(lazy) != first


def test_the_pause_grows_while_the_worker_cannot_be_started(
    lazy: LoadedPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("ostiary.rulebook.live_engine.time.monotonic", lambda: clock[0])
    engine = scope_of(lazy)._engine
    kill(worker_of(lazy))
    engine._command = CRASHES_AT_ONCE
    pauses = []
    for _ in range(9):
        with pytest.raises(TablesUnavailableError):
            scope_of(lazy).row(4)
        pauses.append(round(engine._not_before - clock[0], 3))
        clock[0] = engine._not_before
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_worker_that_hangs_is_ended_and_the_caller_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with load_pack(SMALL, cache=None, lazy_over=0) as loaded:
        table = scope_of(loaded)
        engine = table._engine
        kill(worker_of(loaded))
        with pytest.raises(TablesUnavailableError):
            table.row(4)
        time.sleep(live_engine.FIRST_PAUSE + 0.05)
        engine._command = HANGS_IN_A_CELL
        monkeypatch.setattr(live_engine, "CELL_DEADLINE", 0.5)
        with pytest.raises(TablesUnavailableError, match="did not answer within"):
            table.row(4)
        assert engine.pid is None


def test_a_caller_does_not_wait_for_ever_behind_others(
    lazy: LoadedPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_engine, "CELL_DEADLINE", 0.1)
    engine = scope_of(lazy)._engine
    with engine._lock, pytest.raises(TablesUnavailableError, match="busy with other cells"):
        scope_of(lazy).row(4)


def test_a_cell_that_the_reference_does_not_confirm_is_never_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with load_pack(SMALL, cache=None, lazy_over=0) as loaded:
        table = scope_of(loaded)
        monkeypatch.setattr(table._engine, "fired", lambda _phase, _cell: 0b11111)
        for _ in range(2):
            with pytest.raises(TablesUnavailableError, match="disagree in phase `requestor_scope`"):
                table.row(4)
        monkeypatch.undo()
        assert [rule.id for rule in table.row(4).fired] == ["scope.others"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (CRASHES_AT_ONCE, "crashed with SIGSEGV"),
        (
            sick("def fired(self, cell): return ()\nw.Ruleset.fired = fired"),
            "the engine fired nothing, the reference scope.others",
        ),
    ],
)
def test_a_large_phase_is_tried_before_it_is_accepted(
    command: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(EngineFailedError, match=reason):
        load_pack(SMALL, cache=None, lazy_over=0, command=command)


def test_closed_tables_keep_what_they_know(lazy: LoadedPack) -> None:
    table = scope_of(lazy)
    known = table.row(3)
    pid = worker_of(lazy)
    lazy.close()
    lazy.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert table.row(3) is known
    with pytest.raises(TablesUnavailableError, match="closed"):
        table.row(4)


def test_rows_are_forgotten_before_they_fill_the_memory(
    lazy: LoadedPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phase_tables, "MOST_LAZY_ROWS", 10)
    table = scope_of(lazy)
    for cell in range(100):
        table.row(cell)
        assert len(table._rows) <= 10


@forks
def test_a_forked_process_starts_a_worker_of_its_own(lazy: LoadedPack, eager: LoadedPack) -> None:
    """Two processes over one pipe would read each other's answers."""
    table, expected = scope_of(lazy), rows(eager.tables.phases[SCOPE])
    parent = worker_of(lazy)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            same = [table.row(cell) for cell in range(table.cells)] == expected
            code = 0 if same and worker_of(lazy) != parent else 2
            lazy.close()
        finally:
            os._exit(code)
    assert rows(table) == expected
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert worker_of(lazy) == parent
    table._rows.clear()
    assert table.row(5) == expected[5], "the child left the parent's worker alone"


@forks
def test_a_lock_that_was_held_at_the_fork_does_not_block_the_child(lazy: LoadedPack) -> None:
    table = scope_of(lazy)
    ready, done = threading.Event(), threading.Event()

    def hold() -> None:
        with table._engine._lock:
            ready.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait(10)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if table.row(4).cell == 4 else 2
            lazy.close()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(status) == 0
