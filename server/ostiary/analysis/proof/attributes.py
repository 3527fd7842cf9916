"""What attributes people can have: one witness for each way in which rules can see them.

Every rule over attributes (of automatic policies, S-39) and every predicate of a rule pack looks at
text through `equals`, `in`, `starts with`, `contains` and `present` alone. Of all texts it is then
enough to look at these: none, the empty one, each literal itself, and those that begin with one
literal or none, hold any set of literals, and equal no literal. A text of the last sort is built
from its parts with a character between them that no literal has, so that it begins with, and
holds, what it was built to and nothing else.

Which of the answers can be given together is a question for a SAT solver; each of its models is
turned into real attributes, on which the real code is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ostiary.analysis.proof.possible import View
from ostiary.decide.attributes import holds
from ostiary.decide.predicates import predicate_word
from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
    tests_of,
)
from ostiary.domain.tables import Predicate, PredicateOperator

MOST_WAYS = 4_096
_BETWEEN = "·|~¦¤§¶"  # one that no literal has stands between the parts of a text
_SOLVER = "cadical195"


class TooManyWaysError(Exception):
    """There are more ways of fitting rules than can be looked at."""


class DisagreementError(Exception):
    """What a solver found is not what the rules say of it, so that none of it can be trusted."""


class Witnesses(msgspec.Struct, frozen=True):
    """Attributes for each way in which people can fit the rules."""

    found: tuple[Mapping[str, str], ...]


class _Text(msgspec.Struct, frozen=True):
    """One form that the text of an attribute can have; `open`: it may hold any literals beside."""

    value: str | None
    open: bool
    variable: int


def witnesses(views: tuple[View, ...]) -> Witnesses:
    """Give attributes for each way in which the rules and predicates of the views can answer.

    Raises TooManyWaysError, and DisagreementError.
    """
    rules: dict[AttributeRule, None] = {}
    predicates: dict[Predicate, None] = {}
    for view in views:
        for policy in view.package.policies:
            if policy.policy.scope.rule is not None:
                rules[policy.policy.scope.rule] = None
        for predicate in view.side.predicates:
            predicates[msgspec.structs.replace(predicate, name="", phases=())] = None
    return Witnesses(tuple(ways(tuple(rules), tuple(predicates))))


def ways(
    rules: tuple[AttributeRule, ...], predicates: tuple[Predicate, ...]
) -> Iterator[Mapping[str, str]]:
    """Give attributes for each combination of answers that some attributes lead to.

    The first are none at all. Raises TooManyWaysError, and DisagreementError.
    """
    seen = {answers({}, rules, predicates)}
    yield {}
    if not rules and not predicates:
        return
    from pysat.solvers import Solver  # servers load this module, and few of them ever prove

    encoding = _Encoding(rules, predicates)
    with Solver(name=_SOLVER, bootstrap_with=encoding.clauses) as solver:
        solver.add_clause(encoding.otherwise(answers({}, rules, predicates)))
        while solver.solve():
            model = frozenset(solver.get_model())
            found = encoding.attributes(model)
            answered = answers(found, rules, predicates)
            if answered in seen or answered != encoding.answers(model):
                raise DisagreementError(f"the rules over attributes read otherwise than {found}")
            seen.add(answered)
            if len(seen) > MOST_WAYS:
                raise TooManyWaysError("the ways of fitting rules over attributes are too many")
            yield _least(found, rules, predicates)
            solver.add_clause(encoding.otherwise(answered))


def answers(
    attributes: Mapping[str, str],
    rules: tuple[AttributeRule, ...],
    predicates: tuple[Predicate, ...],
) -> tuple[bool, ...]:
    """Give what the rules and predicates say of somebody with these attributes."""
    return (
        *(holds(rule, attributes) is True for rule in rules),
        *(predicate_word(one, attributes) == "yes" for one in predicates),
    )


def _least(
    attributes: dict[str, str],
    rules: tuple[AttributeRule, ...],
    predicates: tuple[Predicate, ...],
) -> Mapping[str, str]:
    """Leave out each attribute that changes no answer."""
    wanted = answers(attributes, rules, predicates)
    for name in sorted(attributes):
        fewer = {one: value for one, value in attributes.items() if one != name}
        if answers(fewer, rules, predicates) == wanted:
            attributes = fewer
    return attributes


class _Encoding:
    """Rules and predicates as clauses; positive numbers are variables, negative their opposites."""

    def __init__(self, rules: tuple[AttributeRule, ...], predicates: tuple[Predicate, ...]) -> None:
        self.clauses: list[list[int]] = []
        self._last = 0
        self._true = self._variable()
        self.clauses.append([self._true])
        tests = [*(one for rule in rules for one in tests_of(rule)), *map(_as_test, predicates)]
        self._between = _unused(tests)
        self._texts: dict[str, list[_Text]] = {}
        self._held: dict[tuple[str, str], int] = {}
        for name in sorted({test.attribute for test in tests}):
            self._attribute(name, [test for test in tests if test.attribute == name])
        self._results = [self._rule(rule)[0] for rule in rules]
        self._results += [self._predicate(one) for one in predicates]

    def otherwise(self, answered: tuple[bool, ...]) -> list[int]:
        """Give the clause that something else is answered."""
        pairs = zip(self._results, answered, strict=True)
        return [-result if answer else result for result, answer in pairs]

    def answers(self, model: frozenset[int]) -> tuple[bool, ...]:
        """Give what a model says that rules and predicates answer."""
        return tuple(result in model for result in self._results)

    def attributes(self, model: frozenset[int]) -> dict[str, str]:
        """Build real attributes from a model."""
        found = {}
        for name, texts in self._texts.items():
            text = next(one for one in texts if one.variable in model)
            if text.value is None:
                continue
            value = text.value
            if text.open:
                held = sorted(
                    one for (of, one), var in self._held.items() if of == name and var in model
                )
                value = self._between.join((value, *held, ""))
            found[name] = value
        return found

    def _variable(self) -> int:
        self._last += 1
        return self._last

    def _attribute(self, name: str, tests: list[AttributeTest]) -> None:
        """Declare the forms that a text can have, and what it can hold beside."""
        literals = sorted({value.casefold() for test in tests for value in test.values} - {""})
        begins = {
            value.casefold()
            for test in tests
            if test.comparison is Comparison.STARTS_WITH
            for value in test.values
        }
        held = {
            value.casefold()
            for test in tests
            if test.comparison is Comparison.CONTAINS
            for value in test.values
        } - {""}
        texts = [_Text(None, False, self._variable())]  # noqa: FBT003  # the field is named in _Text
        texts += [_Text(value, False, self._variable()) for value in ("", *literals)]  # noqa: FBT003
        texts += [
            _Text(value, True, self._variable())  # noqa: FBT003
            for value in ("", *sorted(begins - {""}))
        ]
        self._texts[name] = texts
        self.clauses.append([one.variable for one in texts])
        for literal in sorted(held):
            self._held[name, literal] = self._variable()
        for literal in held:
            for part in held:
                if part != literal and part in literal:
                    self.clauses.append([-self._held[name, literal], self._held[name, part]])

    def _rule(self, rule: AttributeRule) -> tuple[int, int]:
        """Give the variables for the rule being true and being false; it may be neither."""
        match rule:
            case AttributeTest():
                return self._test(rule)
            case AllOf():
                parts = [self._rule(part) for part in rule.parts]
                return self._all([one for one, _ in parts]), self._any([one for _, one in parts])
            case AnyOf():
                parts = [self._rule(part) for part in rule.parts]
                return self._any([one for one, _ in parts]), self._all([one for _, one in parts])
            case Negation():
                true, false = self._rule(rule.part)
                return false, true

    def _all(self, parts: list[int]) -> int:
        if not parts:
            return -self._true  # nothing said is never true
        both = self._variable()
        self.clauses += [[-both, part] for part in parts]
        self.clauses.append([both, *(-part for part in parts)])
        return both

    def _any(self, parts: list[int]) -> int:
        either = self._variable()
        self.clauses += [[either, -part] for part in parts]
        self.clauses.append([-either, *parts])
        return either

    def _test(self, test: AttributeTest) -> tuple[int, int]:
        true, false = self._variable(), self._variable()
        for text in self._texts[test.attribute]:
            shown = None if text.value is None else text.value + self._between * text.open
            given = {} if shown is None else {test.attribute: shown}
            said = holds(test, given)
            if said is False and text.open and test.comparison is Comparison.CONTAINS:
                self._holds(test, text, true, false)
                continue
            self.clauses.append([-text.variable, true if said is True else -true])
            self.clauses.append([-text.variable, false if said is False else -false])
        return true, false

    def _holds(self, test: AttributeTest, text: _Text, true: int, false: int) -> None:
        """Say that an open text holds one of the values if it was built with one."""
        held = [self._held[test.attribute, value.casefold()] for value in test.values]
        self.clauses += [[-text.variable, -one, true] for one in held]
        self.clauses.append([-text.variable, -true, *held])
        self.clauses += [[-text.variable, true, false], [-text.variable, -true, -false]]

    def _predicate(self, predicate: Predicate) -> int:
        yes = self._variable()
        for text in self._texts[predicate.attribute]:
            shown = None if text.value is None else text.value + self._between * text.open
            given = {} if shown is None else {predicate.attribute: shown}
            said = predicate_word(predicate, given) == "yes"
            self.clauses.append([-text.variable, yes if said else -yes])
        return yes


def _as_test(predicate: Predicate) -> AttributeTest:
    """Give a comparison with the literals of a predicate, so that it is known what it looks for."""
    begins = predicate.operator is PredicateOperator.STARTS_WITH
    comparison = Comparison.STARTS_WITH if begins else Comparison.IN
    return AttributeTest(predicate.attribute, comparison, predicate.values)


def _unused(tests: list[AttributeTest]) -> str:
    """Give a character that no literal has."""
    used = {char for test in tests for value in test.values for char in value.casefold()}
    free = (char for char in _BETWEEN if char not in used)
    found = next(free, None)
    if found is not None:
        return found
    return next(char for char in map(chr, range(0x4E00, 0x9FFF)) if char not in used)
