"""`ostiary prove` and `ostiary explain --what-would-change`, as people and scripts use them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ostiary.analysis.proof import people
from ostiary.cli.exits import Exit
from tests.scenarios.commands import EMIL, EXAMPLES, STANDARD, TAILWIND, run, spoil

AT = ("--at", "2031-03-10")
OVERLAP = EXAMPLES / "overlap"


@pytest.fixture
def wider(tmp_path: Path) -> Path:
    """The example of overlapping policies, with a group more in a scope."""
    folder = Path(shutil.copytree(OVERLAP, tmp_path / "wider"))
    spoil(folder / "wiki.yaml", "groups: [engineering]", "groups: [engineering, wiki-writers]")
    return folder


def test_what_is_the_same_is_proved(tmp_path: Path) -> None:
    again = shutil.copytree(TAILWIND, tmp_path / "again")
    done = run("prove", again, "--against", TAILWIND, "--property", "no-new-access", *AT)
    assert done.exit_code == Exit.DONE
    assert "no-new-access: PROVED (10 packages" in done.output


def test_a_counterexample_ends_with_one_and_is_written_as_a_test_that_fails(
    wider: Path, tmp_path: Path
) -> None:
    found = tmp_path / "found"
    done = run(
        "prove", wider, "--against", OVERLAP, "--property", "no-new-access", "--write", found, *AT
    )
    assert done.exit_code == Exit.FAULTY
    assert "in wiki-writers: may request it" in " ".join(done.output.split())
    (file,) = found.iterdir()
    assert file.name == "no-new-access_test.yaml"
    assert run("test", file).exit_code == Exit.FAULTY
    assert run("test", file, "--tenant", OVERLAP).exit_code == Exit.DONE


def test_two_tenants_are_not_compared() -> None:
    done = run("prove", TAILWIND, "--against", OVERLAP, "--property", "no-weaker-approval", *AT)
    assert done.exit_code == Exit.FAULTY
    assert "compare two versions of one tenant" in " ".join(done.stderr.split())
    assert "PROVED" not in done.output


def test_a_file_in_the_place_of_the_folder_is_told_before_the_work(
    wider: Path, tmp_path: Path
) -> None:
    (tmp_path / "found").write_text("mine")
    done = run("prove", wider, "--write", tmp_path / "found", *AT)
    assert done.exit_code == Exit.USAGE
    assert "is a file; name a folder" in " ".join(done.stderr.split())
    assert (tmp_path / "found").read_text() == "mine"


def test_the_report_is_there_for_programs(wider: Path) -> None:
    done = run("prove", wider, "--against", OVERLAP, "--json", *AT)
    report = json.loads(done.stdout)
    assert report["verdict"] == "COUNTEREXAMPLE"
    findings = {one["property"]: one for one in report["findings"]}
    assert len(findings) == 6
    (example,) = findings["no-new-access"]["examples"]
    assert example["person"]["groups"] == ["wiki-writers"]
    assert example["way"]["door"] == "request"
    assert findings["no-self-approval"]["verdict"] == "PROVED"


def test_what_was_not_looked_at_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MOST_KINDS", 3)
    done = run("prove", OVERLAP, "--property", "every-deadline-ends", *AT)
    assert done.exit_code == Exit.UNKNOWN
    assert "every-deadline-ends: UNKNOWN" in done.output
    assert "not known: team-wiki: the kinds of people are too many" in done.output


def test_rules_alone_need_a_tenant(tmp_path: Path) -> None:
    pack = shutil.copytree(STANDARD, tmp_path / "rules")
    wanted = ("--property", "no-weaker-approval", *AT)
    alone = run("prove", pack, "--against", STANDARD, *wanted)
    assert alone.exit_code == Exit.USAGE
    assert "holds rules alone; name a tenant, by --tenant" in alone.output
    done = run("prove", pack, "--against", STANDARD, "--tenant", TAILWIND, *wanted)
    assert done.exit_code == Exit.DONE, done.output


def test_a_rule_that_admits_more_is_found(tmp_path: Path) -> None:
    """Guests are let into policies for members: the same tenant, other rules."""
    pack = Path(shutil.copytree(STANDARD, tmp_path / "rules"))
    scope = pack / "requestor_scope.yaml"
    spoil(scope, "when: {scope: all_members, person: guest}", "when: {scope: none, person: guest}")
    spoil(
        scope,
        "when: {scope: all_members, person: member}",
        "when: {scope: all_members, person: [member, guest]}",
    )
    done = run(
        "prove",
        pack,
        "--against",
        STANDARD,
        "--tenant",
        OVERLAP,
        "--property",
        "no-new-access",
        *AT,
    )
    assert done.exit_code == Exit.FAULTY, done.output
    assert "a guest" in done.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(("--property", "no-such"), "`no-such` is none of", id="no such property"),
        pytest.param(
            ("--property", "no-new-access"),
            "compares: name what with",
            id="nothing to compare with",
        ),
        pytest.param(("--at", "soon"), "--at", id="no instant"),
        pytest.param(("--against", "nowhere"), "no such folder: nowhere", id="no such baseline"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], says: str) -> None:
    done = run("prove", OVERLAP, *arguments)
    assert done.exit_code == Exit.USAGE
    assert says in done.output


def test_faults_of_definitions_are_told_with_their_place(wider: Path) -> None:
    spoil(wider / "wiki.yaml", "scope: {kind: all_members}", "scope: {kind: all_menbers}")
    done = run("prove", wider, *AT)
    assert done.exit_code == Exit.FAULTY
    assert "wiki.yaml:" in done.output


# what would change an answer


def test_the_fewest_changes_are_told() -> None:
    asked = ("--requestor", "nils", "--package", "silent-approver", "--at", "2031-03-10T10:00Z")
    done = run("explain", "--tenant", TAILWIND, *asked, "--what-would-change")
    assert done.exit_code == Exit.DONE
    assert "What would change the answer" in done.output
    assert "1. have a manager, for example carlo: NEEDS_APPROVAL" in done.output


def test_changes_are_there_for_programs() -> None:
    done = run(
        "explain", "--tenant", TAILWIND, *EMIL, "--what-would-change", "--any-other", "--json"
    )
    answer = json.loads(done.stdout)
    assert answer["decision"]["outcome"] == "OUTCOME_NEEDS_APPROVAL"
    kinds = {
        change["kind"]
        for remedy in answer["whatWouldChange"]["remedies"]
        for change in remedy["changes"]
    }
    assert "CHANGE_KIND_LEAVE_GROUP" in kinds


def test_any_other_goes_with_what_would_change() -> None:
    done = run("explain", "--tenant", TAILWIND, *EMIL, "--any-other")
    assert done.exit_code == Exit.USAGE
    assert "--any-other goes with --what-would-change" in done.output
