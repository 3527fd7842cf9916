"""What RuleService works out about a candidate: streamed, ended early, refused in words."""

from __future__ import annotations

import json
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from typer.testing import CliRunner

from ostiary.cli.main import app
from ostiary.rpc import analyses
from ostiary.rpc.analyses import MOST_AT_ONCE, Far, Outcome, Progress, carried_out
from ostiary.rulebook.profiles import load_profile
from tests.contract.lent import HARBOUR, NOW
from tests.contract.living import refused
from tests.contract.ruling import ADMINISTRATOR, FOLDER, R, Ruled, ruled, sent
from tests.packs.texts import broken, moved, standard, with_guests, written

ROOT = Path(__file__).resolve().parents[2]
SUITE = """
suite: guests stay out
rules: .
tests:
  - name: a guest in a policy for members
    phase: requestor_scope
    given: {scope: all_members, person: guest, policy: enabled}
    want: {scope: out}
"""


@pytest.fixture(scope="module")
def one() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


def streamed(one: Ruled, method: str, /, **fields: Any) -> Any:
    """The last message of a stream, which holds the report."""
    services = one.by("user:ada", ADMINISTRATOR)
    asked = getattr(R, f"{method}Request")(**fields)
    answers = list(services.stream(getattr(services.rules, method), asked))
    assert all(answer.HasField("progress") for answer in answers[:-1])
    return answers[-1].report


def test_a_candidate_is_compared_with_what_is_in_force(one: Ruled) -> None:
    files = R.CandidateRules(files=sent(with_guests()))
    report = streamed(one, "Diff", candidate=files)
    told = json.loads(report.json)
    assert not report.passed
    assert told["summary"]["gains"]["people"] == 1
    assert "gains 1" in report.summary
    assert "crane" in {change["package"] for change in told["changes"]}
    digest = one.keep(with_guests())
    kept = streamed(one, "Diff", candidate=R.CandidateRules(revision=digest[:9]))
    assert kept.summary == report.summary
    same = streamed(one, "Diff", candidate=R.CandidateRules(revision="active"))
    assert (same.passed, same.summary) == (True, "nothing changes for anybody")


def test_a_comparison_is_what_the_command_prints(one: Ruled, tmp_path: Path) -> None:
    at = Timestamp()
    at.FromDatetime(NOW)
    candidate = R.CandidateRules(files=sent(with_guests()))
    report = streamed(one, "Diff", candidate=candidate, evaluate_time=at)
    old, new = written(standard(), tmp_path / "old"), written(with_guests(), tmp_path / "new")
    words = ["diff", old, new, "--directory", HARBOUR, "--at", NOW.isoformat(), "--json"]
    printed = json.loads(CliRunner().invoke(app, list(map(str, words))).stdout)
    told = json.loads(report.json)
    assert (told["old"].pop("source"), told["new"].pop("source")) == ("active", "files")
    assert printed["old"].pop("source") != printed["new"].pop("source")
    assert told == printed


def test_of_many_people_some_are_named_and_all_are_counted(one: Ruled, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(HARBOUR, tmp_path / "harbour"))
    text = (folder / "directory.yaml").read_text()
    guests = "".join(f"  - {{id: g{number}, name: G, type: guest}}\n" for number in range(1200))
    (folder / "directory.yaml").write_text(text.replace("users:\n", f"users:\n{guests}"))
    candidate = R.CandidateRules(files=sent(with_guests()))
    with ruled(tenant=folder) as many:
        for most, want in ((0, 1000), (7, 7), (5000, 1201)):
            report = streamed(many, "Diff", candidate=candidate, most_people=most)
            changes = json.loads(report.json)["changes"]
            gains = [one for one in changes if one["kind"] == "gains"]
            assert {(one["count"], len(one["people"])) for one in gains} == {(1201, want)}
    with refused("INVALID_REQUEST") as told:
        streamed(one, "Diff", candidate=candidate, most_people=-1)
    assert [each.field for each in told.value.violations] == ["most_people"]


def test_a_candidate_is_proved_or_not(one: Ruled) -> None:
    candidate = R.CandidateRules(files=sent(with_guests()))
    report = streamed(one, "Prove", candidate=candidate, properties=["no-new-access"])
    assert (report.passed, report.summary) == (False, "no-new-access COUNTEREXAMPLE")
    assert json.loads(report.json)["findings"][0]["examples"]
    candidate = R.CandidateRules(files=sent(moved()))
    report = streamed(one, "Prove", candidate=candidate, properties=["no-new-access"])
    assert (report.passed, report.summary) == (True, "no-new-access PROVED")


def test_the_tenant_is_looked_at(one: Ruled) -> None:
    report = streamed(one, "Lint")
    found = json.loads(report.json)["findings"]
    assert report.passed == (not found)
    assert not found or f"{len(found)} likely" in report.summary


def test_a_counterexample_is_a_suite_that_fails_until_it_is_mended(
    one: Ruled, tmp_path: Path
) -> None:
    candidate = R.CandidateRules(files=sent(with_guests()))
    report = streamed(one, "Prove", candidate=candidate, properties=["no-new-access"])
    (suite,) = report.new_suites
    assert suite.name == "no-new-access_test.yaml"
    tenant = [
        R.TestFile(name=path.name, content=path.read_bytes()) for path in HARBOUR.glob("*.yaml")
    ]
    digest = one.keep(with_guests())
    assert not streamed(one, "Test", files=[*tenant, suite], revision=digest).passed
    assert streamed(one, "Test", files=[*tenant, suite], revision="active").passed
    folder = written(with_guests(), tmp_path / "guests")
    words = ["prove", folder, "--against", written(standard(), tmp_path / "old")]
    words += ["--tenant", HARBOUR, "--property", "no-new-access", "--json"]
    printed = json.loads(CliRunner().invoke(app, list(map(str, words))).stdout)
    told = json.loads(report.json)
    assert told.keys() == printed.keys()
    for each in (told, printed):
        assert datetime.fromisoformat(each["at"]).tzinfo is not None
        for example in (one for finding in each["findings"] for one in finding["examples"]):
            assert example.keys() >= {"package", "person", "sentence"}
    found = [
        [one["package"] for one in each["findings"][0]["examples"]] for each in (told, printed)
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize("stored", [False, True])
def test_overrides_are_looked_at_as_the_command_line_does(tmp_path: Path, stored: bool) -> None:
    folder = Path(shutil.copytree(HARBOUR, tmp_path / "harbour"))
    file = folder / "directory.yaml"
    text = file.read_text()
    same = load_profile("standard").profile.limits["packages_per_catalog"]
    assert text.count("limits: {") == 1
    file.write_text(text.replace("limits: {", f"limits: {{packages_per_catalog: {same}, "))
    url = f"sqlite:///{tmp_path}/store.db" if stored else FOLDER
    with ruled(url, tenant=folder) as other:
        found = json.loads(streamed(other, "Lint").json)["findings"]
    assert "OVERRIDE_CHANGES_NOTHING" in {each["code"] for each in found}


def folder_of(files: Mapping[str, bytes], suite: str = SUITE) -> list[Any]:
    texts = {**files, "scope_test.yaml": suite.encode()}
    return [R.TestFile(name=name, content=content) for name, content in texts.items()]


def test_suites_are_run(one: Ruled) -> None:
    report = streamed(one, "Test", files=folder_of(standard()))
    told = json.loads(report.json)
    assert report.summary.startswith("1 test, ")
    assert [test["name"] for test in told["tests"]] == ["a guest in a policy for members"]
    assert "/tmp" not in report.json
    shipped = {
        path.relative_to(ROOT / "rules" / "packs" / "standard").as_posix(): path.read_bytes()
        for path in (ROOT / "rules" / "packs" / "standard").rglob("*.yaml")
    }
    files = [R.TestFile(name=name, content=content) for name, content in shipped.items()]
    report = streamed(one, "Test", files=files)
    assert report.passed, report.summary
    digest = one.keep(with_guests())
    report = streamed(one, "Test", files=files, revision=digest)
    assert not report.passed, "the suites of the shipped rules see the change"


@pytest.mark.parametrize(
    ("method", "fields", "paths"),
    [
        ("Test", {}, ["files"]),
        (
            "Test",
            {"files": [R.TestFile(name="../x"), R.TestFile(name="a"), R.TestFile(name="a")]},
            ["files[0].name", "files[2].name"],
        ),
        ("Test", {"files": [R.TestFile(name="a.yaml", content=b"x: y")]}, ["files"]),
        ("Test", {"files": [R.TestFile(name="a"), R.TestFile(name="a/b")]}, ["files"]),
        (
            "Test",
            {"files": folder_of({}, SUITE.replace("rules: .", f"rules: {ROOT}/rules/packs"))},
            None,
        ),
        ("Diff", {}, ["candidate.files"]),
        (
            "Prove",
            {
                "candidate": R.CandidateRules(revision="active", files=sent(standard())),
                "properties": ["no-such"],
            },
            ["properties[0]", "candidate.files"],
        ),
    ],
)
def test_what_is_malformed_is_told_by_its_field(
    one: Ruled, method: str, fields: dict[str, Any], paths: list[str] | None
) -> None:
    with pytest.raises(Exception, match=r"INVALID_REQUEST|RULES_REFUSED") as told:
        streamed(one, method, **fields)
    if paths is not None:
        assert [each.field for each in told.value.violations] == paths  # type: ignore[attr-defined]


@pytest.mark.parametrize("method", ["Diff", "Prove"])
def test_faulty_candidates_are_refused(one: Ruled, method: str) -> None:
    with refused("RULES_REFUSED", status=grpc.StatusCode.FAILED_PRECONDITION) as told:
        streamed(one, method, candidate=R.CandidateRules(files=sent(broken())))
    assert told.value.metadata["first"].startswith("limits.yaml:")
    with refused("RULE_REVISION_NOT_FOUND"):
        streamed(one, method, candidate=R.CandidateRules(revision="00000000"))


def test_faulty_suites_are_refused(one: Ruled) -> None:
    with refused("RULES_REFUSED") as told:
        streamed(one, "Test", files=folder_of(standard(), "suite: [\n"))
    assert told.value.metadata["first"].startswith("scope_test.yaml:")


# how long work is carried out


def test_progress_is_told_and_the_outcome_comes_last() -> None:
    go = threading.Event()

    def work(progress: Progress) -> Outcome:
        progress(1, 3)
        go.wait(10)
        return Outcome(True, "done", "{}")

    told = carried_out(work, lambda: True)
    assert next(told) == Far(1, 3)
    go.set()
    assert list(told)[-1] == Outcome(True, "done", "{}")


def test_work_that_nobody_waits_for_ends_at_its_next_step() -> None:
    ended = threading.Event()
    begun = threading.Event()

    def work(progress: Progress) -> Outcome:
        try:
            while True:
                progress(0, 1)
                begun.set()
        finally:
            ended.set()

    assert list(carried_out(work, lambda: not begun.wait(0.1))) in ([], [Far(0, 1)])
    assert ended.wait(10)


def test_few_works_are_done_at_once_and_who_leaves_gives_up_their_turn() -> None:
    begun: list[int] = []
    go = threading.Event()

    def work(number: int) -> Callable[[Progress], Outcome]:
        def run(progress: Progress) -> Outcome:
            begun.append(number)
            while not go.wait(0.01):
                progress(0, 1)
            return Outcome(True, str(number), "{}")

        return run

    working = [carried_out(work(number), lambda: True) for number in range(MOST_AT_ONCE)]
    for each in working:
        assert next(each) == Far(0, 1)
    patience = iter((True, True))
    leaves = carried_out(work(100), lambda: next(patience, False))
    assert list(leaves) == []
    waits: list[Far | Outcome] = []
    waiting = threading.Thread(
        target=lambda: waits.extend(carried_out(work(101), lambda: True)), daemon=True
    )
    waiting.start()
    paced = carried_out(work(102), lambda: True, paced=True)
    assert next(paced) == Far(0, 1)
    assert begun == [*range(MOST_AT_ONCE), 102]
    assert waiting.is_alive()
    go.set()
    for each in (*working, paced):
        assert isinstance(list(each)[-1], Outcome)
    waiting.join(10)
    assert waits[-1] == Outcome(True, "101", "{}")
    assert 100 not in begun


def test_the_interpreter_is_handed_over_more_often_while_there_is_work() -> None:
    usual = sys.getswitchinterval()

    def work(progress: Progress) -> Outcome:
        return Outcome(True, str(sys.getswitchinterval()), "{}")

    def fails(progress: Progress) -> Outcome:
        raise ZeroDivisionError

    (told,) = carried_out(work, lambda: True)
    assert isinstance(told, Outcome)
    assert float(told.summary) < usual / 10
    with pytest.raises(ZeroDivisionError):
        list(carried_out(fails, lambda: True))
    until = time.monotonic() + 10
    while sys.getswitchinterval() != usual and time.monotonic() < until:
        time.sleep(0.01)
    assert sys.getswitchinterval() == usual


def test_what_the_work_raises_is_raised() -> None:
    def work(_: Progress) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(carried_out(work, lambda: True))


def test_every_property_has_its_name() -> None:
    assert "no-new-access" in analyses.PROPERTIES
