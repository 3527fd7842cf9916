"""`ostiary test` as people and CI use it: what is printed, what is written, how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ostiary.cli.exits import Exit
from tests.scenarios.commands import STANDARD, TAILWIND, run, run_apart, spoil

SUITE = STANDARD / "approver_resolution_test.yaml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules with a mistake: a fallback no longer stands in."""
    copy = Path(shutil.copytree(STANDARD, tmp_path / "rules"))
    old = "when: {primary: none, fallback: some}\n        then: {deciders: fallback}"
    spoil(copy / "approver_resolution.yaml", old, old.replace("s: fallback}", "s: nobody}"))
    return copy


def test_suites_that_pass_are_a_line_each() -> None:
    done = run("test", SUITE, STANDARD / "lifecycle_test.yaml")
    assert done.exit_code == Exit.DONE
    first, second, empty, last = done.stdout.splitlines()
    assert first.startswith(f"{SUITE}  who decides an approval stage")
    assert second.startswith(f"{STANDARD / 'lifecycle_test.yaml'}  what follows from a request: ")
    assert empty == ""
    assert last.startswith("2 suites, ")
    assert " failed" not in done.stdout


def test_what_fails_has_both_sides_and_the_places_of_both(rules: Path) -> None:
    done = run("test", SUITE, "--rules", rules)
    assert done.exit_code == Exit.FAULTY
    assert "FAILED a manager who is missing" in done.stdout
    sides = [line.split() for line in done.stdout.splitlines() if "deciders" in line]
    assert sides == [["deciders", "fallback", "nobody"]]
    rule = f"approvers.fallback-nobody-found ({rules}/approver_resolution.yaml:27)"
    assert f"{SUITE}:21:22, decided by {rule}" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 failed")


def test_programs_read_json_and_ci_reads_junit(rules: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = run("test", SUITE, "--rules", rules, "--json", "--junit", report)
    assert done.exit_code == Exit.FAULTY
    told = json.loads(done.stdout)
    assert (told["passed"], told["counts"]["failed"], told["counts"]["broken"]) == (False, 1, 0)
    (failed,) = (one for one in told["tests"] if one["status"] == "failed")
    assert failed["mismatches"][0]["rules"][0]["id"] == "approvers.fallback-nobody-found"
    assert failed["cells"] == [{"phase": "approver_resolution", "cell": failed["cells"][0]["cell"]}]

    root = ET.fromstring(report.read_text(encoding="utf-8"))
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    total = str(len(told["tests"]))
    for one in (root, suite):
        assert (one.get("tests"), one.get("failures"), one.get("errors")) == (total, "1", "0")
        assert float(one.attrib["time"]) >= 0
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [one["name"] for one in told["tests"]]
    assert {case.get("file") for case in cases} == {str(SUITE)}
    ((failure,),) = (list(case) for case in cases if len(case))
    assert failure.tag == "failure"
    assert failure.get("message") == "deciders: expected fallback, got nobody"
    assert f"{rules}/approver_resolution.yaml:27" in (failure.text or "")


def test_a_broken_test_is_an_error_of_junit_and_fails(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    (tmp_path / "a_test.yaml").write_text(
        'suite: "<&> s"\ntests: [{name: "a \\u2028 <b>", phase: limits, given: {},'
        " want: {outcome: grant}}]"
    )
    done = run("test", tmp_path, "--junit", report)
    assert done.exit_code == Exit.FAULTY
    assert "BROKEN" in done.stdout
    assert "no word is given for `held`, `duties`" in done.stdout
    case = ET.fromstring(report.read_text(encoding="utf-8"))[0][0]
    assert (case.get("name"), case[0].tag) == ("a \u2028 <b>", "error")


def test_only_what_is_asked_for_is_run() -> None:
    listed = run("test", SUITE, "--list", "--filter", "ALTERNATES")
    assert listed.exit_code == Exit.DONE
    assert listed.stdout.splitlines()[0].startswith(f"{SUITE}:")
    chosen = run("test", SUITE, "--filter", "ALTERNATES", "--verbose")
    assert chosen.exit_code == Exit.DONE
    assert chosen.stdout.count("  ok     ") == len(listed.stdout.splitlines())


def test_the_list_for_programs_holds_what_the_list_for_people_holds() -> None:
    words = ("test", SUITE, TAILWIND, "--list", "--filter", "a")
    told = json.loads(run(*words, "--json").stdout)
    lines = [f"{one['file']}:{one['line']}: {one['name']}" for one in told]
    assert lines == run(*words).stdout.splitlines()
    assert {tuple(one) for one in told} == {("file", "line", "name")}


def test_the_first_failure_may_end_it(rules: Path) -> None:
    done = run("test", SUITE, TAILWIND, "--rules", rules, "--fail-fast")
    assert done.exit_code == Exit.FAULTY
    assert "tailwind" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone",), "no such file or folder: gone"),
        ((TAILWIND / "catalogs",), "holds no suite: no file ending in _test.yaml"),
        ((SUITE, "--filter", "nothing like it"), "no test is called anything like"),
        ((SUITE, "--list", "--filter", "nothing like it"), "no test is called anything like"),
        ((SUITE, "--junit", "/proc/nowhere/x.xml"), "/proc/nowhere/x.xml: no such file"),
    ],
)
def test_nothing_tested_is_not_passed(arguments: tuple[str | Path, ...], message: str) -> None:
    done = run("test", *arguments)
    assert done.exit_code == Exit.USAGE
    assert message in done.stderr


def test_faulty_suites_and_rules_end_it_with_every_fault(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "a_test.yaml").write_text("suite: s\ntests: []\n")
    (tmp_path / "b_test.yaml").write_text("suite: s\ntests: [{nam: x}]\n")
    done = run("test", tmp_path)
    assert (done.exit_code, done.stdout) == (Exit.FAULTY, "")
    assert f"{tmp_path}/a_test.yaml:2:8: INVALID_MODEL: tests: must not be empty" in done.stderr
    assert f"{tmp_path}/b_test.yaml:2:9: INVALID_MODEL: tests[0]: is a test of" in done.stderr

    spoil(rules / "limits.yaml", "then: {outcome: grant}", "then: {outcome: granted}")
    code, out, err = run_apart("test", SUITE, "--rules", rules)
    assert (code, out) == (Exit.FAULTY, "")
    assert "UNKNOWN_WORD: `outcome` cannot be `granted`; did you mean `grant`?" in err


def test_check_takes_suites_for_neither_rules_nor_tenants(tmp_path: Path) -> None:
    copy = shutil.copytree(TAILWIND, tmp_path / "tailwind")
    (copy / "more_test.yaml").write_text("suite: s\ntenant: .\nphase: x\ntests: []\n")
    done = run("check", tmp_path)
    assert done.exit_code == Exit.DONE
    told = [line for line in done.stderr.splitlines() if line.startswith(str(tmp_path))]
    assert [line.partition(",")[0] for line in told] == [f"{copy}: tenant"]
