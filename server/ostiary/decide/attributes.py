"""Whether a person's attributes fit a rule, with a third answer for what nobody knows (S-39)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
)


def holds(rule: AttributeRule, attributes: Mapping[str, str] | None) -> bool | None:
    """Tell whether the rule is true or false of the person; None if an attribute is not known.

    INVARIANT: only True admits. What is empty or unknown is None, and the negation of None is None.
    """
    if attributes is None:
        return None
    match rule:
        case AttributeTest():
            return _test(rule, attributes.get(rule.attribute))
        case AllOf():
            return _all([holds(part, attributes) for part in rule.parts])
        case AnyOf():
            opposite = _all([_not(holds(part, attributes)) for part in rule.parts])
            return _not(opposite)
        case Negation():
            return _not(holds(rule.part, attributes))


def _all(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers or not answers else True


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _test(test: AttributeTest, value: str | None) -> bool | None:
    if value is None or not test.values:
        return None
    held = value.casefold()
    wanted = [one.casefold() for one in test.values]
    return _compare(test.comparison, held, wanted)


def _compare(comparison: Comparison, held: str, wanted: Iterable[str]) -> bool:
    match comparison:
        case Comparison.EQ | Comparison.IN:
            return any(held == one for one in wanted)
        case Comparison.NE:
            return all(held != one for one in wanted)
        case Comparison.STARTS_WITH:
            return any(held.startswith(one) for one in wanted)
        case Comparison.CONTAINS:
            return any(one in held for one in wanted)
