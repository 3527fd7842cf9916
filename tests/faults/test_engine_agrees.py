"""On random packs the engine, the reference and the rules read one by one say the same."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.domain.tables import Phase
from ostiary.rulebook.compiler import compile_phase
from ostiary.rulebook.engine import WORKER_COMMAND, Deadline
from ostiary.rulebook.engine_run import run_engine
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import check_gate
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.reference import Reference
from tests.packs.phases import phase_of

NAMES = ("scope", "person", "route", "a", "f_1", "zz9", "long_name_of_a_fact")
WORDS = ("yes", "no", "unknown", "none", "x", "true", "null", "1", "cell", "sentinel", "w", "c")


@st.composite
def random_phases(draw: st.DrawFn) -> PackPhase:
    """A phase of random facts and rules with random lists that passes the gate."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    facts: Mapping[str, Sequence[str]] = {
        name: draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5, unique=True))
        for name in names
    }
    rules = []
    for _ in range(draw(st.integers(0, 20))):
        chosen = draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
        when = {
            name: draw(st.lists(st.sampled_from(facts[name]), max_size=4, unique=True))
            for name in chosen
        }
        rules.append((0, when, "in"))
    phase = phase_of(facts, rules)
    faults = FaultList()
    check_gate(phase, faults)
    return phase if not faults.has_errors else phase_of(facts, rules[:1])


def naive(phase: PackPhase) -> list[int]:
    """What fires in each cell: every rule tried on every cell, condition by condition."""
    names = [name for name, _ in phase.facts]
    found = []
    for words in itertools.product(*(words for _, words in phase.facts)):
        cell = dict(zip(names, words, strict=True))
        fired = 0
        for number, rule in enumerate(phase.rules):
            if all(cell[name] in allowed for name, allowed in rule.when):
                fired |= 1 << number
        found.append(fired)
    return found


def agree(phase: PackPhase) -> None:
    """Compare all three in every cell."""
    (fired,) = run_engine(
        [compile_phase(phase)], Deadline(60.0), WORKER_COMMAND, lambda _: None
    ).values()
    engine = [fired.fired(cell) for cell in range(phase.cells)]
    assert engine == Reference(phase).all_cells() == naive(phase)


many = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


@many
@given(random_phases())
def test_engine_reference_and_rules_agree(phase: PackPhase) -> None:
    """S-46: what durable-rules fires is what the rules say."""
    agree(phase)


@pytest.mark.long
@settings(many, max_examples=2_000)
@given(random_phases())
def test_engine_reference_and_rules_agree_at_length(phase: PackPhase) -> None:
    agree(phase)


def test_chunks_and_ranges_are_put_together_in_order() -> None:
    """More cells than a range holds, and an odd number of them, shared by several workers."""
    facts = {f"f{number}": [f"w{word}" for word in range(7)] for number in range(5)}
    rules = [
        (0, {f"f{number}": [f"w{word}"]}, "in") for number in range(5) for word in range(number)
    ]
    agree(phase_of(facts, rules))


def test_phases_of_one_run_do_not_disturb_each_other() -> None:
    facts = {"a": ("x", "y", "z"), "b": ("x", "y")}
    one = phase_of(facts, [(0, {"a": ("x",)}, "in")])
    other = phase_of(facts, [(0, {"b": ("y",)}, "yes")], phase=Phase.LIMITS, answer="eligible")
    found = run_engine(
        [compile_phase(one), compile_phase(other)], Deadline(60.0), WORKER_COMMAND, lambda _: None
    )
    for phase in (one, other):
        cells = found[phase.phase.value]
        assert [cells.fired(cell) for cell in range(phase.cells)] == naive(phase)
