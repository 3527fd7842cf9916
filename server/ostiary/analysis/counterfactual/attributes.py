"""Values of attributes that are worth trying for a rule to be met (S-39).

INVARIANT: a rule that can be met at all is met by some of these values together, as long as none of
its comparisons names more than `_MOST_LITERALS` literals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count

from ostiary.analysis.proof.attributes import ways
from ostiary.decide.attributes import holds
from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
    tests_of,
)

_MOST_LITERALS = 8  # of one comparison: `-in` may list thousands
_WORDS = ("other", "something else", "none of these")
_PARTIAL = frozenset({Comparison.STARTS_WITH, Comparison.CONTAINS})

Literals = Sequence[tuple[str, tuple[str, ...]]]  # by attribute


def values_for(rule: AttributeRule, literals: Literals) -> Iterator[tuple[str, str]]:
    """Give attributes with values: what the rule names, and what no literal is where that helps."""
    tests = list(tests_of(rule))
    given = [(test.attribute, one) for test in tests for one in test.values[:_MOST_LITERALS]]
    avoided = dict.fromkeys(_avoided(rule, negated=False))
    given += [(name, other_than(name, literals)) for name in avoided]
    yield from given
    enough = {name for name, value in given if holds(rule, {name: value}) is True}
    for name in dict.fromkeys(test.attribute for test in tests):
        of_name = [test for test in tests if test.attribute == name]
        several = len(of_name) > 1 and any(test.comparison in _PARTIAL for test in of_name)
        # Only a text made for all of them begins, holds and differs at once.
        if several and name not in enough:
            yield from ((name, value) for value in _made_for(rule, name))


def _avoided(rule: AttributeRule, *, negated: bool) -> Iterator[str]:
    """Give the attributes of comparisons that are met by being none of their literals."""
    match rule:
        case AttributeTest():
            if (rule.comparison is Comparison.NE) is not negated:
                yield rule.attribute
        case AllOf() | AnyOf():
            for part in rule.parts:
                yield from _avoided(part, negated=negated)
        case Negation():
            yield from _avoided(rule.part, negated=not negated)


def _made_for(rule: AttributeRule, name: str) -> Iterable[str]:
    return [
        found[name] for found in ways((rule,), ()) if name in found and holds(rule, found) is True
    ]


def other_than(name: str, literals: Literals) -> str:
    """Give a text that equals, begins with and holds no literal that an attribute meets."""
    avoided = {
        one.casefold() for attribute, values in literals if attribute == name for one in values
    } - {""}
    texts = chain(_WORDS, map(chr, count(ord("a"))))
    return next(text for text in texts if not any(one in text.casefold() for one in avoided))
