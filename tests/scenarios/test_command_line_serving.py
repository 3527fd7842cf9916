"""`ostiary serve` and the command as a process: signals, pipes, terminals, hostile input."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ostiary.cli import serve
from ostiary.cli.exits import Exit
from ostiary.rpc.polling import VARIABLE
from tests.scenarios.commands import TAILWIND, command, run, run_apart

QUESTION = TAILWIND / "requests" / "priya.json"


@contextmanager
def serving(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start a server in a process of its own and end it, if it has not ended."""
    words = command("serve", "--tenant", TAILWIND, "--port", "0", *arguments)
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def printed_until(process: subprocess.Popen[str], last: str) -> str:
    """Give what a process prints up to a line that begins like this."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            return "".join(lines)
    raise AssertionError("".join(lines))


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_so_answers_and_ends_when_told(processes: str, number: signal.Signals) -> None:
    with serving("--processes", processes, "--ask", QUESTION, "--ask", QUESTION) as process:
        first = printed_until(process, "serving ")
        line = re.fullmatch(
            r"serving tenant larkfield \(Larkfield Group\) on (127\.0\.0\.1:\d+),"
            r" rules [0-9a-f]{12}, \d+ packages\n",
            first,
        )
        assert line is not None, first
        answers = [printed_until(process, "rules ") for _ in range(2)]
        here = run("evaluate", "--tenant", TAILWIND, QUESTION).stdout
        assert answers == [f"\n{here}"] * 2
        there = run("evaluate", "--server", line[1], "--json", QUESTION)
        assert there.exit_code == Exit.DONE
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out) == (Exit.DONE, "")
        assert "Traceback" not in err


def test_serving_processes_are_told_how_to_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """ADR 9; whatever is imported first, gRPC or the switch, is the same in the first process."""
    monkeypatch.delenv(VARIABLE, raising=False)
    with serving("--processes", "2") as process:
        printed_until(process, "serving ")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        told = [Path(f"/proc/{child}/environ").read_bytes().split(b"\0") for child in children]
    assert len(told) == 2
    assert all(f"{VARIABLE}=-event_engine_listener".encode() in one for one in told)


def test_a_question_without_an_answer_leaves_the_server_serving(tmp_path: Path) -> None:
    question = tmp_path / "ask.yaml"
    question.write_text("accessPackage: nosuch\nrequestorId: emil\n")
    with serving("--ask", question, "--ask", QUESTION) as process:
        printed_until(process, "serving ")
        printed_until(process, "rules ")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == Exit.DONE
    assert f"{question}:1:16: ACCESS_PACKAGE_NOT_FOUND: 127.0.0.1:" in err


def test_help_and_version_import_nothing_heavy() -> None:
    """Help has to come at once; what a command needs is imported when it runs."""
    script = (
        "import sys; from ostiary.cli import main; print(*sorted({'google.protobuf', 'grpc',"
        " 'ostiary.rpc', 'pydantic', 'rich.console', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "\n"


def test_commands_that_only_ask_a_server_read_no_definitions() -> None:
    """Most commands do nothing else, and a person waits for each of them."""
    script = (
        "import sys; from ostiary.cli.life import asking_lists, clock, remote, submitting;"
        " print(*sorted({'yaml', 'sqlalchemy', 'ostiary.rpc', 'ostiary.rulebook.source'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "\n"


def test_the_command_without_a_script() -> None:
    code, out, err = run_apart("--version")
    assert (code, err) == (Exit.DONE, "")
    assert re.fullmatch(r"ostiary \d+\.\d+\.\d+.*\n", out)


def test_whoever_stops_reading_ends_the_command_quietly() -> None:
    words = command("explain", "--tenant", TAILWIND, QUESTION)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (Exit.OUTPUT_CLOSED, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_names_that_the_terminal_cannot_print_do_not_fail(tmp_path: Path, encoding: str) -> None:
    question = tmp_path / "ask.json"
    question.write_text('{"accessPackage": "reading-room", "person": {"id": "Zoë 😀"}}')
    done = subprocess.run(
        command("evaluate", "--tenant", TAILWIND, question),
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")
    first = 'May Zoë 😀 have "Reading Room"?'.encode(encoding, "replace")
    assert done.stdout.splitlines()[0] == first


def on_a_terminal(*arguments: str | Path, until: str = "", **environment: str) -> str:
    """Give what a command prints where its output is a terminal; `until` ends it there."""
    ours, theirs = os.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in _COLOURS}
    process = subprocess.Popen(
        command(*arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**plain, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            chunk = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        seen += chunk
        if until and until in seen.decode(errors="replace"):
            process.send_signal(signal.SIGINT)
            until = ""
    assert process.wait(30) == Exit.DONE
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


_COLOURS = {"NO_COLOR", "FORCE_COLOR", "TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def test_colour_is_for_terminals_alone() -> None:
    asked = ("evaluate", "--tenant", TAILWIND, QUESTION)
    piped = run(*asked).stdout
    coloured = on_a_terminal(*asked)
    assert "\x1b[1;33mNEEDS APPROVAL\x1b[0m" in coloured
    shown = [_STYLE.sub("", line).rstrip() for line in coloured.splitlines()]
    assert shown == piped.splitlines()
    assert "\x1b[1;33m" not in on_a_terminal(*asked, NO_COLOR="1")
    assert "\x1b" not in piped


def test_at_a_terminal_serve_counts_warnings_instead_of_logging_them() -> None:
    asked = ("serve", "--tenant", TAILWIND, "--port", "0", "--ask", QUESTION)
    seen = _STYLE.sub("", on_a_terminal(*asked, until="profile standard"))
    lines = [line for line in seen.splitlines() if "cells" not in line]
    assert "serving tenant larkfield" in lines[0]
    told = f"3 warnings about the definitions; `ostiary check {TAILWIND}` lists them"
    assert told in seen.replace("\n", "")
    assert "WARNING" not in seen
    assert "INFO" not in seen


HOSTILE = {
    "not-json": b"hello there",
    "cut-off": b'{"accessPackage": "sales-te',
    "wrong-fields": b'{"user": "emil", "package": 7}',
    "huge-text": b'{"justification": "' + b"x" * 1_000_000 + b'"}',
    "huge-file": b'{"justification": "' + b"x" * 5_000_000 + b'"}',
    "huge-list": b'{"answers": [' + b"{}," * 200_000 + b"{}]}",
    "huge-key": b'{"' + b"k" * 1_000_000 + b'": 1}',
    "invalid-utf8": b'{"accessPackage": "\xc3\x28"}',
    "zero-bytes": b"\0" * 1000,
    "utf-16": '{"accessPackage": "a"}'.encode("utf-16"),
    "deep-lists": b"[" * 200_000,
    "deep-mappings": b'{"person": ' * 200_000,
    "billion-laughs": b"a: &a [x, x, x, x, x, x, x, x, x]\n"
    + b"".join(
        b"%c: &%c [" % (98 + n, 98 + n) + b", ".join([b"*%c" % (97 + n)] * 9) + b"]\n"
        for n in range(12)
    ),
    "object": b"!!python/object/apply:os.system [echo gone]",
    "escapes": b'{"accessPackage": "\\u001b[2J", "requestorId": "\\ud800"}',
    "number": b'{"counters": {"assignmentsPerTenant": 1e999}}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_questions_give_a_message_with_a_place_and_no_yes(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "ask.json").write_bytes(HOSTILE[name])
    started = time.monotonic()
    done = run("evaluate", "--tenant", TAILWIND, "--json", tmp_path / "ask.json")
    assert time.monotonic() - started < 60
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    lines = done.stderr.splitlines()
    assert lines
    for line in lines:
        assert re.match(rf"{re.escape(str(tmp_path))}/ask\.json:\d+:\d+: [A-Z_0-9]+: .", line)
        assert len(line) < 1000
        assert line.isprintable()


def test_a_faulty_question_ends_serve_before_it_begins(tmp_path: Path) -> None:
    question = tmp_path / "ask.json"
    question.write_text('{"requestor": "emil"}')
    done = run("serve", "--tenant", TAILWIND, "--port", "0", "--ask", question)
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    assert f"{question}:1:2: UNKNOWN_FIELD" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        pytest.param((), "whom to serve? name --tenant DIR", id="no tenant"),
        pytest.param(
            ("--tenant", TAILWIND, "--clock", "movable"), "go with --store", id="no store"
        ),
        pytest.param(
            ("--store", "memory:", "--clock", "movable", "--host", "0.0.0.0"),
            "is for trials on this machine",
            id="a movable clock for everybody",
        ),
        pytest.param(
            ("--store", "memory:", "--clock", "movable", "--processes", "2"),
            "is for one process",
            id="a movable clock for several",
        ),
        pytest.param(
            ("--store", "memory:", "--callers", "headers", "--host", "0.0.0.0"),
            "headers are believed on this machine alone",
            id="anybody could be anybody",
        ),
        pytest.param(
            ("--store", "memory:", "--processes", "2"),
            "a store in memory is for one process",
            id="two stores in memory",
        ),
        pytest.param(("--tenant", "nosuch"), "'nosuch' does not exist", id="no folder"),
        pytest.param(("--tenant", TAILWIND, "--port", "65536"), "'--port'", id="a large port"),
        pytest.param(("--tenant", TAILWIND, "--processes", "0"), "'--processes'", id="none"),
        pytest.param(("--tenant", TAILWIND, "--ask", "nosuch"), "no such file", id="no question"),
    ],
)
def test_wrong_usage_of_serve(arguments: tuple[str | Path, ...], want: str) -> None:
    done = run("serve", *arguments)
    assert (done.exit_code, done.stdout) == (Exit.USAGE, "")
    assert want in done.stderr


@pytest.mark.parametrize("processes", [1, 2])
def test_a_port_that_is_taken(processes: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ("--tenant", TAILWIND, "--port", str(port), "--processes", str(processes))
        code, out, err = run_apart("serve", *arguments)
    assert (code, out) == (Exit.FAULTY, "")
    assert err.splitlines()[-1].startswith(f"cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("bound", "want"),
    [
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("0.0.0.0:50051", "127.0.0.1:50051"),
        ("[::]:50051", "[::1]:50051"),
        ("[::1]:50051", "[::1]:50051"),
    ],
)
def test_a_server_asks_itself_where_it_can_be_reached(bound: str, want: str) -> None:
    assert serve.reachable(bound) == want
