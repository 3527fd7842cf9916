"""Rules over a person's attributes, as an expression tree (S-39)."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec


class Comparison(enum.Enum):
    """The comparisons that the rule language knows; nothing else exists (S-39)."""

    EQ = "-eq"
    NE = "-ne"
    IN = "-in"
    STARTS_WITH = "-startsWith"
    CONTAINS = "-contains"


class AttributeTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="test"):
    """One comparison of an attribute with literal values; text compares without case."""

    attribute: str
    comparison: Comparison
    values: tuple[str, ...]


class AllOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="and"):
    """True if every part is."""

    parts: tuple[AttributeRule, ...]


class AnyOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="or"):
    """True if at least one part is."""

    parts: tuple[AttributeRule, ...]


class Negation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="not"):
    """True if the part is false."""

    part: AttributeRule


AttributeRule = AttributeTest | AllOf | AnyOf | Negation


def tests_of(rule: AttributeRule) -> Iterator[AttributeTest]:
    """Give every comparison in a rule, from left to right."""
    match rule:
        case AttributeTest():
            yield rule
        case AllOf() | AnyOf():
            for part in rule.parts:
                yield from tests_of(part)
        case Negation():
            yield from tests_of(rule.part)
