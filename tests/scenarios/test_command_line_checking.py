"""`ostiary check`, and what every command says about folders that are faulty."""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path

import pytest

from ostiary.cli import folders
from ostiary.cli.exits import Exit
from ostiary.rulebook.tabulate import load_pack
from tests.scenarios.commands import EMIL, ROOT, STANDARD, TAILWIND, run, run_apart, spoil


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A copy of the shipped rules to spoil."""
    return Path(shutil.copytree(STANDARD, tmp_path / "rules"))


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """A copy of an example to spoil."""
    return Path(shutil.copytree(TAILWIND, tmp_path / "tailwind"))


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
    marks = (" warning ", " advice ")
    assert all(any(mark in line for mark in marks) for line in done.stdout.splitlines())


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
        pytest.param(
            (STANDARD / "limits.yaml",), f"name the folder that it is in: {STANDARD}", id="a file"
        ),
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


def test_a_folder_that_is_called_like_a_file_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").mkdir()
    done = run("check", tmp_path)
    assert done.exit_code == Exit.FAULTY
    assert "FILE_UNREADABLE: " in done.stdout


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
    report = run("check", "--cells", "--rules", rules, "--format", "json")
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
