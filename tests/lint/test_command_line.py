"""`ostiary check` and the findings of lint: which are shown, how, and when the command fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ostiary.cli.exits import Exit
from tests.scenarios.commands import STANDARD, TAILWIND, run, spoil

DEAD_END = (
    "catalogs/pitfalls.yaml:41:57: warning DEAD_END:"
    " packages[silent-approver].policies[sales].approval.stages[0].approvers: `nils` may request,"
    " but nobody can approve stage 1: manager leads to nobody else, and there is no fallback;"
    " name a fallback who is not the requestor"
)


def test_findings_stand_among_the_faults_in_the_order_of_places() -> None:
    done = run("check", TAILWIND)
    assert done.exit_code == Exit.DONE
    lines = done.stdout.splitlines()
    assert f"{TAILWIND}/{DEAD_END}" in lines
    places = [tuple(map(int, line.split(":")[1:3])) for line in lines]
    assert places == sorted(places)
    assert (
        done.stderr
        == f"{TAILWIND}: tenant, {len(lines) - 1} warnings, 1 piece of advice and 1 ignored\n"
    )


def test_strict_makes_what_is_shown_fail() -> None:
    assert run("check", TAILWIND, "--strict").exit_code == Exit.FAULTY
    shown = ("--select", "APPROVER_LEFT")
    done = run("check", TAILWIND, "--strict", *shown)
    assert (done.exit_code, done.stdout) == (Exit.DONE, "")


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        pytest.param(("--select", "DEAD_END"), ["DEAD_END"], id="one code"),
        pytest.param(
            ("--select", "DEAD_END,NO_POLICY"), ["DEAD_END", "NO_POLICY"], id="two with a comma"
        ),
        pytest.param(
            ("--ignore", "NO_FALLBACK", "--ignore", "EMPTY_PACKAGE", "--severity", "warning"),
            ["DEAD_END", "NO_POLICY"],
            id="all but two, of loading too",
        ),
        pytest.param(("--severity", "error"), [], id="errors alone"),
    ],
)
def test_which_codes_are_shown(options: tuple[str, ...], codes: list[str]) -> None:
    done = run("check", TAILWIND, "--json", *options)
    told = json.loads(done.stdout)
    assert sorted(one["code"] for one in told["faults"] + told["findings"]) == codes


def test_findings_as_json_have_a_path_a_witness_and_how_to_mend_them() -> None:
    told = json.loads(run("check", TAILWIND, "--select", "DEAD_END", "--json").stdout)
    (one,) = told["findings"]
    assert one["where"] == "packages[silent-approver].policies[sales].approval.stages[0].approvers"
    assert one["witness"] == "person nils"
    assert one["mend"] == "name a fallback who is not the requestor"
    assert (one["line"], one["column"], one["severity"]) == (41, 57, "warning")


def test_annotations_for_github_escape_what_means_something_there(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TAILWIND, tmp_path / "100%,a:b"))
    done = run("check", folder, "--select", "DEAD_END", "--format", "github")
    place = f"{tmp_path}/100%25%2Ca%3Ab/catalogs/pitfalls.yaml,line=41,col=57"
    assert done.stdout.startswith(f"::warning file={place},title=DEAD_END::packages[silent-appr")
    assert len(done.stdout.splitlines()) == 1


def test_errors_are_annotations_too(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))
    spoil(folder / "catalogs" / "sales.yaml", "kind: group", "kind: gruop")
    done = run("check", folder, "--format", "github", "--select", "DEAD_END")
    assert done.exit_code == Exit.FAULTY
    assert done.stdout.startswith("::error file=")


def test_a_sarif_file_holds_every_line_with_its_rule(tmp_path: Path) -> None:
    file = tmp_path / "found.sarif"
    done = run("check", TAILWIND, "--sarif", file)
    told = json.loads(file.read_text(encoding="utf-8"))
    (one,) = told["runs"]
    rules = {rule["id"] for rule in one["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in one["results"]} == rules
    assert len(one["results"]) == len(done.stdout.splitlines())
    (found,) = (result for result in one["results"] if result["ruleId"] == "DEAD_END")
    region = found["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 41, "startColumn": 57}


def test_a_sarif_file_that_cannot_be_written(tmp_path: Path) -> None:
    done = run("check", TAILWIND, "--sarif", tmp_path / "none" / "found.sarif")
    assert done.exit_code == Exit.USAGE
    assert "cannot write" in done.stderr


@pytest.mark.parametrize("code", ["DEAD_END", "NO_POLICY"])
def test_explain_prints_the_page_of_a_code(code: str) -> None:
    done = run("check", "--explain", code)
    assert done.exit_code == Exit.DONE
    assert done.stdout.startswith(f"# {code}\n")


def test_what_is_meant_may_be_named_as_faults_of_loading_name_it(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))
    spoil(
        folder / "catalogs" / "studio.yaml", "where: packages", "where: catalogs[studio].packages"
    )
    done = run("check", folder, "--select", "OVERLAPPING_POLICIES,STALE_IGNORE")
    assert (done.exit_code, done.stdout) == (Exit.DONE, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--explain", "DEADEND"), "no such code: `DEADEND`; did you mean `DEAD_END`?"),
        (("--explain", "TAG"), "`TAG` has no page"),
        (("--explain", "A,B"), "no such code: `A`"),
        (("--select", "NONE_SUCH"), "no such code: `NONE_SUCH`"),
        (("--at", "soon"), "--at: `soon` is no date or instant"),
        (("--json", "--format", "github"), "--json does not go with --format github"),
        (("--fix", "--dry-run", "--json"), "--json does not go with --dry-run"),
        (("--fix", "--dry-run", "--format", "json"), "--format json does not go with --dry-run"),
        (("--explain", "DEAD_END", "--json"), "--json does not go with --explain"),
        (("--explain", "DEAD_END", "--format", "github"), "--format github does not go with"),
        (("--cells", "--format", "github"), "--format github does not go with --cells"),
        (("--cells", "--json", "--sarif", "x"), "--sarif does not go with --cells"),
        (("--dry-run", "--json"), "--dry-run goes with --fix"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    done = run("check", TAILWIND, *arguments)
    assert (done.exit_code, done.stdout) == (Exit.USAGE, "")
    assert said in done.stderr


def test_a_tenant_is_looked_at_under_the_rules_that_are_checked_with_it(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(STANDARD, tmp_path / "rules"))
    predicate = "predicates:\n  intern: {attribute: employment, equals: intern}\n\nsteps:\n"
    spoil(rules / "policy_selection.yaml", "steps:\n", predicate)
    done = run("check", TAILWIND, "--rules", rules, "--severity", "advice", "--json")
    assert done.exit_code == Exit.DONE
    told = json.loads(done.stdout)["findings"]
    codes = {one["code"] for one in told if one["file"].endswith("policy_selection.yaml")}
    assert codes == {"PREDICATE_DECIDES_NOTHING", "PREDICATE_FITS_NOBODY"}
    alone = json.loads(run("check", "--rules", rules, "--json").stdout)["findings"]
    assert [one["code"] for one in alone] == ["PREDICATE_DECIDES_NOTHING"]


def test_a_section_of_lint_that_is_malformed_is_a_fault(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))
    spoil(folder / "catalogs" / "studio.yaml", "      why: Who is", "      because: Who is")
    done = run("check", folder)
    assert done.exit_code == Exit.FAULTY
    assert "catalogs/studio.yaml:45:7: MISSING_FIELD: lint.ignore[0].why: is missing" in done.stdout
