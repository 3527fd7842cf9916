"""Mutants of rule packs: what they are, what becomes of them, and which survive known tests."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ostiary.analysis.mutation.difference import Speaker, difference
from ostiary.analysis.mutation.mutants import Fate, PackMutant
from ostiary.analysis.mutation.pack_operators import pack_mutants
from ostiary.analysis.mutation.pack_trial import refused_for, try_pack
from ostiary.analysis.suites.cells import cell_of, check_cell
from ostiary.cli.main import app
from ostiary.domain.tables import Phase, Tables
from ostiary.rulebook.cell_checks import examine, logic_of
from ostiary.rulebook.compiler import compile_phase
from ostiary.rulebook.engine import WORKER_COMMAND, Deadline
from ostiary.rulebook.engine_run import check_against_reference, run_engine
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import check_gate
from ostiary.rulebook.invariants import check_invariants, check_nevers
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.phase_tables import EagerTable
from ostiary.rulebook.suite_file import CellTest, load_suite
from ostiary.rulebook.tabulate import standard_pack_dir
from tests.packs.building import copy_of_small, read_small

# Two cells, of which one test says too little: what it leaves open is what survives.
LIFECYCLE = """suite: what follows
tests:
  - name: without approval access is given at once and stays
    phase: lifecycle
    given: {approval: not_required, end: never}
    want: {actions: [{schedule: GRANT, at: assignment_start}]}
  - name: access that has an end ends
    phase: lifecycle
    given: {approval: required, end: dated}
    want: {includes: {actions: [{schedule: EXPIRE_ASSIGNMENT, at: assignment_end}]}}
"""
# Nothing says what happens with approval; neither of the two actions can stand at another moment.
SURVIVORS = [
    "plan.stages/drop-rule",
    "plan.stages/drop-action.OPEN_STAGE",
    "plan.stages/drop-action.TIME_OUT_STAGE",
]


def read(folder: Path) -> Pack:
    pack = read_pack(folder, FaultList())
    assert pack is not None
    return pack


def ostiary(*words: str | Path) -> Result:
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def mutated(folder: Path, *words: str) -> Any:
    """The report on one folder."""
    (report,) = json.loads(ostiary("mutate", folder, "--json", *words).stdout)
    return report


@pytest.fixture
def tested(tmp_path: Path) -> Path:
    """The small pack with tests that see every mutant, but for the lifecycle."""
    folder = copy_of_small(tmp_path)
    ostiary("test", folder, "--write-missing")
    for path in folder.glob("lifecycle_*_test.yaml"):
        path.unlink()
    (folder / "plan_test.yaml").write_text(LIFECYCLE, encoding="utf-8")
    ostiary("mutate", folder, "--write-missing", "--only", "scope.")
    ostiary("mutate", folder, "--write-missing", "--only", "selection.")
    return folder


def test_exactly_the_known_survivors_are_listed(tested: Path) -> None:
    report = mutated(tested)
    assert [one["id"] for one in report["survivors"]] == SURVIVORS
    assert report["unexplained"] == len(SURVIVORS)
    first = report["survivors"][0]
    assert (first["file"], first["line"]) == ("lifecycle.yaml", 8)
    assert first["removed"][0] == "- id: plan.stages"
    assert first["added"] == []
    assert first["shows"] == ("2 cells of lifecycle, the first approval: required, end: dated")
    assert first["after"] == "GRANT at assignment_start, EXPIRE_ASSIGNMENT at assignment_end"


def test_the_test_that_a_survivor_comes_with_kills_it(tested: Path) -> None:
    for survivor in mutated(tested)["survivors"]:
        path = tested / "added_test.yaml"
        path.write_text(f"suite: added\ntests:\n{survivor['test']}", encoding="utf-8")
        left = [one["id"] for one in mutated(tested)["survivors"]]
        assert survivor["id"] not in left
        path.unlink()


def test_written_tests_leave_no_survivor(tested: Path) -> None:
    before = {path.name: path.read_bytes() for path in tested.iterdir()}
    done = ostiary("mutate", tested, "--write-missing")
    assert f"wrote {tested}/lifecycle_mutants_test.yaml" in done.stderr
    assert {path.name: path.read_bytes() for path in tested.iterdir()}.items() >= before.items()
    assert mutated(tested)["survivors"] == []
    assert ostiary("mutate", tested, "--fail-over", "0").exit_code == 0


def test_a_survivor_that_is_explained_counts_no_more(tested: Path) -> None:
    assert ostiary("mutate", tested, "--fail-over", "0").exit_code == 1
    assert ostiary("mutate", tested, "--fail-over", str(len(SURVIVORS))).exit_code == 0
    entries = "".join(f"  - {{id: {one}, why: Approval is not ours.}}\n" for one in SURVIVORS)
    file = tested / "mutants.yaml"
    file.write_text(f"accepted:\n{entries}", encoding="utf-8")
    done = ostiary("mutate", tested, "--fail-over", "0")
    assert done.exit_code == 0, done.output
    assert "plan.stages/drop-rule: Approval is not ours." in done.stdout
    # beside the rules the file is none of them
    assert ostiary("check", tested).exit_code == 0


def test_an_entry_that_explains_nothing_is_a_fault_at_its_place(tested: Path) -> None:
    file = tested / "mutants.yaml"
    file.write_text(
        "accepted:\n"
        "  - {id: plan.stages/drop-rule, why: a}\n"
        "  - {id: plan.nothing/drop-rule, why: b}\n"
        "  - {id: plan.grant/drop-rule, why: c}\n"
        "  - {id: limits.held/widen.held.nothing, why: d}\n",
        encoding="utf-8",
    )
    done = ostiary("mutate", tested)
    assert done.exit_code == 1
    told = [line.removeprefix(f"{file}:") for line in done.stderr.splitlines()]
    assert told[0] == (
        "3:5: UNUSED: `plan.nothing/drop-rule` is no mutant of these definitions:"
        " take the entry out"
    )
    assert told[1].startswith("4:5: UNUSED: `plan.grant/drop-rule` is ")
    assert len(told) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("", "EMPTY_FILE", id="empty"),
        pytest.param("accepted: [{id: a/b}]", "MISSING_FIELD", id="no why"),
        pytest.param("accepted: [{id: nonsense, why: a}]", "INVALID_MODEL", id="no id of a mutant"),
        pytest.param(
            "accepted: [{id: a/b, why: c}, {id: a/b, why: d}]", "DUPLICATE", id="twice the same"
        ),
        pytest.param("accepted: {a: b}", "INVALID_MODEL", id="no list"),
        pytest.param("mutants: []", "UNKNOWN_FIELD", id="another field"),
    ],
)
def test_a_faulty_file_of_explanations_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    folder = copy_of_small(tmp_path)
    (folder / "mutants.yaml").write_text(text, encoding="utf-8")
    done = ostiary("mutate", folder)
    assert done.exit_code == 1
    assert fault in done.stderr
    assert f"{folder}/mutants.yaml:" in done.stderr


def test_mutants_of_tests_that_fail_mean_nothing(tested: Path) -> None:
    wrong = LIFECYCLE.replace("what follows", "wrong").replace("GRANT", "REVOKE")
    (tested / "wrong_test.yaml").write_text(
        wrong.replace("assignment_start", "assignment_end"), encoding="utf-8"
    )
    done = ostiary("mutate", tested)
    assert done.exit_code == 1
    assert "every test passes" in done.stderr
    assert f"{tested}/wrong_test.yaml:3: without approval" in done.stderr


def test_without_tests_whatever_loads_and_differs_survives(tmp_path: Path) -> None:
    report = mutated(copy_of_small(tmp_path))
    assert report["counts"]["killed"] == 0
    assert report["counts"]["survived"] == len(report["survivors"]) > 100


def test_two_runs_say_the_same(tested: Path) -> None:
    assert mutated(tested) == mutated(tested)


def test_no_two_mutants_have_one_id_and_each_says_what_it_changes() -> None:
    mutants = list(pack_mutants(read(standard_pack_dir())))
    assert [name for name, count in Counter(one.id for one in mutants).items() if count > 1] == []
    for one in mutants:
        assert one.change.removed != one.change.added, one.id
        assert one.sentence
    operators = {one.operator for one in mutants}
    assert operators == {
        *("drop-rule", "drop-condition", "widen", "narrow", "flip-answer", "flip-reason"),
        *("flip-cause", "flip-fact", "flip-action", "flip-moment", "move-up", "move-down"),
        *("swap-rules", "swap-steps"),
    }


def sample(pack: Pack, number: int) -> list[PackMutant]:
    return random.Random(7).sample(list(pack_mutants(pack)), number)  # a fixed sample


@pytest.mark.parametrize("folder", ["small", "standard"])
def test_a_quick_look_at_a_region_says_what_the_checks_of_loading_say(folder: str) -> None:
    pack = read_small() if folder == "small" else read(standard_pack_dir())
    for mutant in sample(pack, 400 if folder == "small" else 25):
        faults, logic = FaultList(), logic_of(mutant.phase)
        check_gate(mutant.phase, faults)
        examine(logic, faults)
        check_invariants(logic, faults)
        check_nevers(logic, faults)
        quick = refused_for(Speaker(mutant.phase), mutant.region)
        codes = {fault.code for fault in faults.sorted() if fault.severity == "error"}
        assert (quick is None) == (not codes), (mutant.id, quick, codes)
        assert quick is None or quick in codes


def test_a_region_holds_every_cell_that_differs() -> None:
    pack = read(standard_pack_dir())
    for mutant in sample(pack, 40):
        one, other = Speaker(pack.phases[mutant.phase.phase]), Speaker(mutant.phase)
        near, everywhere = difference(one, other, mutant.region), difference(one, other)
        assert (near.cells, near.first) == (everywhere.cells, everywhere.first), mutant.id
        assert near.which == everywhere.which


def test_cells_that_are_too_many_are_compared_class_by_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = read(standard_pack_dir())
    mutants = [one for one in sample(pack, 25) if one.phase.phase is not Phase.LIMITS]
    pairs = [(Speaker(pack.phases[one.phase.phase]), Speaker(one.phase)) for one in mutants]
    listed = [difference(one, other) for one, other in pairs]
    monkeypatch.setattr("ostiary.analysis.mutation.difference.MOST_LISTED", 0)
    for (one, other), known in zip(pairs, listed, strict=True):
        found = difference(one, other)
        assert found.which is None
        assert (found.cells, found.first) == (known.cells, known.first)


class _Looks:
    """Tests that pass, given by their cells; a mutant fails those whose cell it changes."""

    def __init__(self, pack: Pack, tests: list[CellTest], tables: Tables) -> None:
        self.tests = {test.name: test for test in tests}
        self.looked: dict[Phase, dict[int, list[str]]] = {phase: {} for phase in pack.phases}
        for test in tests:
            self.looked[test.phase].setdefault(cell_of(test, tables), []).append(test.name)

    def looked_at(self, phase: Phase) -> list[dict[int, list[str]]]:
        return [self.looked[phase]]

    def fails(self, name: str, tables: Tables) -> bool:
        test = self.tests[name]
        return bool(check_cell(test, tables.phases[test.phase].row(cell_of(test, tables))))


def test_durable_rules_agrees_on_a_sample_about_what_survives(tested: Path) -> None:
    """Mutants are tabulated by the reference; the engine gives each the same fate (ADR 14)."""
    pack = read(tested)
    tests = [
        test
        for path in sorted(tested.glob("*_test.yaml"))
        for test in load_suite(path).tests
        if isinstance(test, CellTest)
    ]
    original = _tables(pack)
    looks = _Looks(pack, tests, original)
    chosen = sample(pack, 25)
    chosen += [one for one in pack_mutants(pack) if one.id in SURVIVORS]
    for mutant, tried in zip(chosen, try_pack(pack, chosen, looks), strict=True):
        if tried.fate is Fate.REFUSED:
            continue
        phases = {**pack.phases, mutant.phase.phase: mutant.phase}
        engine = _tables(Pack(pack.name, phases, pack.predicates, pack.digest))
        failed = [name for name in looks.tests if looks.fails(name, engine)]
        if tried.fate is Fate.KILLED:
            assert tried.by in failed
        else:
            assert failed == [], mutant.id


def _tables(pack: Pack) -> Tables:
    """The tables of a pack as durable-rules works them out, checked in every cell."""
    compiled = [compile_phase(phase) for phase in pack.phases.values()]
    fired = run_engine(compiled, Deadline(60.0), WORKER_COMMAND, lambda _: None)
    tables = {}
    for phase in pack.phases.values():
        logic = logic_of(phase)
        check_against_reference(phase, logic.reference, fired[phase.phase.value])
        tables[phase.phase] = EagerTable(phase, fired[phase.phase.value])
    return Tables(pack.digest, tables, pack.predicates)


@pytest.mark.parametrize(
    "only", ["approvers.", pytest.param("/", marks=pytest.mark.long, id="all")]
)
def test_the_suites_of_the_shipped_rules_leave_no_survivor_unexplained(only: str) -> None:
    done = ostiary("mutate", standard_pack_dir(), "--only", only, "--fail-over", "0")
    assert done.exit_code == 0, done.output
