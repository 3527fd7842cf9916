"""Every table look-up says what the rules in the YAML files say, read one by one."""

from __future__ import annotations

import random
from functools import cache

import pytest

from ostiary.domain.tables import PhaseTable, Row
from ostiary.rulebook.tabulate import standard_pack_dir
from tests.properties.naive_rules import NaivePhase, NaiveVerdict, load_naively
from tests.properties.ruling import standard_tables


@cache
def naive_phases() -> tuple[NaivePhase, ...]:
    """The five phases of the standard pack."""
    files = sorted(standard_pack_dir().glob("*.yaml"))
    return tuple(load_naively(path) for path in files if not path.name.endswith("_test.yaml"))


def as_naive(table: PhaseTable, row: Row, answers: tuple[str, ...]) -> NaiveVerdict:
    """A row in the shape of the naive verdict."""
    said = {
        answer: (
            each.word,
            each.reason and each.reason.value,
            each.cause and each.cause.value,
            each.fact,
        )
        for answer, each in zip(answers, row.answers, strict=True)
    }
    return NaiveVerdict(
        fired=tuple(rule.id for rule in row.fired),
        answers=said,
        deciders={answer: rule.id for answer, rule in zip(answers, row.deciders, strict=True)},
        actions=tuple((each.rule.id, each.kind.value, each.moment.value) for each in row.actions),
    )


def look_up(count: int, seed: int) -> None:
    """Compares so many random cells, evenly over the phases."""
    dice = random.Random(seed)
    phases = naive_phases()
    for phase in phases:
        table = standard_tables().phases[phase.phase]
        answers = phase.answers()
        for _ in range(count // len(phases)):
            facts = {fact: dice.choice(words) for fact, words in phase.facts.items()}
            cell = sum(table.offset(fact, word) for fact, word in facts.items())
            assert dict(table.facts_of(cell)) == facts
            assert as_naive(table, table.row(cell), answers) == phase.verdict(facts), facts


def test_the_standard_pack_has_all_five_phases() -> None:
    assert {phase.phase for phase in naive_phases()} == set(standard_tables().phases)


def test_20_000_look_ups_agree_with_direct_evaluation() -> None:
    """S-46: what was worked out beforehand is what the rules say."""
    look_up(20_000, seed=2031)


@pytest.mark.long
def test_1_000_000_look_ups_agree_with_direct_evaluation() -> None:
    """S-46, in full number."""
    look_up(1_000_000, seed=2032)
