"""Coverage and Mutate of RuleService: what the command line says, over the wire."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from typer.testing import CliRunner

from ostiary.cli.main import app
from ostiary.client import CallError
from tests.contract.lent import HARBOUR
from tests.contract.living import refused
from tests.contract.ruling import ADMINISTRATOR, R, Ruled, ruled
from tests.coverage.test_coverage_command import SOME
from tests.mutation.test_pack_mutants import LIFECYCLE, SURVIVORS
from tests.packs.building import SMALL
from tests.packs.texts import standard

ROOT = Path(__file__).resolve().parents[2]

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def one() -> Iterator[Ruled]:
    with ruled() as made:
        yield made


def streamed(one: Ruled, method: str, /, files: Mapping[str, bytes], **fields: Any) -> Any:
    """The last message of a stream, which holds the report; all before it tell the progress."""
    services = one.by("user:ada", ADMINISTRATOR)
    sent = [R.TestFile(name=name, content=content) for name, content in files.items()]
    asked = getattr(R, f"{method}Request")(files=sent, **fields)
    answers = list(services.stream(getattr(services.rules, method), asked))
    assert all(answer.HasField("progress") for answer in answers[:-1])
    # Of the folder in which the files were laid out nothing is told; the checkout may be anywhere.
    assert "/tmp" not in str(answers[-1]).replace(str(ROOT), "")
    return answers[-1].report


def read(folder: Path) -> Files:
    """The files below a folder, by their names in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def small(suite: str = SOME, name: str = "some_test.yaml") -> Files:
    """The small pack with a suite."""
    return {**read(SMALL), name: suite.encode()}


def kept(report: Any) -> Files:
    """The suites that a report has for whoever keeps them."""
    return {each.name: each.content for each in report.new_suites}


def printed(
    files: Files, room: Path, monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, Any]:
    """How a command ends in a folder of these files, and the JSON that it prints."""
    for name, content in files.items():
        (room / name).parent.mkdir(parents=True, exist_ok=True)
        (room / name).write_bytes(content)
    monkeypatch.chdir(room)
    done = CliRunner().invoke(app, [*words, "--json"])
    return done.exit_code, json.loads(done.stdout)


def untimed(plain: Any) -> Any:
    """What `test` says, without how long it took."""
    for each in plain["tests"]:
        assert each.pop("seconds") >= 0
    return plain


# coverage


def test_coverage_says_what_the_command_prints(
    one: Ruled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = small()
    report = streamed(one, "Coverage", files)
    code, plain = printed(files, tmp_path, monkeypatch, "test", ".", "--coverage")
    assert code == 0
    assert untimed(json.loads(report.json)) == untimed(plain)
    assert report.passed
    assert report.summary.startswith("4 tests, 0 not passed; .: ")


def test_tests_of_what_is_missing_are_ready_to_be_kept(one: Ruled) -> None:
    files = small()
    report = streamed(one, "Coverage", files, fail_under=100)
    assert not report.passed
    assert report.summary.endswith("is under 100 %")
    new = kept(report)
    assert new.keys().isdisjoint(files)
    assert "requestor_scope_rules_test.yaml" in new
    texts = [each["text"] for each in json.loads(report.json)["coverage"][0]["suites"]]
    assert sorted(texts) == sorted(content.decode() for content in new.values())
    whole = streamed(one, "Coverage", {**files, **new}, fail_under=100)
    assert whole.passed
    assert not whole.new_suites


def test_rules_alone_are_counted_if_asked_for(one: Ruled) -> None:
    files = small()
    rules = streamed(one, "Coverage", files, rules_only=True)
    assert kept(rules)
    assert all(name.endswith("_rules_test.yaml") for name in kept(rules))
    whole = streamed(one, "Coverage", {**files, **kept(rules)}, rules_only=True, fail_under=100)
    assert whole.passed
    assert not streamed(one, "Coverage", {**files, **kept(rules)}, fail_under=100).passed


def test_what_has_no_test_yet_counts_as_not_looked_at(one: Ruled) -> None:
    report = streamed(one, "Coverage", read(SMALL), fail_under=1)
    assert not report.passed
    assert report.summary.startswith("0 tests, 0 not passed; .: 0.0 % is under 1 %")
    assert streamed(one, "Coverage", {**read(SMALL), **kept(report)}, fail_under=100).passed


def test_a_test_that_fails_is_not_passed_whatever_is_covered(one: Ruled) -> None:
    report = streamed(one, "Coverage", small(SOME.replace("scope: out", "scope: in")))
    assert not report.passed
    assert "4 not passed" in report.summary


def test_only_what_differs_from_a_revision_counts(one: Ruled) -> None:
    digest = one.keep(read(SMALL))
    same = streamed(one, "Coverage", small(), changed_since=digest[:10], fail_under=100)
    assert same.passed
    assert not same.new_suites
    with refused("RULE_REVISION_NOT_FOUND"):
        streamed(one, "Coverage", small(), changed_since="00000000")


def test_suites_are_counted_on_a_revision(one: Ruled) -> None:
    digest = one.keep(read(SMALL))
    report = streamed(one, "Coverage", {"some_test.yaml": SOME.encode()}, revision=digest)
    (pack,) = json.loads(report.json)["coverage"]
    assert (pack["folder"], pack["digest"]) == (digest[:12], digest)
    new = kept(report)
    assert new
    assert all("/" not in name for name in new)
    assert not any(b"\nrules:" in content for content in new.values())
    whole = {"some_test.yaml": SOME.encode(), **new}
    assert streamed(one, "Coverage", whole, revision=digest, fail_under=100).passed


def test_policies_of_a_tenant_are_counted(
    one: Ruled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"quay/{name}": content for name, content in read(HARBOUR).items()}
    report = streamed(one, "Coverage", files)
    code, plain = printed(files, tmp_path, monkeypatch, "test", ".", "--coverage")
    assert code == 0
    assert untimed(json.loads(report.json)) == untimed(plain)
    assert list(kept(report)) == ["quay/policies_test.yaml"]
    more = streamed(one, "Coverage", {**files, **kept(report)}, fail_under=100)
    assert more.passed, more.summary
    assert not more.new_suites


# mutants


def test_mutate_says_what_the_command_prints(
    one: Ruled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = small(LIFECYCLE, "lifecycle_test.yaml")
    report = streamed(one, "Mutate", files)
    code, plain = printed(files, tmp_path, monkeypatch, "mutate", ".")
    assert code == 0
    assert json.loads(report.json) == plain
    assert report.passed
    assert "survive" in report.summary


def test_survivors_are_told_and_tests_that_would_see_them(one: Ruled) -> None:
    files = small(LIFECYCLE, "lifecycle_test.yaml")
    report = streamed(one, "Mutate", files, only="plan.stages", fail_over=0)
    (told,) = json.loads(report.json)
    assert [each["id"] for each in told["survivors"]] == SURVIVORS
    assert not report.passed
    assert report.summary.endswith("3 unexplained survivors, more than 0")
    seen = streamed(one, "Mutate", {**files, **kept(report)}, only="plan.stages", fail_over=0)
    assert seen.passed
    assert streamed(one, "Mutate", files, only="plan.stages", fail_over=3).passed


def test_a_revision_is_mutated_in_the_place_of_the_packs_that_are_sent(one: Ruled) -> None:
    digest = one.keep(read(SMALL))
    lines = [f"  - {{id: {name}, why: it is meant}}\n" for name in SURVIVORS]
    accepted = "".join(["accepted:\n", *lines])
    files = {"lifecycle_test.yaml": LIFECYCLE.encode(), "mutants.yaml": accepted.encode()}
    report = streamed(one, "Mutate", files, revision=digest, only="plan.stages", fail_over=0)
    (told,) = json.loads(report.json)
    assert told["target"] == digest[:12]
    assert [each["accepted"] for each in told["survivors"]] == ["it is meant"] * 3
    assert report.passed
    assert not report.new_suites


def test_an_explanation_of_nothing_is_not_passed(one: Ruled) -> None:
    stale = b"accepted:\n  - {id: plan.stages/no-such, why: nobody knows}\n"
    files = {**small(LIFECYCLE, "lifecycle_test.yaml"), "mutants.yaml": stale}
    report = streamed(one, "Mutate", files)
    assert not report.passed
    assert "1 stale explanation" in report.summary
    (told,) = json.loads(report.json)
    assert told["stale"][0]["file"] == "mutants.yaml"


def test_policies_of_a_tenant_are_mutated(
    one: Ruled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"quay/{name}": content for name, content in read(HARBOUR).items()}
    report = streamed(one, "Mutate", files, only="crane")
    _, plain = printed(files, tmp_path, monkeypatch, "mutate", ".", "--only", "crane")
    assert json.loads(report.json) == plain
    assert plain[0]["target"] == "quay"
    assert plain[0]["counts"]["survived"] > 0


def test_mutants_of_tests_that_fail_mean_nothing(one: Ruled) -> None:
    wrong = LIFECYCLE.replace("GRANT", "REVOKE")
    with refused("SUITES_FAILING", status=grpc.StatusCode.FAILED_PRECONDITION) as told:
        streamed(one, "Mutate", small(wrong, "wrong_test.yaml"))
    assert told.value.metadata["first"].startswith("wrong_test.yaml:3: without approval")
    assert told.value.metadata["count"] == "1"


# what is wrong

NOWHERE = SOME.replace("tests:", "rules: /etc\ntests:")


@pytest.mark.parametrize("method", ["Coverage", "Mutate"])
@pytest.mark.parametrize(
    ("files", "reason", "told"),
    [
        pytest.param({}, "INVALID_REQUEST", "files", id="nothing"),
        pytest.param({"readme.txt": b"hello"}, "INVALID_REQUEST", "files", id="no definitions"),
        pytest.param({"../a.yaml": b""}, "INVALID_REQUEST", "files[0].name", id="outside"),
        pytest.param({"a": b"", "a/b": b""}, "INVALID_REQUEST", "files", id="file and folder"),
        pytest.param({"b.yaml": b"phase: ["}, "RULES_REFUSED", ".:1:1:", id="a faulty pack"),
        pytest.param(
            {**small(), "some_test.yaml": NOWHERE.encode()}, None, None, id="a folder elsewhere"
        ),
        pytest.param(
            {**small(), "bad_test.yaml": b"suite: [\n"}, "RULES_REFUSED", "bad_test.yaml:",
            id="a faulty suite",
        ),
        pytest.param(
            {**small(), "bad_test.yaml": b"\xff\x00" * 500}, "RULES_REFUSED", "bad_test.yaml:",
            id="no text",
        ),
        pytest.param(
            {**small(), "bad_test.yaml": b"[" * 100_000}, "RULES_REFUSED", "bad_test.yaml:",
            id="a deep suite",
        ),
        pytest.param(
            {"t/tenant.yaml": b"tenant: {id: x, nmae: y}\n"}, "RULES_REFUSED", "t/tenant.yaml:1:",
            id="a faulty tenant",
        ),
        pytest.param(
            {f"f{number}.txt": b"" for number in range(10_001)}, "INVALID_REQUEST", "files",
            id="too many",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_place(
    one: Ruled, method: str, files: Files, reason: str | None, told: str | None
) -> None:
    with pytest.raises(CallError) as raised:
        streamed(one, method, files)
    error = raised.value
    assert error.reason == (reason or error.reason)
    assert error.reason in {"INVALID_REQUEST", "RULES_REFUSED"}
    assert "/tmp" not in str(error)
    if told is not None and error.reason == "INVALID_REQUEST":
        assert [each.field for each in error.violations] == [told]
    elif told is not None:
        assert error.metadata["first"].startswith(told)


@pytest.mark.parametrize(
    ("method", "fields", "field"),
    [
        ("Coverage", {"fail_under": 101}, "fail_under"),
        ("Coverage", {"fail_under": -0.1}, "fail_under"),
        ("Coverage", {"fail_under": float("nan")}, "fail_under"),
        ("Mutate", {"fail_over": -1}, "fail_over"),
        ("Mutate", {"only": "x" * 257}, "only"),
    ],
)
def test_options_that_mean_nothing_are_told_by_their_field(
    one: Ruled, method: str, fields: dict[str, Any], field: str
) -> None:
    with refused("INVALID_REQUEST") as told:
        streamed(one, method, small(), **fields)
    assert [each.field for each in told.value.violations] == [field]


@pytest.mark.parametrize("method", ["Coverage", "Mutate", "Test"])
def test_a_revision_that_nobody_knows_is_not_found(one: Ruled, method: str) -> None:
    with refused("RULE_REVISION_NOT_FOUND"):
        streamed(one, method, small(), revision="00000000")


def working() -> int:
    """How many threads carry out long work."""
    return sum(thread.name == "analyses" for thread in threading.enumerate())


def test_a_stream_that_is_left_ends_the_work_and_decisions_are_made_meanwhile(one: Ruled) -> None:
    services = one.by("user:ada", ADMINISTRATOR)
    sent = [R.TestFile(name=name, content=content) for name, content in standard().items()]
    asked = R.MutateRequest(files=sent)
    with closing(cast(Any, services.stream(services.rules.Mutate, asked))) as stream:
        assert next(stream).HasField("progress")
        assert working() == 1
        assert one.decision().revision.rules
    until = time.monotonic() + 20
    while working() and time.monotonic() < until:
        time.sleep(0.05)
    assert not working()
