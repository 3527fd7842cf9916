"""What the cells of a phase say: silence, conflicts, dead rules, unknown facts, invariants."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.domain.tables import Phase
from ostiary.domain.vocabulary import VOCABULARY
from ostiary.rulebook import reference
from ostiary.rulebook.cell_checks import MOST_CONFLICTS, MOST_EXAMPLES, examine, logic_of
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.invariants import INVARIANTS, check_invariants, check_nevers
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.reference import Reference, TooManyOutcomesError
from ostiary.rulebook.report import Conflict, DeadRule, PhaseReport, Silence
from ostiary.rulebook.tabulate import report_pack
from ostiary.rulebook.verdicts import Judge
from tests.packs.building import changed, faults_of, read_small
from tests.packs.phases import When, phase_of

COLOURS = {"colour": ("red", "green", "blue"), "size": ("small", "large")}


def examined(phase: PackPhase) -> tuple[PhaseReport, list[str]]:
    """The report on a phase and what it would be refused or warned for."""
    faults = FaultList()
    report = examine(logic_of(phase), faults)
    return report, [str(fault).removeprefix("made.yaml:") for fault in faults.sorted()]


def test_a_phase_without_fault() -> None:
    phase = phase_of(COLOURS, [(0, {"colour": ("red",)}, "in"), (1, {}, "out")])
    report, faults = examined(phase)
    assert report == PhaseReport("requestor_scope", 6, 2)
    assert faults == []


def test_silent_cells_are_counted_and_described_as_widely_as_possible() -> None:
    rules = [(0, {"colour": ("red",)}, "in"), (0, {"colour": ("green",), "size": ("small",)}, "in")]
    report, faults = examined(phase_of(COLOURS, rules))
    assert report.silent == (
        Silence(
            "scope",
            3,
            ({"colour": ("green", "blue"), "size": ("large",)}, {"colour": ("blue",)}),
        ),
    )
    assert faults == [
        (
            "1:1: SILENT: no rule says `scope` in 3 cells: colour: green or blue, size: large; "
            "colour: blue (6 cells in all)"
        )
    ]


def test_an_answer_may_be_silent_while_another_is_given() -> None:
    phase = phase_of(
        {"held": ("nothing", "assigned")},
        [(0, {"held": ("nothing",)}, "yes")],
        phase=Phase.LIMITS,
        answer="eligible",
    )
    report, _ = examined(phase)
    assert report.silent == (
        Silence("outcome", 2, ({},)),
        Silence("eligible", 1, ({"held": ("assigned",)},)),
    )
    assert str(report.silent[0]) == "no rule says `outcome` in 2 cells: always"


def test_rules_of_one_step_must_not_contradict_each_other() -> None:
    rules: list[tuple[int, When, str]] = [
        (0, {"colour": ("red", "green")}, "in"),
        (0, {"size": ("small",), "colour": ("green", "blue")}, "out"),
        (1, {}, "out"),
    ]
    report, faults = examined(phase_of(COLOURS, rules))
    conflict = Conflict("scope", ("r0", "r1"), 1, {"colour": ("green",), "size": ("small",)})
    assert report.conflicts == (conflict,)
    assert faults == [
        (
            "11:1: CONFLICT: `r1` contradicts `r0` (line 10) on `scope` in 1 cell: "
            "colour: green, size: small"
        )
    ]


def test_rules_of_one_step_may_agree_and_later_steps_may_differ() -> None:
    rules: list[tuple[int, When, str]] = [
        (0, {"colour": ("red", "green")}, "in"),
        (0, {"size": ("small",)}, "in"),
        (1, {}, "out"),
    ]
    assert examined(phase_of(COLOURS, rules))[1] == []


def test_a_conflict_counts_even_where_an_earlier_step_decides() -> None:
    rules = [(0, {}, "in"), (1, {"colour": ("red",)}, "in"), (1, {"size": ("small",)}, "out")]
    report, _ = examined(phase_of(COLOURS, rules))
    assert [conflict.rules for conflict in report.conflicts] == [("r1", "r2")]


def test_a_rule_that_never_fires() -> None:
    report, faults = examined(phase_of(COLOURS, [(0, {"colour": ()}, "in"), (1, {}, "out")]))
    assert report.never_fired == (DeadRule("r0", "made.yaml", 10),)
    assert faults == ["10:1: NEVER_FIRES: `r0` never fires: its list for `colour` is empty"]


def test_a_rule_that_is_always_overruled_is_a_warning() -> None:
    _, faults = examined(phase_of(COLOURS, [(0, {}, "out"), (1, {"colour": ("red",)}, "in")]))
    assert faults == [
        "11:1: warning OVERRULED: `r1` fires but decides nothing: other rules always speak first"
    ]


def test_a_phase_with_too_many_combinations_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "MOST_OUTCOMES", 1_000)
    facts = {f"f{number}": ("yes", "no") for number in range(12)}
    rules = [(0, {fact: ("yes",)}, "in") for fact in facts]
    report, faults = examined(phase_of(facts, rules))
    assert (report.cells, report.rules) == (4_096, 12)
    assert [fault.split(": ")[1] for fault in faults] == ["LIMIT"]


def test_findings_in_words() -> None:
    dead = DeadRule("r0", "limits.yaml", 7)
    assert str(dead) == "`r0` (limits.yaml:7) never fires"
    conflict = Conflict("scope", ("r0", "r1"), 1_200, {"a": ("x", "y"), "b": ("z",)})
    assert str(conflict) == (
        "`r0` and `r1` contradict each other on `scope` in 1,200 cells: a: x or y, b: z"
    )


def test_conflicts_are_counted_up_to_a_point() -> None:
    rules: list[tuple[int, When, str]] = [
        (0, {}, "in" if number % 2 else "out") for number in range(100)
    ]
    report, faults = examined(phase_of({"a": ("x", "y")}, rules))
    assert len(report.conflicts) == MOST_CONFLICTS
    assert len([fault for fault in faults if "CONFLICT" in fault]) == MOST_CONFLICTS


UNKNOWN = {"person": ("member", "guest", "unknown"), "policy": ("enabled", "disabled")}


def widening(phase: PackPhase) -> list[str]:
    """What the invariants say about a phase."""
    faults = FaultList()
    check_invariants(logic_of(phase), faults)
    return [str(fault).removeprefix("made.yaml:") for fault in faults.sorted()]


def test_an_unknown_fact_must_not_open_what_a_known_one_keeps_shut() -> None:
    """S-25: nothing is granted for want of knowledge."""
    rules = [
        (0, {"policy": ("disabled",)}, "out"),
        (1, {"person": ("guest",)}, "out"),
        (2, {}, "in"),
    ]
    (fault,) = [fault for fault in widening(phase_of(UNKNOWN, rules)) if "WIDENS" in fault]
    assert fault == (
        "12:1: UNKNOWN_WIDENS: `r2` gives `scope: in` where `person` is unknown, "
        "but not where it is guest; cell: policy: enabled"
    )


def test_an_unknown_fact_that_does_not_matter_may_stay_unknown() -> None:
    rules = [(0, {"policy": ("disabled",)}, "out"), (1, {}, "in")]
    faults = widening(phase_of(UNKNOWN, rules))
    assert [fault for fault in faults if "WIDENS" in fault] == []


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda i: f"{i.answer}: {i.because}")
def test_every_invariant_names_real_words_and_can_be_broken(invariant: object) -> None:
    """S-25, S-28, S-35, S-40, S-53, S-72: what no rule file can switch off."""
    each = next(known for known in INVARIANTS if known is invariant)
    spec = VOCABULARY[each.phase]
    assert set(each.words) <= set(spec.answers[each.answer].words)
    for fact, words in each.when.items():
        assert set(words) < set(spec.facts[fact])
    facts = {fact: spec.facts[fact] for fact in each.when}
    for word in each.words:
        phase = phase_of(facts, [(0, {}, word)], phase=each.phase, answer=each.answer)
        assert any(each.because in fault for fault in widening(phase))
    kept = phase_of(
        facts,
        [(0, each.when, "unknown"), (1, {}, each.words[0])],
        phase=each.phase,
        answer=each.answer,
    )
    assert not any(each.because in fault for fault in widening(kept))


def test_a_fact_that_the_pack_does_not_look_at_cannot_excuse_it() -> None:
    (fault,) = widening(phase_of({"person": ("member", "guest")}, [(0, {}, "in")]))[:1]
    assert fault == (
        "10:1: INVARIANT: `r0` gives `scope: in` for policy: disabled, but a disabled policy "
        "admits nobody; the pack does not look at `policy`; cell: person: member"
    )


def test_what_the_author_rules_out_never_happens() -> None:
    phase = phase_of(
        COLOURS,
        [(0, {"colour": ("red", "blue")}, "in"), (1, {}, "out")],
        nevers=[("in", {"colour": ("green", "blue"), "size": ("large",)})],
    )
    faults = FaultList()
    check_nevers(logic_of(phase), faults)
    assert [str(fault).removeprefix("made.yaml:") for fault in faults.sorted()] == [
        (
            "10:1: NEVER: `r0` gives `scope: in`, which the pack says never happens for "
            "colour: green or blue, size: large (line 900); cell: colour: blue, size: large"
        )
    ]


def test_two_rules_that_schedule_the_same_are_refused(tmp_path: Path) -> None:
    grant = "then: {schedule: GRANT, at: assignment_start}"
    again = "then: {schedule: EXPIRE_ASSIGNMENT, at: assignment_end}"
    assert faults_of(changed(tmp_path, "lifecycle", grant, again)) == [
        (
            "lifecycle.yaml:21:9: CONFLICT: `plan.expire` schedules what `plan.grant` (line 17) "
            "schedules in 2 cells: end: dated"
        )
    ]


def test_a_cell_in_which_nothing_is_scheduled_is_silent(tmp_path: Path) -> None:
    folder = changed(tmp_path, "lifecycle", "when: {}", "when: {approval: required}")
    assert faults_of(folder) == [
        (
            "lifecycle.yaml:1:8: SILENT: no rule says `schedule` in 1 cell: "
            "approval: not_required, end: never (4 cells in all)"
        )
    ]


def test_a_pack_that_is_refused_can_be_reported_on(tmp_path: Path) -> None:
    folder = changed(tmp_path, "requestor_scope", "when: {}", "when: {person: [member, guest]}")
    report = report_pack(folder, cache=None)
    assert not report.accepted
    scope = report.to_json()["phases"][0]
    assert scope == {
        "phase": "requestor_scope",
        "cells": 216,
        "rules": 5,
        "silent": [
            {
                "answer": "scope",
                "cells": 27,
                "where": [{"policy": ["enabled"], "person": ["external"]}],
            }
        ],
        "never_fired": [],
        "conflicts": [],
    }
    assert [phase["phase"] for phase in report.to_json()["phases"]] == [
        phase.value for phase in Phase
    ]


words = st.sampled_from(["x", "y", "z"])
conditions = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]), st.sets(words, min_size=0, max_size=3).map(sorted)
)
FACTS = {"a": ("x", "y"), "b": ("x", "y", "z"), "c": ("z", "x"), "d": ("y", "x", "z")}


@st.composite
def small_phases(draw: st.DrawFn) -> PackPhase:
    """Phases with random rules over four facts."""
    rules = draw(
        st.lists(
            st.tuples(st.integers(0, 2), conditions, st.sampled_from(["in", "out", "unknown"])),
            max_size=8,
        )
    )
    tidy = [
        (
            step,
            {fact: [w for w in FACTS[fact] if w in allowed] for fact, allowed in when.items()},
            w,
        )
        for step, when, w in sorted(rules, key=lambda rule: rule[0])
    ]
    return phase_of(FACTS, tidy)


def all_cells(phase: PackPhase) -> list[Mapping[str, str]]:
    """Every cell as a mapping, in the order of their numbers."""
    names = [fact for fact, _ in phase.facts]
    return [
        dict(zip(names, found, strict=True))
        for found in itertools.product(*(domain for _, domain in phase.facts))
    ]


def naive(phase: PackPhase, cell: Mapping[str, str]) -> int:
    """The rules that hold in a cell, one condition after the other."""
    fired = 0
    for number, rule in enumerate(phase.rules):
        if all(cell[fact] in allowed for fact, allowed in rule.when):
            fired += 2**number
    return fired


@given(small_phases())
def test_the_reference_agrees_with_conditions_tried_one_by_one(phase: PackPhase) -> None:
    cells = all_cells(phase)
    evaluator = Reference(phase)
    expected = [naive(phase, cell) for cell in cells]
    assert evaluator.all_cells() == expected
    assert [evaluator.fired(number) for number in range(len(cells))] == expected
    assert [dict(phase.facts_of(number)) for number in range(len(cells))] == cells


@given(small_phases(), st.sets(words, min_size=1), st.integers(0, 255))
def test_outcomes_are_those_of_all_cells(phase: PackPhase, within: set[str], mask: int) -> None:
    evaluator = Reference(phase)
    mask &= evaluator.everything
    cells = [
        (number, naive(phase, cell) & mask)
        for number, cell in enumerate(all_cells(phase))
        if cell["b"] in within
    ]
    found = evaluator.outcomes({"b": frozenset(within)}, mask)
    assert {outcome.fired: (outcome.cells, outcome.first) for outcome in found} == {
        fired: (
            sum(1 for _, other in cells if other == fired),
            min(number for number, other in cells if other == fired),
        )
        for _, fired in cells
    }


@given(small_phases(), st.sets(words, min_size=1))
def test_deciders_are_the_first_rules_that_fire(phase: PackPhase, within: set[str]) -> None:
    evaluator, judge = Reference(phase), Judge(phase)
    speaking = judge.speaking["scope"]
    found: dict[int | None, list[int]] = {}
    for number, cell in enumerate(all_cells(phase)):
        if cell["b"] in within:
            found.setdefault(judge.decider("scope", naive(phase, cell)), []).append(number)
    counted: dict[int | None, tuple[int, int]] = {}
    for outcome in evaluator.deciders(speaking, {"b": frozenset(within)}):
        decider = judge.decider("scope", outcome.fired)
        cells, first = counted.get(decider, (0, outcome.first))
        counted[decider] = (cells + outcome.cells, min(first, outcome.first))
    assert counted == {number: (len(those), those[0]) for number, those in found.items()}


@given(small_phases())
def test_silent_regions_are_silent_and_hold_every_silent_cell(phase: PackPhase) -> None:
    report, _ = examined(phase)
    silent = [cell for cell in all_cells(phase) if not naive(phase, cell)]
    assert sum(silence.cells for silence in report.silent) == len(silent)
    for silence in report.silent:
        held = [
            cell
            for cell in all_cells(phase)
            if any(all(cell[f] in w for f, w in where.items()) for where in silence.where)
        ]
        assert all(cell in silent for cell in held)
        assert held == silent or len(silence.where) == MOST_EXAMPLES


@given(small_phases(), st.sampled_from(sorted(FACTS)))
def test_lines_along_a_fact_hold_what_fires_there(phase: PackPhase, fact: str) -> None:
    evaluator = Reference(phase)
    lines: dict[tuple[str, ...], list[int]] = {}
    for cell in all_cells(phase):
        others = tuple(word for name, word in cell.items() if name != fact)
        lines.setdefault(others, []).append(naive(phase, cell))
    found = dict(evaluator.along(fact, evaluator.everything))
    assert set(found) == {tuple(line) for line in lines.values()}
    for line, first in found.items():
        cell = dict(phase.facts_of(first))
        assert cell[fact] == FACTS[fact][0]
        assert lines[tuple(word for name, word in cell.items() if name != fact)] == list(line)


def test_a_phase_of_a_billion_cells_is_known_exactly() -> None:
    facts = {f"f{number}": tuple("abcdefgh") for number in range(10)}
    rules = [(0, {fact: ("a", "b")}, "in") for fact in facts]
    report, faults = examined(phase_of(facts, rules))
    assert report.cells == 8**10
    assert report.silent[0].cells == 6**10
    assert [fault.split(": ")[1] for fault in faults] == ["SILENT"]


def test_more_outcomes_than_can_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "MOST_OUTCOMES", 100)
    facts = {f"f{number}": ("a", "b") for number in range(10)}
    evaluator = Reference(phase_of(facts, [(0, {fact: ("a",)}, "in") for fact in facts]))
    with pytest.raises(TooManyOutcomesError):
        evaluator.outcomes()


def test_the_small_pack_has_no_fault() -> None:
    faults = FaultList()
    for phase in read_small().phases.values():
        logic = logic_of(phase)
        examine(logic, faults)
        check_invariants(logic, faults)
        check_nevers(logic, faults)
    assert faults.sorted() == ()
