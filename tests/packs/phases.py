"""Phases put together in Python, with facts and rules that no file could have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ostiary.domain.tables import Conclusion, Phase, Rule
from ostiary.rulebook.pack import NeverStatement, PackPhase, PackRule
from ostiary.rulebook.source import Spot

Facts = Mapping[str, Sequence[str]]
When = Mapping[str, Sequence[str]]

FILE = "made.yaml"


def phase_of(
    facts: Facts,
    rules: Iterable[tuple[int, When, str]],
    *,
    nevers: Iterable[tuple[str, When]] = (),
    phase: Phase = Phase.REQUESTOR_SCOPE,
    answer: str = "scope",
) -> PackPhase:
    """A phase whose rules are (step, conditions, word of the one answer); rule n is `rn`."""
    made = tuple(
        PackRule(
            Rule(f"r{number}", FILE, 10 + number, f"rule {number}", ()),
            Spot(FILE, 10 + number, 1),
            step,
            _in_order(when, facts),
            ((answer, Conclusion(word)),),
        )
        for number, (step, when, word) in enumerate(rules)
    )
    return PackPhase(
        phase=phase,
        place=Spot(FILE, 1, 1),
        facts=tuple((fact, tuple(words)) for fact, words in facts.items()),
        fact_places={fact: Spot(FILE, 2, 1 + at) for at, fact in enumerate(facts)},
        steps=tuple(f"step {each.step}" for each in made),
        rules=made,
        nevers=tuple(
            NeverStatement(Spot(FILE, 900, 1), answer, word, _in_order(when, facts))
            for word, when in nevers
        ),
    )


def _in_order(when: When, facts: Facts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((fact, tuple(when[fact])) for fact in facts if fact in when)
