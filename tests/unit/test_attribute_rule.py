"""The rule language of automatic policies: reading it, and whether it holds (S-39)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.decide.attributes import holds
from ostiary.domain.attributes import (
    AllOf,
    AnyOf,
    AttributeRule,
    AttributeTest,
    Comparison,
    Negation,
)
from ostiary.rulebook.attribute_rule import RuleTextError, parse_rule

SALES = AttributeTest("department", Comparison.EQ, ("Sales",))
CZECH = AttributeTest("country", Comparison.EQ, ("CZ",))
LEFT = AttributeTest("status", Comparison.EQ, ("left",))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ('department -eq "Sales"', SALES),
        ("user.department -eq 'Sales'", SALES),
        ('department -ne "Sales"', AttributeTest("department", Comparison.NE, ("Sales",))),
        (
            'country -in ["CZ", "SK"]',
            AttributeTest("country", Comparison.IN, ("CZ", "SK")),
        ),
        ('title -startsWith "Head"', AttributeTest("title", Comparison.STARTS_WITH, ("Head",))),
        ('title -contains "of"', AttributeTest("title", Comparison.CONTAINS, ("of",))),
        (
            'department -eq "Sales" -and country -eq "CZ" -and status -eq "left"',
            AllOf((SALES, CZECH, LEFT)),
        ),
        (
            'department -eq "Sales" -or country -eq "CZ" -and status -eq "left"',
            AnyOf((SALES, AllOf((CZECH, LEFT)))),
        ),
        (
            '(department -eq "Sales" -or country -eq "CZ") -and status -eq "left"',
            AllOf((AnyOf((SALES, CZECH)), LEFT)),
        ),
        (
            '-not status -eq "left" -and country -eq "CZ"',
            AllOf((Negation(LEFT), CZECH)),
        ),
        (
            '-not (status -eq "left" -or country -eq "CZ")',
            Negation(AnyOf((LEFT, CZECH))),
        ),
        ('\n  department\n  -eq  "Sales"\n', SALES),
        ('note -eq "say `"no`" ``"', AttributeTest("note", Comparison.EQ, ('say "no" `',))),
    ],
    ids=lambda value: f"S-39 {value.strip()}" if isinstance(value, str) else "",
)
def test_rules(text: str, want: AttributeRule) -> None:
    assert parse_rule(text) == want


@pytest.mark.parametrize(
    ("text", "position", "want"),
    [
        ("", 1, "expected an attribute, `-not` or `(`"),
        ("department", 11, "expected a comparison such as `-eq`"),
        ("department -eq", 15, "expected a text in quotes"),
        ("department -eq Sales", 16, "expected a text in quotes, not `Sales`"),
        (
            'department -match "S"',
            12,
            "`-match` is no comparison: -eq, -ne, -in, -startsWith, -contains",
        ),
        (
            'department -startswith "S"',
            12,
            "`-startswith` is no comparison: -eq, -ne, -in, "
            "-startsWith, -contains; did you mean `-startsWith`?",
        ),
        ("country -in []", 14, "expected a text in quotes, not `]`"),
        ('country -in ["CZ" "SK"]', 19, "expected `]` here"),
        ('country -in "CZ"', 13, "expected `[` here"),
        ('(country -eq "CZ"', 18, "expected `)` here"),
        ('country -eq "CZ")', 17, "expected `-and`, `-or` or the end of the rule, not `)`"),
        (
            'country -eq "CZ" -nad x -eq "y"',
            18,
            "expected `-and`, `-or` or the end of the rule, not `-nad`; did you mean `-and`?",
        ),
        ('country -eq "CZ', 13, "a text that is not closed is not part of the rule language"),
        ('country == "CZ"', 9, "`==` is not part of the rule language"),
        ('country -eq ""', 13, "an empty text compares with nothing"),
        ("true", 5, "expected a comparison such as `-eq`"),
        ('country -eq "CZ" -and', 22, "expected an attribute, `-not` or `(`"),
        ("-not " * 40 + 'country -eq "CZ"', 166, "nested deeper than 32 levels"),
        ("(" * 40, 34, "nested deeper than 32 levels"),
        ('user.memberOf.any(x) -eq "a"', 18, "expected a comparison such as `-eq`, not `(`"),
    ],
    ids=lambda value: f"S-39 {value[:30]}" if isinstance(value, str) else "",
)
def test_what_is_no_rule(text: str, position: int, want: str) -> None:
    with pytest.raises(RuleTextError) as caught:
        parse_rule(text)
    assert (caught.value.position, str(caught.value)) == (
        position,
        f"at character {position}: {want}",
    )


EMIL = {"department": "Sales", "country": "CZ"}


@pytest.mark.parametrize(
    ("text", "want"),
    [
        pytest.param('department -eq "sales"', True, id="S-39 text compares without case"),
        pytest.param('department -eq "Sale"', False, id="S-39 the whole text"),
        pytest.param('department -ne "Projects"', True, id="S-39 another text"),
        pytest.param('department -ne "SALES"', False, id="S-39 the same text"),
        pytest.param('country -in ["SK", "cz"]', True, id="S-39 in a list"),
        pytest.param('country -in ["SK"]', False, id="S-39 not in a list"),
        pytest.param('department -startsWith "sa"', True, id="S-39 the start"),
        pytest.param('department -startsWith "les"', False, id="S-39 not the start"),
        pytest.param('department -contains "LE"', True, id="S-39 a part"),
        pytest.param('department -contains "x"', False, id="S-39 no part"),
        pytest.param('manager -eq "x"', None, id="S-39 an attribute that is not known"),
        pytest.param('manager -ne "x"', None, id="S-39 S-25 nor is its opposite known"),
        pytest.param('-not manager -eq "x"', None, id="S-25 the negation of what is not known"),
        pytest.param(
            'manager -eq "x" -and country -eq "SK"', False, id="S-39 false whatever it is"
        ),
        pytest.param('manager -eq "x" -and country -eq "CZ"', None, id="S-39 it depends"),
        pytest.param('manager -eq "x" -or country -eq "CZ"', True, id="S-39 true whatever it is"),
        pytest.param('manager -eq "x" -or country -eq "SK"', None, id="S-39 or it depends"),
    ],
)
def test_holds(text: str, want: bool | None) -> None:
    assert holds(parse_rule(text), EMIL) is want


@pytest.mark.parametrize(
    "rule",
    [
        AllOf(()),
        AnyOf(()),
        AttributeTest("country", Comparison.NE, ()),
        Negation(AllOf(())),
        Negation(AnyOf(())),
        Negation(AttributeTest("country", Comparison.IN, ())),
    ],
    ids=repr,
)
def test_what_is_empty_admits_nobody(rule: AttributeRule) -> None:
    """S-25."""
    assert holds(rule, EMIL) is None


NAMES = st.sampled_from(("a", "b", "c"))
VALUES = st.sampled_from(("x", "y", "X"))
RULES: st.SearchStrategy[AttributeRule] = st.recursive(
    st.builds(
        AttributeTest, NAMES, st.sampled_from(Comparison),
        st.lists(VALUES, max_size=2).map(tuple),
    ),
    lambda inner: st.builds(AllOf, st.lists(inner, max_size=3).map(tuple))
    | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
    | st.builds(Negation, inner),
    max_leaves=8,
)  # fmt: skip


@given(rule=RULES, attributes=st.dictionaries(NAMES, VALUES), name=NAMES, value=VALUES)
def test_more_facts_never_unsay_an_answer(
    rule: AttributeRule, attributes: Mapping[str, str], name: str, value: str
) -> None:
    """S-25: what is decided without a fact stays so with it, so a missing fact never widens."""
    before = holds(rule, attributes)
    if before is not None and name not in attributes:
        assert holds(rule, {**attributes, name: value}) is before
    assert holds(rule, None) is None


@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ("a", "-eq", "-in", "-and", "-or", "-not", '"x"', "(", ")", "[", "]", ",", "'", "`")
)).map(" ".join))  # fmt: skip
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    position = 1
    try:
        parse_rule(text)
    except RuleTextError as error:
        position = error.position
    assert 1 <= position <= len(text) + 1
