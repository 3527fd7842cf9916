"""`ostiary serve --store`, `work` and `migrate` as processes, used by the command line alone."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from typer.testing import CliRunner, Result

from ostiary.cli.exits import Exit
from ostiary.cli.main import app
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import request_service_pb2 as request_service
from tests.scenarios.commands import TAILWIND, command, run, run_apart
from tests.scenarios.test_command_line_serving import printed_until
from tests.scenarios.walking import PRIYA, TAILWIND_HOME

PACKAGE = "sales-team-access"


@contextmanager
def process(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a process of its own and end it, if it has not ended."""
    started = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate(timeout=30)


class Asker:
    """Runs commands against a served store."""

    def __init__(self, address: str) -> None:
        self.address = address

    def run(self, *words: str, by: str = "ada") -> Result:
        """Run a command; ada is an administrator by what her header says."""
        env = {"COLUMNS": "80", "OSTIARY_SERVER": self.address, "OSTIARY_CALLER": f"user:{by}"}
        roles = ["--role", "administrator"] if by == "ada" else []
        return CliRunner().invoke(app, [*words, *roles], env=env)

    def told(self, *words: str, by: str = "ada") -> str:
        """Give what a command that succeeds prints."""
        done = self.run(*words, by=by)
        assert done.exit_code == Exit.DONE, done.output
        return done.stdout

    def read(self, message: Any, *words: str, by: str = "ada") -> Any:
        """Give the message that a command prints as JSON."""
        return json_format.Parse(self.told(*words, "--json", by=by), message())


@contextmanager
def served(store: str, *more: str) -> Iterator[Asker]:
    """Serve the example from a store."""
    with process("serve", "--tenant", TAILWIND, "--store", store, "--port", "0", *more) as server:
        line = printed_until(server, "serving ")
        address = re.search(r" on (127\.0\.0\.1:\d+),", line)
        assert address is not None, line
        yield Asker(address[1])
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=60)
        assert (server.returncode, "Traceback" in err) == (Exit.DONE, False), err


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ostiary.db"


def test_the_story_of_a_partner_on_a_served_store(store: str) -> None:
    """Section 20, through the command line alone; a restart in the middle loses nothing."""
    with served(store, "--clock", "movable") as ask:
        ask.told("clock", "advance", "2031-03-10T10:05Z")
        created = ask.read(
            request_service.CreateRequestResponse,
            *("request", "create", PACKAGE, "--mail", PRIYA, "--home", TAILWIND_HOME),
            *("--justification", "the spring campaign"),
            by=PRIYA,
        )
        name = created.request.id
        assert created.request.stages[0].deny_time.ToJsonString() == "2031-04-09T10:05:00Z"
        assert "1 request waits for fran" in ask.told("request", "queue", by="fran")
        ask.told("clock", "advance", "2031-03-11T15:00Z")
        ask.told("request", "approve", name, by="fran")
        ask.told("clock", "advance", "0d")
    with served(store, "--clock", "movable") as ask:
        ask.told("clock", "advance", "2031-03-12T08:30Z")
        story = ask.read(request_service.GetRequestResponse, "request", "show", name)
        assert story.request.state == requests.REQUEST_STATE_DELIVERED
        held = story.request.assignment
        why = ask.told("audit", "--target", PRIYA, "--package", PACKAGE)
        assert f'Does {PRIYA} have "Sales Team Access"?\n\nYES  ' in why
        ask.told("clock", "advance", "2031-04-02")
        review = ask.told("review", "list").splitlines()[1].split()[0]
        ask.told("review", "decide", review, held, "keep", by="dana")
        ask.told("clock", "advance", "2031-06-09T15:00Z")
        ended = ask.read(assignment_service.GetAssignmentResponse, "assignment", "show", held)
        assert ended.assignment.state == assignments.ASSIGNMENT_STATE_EXPIRED
        assert ended.assignment.end_cause == assignments.END_CAUSE_TIME
        assert {one.state for one in ended.assignment.grants} == {assignments.GRANT_STATE_REVOKED}
        ask.told("clock", "advance", "2031-07-09T15:00Z")
        assert ask.told("work", "list", "--assignment", held) == "no work\n"


def test_a_worker_by_itself_delivers_what_a_server_without_one_takes_in(store: str) -> None:
    """A worker is stopped by SIGTERM when its round is over; --once ends by itself."""
    with served(store, "--no-worker") as ask:
        ask.told("request", "create", "reading-room", by="emil")
        mine = ("request", "list", "--mine")
        [first] = ask.read(request_service.ListRequestsResponse, *mine, by="emil").requests
        assert first.state == requests.REQUEST_STATE_DELIVERING
        assert "waiting  give " in ask.told("work", "list", "--request", first.id)
        code, out, _ = run_apart("work", "--store", store, "--once")
        assert code == Exit.DONE
        assert re.fullmatch(r"carried out: [1-9]\d*\n", out)
        [first] = ask.read(request_service.ListRequestsResponse, *mine, by="emil").requests
        assert first.state == requests.REQUEST_STATE_DELIVERED

        with process("work", "--store", store) as worker:
            assert printed_until(worker, "working on ") == f"working on {store}\n"
            ask.told("request", "create", "reading-room", by="mona")
            states = ("assignment", "list", "--mine", "--state", "delivered")
            for _ in range(200):
                answer = ask.read(assignment_service.ListAssignmentsResponse, *states, by="mona")
                if answer.assignments:
                    break
                time.sleep(0.05)
            else:
                pytest.fail("nothing was delivered")
            worker.send_signal(signal.SIGTERM)
            out, err = worker.communicate(timeout=90)
            assert (worker.returncode, out) == (Exit.DONE, "stopped\n")
            assert "Traceback" not in err


def test_tables_are_brought_up_to_date_by_hand(store: str) -> None:
    code, out, _ = run_apart("migrate", "--store", store)
    assert code == Exit.DONE
    assert re.fullmatch(rf"{re.escape(store)}: tables of version \w+\n", out)
    assert run_apart("migrate", "--store", store)[:2] == (code, out)


@pytest.mark.parametrize(
    ("words", "code", "want"),
    [
        pytest.param(("work",), Exit.USAGE, "whose work? name --store URL; ", id="no store"),
        pytest.param(
            ("work", "--store", "memory:"), Exit.USAGE, "is forgotten with the", id="in memory"
        ),
        pytest.param(
            ("work", "--store", "mysql://x"), Exit.FAULTY, "cannot use the store `mysql", id="other"
        ),
        pytest.param(
            ("work", "--store", "postgresql://u:hush@127.0.0.1:1/x"),
            Exit.NO_ANSWER,
            "the store cannot be used just now: ",
            id="nobody there",
        ),
        pytest.param(
            ("serve", "--port", "0", "--store", "postgresql://u:hush@127.0.0.1:1/x"),
            Exit.NO_ANSWER,
            "the store cannot be used just now: ",
            id="nobody there for a server",
        ),
        pytest.param(
            ("work", "--store", "memory:", "--mail", "nosuch.yaml"),
            Exit.USAGE,
            "nosuch.yaml",
            id="no file",
        ),
        pytest.param(
            ("migrate", "--store", "mysql://x"), Exit.FAULTY, "cannot use the store", id="migrate"
        ),
    ],
)
def test_why_a_worker_or_a_server_does_not_start(
    words: tuple[str, ...], code: Exit, want: str
) -> None:
    done = run(*words)
    assert done.exit_code == code, done.output
    assert want in done.stderr
    assert "hush" not in done.output


def test_a_store_without_a_tenant_has_nothing_to_do_yet(store: str) -> None:
    code, out, err = run_apart("work", "--store", store, "--once")
    assert (code, out) == (Exit.NO_ANSWER, "")
    assert err.endswith("the store holds no tenant yet; apply one first\n")


def test_faults_of_the_connectors_are_told_with_their_places(store: str, tmp_path: Path) -> None:
    file = tmp_path / "connectors.yaml"
    file.write_text("connectors: [{id: crm, kind: scmi}]\n", encoding="utf-8")
    code, out, err = run_apart("work", "--store", store, "--connectors", file)
    assert (code, out) == (Exit.FAULTY, "")
    assert f"{file}:1:30: UNKNOWN_VALUE: " in err
