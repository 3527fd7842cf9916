"""`ostiary evaluate` and `explain`: from folders, against servers, with good and bad questions."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format
from typer.testing import Result

from ostiary.adapters.clock import SystemClock
from ostiary.cli import answering
from ostiary.cli.exits import Exit
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract
from tests.scenarios.commands import EMIL, EXAMPLES, STANDARD, TAILWIND, run, spoil


def response(done: Result) -> contract.EvaluateResponse:
    assert done.exit_code == Exit.DONE, done.output
    return json_format.Parse(done.stdout, contract.EvaluateResponse())


@pytest.fixture(scope="module", params=["tailwind", "overlap"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """An example with the address of a server that serves it."""
    tenant = EXAMPLES / str(request.param)
    server = Server(Reception(Definitions(str(tenant)).load), SystemClock())
    server.start()
    server.load()
    yield tenant, server.address
    server.stop(1)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    return Path(shutil.copytree(STANDARD, tmp_path / "rules"))


def test_a_server_gives_the_same_json_as_the_folder(served: tuple[Path, str]) -> None:
    """S-46: the same question to the same revision has the same answer, byte for byte."""
    tenant, address = served
    for question in sorted((tenant / "requests").glob("*.json")):
        here = run("evaluate", "--tenant", tenant, "--json", question)
        there = run("evaluate", "--server", address, "--json", question)
        assert response(there).decision.explanation
        assert there.stdout == here.stdout
        assert (there.stderr, here.stderr) == ("", "")


def test_explain_and_evaluate_give_the_same_json(served: tuple[Path, str]) -> None:
    tenant, address = served
    question = next((tenant / "requests").glob("*.json"))
    explained = run("explain", "--server", address, "--json", question)
    assert explained.stdout == run("evaluate", "--server", address, "--json", question).stdout


def test_options_ask_the_same_as_a_file_or_standard_input(tmp_path: Path) -> None:
    question = b"""\
        accessPackage: sales-team-access
        requestorId: emil
        evaluateTime: 2031-03-10T09:00:00Z
    """
    path = tmp_path / "ask.yaml"
    path.write_bytes(question)
    by_file = run("evaluate", "--tenant", TAILWIND, "--json", path)
    by_pipe = run("evaluate", "--tenant", TAILWIND, "--json", "-", stdin=question)
    by_options = run("evaluate", "--tenant", TAILWIND, "--json", *EMIL)
    assert response(by_file).decision.outcome == decision_pb2.OUTCOME_NEEDS_APPROVAL
    assert by_file.stdout == by_pipe.stdout == by_options.stdout


def test_the_question_without_an_instant_is_about_now() -> None:
    before = int(time.time())
    done = run("evaluate", "--tenant", TAILWIND, "--json", *EMIL[:4])
    assert before <= response(done).decision.evaluate_time.seconds <= time.time()


def test_a_manager_asks_for_a_report() -> None:
    """S-45: on behalf, from options alone."""
    done = run(
        *("evaluate", "--tenant", TAILWIND, "--json", "--type", "on-behalf", "--submitter", "mona"),
        *("--requestor", "emil", "--package", "reading-room", "--at", "2031-03-10"),
    )
    assert response(done).decision.outcome == decision_pb2.OUTCOME_GRANT


def test_a_submission_is_checked_whole() -> None:
    """S-53: a choice not made is left open in a question, and denies a submission."""
    question = TAILWIND / "requests" / "otto-must-choose.json"
    explored = run("evaluate", "--tenant", TAILWIND, "--json", question)
    submitted = run("evaluate", "--tenant", TAILWIND, "--json", "--submission", question)
    assert response(explored).decision.outcome == decision_pb2.OUTCOME_NEEDS_CHOICE
    assert response(submitted).decision.outcome == decision_pb2.OUTCOME_DENY


def test_another_profile_and_other_rules_take_the_place_of_the_usual(rules: Path) -> None:
    """S-2, S-55."""
    question = EXAMPLES / "overlap" / "requests" / "ada.json"
    asked = ("evaluate", "--json", "--tenant", EXAMPLES / "overlap", question)
    usual = response(run(*asked)).decision
    tiers = response(run(*asked, "--profile", "entra")).decision
    assert len(usual.offered_policies) == 4
    assert len(tiers.offered_policies) == 2
    spoil(rules / "lifecycle.yaml", "is reminded before the end", "is told before the end")
    other = response(run(*asked, "--rules", rules)).decision
    assert other.revision.rules != usual.revision.rules


INDETERMINATE = b"""\
accessPackage: sales-team-access
person: {id: ext-7, type: PERSON_TYPE_MEMBER, state: ACCOUNT_STATE_ENABLED}
"""


@pytest.mark.parametrize(
    ("question", "want"),
    [
        pytest.param("mona-for-emil", Exit.DONE, id="grant"),
        pytest.param("emil", Exit.NEEDS_APPROVAL, id="approval"),
        pytest.param("otto-must-choose", Exit.NEEDS_CHOICE, id="choice"),
        pytest.param("nils-no-manager", Exit.DENY, id="denial"),
        pytest.param("-", Exit.INDETERMINATE, id="missing fact"),
    ],
)
def test_a_script_sees_the_outcome_if_it_wants_to(question: str, want: Exit) -> None:
    """S-47."""
    file = question if question == "-" else TAILWIND / "requests" / f"{question}.json"
    asked = ("evaluate", "--tenant", TAILWIND, file)
    assert run(*asked, "--exit-code", stdin=INDETERMINATE).exit_code == want
    assert run(*asked, stdin=INDETERMINATE).exit_code == Exit.DONE


MISSING_TENANT = (
    "<stdin>:2:9: INVALID_REQUEST: person.home.tenant_id: is required with this `sign_in`"
)


@pytest.mark.parametrize(
    ("question", "want"),
    [
        pytest.param(
            b"accessPackage: sales-team-access\nrequestorId: emill",
            ["<stdin>:2:14: USER_NOT_FOUND: {}user not found: `emill`"],
            id="nobody",
        ),
        pytest.param(
            b"accessPackage: sales-taem\nrequestorId: emil",
            ["<stdin>:1:16: ACCESS_PACKAGE_NOT_FOUND: {}access package not found: `sales-taem`"],
            id="no package",
        ),
        pytest.param(
            b"accessPackage: sales-team-access\nrequestorId: emil\npolicy: partnres",
            ["<stdin>:3:9: POLICY_NOT_FOUND: {}assignment policy not found: `partnres`"],
            id="no policy",
        ),
        pytest.param(
            b"person:\n  home: {signIn: SIGN_IN_TENANT}\nschedule: {duration: 10000000000s}",
            [
                "<stdin>:1:1: INVALID_REQUEST: access_package: is required",
                "<stdin>:2:3: INVALID_REQUEST: person.id: is required",
                MISSING_TENANT,
                "<stdin>:3:22: INVALID_REQUEST: schedule.duration: must be shorter than 100 years",
            ],
            id="several fields",
        ),
        pytest.param(
            b"accessPackage: 7\nview_: emil",
            ["<stdin>:2:1: UNKNOWN_FIELD: no such field here: `view_`; did you mean `view`?"],
            id="no field of a question",
        ),
        pytest.param(
            b'{"accessPackage": \xff}',
            ["<stdin>:1:19: NOT_UTF8: byte 0xff is not valid UTF-8 here"],
            id="no text",
        ),
    ],
)
@pytest.mark.parametrize("served", ["tailwind"], indirect=True)
def test_what_is_wrong_with_a_question_has_its_place(
    served: tuple[Path, str], question: bytes, want: list[str]
) -> None:
    """S-139: the same faults from a folder and from a server, each at its place."""
    tenant, address = served
    for way, said in (("--tenant", ""), ("--server", f"{address}: ")):
        done = run("evaluate", way, tenant if way == "--tenant" else address, "-", stdin=question)
        assert done.exit_code == Exit.FAULTY
        assert done.stdout == ""
        assert done.stderr.splitlines() == [line.format(said) for line in want]


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        pytest.param((), "who is to answer? name either --tenant DIR or --server", id="nobody"),
        pytest.param(("--tenant", TAILWIND, "--server", "a:1"), "who is to answer?", id="both"),
        pytest.param(("--server", "localhost"), "`localhost` is not HOST:PORT", id="no port"),
        pytest.param(("--server", ":1"), "`:1` is not HOST:PORT", id="no host"),
        pytest.param(("--server", "a:65536"), "`a:65536` is not HOST:PORT", id="a large port"),
        pytest.param(
            ("--server", "a:1", "--rules", STANDARD), "a server has its own", id="server's rules"
        ),
        pytest.param(
            ("--server", "a:1", "--profile", "entra"), "a server has its own", id="its profile"
        ),
        pytest.param(("--tenant", TAILWIND), "what is asked?", id="no question"),
        pytest.param(("--tenant", TAILWIND, "nosuch.json"), "no such file: nosuch.json", id="file"),
        pytest.param(("--tenant", "nosuch"), "'nosuch' does not exist", id="no folder"),
        pytest.param(("--tenant", TAILWIND, "--type", "x"), "'x' is not one of", id="a type"),
        pytest.param(("--tenant", TAILWIND, "--at", "x", *EMIL[:4]), "--at: `x` is no", id="time"),
        pytest.param(("--timeout", "0"), "'--timeout'", id="no time at all"),
        pytest.param(("--frobnicate",), "No such option", id="an option that is none"),
    ],
)
def test_wrong_usage_of_evaluate_and_explain(arguments: tuple[str | Path, ...], want: str) -> None:
    for command in ("evaluate", "explain"):
        done = run(command, *arguments)
        assert done.exit_code == Exit.USAGE
        assert want in done.stderr
        assert done.stdout == ""


def test_nobody_at_the_address() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
        done = run("evaluate", "--server", address, *EMIL)
    assert done.exit_code == Exit.NO_ANSWER
    assert done.stderr == f"UNAVAILABLE: {address}: Connection refused\n"


def test_somebody_who_does_not_speak() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        done = run("evaluate", "--server", address, "--timeout", "0.5", *EMIL)
    assert done.exit_code == Exit.NO_ANSWER
    assert done.stderr == f"DEADLINE_EXCEEDED: {address}: no answer in time\n"


def test_a_server_of_something_else() -> None:
    other = grpc.server(futures.ThreadPoolExecutor(1))
    port = other.add_insecure_port("127.0.0.1:0")
    other.start()
    done = run("evaluate", "--server", f"127.0.0.1:{port}", *EMIL)
    other.stop(0).wait()
    assert done.exit_code == Exit.NO_ANSWER
    assert done.stderr.startswith(f"UNIMPLEMENTED: 127.0.0.1:{port}: ")


def test_a_server_that_has_loaded_nothing_yet() -> None:
    server = Server(Reception(Definitions(str(TAILWIND)).load), SystemClock())
    server.start()
    done = run("evaluate", "--server", server.address, *EMIL)
    server.stop(0)
    assert done.exit_code == Exit.NO_ANSWER
    assert done.stderr.startswith(f"NOT_READY: {server.address}: ")


def test_a_server_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise AssertionError

    reception = Reception(load)  # type: ignore[arg-type]  # it is never called
    monkeypatch.setattr(reception, "desk", lambda: 1 / 0)
    server = Server(reception, SystemClock())
    server.start()
    done = run("evaluate", "--server", server.address, *EMIL)
    server.stop(0)
    assert done.exit_code == Exit.FAILED
    assert done.stderr.startswith(f"INTERNAL: {server.address}: the server failed; its log has")


def test_a_fault_of_ours_is_one_line_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> answering.Answer:
        raise RuntimeError("never\nmeant")

    monkeypatch.setattr(answering, "answer", failing)
    done = run("evaluate", "--tenant", TAILWIND, *EMIL)
    assert done.exit_code == Exit.FAILED
    assert done.stderr == (
        "ostiary failed: RuntimeError: never meant (OSTIARY_TRACEBACK=1 shows where)\n"
    )
    monkeypatch.setenv("OSTIARY_TRACEBACK", "1")
    assert "Traceback" in run("evaluate", "--tenant", TAILWIND, *EMIL).stderr


def test_an_interrupt_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> answering.Answer:
        raise KeyboardInterrupt

    monkeypatch.setattr(answering, "answer", interrupted)
    done = run("evaluate", "--tenant", TAILWIND, *EMIL)
    assert (done.exit_code, done.stderr) == (Exit.INTERRUPTED, "")


def test_a_proxy_does_not_stand_between_this_machine_and_itself(
    served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, address = served
    question = next((tenant / "requests").glob("*.json"))
    spared = "no_grpc_proxy"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "elsewhere.example")
    monkeypatch.setenv(spared, "")
    assert run("evaluate", "--server", address, question).exit_code == Exit.DONE
    assert os.environ[spared] == "elsewhere.example,127.0.0.1"
