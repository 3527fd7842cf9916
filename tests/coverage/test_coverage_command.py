"""`ostiary test --coverage`: what it prints, writes and ends with, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ostiary.cli.main import app
from ostiary.rulebook.places import rules_dir
from tests.coverage.counter import counted
from tests.packs.building import copy_of_small

TAILWIND = rules_dir() / "examples" / "tailwind"
SOME = """suite: something
tests:
  - name: a policy that is switched off admits nobody
    phase: requestor_scope
    given: {policy: disabled, scope: none, contractor: "no"}
    matrix: {person: any}
    want: {scope: out, reason: POLICY_DISABLED}
"""


def ostiary_test(*words: str | Path) -> Result:
    """What a command that ends by itself printed."""
    done = CliRunner().invoke(app, ["test", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def pack_with_a_suite(room: Path) -> Path:
    folder = copy_of_small(room)
    (folder / "some_test.yaml").write_text(SOME, encoding="utf-8")
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def counts(done: Result) -> Any:
    return json.loads(done.stdout)["coverage"]


def test_a_table_a_phase_and_what_is_missing_with_its_place(tmp_path: Path) -> None:
    folder = pack_with_a_suite(tmp_path)
    done = ostiary_test(folder, "--coverage")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert (
        "  requestor_scope           5   60.0 %    20.0 %                  8      25.0 %" in lines
    )
    assert f"  {folder}/requestor_scope.yaml:20: scope.members fired in no test" in lines
    others = (
        f"{folder}/requestor_scope.yaml:35: scope.others fired, and other rules always spoke first"
    )
    assert f"  {others}" in lines
    # what is shown can be pasted: it is a test as it stands
    assert '    given: {policy: enabled, scope: none, person: member, contractor: "yes"}' in lines


def test_what_is_written_reaches_everything_and_touches_nothing(tmp_path: Path) -> None:
    folder = pack_with_a_suite(tmp_path)
    before = bytes_of(folder)
    done = ostiary_test(folder, "--write-missing")
    assert done.exit_code == 0
    after = bytes_of(folder)
    assert {name: after[name] for name in before} == before
    new = sorted(after.keys() - before.keys())
    assert "requestor_scope_rules_test.yaml" in new
    assert "limits_cells_test.yaml" in new
    assert all(f"wrote {folder}/{name}" in done.stderr for name in new)
    suites = sorted(folder.glob("*_test.yaml"))
    assert all(one.whole for one in counted(folder, suites).values())
    again = ostiary_test(folder, "--write-missing", "--fail-under", "100")
    assert again.exit_code == 0, again.stdout
    assert "wrote" not in again.stderr
    assert bytes_of(folder) == after


def test_a_name_that_is_taken_is_never_written_over(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    taken = folder / "limits_rules_test.yaml"
    taken.write_text(SOME, encoding="utf-8")
    ostiary_test(folder, "--write-missing", "--rules-only")
    assert taken.read_text(encoding="utf-8") == SOME
    assert (folder / "limits_rules_2_test.yaml").exists()
    assert not (folder / "limits_cells_test.yaml").exists()


def test_what_is_written_names_the_schema_that_its_neighbours_name(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    mark = "# yaml-language-server: $schema=../suite.schema.json\n"
    (folder / "some_test.yaml").write_text(mark + SOME, encoding="utf-8")
    ostiary_test(folder, "--write-missing", "--rules-only")
    assert (folder / "limits_rules_test.yaml").read_text(encoding="utf-8").startswith(mark)


def test_a_pack_without_any_suite_has_a_coverage_too(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    assert ostiary_test(folder).exit_code == 2
    (found,) = counts(ostiary_test(folder, "--coverage", "--json"))
    assert found["fired"] == {"reached": 0, "of": 29, "percent": 0.0}
    assert ostiary_test(folder, "--fail-under", "1").exit_code == 1


def test_the_percentage_counts_rules_and_cells_or_rules_alone(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    ostiary_test(folder, "--write-missing", "--rules-only")
    assert ostiary_test(folder, "--fail-under", "100", "--rules-only").exit_code == 0
    done = ostiary_test(folder, "--fail-under", "100")
    assert done.exit_code == 1
    assert f"{folder}: " in done.stderr
    assert "is under 100 %" in done.stderr


def test_a_suite_elsewhere_names_the_pack_in_what_is_written_beside_it(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    room = tmp_path / "suites"
    room.mkdir()
    suite = room / "some_test.yaml"
    suite.write_text(SOME.replace("tests:", "rules: ../pack\ntests:"), encoding="utf-8")
    ostiary_test(suite, "--write-missing")
    written = room / "limits_cells_test.yaml"
    assert 'rules: "../pack"' in written.read_text(encoding="utf-8")
    assert ostiary_test(room, "--fail-under", "100").exit_code == 0
    assert not list(folder.glob("*_test.yaml"))


def test_only_what_has_changed_since_a_revision_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of_small(tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", *command], check=True)
    (same,) = counts(ostiary_test("pack", "--changed-since", "HEAD", "--json"))
    assert same["fired"]["of"] == same["classes"]["of"] == 0
    assert ostiary_test("pack", "--changed-since", "HEAD", "--fail-under", "100").exit_code == 0
    path = folder / "lifecycle.yaml"
    text = path.read_text(encoding="utf-8").replace("{end: dated}", "{end: never}")
    path.write_text(text, encoding="utf-8")
    (changed,) = counts(ostiary_test("pack", "--changed-since", "HEAD", "--json"))
    rules = [rule["id"] for phase in changed["phases"] for rule in phase["rules"]]
    assert rules == ["plan.expire"]
    assert changed["classes"]["of"] == 4
    assert ostiary_test("pack", "--changed-since", "HEAD", "--write-missing").exit_code == 0
    assert [one.name for one in folder.glob("*_test.yaml")] != []
    assert ostiary_test("pack", "--changed-since", "HEAD", "--fail-under", "100").exit_code == 0
    assert ostiary_test("pack", "--changed-since", "nowhere").exit_code == 2


@pytest.mark.parametrize("example", ["tailwind", "overlap"])
def test_questions_are_written_that_see_each_policy_in_every_way(
    tmp_path: Path, example: str
) -> None:
    folder = Path(shutil.copytree(rules_dir() / "examples" / example, tmp_path / "tenant"))
    before = bytes_of(folder)
    (found,) = counts(ostiary_test(folder, "--write-missing", "--json"))
    out_of_reach = {(one["policy"], one["sight"]) for one in found["out_of_reach"]}
    assert bytes_of(folder).items() >= before.items()
    again = ostiary_test(folder, "--coverage", "--json", "--fail-under", "100")
    assert again.exit_code == 0, again.stdout
    (now,) = counts(again)
    for policy in now["policies"]:
        for sight in ("selected", "offered", "refused", "in", "out"):
            assert policy[sight] > 0 or (policy["policy"], sight) in out_of_reach
    assert now["suites"] == []
    assert ostiary_test(folder).exit_code == 0


def test_a_policy_that_is_switched_off_is_said_to_be_out_of_reach() -> None:
    done = ostiary_test(rules_dir() / "examples" / "overlap", "--coverage")
    assert done.exit_code == 0
    assert "team-wiki/interns: cannot be selected: the policy is switched off" in done.stdout
