"""Coverage of a pack by looks at its cells, the cells that are missing, and the tests of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.analysis.coverage.boxes import aspects, boxes_of
from ostiary.analysis.coverage.cases import suites_for_classes, suites_for_rules
from ostiary.analysis.coverage.changes import changed_since
from ostiary.analysis.coverage.pack import Look, PackCoverage, Share, cover_pack
from ostiary.domain.tables import Phase
from ostiary.rulebook.cell_checks import logic_of
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.suite_file import CellTest, load_suite
from ostiary.rulebook.tabulate import standard_pack_dir
from tests.coverage.counter import counted, phases_of
from tests.packs.building import SMALL, changed, copy_of_small, read_small


def read(folder: Path) -> Pack:
    pack = read_pack(folder, FaultList())
    assert pack is not None
    return pack


def written(pack: Pack, coverage: PackCoverage, folder: Path) -> list[Path]:
    """The missing tests in files of a folder."""
    found = []
    for suite in (*suites_for_rules(pack, coverage), *suites_for_classes(pack, coverage)):
        path = folder / f"{suite.name}_test.yaml"
        path.write_text(suite.text, encoding="utf-8")
        assert len(load_suite(path).tests) == suite.tests
        found.append(path)
    return found


def looks_of(suites: list[Path], pack: Pack) -> list[Look]:
    """The cells that suites ask for, as they are read by the product."""
    found = []
    for path in suites:
        for test in load_suite(path).tests:
            assert isinstance(test, CellTest)
            phase = pack.phases[test.phase]
            cell = 0
            for fact, words in phase.facts:
                cell = cell * len(words) + words.index(test.given[fact])
            found.append(Look(f"{path.name}: {test.name}", test.phase, cell))
    return found


def test_without_tests_everything_is_missing() -> None:
    coverage = cover_pack(read_small(), [])
    assert coverage.tests == 0
    assert coverage.fired.reached == coverage.decided.reached == coverage.classes.reached == 0
    assert coverage.classes.of == sum(len(one.missing) for one in coverage.phases)


def test_a_rule_fires_in_a_cell_where_another_one_decides() -> None:
    pack = read_small()
    phase = pack.phases[Phase.REQUESTOR_SCOPE]
    facts = {"policy": "disabled", "scope": "all_members", "person": "unknown", "contractor": "no"}
    cell = 0
    for fact, words in phase.facts:
        cell = cell * len(words) + words.index(facts[fact])
    looks = [Look("one", phase.phase, cell), Look("one", phase.phase, cell)]
    (scope, *_) = cover_pack(pack, [*looks, Look("two", phase.phase, cell)]).phases
    assert {one.rule.id: (one.fired, one.decided) for one in scope.rules} == {
        "scope.disabled": (2, 2),
        "scope.members": (0, 0),
        "scope.guests": (0, 0),
        "scope.type-unknown": (2, 0),
        "scope.others": (2, 0),
    }
    assert scope.classes.reached == 1
    assert scope.fired == Share(3, 5)
    assert scope.decided == Share(1, 5)


def test_a_rule_that_can_decide_nowhere_does_not_count_among_those_that_decide(
    tmp_path: Path,
) -> None:
    pack = read(
        changed(tmp_path, "requestor_scope", "policy: disabled}\n        then", "}\n        then")
    )
    (scope, *_) = cover_pack(pack, []).phases
    assert [one.rule.id for one in scope.rules if one.can_decide] == ["scope.disabled"]
    assert scope.decided == Share(0, 1)
    assert scope.fired == Share(0, 5)


def test_a_cell_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError, match="requestor_scope has no cell 216"):
        cover_pack(read_small(), [Look("one", Phase.REQUESTOR_SCOPE, 216)])


@pytest.mark.parametrize("folder", [SMALL, standard_pack_dir()], ids=["small", "standard"])
def test_what_is_written_reaches_everything_as_another_counter_finds(
    folder: Path, tmp_path: Path
) -> None:
    pack = read(folder)
    suites = written(pack, cover_pack(pack, []), tmp_path)
    found = counted(folder, suites)
    assert found.keys() == {phase.value for phase in Phase}
    assert [name for name, one in found.items() if not one.whole] == []
    again = cover_pack(pack, looks_of(suites, pack))
    assert again.fired.percent == again.decided.percent == again.classes.percent == 100.0
    assert all(one.missing == () for one in again.phases)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False))
def test_both_counters_agree_on_some_tests_and_the_rest_is_written(
    tmp_path: Path, random: object
) -> None:
    pack = read_small()
    coverage = cover_pack(pack, [])
    assert hasattr(random, "sample")
    some = [
        missing
        for phase in coverage.phases
        for missing in random.sample(phase.missing, len(phase.missing) // 3)
    ]
    looks = [Look(str(at), one.phase, one.cell) for at, one in enumerate(some)]
    half = cover_pack(pack, looks)
    phases = phases_of(SMALL)
    for phase in half.phases:
        own = phases[phase.phase.value]
        cells = [
            tuple(word for _, word in pack.phases[one.phase].facts_of(one.cell))
            for one in some
            if one.phase is phase.phase
        ]
        reached = {own.fired(cell) for cell in cells}
        assert phase.classes.reached == len(reached)
        assert {one.rule.id for one in phase.rules if one.fired} == set().union(*reached)
        decided = set().union(*map(own.decided, reached))
        assert {one.rule.id for one in phase.rules if one.decided} == decided
    rest = cover_pack(pack, [*looks, *looks_of(written(pack, half, tmp_path), pack)])
    assert rest.classes.percent == 100.0


@pytest.mark.parametrize("phase", list(Phase), ids=lambda phase: phase.value)
def test_every_cell_of_a_box_says_what_the_box_says(phase: Phase) -> None:
    logic = logic_of(read(standard_pack_dir()).phases[phase])
    outcomes = logic.reference.outcomes()[::61]
    for part in aspects(logic):
        for box in boxes_of(logic, part, [one.first for one in outcomes]):
            region = {fact: frozenset(words) for fact, words in box.words.items()}
            inside = logic.reference.outcomes(region)
            assert sum(one.cells for one in inside) == box.cells
            for one in inside:
                speaking = one.fired & part.rules
                decides = speaking if part.answer is None else speaking & -speaking
                assert decides == box.deciding


def test_the_least_cells_for_the_rules_of_the_standard_pack_are_exact() -> None:
    coverage = cover_pack(read(standard_pack_dir()), [])
    assert all(one.for_rules_exact for one in coverage.phases)
    # one of the 33 rules of gate 6 decides in a cell, so no fewer would do
    assert [len(one.for_rules) for one in coverage.phases] == [33, 25, 7, 21, 1]


def test_nothing_has_changed_since_the_same_pack() -> None:
    pack = read_small()
    only = changed_since(pack, pack)
    assert all(one.rules == 0 and not one.classes for one in only.values())
    coverage = cover_pack(pack, [], only)
    assert coverage.classes == coverage.fired == Share(0, 0)
    assert coverage.classes.percent == 100.0


def test_only_what_a_change_touches_is_missing(tmp_path: Path) -> None:
    old = read_small()
    new = read(changed(tmp_path, "requestor_scope", "scope: all_directory_users, person", "person"))
    coverage = cover_pack(new, [], changed_since(old, new))
    scope = coverage.phases[0]
    assert [one.rule.id for one in scope.rules] == ["scope.guests"]
    assert coverage.classes == scope.classes
    # brute force: classes of the new pack with a cell in which other rules fire than before
    was, now = phases_of(SMALL)["requestor_scope"], phases_of(tmp_path / "pack")["requestor_scope"]
    differing = {now.fired(cell) for cell in now.cells() if now.fired(cell) != was.fired(cell)}
    assert scope.classes.of == len(differing)
    assert {frozenset(rule.id for rule in one.fired) for one in scope.missing} == differing


def test_a_step_that_moves_changes_the_cells_in_which_another_rule_decides_now(
    tmp_path: Path,
) -> None:
    old = read_small()
    folder = copy_of_small(tmp_path)
    path = folder / "limits.yaml"
    text = path.read_text(encoding="utf-8")
    duties = text[text.index("  - step: duties") : text.index("  - step: counters")]
    moved = text.replace(duties, "").replace("steps:\n", f"steps:\n{duties}")
    path.write_text(moved, encoding="utf-8")
    coverage = cover_pack(read(folder), [], changed_since(old, read(folder)))
    (limits,) = (one for one in coverage.phases if one.phase is Phase.LIMITS)
    assert limits.rules == ()
    assert limits.classes.of > 0
    fired = [{rule.id for rule in one.fired} for one in limits.missing]
    assert all({"limits.held", "limits.duties"} <= rules for rules in fired)


def test_a_fact_that_is_new_may_have_had_any_word(tmp_path: Path) -> None:
    new = read_small()
    folder = changed(
        tmp_path,
        "requestor_scope",
        "predicates:\n  contractor: {attribute: employment_type, equals: contractor}\n",
        "",
    )
    path = folder / "requestor_scope.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(', contractor: "no"', ""), encoding="utf-8")
    only = changed_since(read(folder), new)[Phase.REQUESTOR_SCOPE]
    members = 1 << [one.rule.id for one in new.phases[Phase.REQUESTOR_SCOPE].rules].index(
        "scope.members"
    )
    assert only.rules == members
    # where somebody is a contractor, or it is not known, members fell under the rule before
    assert all(not classes & members for classes in only.classes)
    assert only.classes
