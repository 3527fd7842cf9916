"""The least set of choices against every possible set of them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.analysis.coverage import least as module
from ostiary.analysis.coverage.least import Choice, least


def least_by_trying(goals: int, masks: list[int]) -> int:
    """The size of the smallest set that reaches all that can be reached."""
    reachable = 0
    for mask in masks:
        reachable |= mask & goals
    for size in range(len(masks) + 1):
        for chosen in itertools.combinations(masks, size):
            reached = 0
            for mask in chosen:
                reached |= mask
            if reached & goals & reachable == reachable:
                return size
    raise AssertionError


@given(st.integers(0, 255), st.lists(st.integers(0, 255), max_size=8))
def test_no_smaller_set_reaches_as_much(goals: int, masks: list[int]) -> None:
    found = least(goals, [Choice(mask, at) for at, mask in enumerate(masks)])
    reached = 0
    for at in found.choices:
        reached |= masks[at]
    assert found.exact
    assert reached & goals == goals & ~found.beyond
    assert len(found.choices) == least_by_trying(goals, masks)
    assert list(found.choices) == sorted(found.choices)


def test_goals_that_no_choice_reaches_are_told() -> None:
    found = least(0b111, [Choice(0b001, "a"), Choice(0b011, "b")])
    assert found.choices == ("b",)
    assert found.beyond == 0b100


def test_where_exactness_takes_too_long_all_is_reached_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # greedy takes the wide one first and needs three; the two halves would do
    choices = [Choice(0b0111_1100, 0), Choice(0b1111_0000, 1), Choice(0b0000_1111, 2)]
    assert least(0b1111_1111, choices).choices == (1, 2)
    monkeypatch.setattr(module, "MOST_KINDS", 2)
    found = least(0b1111_1111, choices)
    assert not found.exact
    assert found.choices == (0, 1, 2)
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_STEPS", 1)
    assert not least(0b1111_1111, choices).exact
