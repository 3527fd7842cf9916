"""The real decisions against the slow and obvious ones, on random worlds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.comparing import difference, first_difference, first_difference_when_busy
from tests.properties.worlds import LARGEST, REQUESTS_A_TENANT, world

FEW = 2_000 // REQUESTS_A_TENANT
MANY = 100_000 // REQUESTS_A_TENANT


def test_2_000_random_worlds_agree() -> None:
    """S-40 to S-60, S-65 to S-77, S-98 to S-100, S-110 to S-118, S-122, S-126 in random company."""
    assert not first_difference(range(FEW))


def test_a_snapshot_that_has_answered_much_answers_right() -> None:
    """S-46: what one answer leaves behind for the next ones never shows."""
    assert not first_difference_when_busy(range(48), count=40)


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32), size=st.integers(1, LARGEST))
def test_worlds_that_hypothesis_looks_for_agree(seed: int, size: int) -> None:
    """The same with seeds that nobody has tried; a difference shrinks to a small world (S-46)."""
    assert not difference(world(seed, size))


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_100_000_random_worlds_agree(part: int) -> None:
    """The same in full number, and one in four asked of a snapshot that has answered much."""
    size = MANY // 10
    first = FEW + part * size
    assert not first_difference(range(first, first + size * 3 // 4))
    assert not first_difference_when_busy(range(first, first + size // 100), count=100)
