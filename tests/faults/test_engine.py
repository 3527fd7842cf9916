"""A worker that crashes, hangs, lies or talks nonsense: the pack is refused, and in clear words."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import types
from pathlib import Path

import pytest

from ostiary.domain.errors import EngineFailedError
from ostiary.domain.tables import Phase
from ostiary.rulebook import engine
from ostiary.rulebook.compiler import compile_phase
from ostiary.rulebook.engine import Deadline, EngineWorker
from ostiary.rulebook.tabulate import load_pack, report_pack
from tests.packs.building import SMALL, read_small
from tests.packs.workers import (
    CRASHES_AT_ONCE,
    CRASHES_IN_A_CELL,
    HANGS,
    HANGS_IN_A_CELL,
    WRONG_IN_ONE_CELL,
    frames,
    python,
    raw,
    sick,
)

NO_ANSWER = "the rule engine sent something that is no answer"
LOADED = b'{"loaded":"requestor_scope"}'


def refusal(command: tuple[str, ...], *, deadline: float = 30.0) -> str:
    """What a pack is refused with when a sick worker runs it."""
    with pytest.raises(EngineFailedError) as failed:
        load_pack(SMALL, cache=None, command=command, deadline=deadline)
    return str(failed.value)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        pytest.param(CRASHES_AT_ONCE, "the rule engine crashed with SIGSEGV", id="crashes at once"),
        pytest.param(
            CRASHES_IN_A_CELL, "the rule engine crashed with SIGSEGV", id="crashes in a cell"
        ),
        pytest.param(
            python("sys.exit(3)"),
            "the rule engine ended with exit code 3 before it had answered",
            id="ends",
        ),
        pytest.param(
            python("os.close(1)\ntime.sleep(30)"),
            "the rule engine closed its pipe without an answer and was ended",
            id="closes its pipe and stays",
        ),
        pytest.param(
            ("/nowhere/python",),
            "the rule engine could not be started: No such file or directory",
            id="cannot be started",
        ),
        pytest.param(
            sick("sys.modules['durable_rules_engine'] = None"),
            "the rule engine failed: ModuleNotFoundError: import of durable_rules_engine halted; "
            "None in sys.modules",
            id="durable-rules is not installed",
        ),
        pytest.param(
            sick("def fired(self, cell): raise MemoryError('no more')\nw.Ruleset.fired = fired"),
            "the rule engine failed: MemoryError: no more",
            id="runs out of memory",
        ),
        pytest.param(
            sick("def fired(self, cell): return (0, 0)\nw.Ruleset.fired = fired"),
            "the rule engine and the reference disagree in phase `requestor_scope`, cell 0 "
            "(policy: enabled, scope: none, person: member, contractor: yes): "
            "the engine fired scope.disabled, the reference scope.others",
            id="fires another rule",
        ),
        pytest.param(raw(b"\x00" * 4), NO_ANSWER, id="an empty frame"),
        pytest.param(raw(b"Traceback (most recent call last):\n"), NO_ANSWER, id="prints text"),
        pytest.param(raw(b"\xff\xff\xff\xff"), NO_ANSWER, id="announces four gigabytes"),
        pytest.param(frames(b"\xff\xfe"), NO_ANSWER, id="invalid UTF-8"),
        pytest.param(frames(b"[" * 100_000), NO_ANSWER, id="nested too deep"),
        pytest.param(frames(b'{"loaded":"limits"}'), NO_ANSWER, id="loads another phase"),
        pytest.param(frames(b'{"loaded":5}'), NO_ANSWER, id="another type"),
        pytest.param(frames(b"{}"), NO_ANSWER, id="says nothing"),
        pytest.param(
            frames(b'{"error":"no"}'), "the rule engine failed: no", id="says that it failed"
        ),
    ],
)
def test_a_sick_worker_refuses_the_pack(command: tuple[str, ...], reason: str) -> None:
    """S-46: no table is better than one that may be wrong."""
    assert refusal(command) == reason


@pytest.mark.parametrize(
    "chunk",
    [
        b'{"first":1,"sets":[[]],"cells":[0]}',
        b'{"first":0,"sets":[[]],"cells":[]}',
        b'{"first":0,"sets":[[]],"cells":[1]}',
        b'{"first":0,"sets":[[]],"cells":[-1]}',
        b'{"first":0,"sets":[],"cells":[0]}',
        b'{"first":0,"sets":[[9]],"cells":[0]}',
        b'{"first":0,"sets":[[-1]],"cells":[0]}',
        b'{"first":0,"sets":[[100000000000]],"cells":[0]}',
        b'{"first":0,"sets":[[]],"cells":[' + b"0," * 4 + b"0]}",
        b'{"first":0,"cells":[0]}',
        b'{"first":0,"sets":[[0.5]],"cells":[0]}',
        b'{"loaded":"lifecycle"}',
    ],
)
def test_an_answer_must_fit_the_question(chunk: bytes) -> None:
    phase = compile_phase(read_small().phases[Phase.LIFECYCLE])
    worker = EngineWorker(frames(b'{"loaded":"lifecycle"}', chunk))
    deadline = Deadline(10)
    worker.load(phase, deadline)
    with pytest.raises(EngineFailedError, match=NO_ANSWER):
        list(worker.fire(phase.name, 0, phase.cells, deadline))
    assert is_gone(worker.pid)


def test_one_wrong_cell_refuses_the_pack() -> None:
    reason = refusal(WRONG_IN_ONE_CELL)
    assert reason == (
        "the rule engine and the reference disagree in phase `requestor_scope`, cell 100 "
        "(policy: enabled, scope: unreadable, person: guest, contractor: no): "
        "the engine fired nothing, the reference scope.others"
    )


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(HANGS, id="ignores SIGTERM and never reads"),
        pytest.param(HANGS_IN_A_CELL, id="in a cell"),
        pytest.param(raw(b"\x00\x00"), id="half a frame"),
        pytest.param(frames(LOADED), id="after the first answer"),
    ],
)
def test_a_worker_that_hangs_is_ended_at_the_deadline(command: tuple[str, ...]) -> None:
    begun = time.monotonic()
    reason = refusal(command, deadline=1.0)
    assert reason == "the rule engine did not answer within 1 s and was ended"
    assert time.monotonic() - begun < 10


def is_gone(pid: int) -> bool:
    """Whether no process has this id any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_worker_that_was_ended_is_not_spoken_to(tmp_path: Path) -> None:
    """The numbers of its pipes may belong to other files by then."""
    phase = compile_phase(read_small().phases[Phase.LIFECYCLE])
    worker = EngineWorker()
    worker.load(phase, Deadline(10))
    worker.close()
    others = [(tmp_path / str(number)).open("wb") for number in range(5)]
    with pytest.raises(EngineFailedError, match="the rule engine has been ended"):
        worker.load(phase, Deadline(10))
    for other in others:
        other.close()
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0] * 5


@pytest.mark.parametrize("command", [HANGS, HANGS_IN_A_CELL, CRASHES_IN_A_CELL])
def test_no_process_is_left_behind(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    pids: list[int] = []
    real = EngineWorker.__init__

    def noting(self: EngineWorker, given: tuple[str, ...]) -> None:
        real(self, given)
        pids.append(self.pid)

    monkeypatch.setattr(EngineWorker, "__init__", noting)
    refusal(command, deadline=1.0)
    assert pids
    assert all(is_gone(pid) for pid in pids)


def test_the_last_good_tables_stay(tmp_path: Path) -> None:
    """What was loaded before is not touched by a load that fails in any way."""
    with load_pack(SMALL, cache=None) as good:
        table = good.tables.phases[Phase.REQUESTOR_SCOPE]
        before = [table.row(cell) for cell in range(table.cells)]
        digest = good.tables.digest
        refusal(CRASHES_IN_A_CELL)
        refusal(WRONG_IN_ONE_CELL)
        refusal(HANGS, deadline=0.5)
        assert [table.row(cell) for cell in range(table.cells)] == before
        assert good.tables.digest == digest


def test_nothing_of_a_failed_run_is_remembered(tmp_path: Path) -> None:
    for command in (WRONG_IN_ONE_CELL, CRASHES_IN_A_CELL):
        with pytest.raises(EngineFailedError):
            load_pack(SMALL, cache=tmp_path / "cache", command=command)
    assert not (tmp_path / "cache").exists()


def test_a_report_needs_a_sound_engine_too() -> None:
    with pytest.raises(EngineFailedError):
        report_pack(SMALL, cache=None, command=CRASHES_AT_ONCE)


@pytest.mark.parametrize("call", ["read", "write"])
def test_a_pipe_that_is_not_ready_after_all_is_waited_for(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, call)
    refused: list[int] = []

    def once_blocked(descriptor: int, what: object) -> object:
        if descriptor not in refused:
            refused.append(descriptor)
            raise BlockingIOError
        return real(descriptor, what)

    own = types.SimpleNamespace(**{**vars(os), call: once_blocked})
    monkeypatch.setattr("ostiary.rulebook.engine.os", own)
    load_pack(SMALL, cache=None).close()
    assert refused


def test_an_interrupted_load_stops_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the engine runs: the threads end, and with them their processes."""
    threads: list[threading.Thread] = []
    real = threading.Thread.join

    def interrupted(self: threading.Thread, timeout: float | None = None) -> None:
        if self.name.startswith("rules-"):
            threads.append(self)
            raise KeyboardInterrupt
        real(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_pack(SMALL, cache=None)
    monkeypatch.undo()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_a_worker_that_floods_is_ended() -> None:
    flood = python("while True: sys.stdout.buffer.write(b'\\x7f' * 65536)")
    assert refusal(flood) == NO_ANSWER


def test_what_the_engine_prints_does_not_spoil_its_answers() -> None:
    chatty = sick(
        "real = w.Ruleset.fired\n"
        "def fired(self, cell):\n"
        "    os.write(1, b'noise on the standard output')\n"
        "    return real(self, cell)\n"
        "w.Ruleset.fired = fired"
    )
    load_pack(SMALL, cache=None, command=chatty).close()


def test_the_worker_ends_by_itself_when_its_parent_is_gone() -> None:
    """Its own alarm ends it, also from within the engine; here the alarm rings at once."""
    code = (
        "real = w.signal.setitimer\n"
        "w.signal.setitimer = lambda which, seconds: real(which, min(seconds, 0.2))\n"
        "def fired(self, cell):\n"
        "    while True: pass\n"
        "w.Ruleset.fired = fired"
    )
    assert refusal(sick(code)) == "the rule engine crashed with SIGALRM"


def test_the_worker_reads_no_modules_from_the_folder_it_is_started_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    load_pack(SMALL, cache=None).close()


def test_the_worker_is_started_with_the_allocator_that_makes_it_quick() -> None:
    """A state of the engine is 0.6 MB; giving it back after each cell costs five times the time."""
    probe = python(
        "pad = os.environ.get('MALLOC_TOP_PAD_')\n"
        'content = b\'{"error":"%s"}\' % str(pad).encode()\n'
        "sys.stdout.buffer.write(len(content).to_bytes(4, 'big') + content)\n"
        "sys.stdout.flush()\n"
        "sys.stdin.read()"
    )
    assert refusal(probe) == "the rule engine failed: 16777216"


def test_the_server_never_imports_the_engine() -> None:
    code = (
        "import pathlib, sys\n"
        "from ostiary.rulebook.tabulate import load_pack\n"
        "load_pack(pathlib.Path(sys.argv[1]), cache=None).close()\n"
        "sys.exit('durable_rules_engine' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, SMALL], check=True)


def test_a_deadline_runs_out() -> None:
    deadline = Deadline(0.0)
    assert deadline.left == 0.0
    assert Deadline(60).left > 59
    assert engine.WORKER_COMMAND[0] == sys.executable
