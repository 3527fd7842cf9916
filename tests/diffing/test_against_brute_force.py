"""The comparison against one that asks for every pair, on random worlds with random edits."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from tests.diffing.agreeing import by_evaluate, by_the_oracle, disagreement
from tests.diffing.edits import crowded, edited, edited_tables, replace, with_other_people
from tests.properties.dice import Dice
from tests.properties.profiles import PROFILES
from tests.properties.ruling import standard_tables
from tests.properties.worlds import make_tenant, settings

FEW, ALL = 36, 1_000
CROWD = 60  # people in the largest world: enough for classes of many


def sides(seed: int) -> tuple[tuple[Tenant, Tables], tuple[Tenant, Tables]]:
    """Two tenants of which the second came from the first, each under rules; either may differ."""
    dice = Dice(seed, 2 + seed * 7 % CROWD)
    old = make_tenant(dice)
    tables = standard_tables()
    if seed % 2:
        old = crowded(dice, old)
    new = edited(dice, old, dice.number(0, 3))
    if seed % 2:
        new = crowded(dice, new) if seed % 3 == 1 else replace(crowded(dice, new), users=old.users)
    if seed % 3 == 1:
        new = with_other_people(dice, new, dice.number(1, 4))
    if seed % 11 == 5:
        new = replace(new, profile=dice.pick(PROFILES), settings=settings(dice))
    if seed % 4 == 2:
        return (old, edited_tables(tables, seed)), (new, tables)
    if seed % 4 == 3:
        return (old, edited_tables(tables, seed)), (new, edited_tables(tables, seed + 1, 3))
    return (old, tables), (new, tables)


def first_disagreement(seeds: Iterable[int]) -> str:
    """The first world in which the comparisons disagree."""
    for seed in seeds:
        old, new = sides(seed)
        told = disagreement(old, new, (by_evaluate(*old), by_evaluate(*new)))
        if told:
            return f"seed {seed}\n{told}"
        if old[1] is standard_tables() and new[1] is standard_tables():
            told = disagreement(old, new, (by_the_oracle(old[0]), by_the_oracle(new[0])))
            if told:
                return f"seed {seed}, by the oracle\n{told}"
    return ""


def test_some_random_worlds_agree() -> None:
    assert not first_disagreement(range(FEW))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_1_000_random_worlds_agree(part: int) -> None:
    """Rules, policies and people edited at random: not one difference."""
    size = ALL // 10
    assert not first_disagreement(range(part * size, (part + 1) * size))
