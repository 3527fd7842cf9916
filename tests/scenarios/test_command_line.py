"""The commands from option to exit code: on the examples, against a server, and on bad input."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from google.protobuf import json_format
from typer.testing import CliRunner, Result

from ostiary.adapters.clock import SystemClock
from ostiary.cli import answering, folders, serve
from ostiary.cli.exits import Exit
from ostiary.cli.main import app
from ostiary.rpc.loading import Definitions
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook.tabulate import load_pack
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "rules" / "examples"
TAILWIND = EXAMPLES / "tailwind"
STANDARD = ROOT / "rules" / "packs" / "standard"
EMIL = ("--requestor", "emil", "--package", "sales-team-access", "--at", "2031-03-10T09:00Z")


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Run a command in this process, as in a pipe of 80 columns."""
    words = [str(one) for one in arguments]
    return CliRunner().invoke(app, words, input=stdin, env={"COLUMNS": "80"})


def run_apart(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in a process of its own, e.g. since it sets up logging."""
    command = [sys.executable, "-m", "ostiary.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


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


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """A copy of an example to spoil."""
    return Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# --- asking -------------------------------------------------------------------------------------


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


def test_options_ask_the_same_as_a_file() -> None:
    by_file = run("evaluate", "--tenant", TAILWIND, "--json", TAILWIND / "requests" / "emil.json")
    assert run("evaluate", "--tenant", TAILWIND, "--json", *EMIL).stdout == by_file.stdout


def test_standard_input_asks_the_same_as_a_file() -> None:
    path = TAILWIND / "requests" / "emil.json"
    by_file = run("evaluate", "--tenant", TAILWIND, path)
    by_pipe = run("evaluate", "--tenant", TAILWIND, "-", stdin=path.read_bytes())
    assert by_pipe.stdout == by_file.stdout


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


# --- what is asked is wrong ---------------------------------------------------------------------

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


# --- no answer ----------------------------------------------------------------------------------


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


# --- definitions and rules are wrong ------------------------------------------------------------


def test_faults_of_a_tenant_end_every_command_with_their_places(tenant: Path) -> None:
    spoil(tenant / "catalogs" / "sales.yaml", "kind: group", "kind: gruop")
    spoil(tenant / "directory" / "people.yaml", "manager: mona", "manager: monna")
    checked = run("check", tenant)
    assert checked.exit_code == Exit.FAULTY
    errors = [line for line in checked.stdout.splitlines() if " warning " not in line]
    assert [line.split(":")[0].removeprefix(f"{tenant}/") for line in errors] == [
        "catalogs/sales.yaml",
        "directory/people.yaml",
    ]
    for arguments in (("evaluate", *EMIL), ("explain", *EMIL), ("serve", "--port", "0")):
        code, out, err = run_apart(*arguments, "--tenant", tenant)
        assert (code, out) == (Exit.FAULTY, "")
        assert set(errors) <= set(err.splitlines())


def test_faults_of_rules_end_every_command_with_their_places(rules: Path) -> None:
    spoil(rules / "limits.yaml", "then: {outcome: grant}", "then: {outcome: granted}")
    want = run("check", rules)
    assert want.exit_code == Exit.FAULTY
    assert want.stdout.startswith(f"{rules}/limits.yaml:")
    assert "UNKNOWN_WORD: `outcome` cannot be `granted`; did you mean `grant`?" in want.stdout
    for arguments in (("evaluate", *EMIL), ("explain", *EMIL), ("serve", "--port", "0")):
        code, out, err = run_apart(*arguments, "--tenant", TAILWIND, "--rules", rules)
        assert (code, out) == (Exit.FAULTY, "")
        assert want.stdout in err


def test_a_profile_that_is_none() -> None:
    done = run("evaluate", "--tenant", TAILWIND, "--profile", "entar", *EMIL)
    assert done.exit_code == Exit.FAULTY
    assert "there is no profile `entar`, only entra, standard" in done.stderr


def test_an_engine_that_fails_is_a_fault_of_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = functools.partial(load_pack, cache=None, command=("/bin/false",))
    monkeypatch.setattr(folders, "load_pack", failing)
    done = run("check", STANDARD)
    assert done.exit_code == Exit.FAULTY
    assert done.stdout.startswith(f"{STANDARD}:1:1: ENGINE_FAILED: ")
    done = run("evaluate", "--tenant", TAILWIND, *EMIL)
    assert done.exit_code == Exit.FAULTY
    assert ":1:1: ENGINE_FAILED: " in done.stderr


# --- checking -----------------------------------------------------------------------------------


def test_check_without_a_path_checks_the_shipped_rules() -> None:
    done = run("check")
    assert (done.exit_code, done.stdout) == (Exit.DONE, "")
    assert done.stderr.endswith("packs/standard: rule pack, no faults\n")


def test_check_finds_all_that_is_below_a_folder() -> None:
    done = run("check", ROOT / "rules")
    assert done.exit_code == Exit.DONE
    assert [line.split(", ")[0].rpartition("/")[2] for line in done.stderr.splitlines()] == [
        "overlap: tenant",
        "tailwind: tenant",
        "standard: rule pack",
    ]
    assert all(" warning " in line for line in done.stdout.splitlines())


def test_check_sorts_the_faults_of_several_folders(tenant: Path, rules: Path) -> None:
    spoil(tenant / "tenant.yaml", "profile: standard", "profile: standrad")
    spoil(rules / "lifecycle.yaml", "schedule: GRANT", "schedule: GRAND")
    done = run("check", tenant, rules, "--json")
    assert done.exit_code == Exit.FAULTY
    faults = json.loads(done.stdout)["faults"]
    places = [(one["file"], one["line"], one["column"]) for one in faults]
    assert places == sorted(places)
    assert {Path(one["file"]).parts[-2] for one in faults} >= {"rules", "tailwind"}
    assert set(faults[0]) == {"file", "line", "column", "code", "message", "severity"}


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        pytest.param(("nosuch",), "no such folder: nosuch", id="no folder"),
        pytest.param((STANDARD / "limits.yaml",), "no such folder: ", id="a file"),
        pytest.param((ROOT / "protos",), "holds neither a rule pack nor a tenant", id="neither"),
        pytest.param(("--cells", STANDARD, TAILWIND), "name one folder", id="two packs"),
        pytest.param(("--cells", "nosuch"), "no such folder: nosuch", id="no pack"),
        pytest.param(("--rules", "nosuch"), "'nosuch' does not exist", id="no rules"),
    ],
)
def test_wrong_usage_of_check(arguments: tuple[str | Path, ...], want: str) -> None:
    done = run("check", *arguments)
    assert (done.exit_code, done.stdout) == (Exit.USAGE, "")
    assert want in done.stderr


def test_a_folder_of_yaml_without_a_tenant_section_is_a_faulty_tenant(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("users: []\n")
    done = run("check", tmp_path)
    assert done.exit_code == Exit.FAULTY
    assert f"{tmp_path}:1:1: MISSING_FIELD: tenant: no file has this section" in done.stdout


def test_the_cells_of_the_shipped_rules_leave_nothing_open() -> None:
    done = run("check", "--cells", "--json")
    assert (done.exit_code, done.stderr) == (Exit.DONE, "")
    report = json.loads(done.stdout)
    assert list(report) == ["phases"]
    for phase in report["phases"]:
        assert list(phase) == ["phase", "cells", "rules", "silent", "never_fired", "conflicts"]
        assert phase["cells"] > 0
        assert phase["rules"] > 0
        assert [phase["silent"], phase["never_fired"], phase["conflicts"]] == [[], [], []]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param(
            "when: {primary: some}", "when: {primary: some, fallback: some}", "silent", id="silent"
        ),
        pytest.param(
            "      - id: approvers.nobody\n",
            "      - id: approvers.dead\n        for: Nobody.\n        carries_out: [S-72]\n"
            "        when: {primary: some}\n        then: {deciders: nobody}\n"
            "      - id: approvers.nobody\n",
            "",
            id="always overruled",
        ),
        pytest.param(
            "then: {deciders: unknown}\n      - id: approvers.primary",
            "then: {deciders: unknown}\n      - id: approvers.contrary\n        for: No.\n"
            "        carries_out: [S-72]\n        when: {primary: some}\n"
            "        then: {deciders: nobody}\n      - id: approvers.primary",
            "conflicts",
            id="conflict",
        ),
    ],
)
def test_what_the_cells_leave_open_is_reported(rules: Path, old: str, new: str, found: str) -> None:
    spoil(rules / "approver_resolution.yaml", old, new)
    report = run("check", "--cells", "--rules", rules, "--json")
    phases = {one["phase"]: one for one in json.loads(report.stdout)["phases"]}
    phase = phases["approver_resolution"]
    kinds = {kind for kind in ("silent", "never_fired", "conflicts") if phase[kind]}
    assert kinds == ({found} if found else set())
    assert report.exit_code == (Exit.FAULTY if found else Exit.DONE)
    shown = run("check", "--cells", rules)
    assert shown.exit_code == report.exit_code
    assert (f"approver_resolution: {found}" in shown.stdout) == bool(found)


def test_a_pack_that_cannot_be_read_has_no_cells(rules: Path) -> None:
    (rules / "limits.yaml").unlink()
    done = run("check", "--cells", "--rules", rules, "--json")
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    assert f"{rules}:1:1: MISSING_PHASE" in done.stderr


# --- serving ------------------------------------------------------------------------------------


def test_a_faulty_question_ends_serve_before_it_begins(tmp_path: Path) -> None:
    question = tmp_path / "ask.json"
    question.write_text('{"requestor": "emil"}')
    done = run("serve", "--tenant", TAILWIND, "--port", "0", "--ask", question)
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    assert f"{question}:1:2: UNKNOWN_FIELD" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "want"),
    [
        pytest.param((), "Missing option '--tenant'", id="no tenant"),
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
