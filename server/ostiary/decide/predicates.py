"""Author-defined predicates: a condition over one attribute, seen by the rules as one word."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.people import Unknown
from ostiary.domain.tables import Predicate, PredicateOperator


def predicate_word(predicate: Predicate, attributes: Mapping[str, str] | Unknown) -> str:
    """Give `yes`, `no`, or `unknown` where the attributes were not told."""
    if isinstance(attributes, Unknown):
        return "unknown"
    value = attributes.get(predicate.attribute)
    return "yes" if value is not None and _holds(predicate, value) else "no"


def _holds(predicate: Predicate, value: str) -> bool:
    folded = value.casefold()
    match predicate.operator:
        case PredicateOperator.PRESENT:
            return bool(value)
        case PredicateOperator.STARTS_WITH:
            return any(folded.startswith(wanted.casefold()) for wanted in predicate.values)
        case PredicateOperator.EQUALS | PredicateOperator.IN:
            return any(folded == wanted.casefold() for wanted in predicate.values)
