"""`ostiary serve --decision-log` and `ostiary replay`: what was decided is decided again."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ostiary.client import CallError, Client
from ostiary.v1 import decision_service_pb2
from tests.contract.lent import HARBOUR
from tests.packs.texts import with_guests, written
from tests.scenarios.commands import TAILWIND, command, run, run_apart

ASKED = [
    decision_service_pb2.EvaluateRequest(access_package=package, requestor_id=who)
    for package in ("crane", "berth", "asking")
    for who in ("gus", "anna")
]


@contextmanager
def serving(room: Path, *options: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server of the harbour, and where it is."""
    words = command("serve", "--tenant", HARBOUR, "--port", "0", *options)
    with (room / "log.txt").open("a") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("serving "), (room / "log.txt").read_text()
        yield process, line.split(" on ")[1].split(",")[0]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        assert process.stdout is not None
        process.stdout.close()


def ask(address: str, times: int = 1) -> int:
    """Ask everything; gives how many answers there were."""
    answers = 0
    with Client(address) as client, suppress(CallError):
        for _ in range(times):
            for question in ASKED:
                client.evaluate(question)
                answers += 1
    return answers


def test_a_log_reproduces_and_a_candidate_is_compared(tmp_path: Path) -> None:
    log, candidate = tmp_path / "decisions", written(with_guests(), tmp_path / "candidate")
    with serving(tmp_path, "--decision-log", log) as (_, address):
        ask(address, 2)
        with Client(address) as client:
            client.batch_evaluate(ASKED)
    result = run("replay", log, "--tenant", HARBOUR)
    assert (result.exit_code, result.stdout) == (0, "18 decisions, 18 reproduced byte for byte\n")

    result = run("replay", log, "--against", candidate, "--tenant", HARBOUR)
    assert result.exit_code == 0
    assert "18 decisions compared, 6 would differ" in result.stdout
    assert "DENY -> GRANT" in result.stdout
    assert (
        run("replay", log, "--against", candidate, "--tenant", HARBOUR, "--exit-code").exit_code
        == 1
    )
    told = json.loads(run("replay", log, "--against", HARBOUR, "--json").stdout)
    assert (told["sound"], told["differences"]["compared"]) == (True, 18)
    assert told["differences"]["differing"] == 0


def test_a_log_that_does_not_reproduce_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "decisions"
    with serving(tmp_path, "--decision-log", log) as (_, address):
        ask(address)
    result = run("replay", log, "--tenant", TAILWIND)
    assert result.exit_code == 1
    assert "6 decisions by rules" in result.stdout
    assert "which were not given" in result.stdout
    assert "the log is refused" in result.stdout
    result = run("replay", log, "--against", TAILWIND)
    assert result.exit_code == 1
    assert "OTHER_TENANT: is of tenant `harbour`, not `larkfield`" in result.stdout

    content = log.read_bytes()
    log.write_bytes(content.replace(b'"number":3', b'"number":4'))
    result = run("replay", log, "--tenant", HARBOUR)
    assert result.exit_code == 1
    assert "line 4: CHANGED: has been changed" in result.stdout
    log.write_bytes(content[: len(content) // 2])
    result = run("replay", log, "--tenant", HARBOUR)
    assert result.exit_code == 0
    assert "torn when the process was killed" in result.stdout
    told = json.loads(run("replay", log, "--tenant", HARBOUR, "--json").stdout)
    assert len(told["torn"]) == 1


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        pytest.param(b"\0" * 1000, 0, id="a torn line alone"),
        pytest.param(b"{}\n" * 10, 1, id="other JSON"),
        pytest.param(os.urandom(50_000), 1, id="anything"),
    ],
)
def test_hostile_logs_are_told_in_words(tmp_path: Path, hostile: bytes, code: int) -> None:
    (tmp_path / "log").write_bytes(hostile)
    result = run("replay", tmp_path / "log", "--tenant", HARBOUR)
    assert result.exit_code == code
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("nowhere", "--tenant", HARBOUR), 1, "No such file"),
        ((HARBOUR, "--tenant", HARBOUR), 1, "Is a directory"),
        (("store", "--tenant", HARBOUR), 2, "--store URL"),
        (("x",), 2, "who decided"),
        (("x", "--tenant", HARBOUR, "--exit-code"), 2, "--exit-code goes with --against"),
        (("x", "--against", "nowhere"), 2, "no such folder"),
        (("store", "--store", "memory:"), 1, "holds no tenant"),
        (("store", "--store", "nowhere"), 1, "cannot use the store"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    arguments: tuple[str | Path, ...], code: int, text: str
) -> None:
    result = run("replay", *arguments)
    assert (result.exit_code, text in result.output) == (code, True), result.output


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--decision-log-sample", "0.5"), "go with --decision-log"),
        (("--decision-log", "x", "--decision-log-sample", "0"), "there is no log"),
        (("--decision-log", "store"), "goes with --store"),
        (("--decision-log", "x", "--decision-log-spill", "y"), "--decision-log-spill goes with"),
        (("--watch", "--store", "memory:"), ""),
        (("--shadow", "00000000"), "not found"),
    ],
)
def test_options_that_do_not_go_together_are_told(options: tuple[str, ...], text: str) -> None:
    if not text:
        code, _, error = run_apart("serve", *options)
        assert (code, "what to watch?" in error) == (2, True)
        return
    code, _, error = run_apart("serve", "--tenant", HARBOUR, "--port", "0", *options)
    assert code in (1, 2)
    assert text in error


def test_a_log_in_a_store_is_replayed_from_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/o.db"
    spool = tmp_path / "spool"
    options = ("--store", url, "--decision-log", "store", "--decision-log-spill", spool)
    with serving(tmp_path, *options) as (_, address):
        ask(address, 3)
    result = run("replay", "store", "--store", url)
    assert (result.exit_code, result.stdout) == (0, "18 decisions, 18 reproduced byte for byte\n")


def test_no_decision_that_was_given_is_missing_after_a_kill(tmp_path: Path) -> None:
    log, dice = tmp_path / "decisions", random.Random(4)
    given = 0
    for _ in range(3):
        with serving(tmp_path, "--decision-log", log) as (process, address):
            killer = _killed_later(process, dice.uniform(0.05, 0.4))
            given += ask(address, 2_000)
            killer.wait()
    result = run("replay", log, "--tenant", HARBOUR, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0, told
    assert told["runs"] == 3
    assert len(told["torn"]) <= 3
    # one decision of each kill may be in the log though its caller never had it
    assert given <= told["decisions"] <= given + 3


def _killed_later(process: subprocess.Popen[str], seconds: float) -> subprocess.Popen[bytes]:
    time.sleep(0)
    return subprocess.Popen(["sh", "-c", f"sleep {seconds}; kill -9 {process.pid}"])


def test_each_process_writes_a_log_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "decisions"
    with serving(tmp_path, "--decision-log", log, "--processes", "2") as (_, address):
        answers = sum(ask(address) for _ in range(12))
    counts = []
    for path in (log, log.with_name("decisions.1")):
        if path.exists():
            told = json.loads(run("replay", path, "--tenant", HARBOUR, "--json").stdout)
            assert told["reproduces"]
            counts.append(told["decisions"])
    assert sum(counts) == answers
    assert shutil.which("sh")
