"""What durable-rules gets wrong, tried for real: behind the gate, the worker and the reference.

Each row goes past the gate on purpose. None may end in an answer that is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ostiary.domain.errors import EngineFailedError
from ostiary.rulebook.compiler import SENTINEL_RULE, CompiledPhase, compile_phase
from ostiary.rulebook.engine import WORKER_COMMAND, Deadline, EngineWorker
from ostiary.rulebook.engine_run import check_against_reference, run_engine
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.gate import check_gate
from ostiary.rulebook.pack import PackPhase
from ostiary.rulebook.reference import Reference
from tests.packs.phases import When, phase_of

SENTINEL = {"all": [{"z": {"$and": [{"t": "sentinel"}]}}], "pri": 0}


def refused_by_gate(phase: PackPhase) -> bool:
    """Whether the gate keeps a phase from the engine."""
    faults = FaultList()
    check_gate(phase, faults)
    return faults.has_errors


def outcome(phase: PackPhase, *, seconds: float = 5.0) -> str:
    """How a phase ends that was let past the gate: `agrees`, or why it is refused."""
    try:
        fired = run_engine(
            [compile_phase(phase)], Deadline(seconds), WORKER_COMMAND, lambda _: None
        )
        check_against_reference(phase, Reference(phase), fired[phase.phase.value])
    except EngineFailedError as error:
        return str(error)
    return "agrees"


TWO = ("x", "y")


def one_by_one(facts: Mapping[str, Sequence[str]]) -> list[tuple[int, When, str]]:
    """A rule for each word of each fact."""
    return [(0, {fact: (word,)}, "in") for fact, words in facts.items() for word in words]


def many_words(facts: int, words: int) -> dict[str, Sequence[str]]:
    """Facts with many words each."""
    return {f"f{fact}": [f"w{word}" for word in range(words)] for fact in range(facts)}


PAST_THE_GATE = [
    pytest.param(
        phase_of({"userType": TWO, "dpsabkes": TWO}, [(0, {"userType": ("x",)}, "in")]),
        "the rule engine failed: ValueError: a rule fired twice in cell 0",
        id="two names with one hash",
    ),
    pytest.param(
        phase_of({"a": ("contoso", "contoso" + "x" * 65_536)}, one_by_one({"a": ("contoso",)})),
        "disagree",
        id="a length counted modulo 65,536",
    ),
    pytest.param(
        phase_of({"a": TWO, "b": TWO}, [(0, {"a": ("x",)}, "in")] * 300),
        "the rule engine failed: error: Could not create ruleset, error code: 108",
        id="300 rules with the same conditions",
    ),
    pytest.param(
        phase_of(many_words(1, 513), one_by_one(many_words(1, 513))),
        "did not answer within 2 s and was ended",
        id="513 conditions at one place",
    ),
    pytest.param(
        phase_of(many_words(1, 512), one_by_one(many_words(1, 512))),
        "the rule engine ",
        id="512 conditions at one place",
    ),
    pytest.param(
        phase_of(
            {f"f{number}": ("x",) for number in range(70)},
            [(0, {f"f{number}": ("x",)}, "in") for number in range(70)],
        ),
        "the rule engine ",
        id="more than 64 branches that match",
    ),
    pytest.param(
        phase_of({"sid": TWO}, one_by_one({"sid": TWO})),
        "the rule engine ",
        id="the state's own name",
    ),
    pytest.param(
        phase_of({"id": TWO}, one_by_one({"id": TWO})), "the rule engine ", id="the fact's own name"
    ),
    pytest.param(
        phase_of({"t": TWO}, one_by_one({"t": TWO})), "the rule engine ", id="the type's own name"
    ),
    pytest.param(
        phase_of({"$or": TWO}, one_by_one({"$or": TWO})), "the rule engine ", id="an operator"
    ),
    pytest.param(
        phase_of({"$nex": TWO}, one_by_one({"$nex": TWO})), "the rule engine ", id="absence"
    ),
]


@pytest.mark.parametrize(("phase", "reason"), PAST_THE_GATE)
def test_what_the_gate_refuses_would_not_be_believed_either(phase: PackPhase, reason: str) -> None:
    assert refused_by_gate(phase)
    assert reason in outcome(phase, seconds=2.0)


@pytest.mark.parametrize(
    "phase",
    [
        pytest.param(
            phase_of({"a": TWO, "b": TWO}, [(0, {"a": ("x",)}, "in")] * 255), id="255 equal rules"
        ),
        pytest.param(
            phase_of(many_words(1, 64), one_by_one(many_words(1, 64))), id="64 words of a fact"
        ),
        pytest.param(
            phase_of(
                {f"f{number}": ("x",) for number in range(32)},
                [(0, {f"f{number}": ("x",)}, "in") for number in range(32)],
            ),
            id="32 facts, all of which match",
        ),
        pytest.param(
            phase_of(
                {f"f{number}": ("x",) for number in range(32)},
                [
                    (0, {f"f{one}": ("x",), f"f{other}": ("x",)}, "in")
                    for one in range(32)
                    for other in range(one + 1, 32)
                ],
            ),
            id="32 facts, all pairs of which match",
        ),
        pytest.param(
            phase_of(
                {f"f{number}": TWO[:1] for number in range(16)},
                [(0, {f"f{number}": ("x",) for number in range(16)}, "in")],
            ),
            id="16 conditions of one rule",
        ),
        pytest.param(
            phase_of({"a": ("x" * 64, "x" * 63)}, one_by_one({"a": ("x" * 64, "x" * 63)})),
            id="words of 64 characters",
        ),
        pytest.param(
            phase_of(
                {"a": ("'\"\\", "{}", "5", "true", "null", "$or")},
                one_by_one({"a": ("'\"\\", "{}", "5", "true", "null", "$or")}),
            ),
            id="words that look like something else",
        ),
    ],
)
def test_the_engine_is_right_up_to_the_limits_of_the_gate(phase: PackPhase) -> None:
    assert not refused_by_gate(phase)
    assert outcome(phase, seconds=60.0) == "agrees"


def test_the_engine_is_right_with_256_conditions_at_one_place() -> None:
    """A phase that the gate lets through with so many has too many cells to try them all."""
    facts = many_words(1, 256)
    assert outcome(phase_of(facts, one_by_one(facts)), seconds=60.0) == "agrees"


def hostile(rules: dict[str, Any]) -> CompiledPhase:
    """A ruleset that no pack could be compiled to."""
    return CompiledPhase(
        name="hostile",
        ruleset=json.dumps(rules),
        owners=dict.fromkeys(rules, 0),
        facts=(("a", TWO),),
        rules=1,
        cells=2,
    )


def rule(*conditions: object) -> dict[str, Any]:
    """A rule with these conditions on the fact of the cell."""
    return {"all": [{"m": {"$and": [{"t": "cell"}, *conditions]}}], "pri": 8}


DIVISION = {"$div": {"$l": {"$m": "a"}, "$r": {"$m": "a"}}}


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param({"r0_0": rule({"a": "x"})}, id="no sentinel"),
        pytest.param({SENTINEL_RULE: SENTINEL, "r0_0": {"all": 5}}, id="a number for conditions"),
        pytest.param({SENTINEL_RULE: SENTINEL, "r0_0": rule(DIVISION)}, id="division of texts"),
        pytest.param(
            {SENTINEL_RULE: SENTINEL, "r0_0": {"all": [{"m": {"$nex": {"nothing": 1}}}]}},
            id="absence alone",
        ),
        pytest.param({"r0_0": {"all": [{"m": {"$ex": {"a": 1}}}]}}, id="existence"),
        pytest.param({}, id="no rules"),
        pytest.param({"r0_0": rule(*[{"a": "x"}] * 5_000)}, id="5,000 conditions"),
    ],
)
def test_a_ruleset_that_hurts_the_engine_hurts_its_process_alone(rules: dict[str, Any]) -> None:
    """Crash, loop or error: the parent either gets a whole answer or EngineFailedError."""
    worker = EngineWorker()
    deadline = Deadline(2.0)
    phase = hostile(rules)
    reason = ""
    try:
        worker.load(phase, deadline)
        (chunk,) = worker.fire(phase.name, 0, phase.cells, deadline)
        assert len(chunk.cells) == phase.cells
    except EngineFailedError as error:
        reason = str(error)
    worker.close()
    assert reason == "" or reason.startswith("the rule engine ")


def test_a_ruleset_that_is_no_json() -> None:
    worker = EngineWorker()
    broken = CompiledPhase("broken", '{"r0_0": {"all": [', {}, (("a", TWO),), 1, 2)
    with pytest.raises(EngineFailedError, match="the rule engine "):
        worker.load(broken, Deadline(5.0))
