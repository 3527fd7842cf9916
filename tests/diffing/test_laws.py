"""Laws of the comparison: nothing against itself, and each way the mirror of the other."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ostiary.analysis.diff.differ import diff, world
from ostiary.analysis.diff.report import Change, DiffReport, Kind
from tests.diffing.agreeing import compared, spelled
from tests.diffing.brute import Told
from tests.diffing.edits import edited, edited_tables, with_other_people
from tests.diffing.test_against_brute_force import sides
from tests.properties.changes import reordered, shuffler
from tests.properties.dice import NOW, Dice
from tests.properties.ruling import standard_tables
from tests.properties.worlds import make_tenant

MIRRORED = {Kind.GAINS: Kind.LOSSES, Kind.LOSSES: Kind.GAINS}


def mirrored(told: Told) -> Told:
    """The same change looked at from the other side."""
    kind = MIRRORED.get(told.kind, told.kind)
    return told._replace(kind=kind, before=told.after, after=told.before)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_comparison_the_other_way_round_is_the_mirror(seed: int) -> None:
    old, new = sides(seed)
    there, back = compared(old, new), compared(new, old)
    assert {mirrored(one) for one in spelled(there)} == set(spelled(back))
    assert there.people == back.people
    assert there.packages == back.packages


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_changes_between_a_tenant_and_itself(seed: int) -> None:
    old, _ = sides(seed)
    assert compared(old, old).empty
    tenant, tables = old
    again = reordered(tenant, shuffler(seed))
    names = {one.id: one for one in again.users}
    ordered = msgspec.structs.replace(again, users=tuple(names[name] for name in sorted(names)))
    assert compared(old, (ordered, tables)).empty


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_two_steps_lead_where_one_does(seed: int) -> None:
    """Who gains by one edit and loses by the next has neither gained nor lost."""
    dice = Dice(seed, 12)
    tables = standard_tables()
    first = make_tenant(dice)
    second = edited(dice, first, 2)
    third = with_other_people(dice, edited(dice, second, 1), 1)
    steps = [compared((a, tables), (b, tables)) for a, b in ((first, second), (second, third))]
    whole = moved(compared((first, tables), (third, tables)))
    assert whole == combined(*map(moved, steps))


Moved = dict[tuple[str, str], Kind]


def moved(report: DiffReport) -> Moved:
    """Who gains and who loses what."""
    return {(one.person, one.package): one.kind for one in spelled(report) if one.kind in MIRRORED}


def combined(one: Moved, other: Moved) -> Moved:
    """Both steps as one."""
    twice = one.keys() & other.keys()
    return {pair: kind for pair, kind in {**one, **other}.items() if pair not in twice}


def changes_of(report: DiffReport) -> list[tuple[str, Change]]:
    """Every change with its package, in the order of the report."""
    return [(package.id, change) for package, change in report.changes()]


def test_the_same_comparison_is_told_in_the_same_order() -> None:
    for seed in range(12):
        old, new = sides(seed)
        assert changes_of(compared(old, new)) == changes_of(compared(old, new))


def test_only_some_packages_are_compared_when_they_are_named() -> None:
    seed = 7
    old, new = sides(seed)
    whole = changes_of(compared(old, new))
    names = sorted({name for name, _ in whole})
    assert names
    before, after = world(*old), world(*new)
    heard: list[tuple[int, int]] = []
    part = diff(
        before,
        after,
        NOW,
        packages=frozenset(names[:1]),
        progress=lambda done, total: heard.append((done, total)),
    )
    assert changes_of(part) == [one for one in whole if one[0] == names[0]]
    assert part.packages == 1
    assert heard == [(0, 1), (1, 1)]


def test_rules_that_only_look_otherwise_make_no_difference() -> None:
    """Another digest and the same verdicts: nothing has to be asked."""
    tenant = make_tenant(Dice(3, 20))
    tables = standard_tables()
    renamed = msgspec.structs.replace(tables, digest="other")
    report = compared((tenant, tables), (tenant, renamed))
    assert report.empty
    assert report.evaluations == 0
    other = edited_tables(tables, 1, 1)
    assert compared((tenant, tables), (tenant, other)).evaluations > 0
