"""Attributes: the witnesses are all there are, as z3 finds in its own way."""

from __future__ import annotations

from functools import reduce
from itertools import product

import pytest
import z3

from ostiary.analysis.proof.attributes import answers, ways
from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
)
from ostiary.domain.tables import Predicate, PredicateOperator
from ostiary.rulebook.attribute_rule import parse_rule
from tests.properties.dice import Dice

WORLDS, MANY_WORLDS = 25, 400
LITERALS = ("a", "b", "ab", "ba", "aab", "abc", "", "c")
NAMES = ("x", "y")


def rule(dice: Dice, depth: int) -> AttributeRule:
    """A rule by chance."""
    if depth == 0 or dice.chance(0.4):
        return AttributeTest(
            dice.pick(NAMES),
            dice.pick(tuple(Comparison)),
            dice.some(LITERALS, 2) or (dice.pick(LITERALS),),
        )
    parts = tuple(rule(dice, depth - 1) for _ in range(dice.number(1, 2)))
    if dice.chance(0.3):
        return Negation(parts[0])
    return AllOf(parts) if dice.chance(0.5) else AnyOf(parts)


def predicate(dice: Dice) -> Predicate:
    return Predicate(
        "p",
        dice.pick(NAMES),
        dice.pick(tuple(PredicateOperator)),
        dice.some(LITERALS, 2) or (dice.pick(LITERALS),),
    )


class Texts:
    """Attributes as z3 knows them: a text, and whether it is there."""

    def __init__(self) -> None:
        self.text = {name: z3.String(name) for name in NAMES}
        self.there = {name: z3.Bool(f"{name}?") for name in NAMES}

    def said(self, one: AttributeRule) -> tuple[z3.BoolRef, z3.BoolRef]:
        """That it is true, and that it is false."""
        match one:
            case AttributeTest():
                return self.test(one)
            case AllOf():
                parts = [self.said(part) for part in one.parts]
                return z3.And(*(t for t, _ in parts)), z3.Or(*(f for _, f in parts))
            case AnyOf():
                parts = [self.said(part) for part in one.parts]
                return z3.Or(*(t for t, _ in parts)), z3.And(*(f for _, f in parts))
            case Negation():
                true, false = self.said(one.part)
                return false, true

    def test(self, one: AttributeTest) -> tuple[z3.BoolRef, z3.BoolRef]:
        there, text = self.there[one.attribute], self.text[one.attribute]
        fits = z3.Or(*(self.compared(one.comparison, text, value) for value in one.values))
        if one.comparison is Comparison.NE:
            fits = z3.And(*(text != z3.StringVal(value) for value in one.values))
        return z3.And(there, fits), z3.And(there, z3.Not(fits))

    def compared(self, comparison: Comparison, text: z3.SeqRef, value: str) -> z3.BoolRef:
        literal = z3.StringVal(value)
        match comparison:
            case Comparison.STARTS_WITH:
                return z3.PrefixOf(literal, text)
            case Comparison.CONTAINS:
                return z3.Contains(text, literal)
            case _:
                return text == literal

    def holds(self, one: Predicate) -> z3.BoolRef:
        there, text = self.there[one.attribute], self.text[one.attribute]
        if one.operator is PredicateOperator.PRESENT:
            return z3.And(there, text != z3.StringVal(""))
        begins = one.operator is PredicateOperator.STARTS_WITH
        kind = Comparison.STARTS_WITH if begins else Comparison.EQ
        return z3.And(there, z3.Or(*(self.compared(kind, text, value) for value in one.values)))


def by_z3(
    rules: tuple[AttributeRule, ...], predicates: tuple[Predicate, ...]
) -> tuple[set[tuple[bool, ...]], set[tuple[bool, ...]]]:
    """The combinations of answers that z3 finds attributes for, and those that take it too long."""
    texts = Texts()
    results = [texts.said(one)[0] for one in rules] + [texts.holds(one) for one in predicates]
    found, unknown = set(), set()
    for wanted in product((False, True), repeat=len(results)):
        solver = z3.Solver()
        solver.set("timeout", 1_000)  # milliseconds: some questions about texts never end
        for result, answer in zip(results, wanted, strict=True):
            solver.add(result if answer else z3.Not(result))
        verdict = solver.check()
        if verdict == z3.sat:
            found.add(wanted)
        elif verdict == z3.unknown:
            unknown.add(wanted)
    return found, unknown


def look(seed: int) -> int:
    dice = Dice(seed, 3)
    rules = tuple(dict.fromkeys(rule(dice, 2) for _ in range(dice.number(1, 3))))
    predicates = tuple(dict.fromkeys(predicate(dice) for _ in range(dice.number(0, 2))))
    found = list(ways(rules, predicates))
    seen = {answers(attributes, rules, predicates) for attributes in found}
    assert len(seen) == len(found)
    assert found[0] == {}
    by_solver, unknown = by_z3(rules, predicates)
    assert by_solver <= seen <= by_solver | unknown, (seed, rules, predicates)
    return len(by_solver)


def test_z3_finds_the_same_ways_in_random_worlds() -> None:
    assert sum(look(seed) for seed in range(WORLDS)) > WORLDS


@pytest.mark.long
@pytest.mark.timeout(900)
def test_z3_finds_the_same_ways_in_400_worlds() -> None:
    """In 375 more worlds up to three rules and two predicates are asked of z3, answer by answer."""
    assert sum(look(seed) for seed in range(WORLDS, MANY_WORLDS)) > 2 * (MANY_WORLDS - WORLDS)


@pytest.mark.parametrize(
    ("texts", "want"),
    [
        pytest.param(('d -eq "A"', 'd -eq "a"'), 2, id="case does not matter"),
        pytest.param(('d -eq "a"', 'd -startsWith "a"'), 3, id="a value begins with itself"),
        pytest.param(('d -contains "ab"', 'd -contains "a"'), 3, id="a part of a part"),
        pytest.param(('d -startsWith "a"', 'd -startsWith "b"'), 3, id="one beginning alone"),
        pytest.param(('d -contains "a"', 'd -contains "b"'), 4, id="two parts go together"),
        pytest.param(('d -ne "a"', '-not (d -eq "a")'), 2, id="what is absent is neither"),
        pytest.param(('d -eq "a" -and -not (d -eq "a")',), 1, id="a contradiction"),
        pytest.param(('d -eq "a" -or -not (d -eq "a")',), 2, id="no tautology: it may be absent"),
        pytest.param(('d -startsWith "·|" -and d -contains "~"',), 2, id="odd characters"),
    ],
)
def test_ways_of_fitting(texts: tuple[str, ...], want: int) -> None:
    rules = tuple(parse_rule(text) for text in texts)
    assert len(list(ways(rules, ()))) == want


def test_without_rules_there_is_one_way() -> None:
    assert reduce(lambda count, _: count + 1, ways((), ()), 0) == 1
