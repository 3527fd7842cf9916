"""The real comparison spelled out pair by pair, as the brute one tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ostiary.analysis.diff.differ import diff, world
from ostiary.analysis.diff.report import (
    Change,
    DiffReport,
    Ending,
    Facet,
    Happening,
    Kind,
    Person,
    StagePeople,
    Standing,
    resolved,
)
from ostiary.decide.evaluate import evaluate
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from tests.diffing.brute import BruteSide, Told, changes
from tests.oracle import as_expected
from tests.oracle import decide as by_oracle
from tests.properties.dice import NOW
from tests.properties.printing import as_python


def by_evaluate(tenant: Tenant, tables: Tables) -> BruteSide:
    """A side that `evaluate()` answers for."""
    snapshot = build(tenant, tables)
    return BruteSide(tenant, lambda request: as_expected(evaluate(snapshot, request)))


def by_the_oracle(tenant: Tenant) -> BruteSide:
    """A side that the slow and obvious decisions answer for, under the standard rules."""
    return BruteSide(tenant, lambda request: by_oracle(tenant, request))


def spelled(report: DiffReport) -> Iterator[Told]:
    """Every change for everybody whom it concerns."""
    for package, change in report.changes():
        for number in change.people:
            person = report.roster.person(number)
            before, after = (
                _facet(change, facet, person, side)
                for side, facet in enumerate((change.before, change.after))
            )
            yield Told(person.id, package.id, change.kind, change.policy, before, after)


_UNTOLD = (Kind.REVIEWS, Kind.REQUIREMENTS)  # of which the brute one tells that they differ


def _facet(change: Change, facet: Facet, person: Person, side: int) -> Any:
    if change.kind in _UNTOLD:
        return None
    if isinstance(facet, Standing):
        reasons = tuple((one.code, one.policy, one.details) for one in facet.reasons)
        return facet.outcome, facet.policies, reasons
    if isinstance(facet, Ending):
        longer = facet.extension != "no", facet.extension == "approved"
        if facet.after is not None:
            return "after", facet.after, longer
        return "never" if facet.at is None else "at", facet.at, longer
    if isinstance(facet, tuple):
        return tuple(_item(one, person, side) for one in facet)
    return facet


def _item(item: Any, person: Person, side: int) -> Any:
    if isinstance(item, StagePeople):
        listed = (item.deciders, item.alternates)
        return tuple(resolved(people, person, side) for people in listed)
    if isinstance(item, Happening):
        return item.anchor, item.offset, item.kind.value, item.target, item.points_at
    if hasattr(item, "lapses_after"):
        return item.lapses_after, item.escalates_after
    return item


def compared(old: tuple[Tenant, Tables], new: tuple[Tenant, Tables]) -> DiffReport:
    """The real comparison."""
    before = world(*old)
    return diff(before, world(*new, beside=before), NOW)


def disagreement(
    old: tuple[Tenant, Tables], new: tuple[Tenant, Tables], sides: tuple[BruteSide, BruteSide]
) -> str:
    """What the two comparisons tell otherwise, with both tenants; empty if they agree."""
    real = list(spelled(compared(old, new)))
    brute = changes(*sides)
    twice = len(real) - len(set(real))
    if set(real) == brute and not twice:
        return ""
    lines = [f"{twice} told twice"] if twice else []
    lines += [f"not told:  {one}" for one in sorted(brute - set(real), key=str)]
    lines += [f"told amiss: {one}" for one in sorted(set(real) - brute, key=str)]
    lines += [f"old = {as_python(old[0])}", f"new = {as_python(new[0])}"]
    return "\n".join(lines)
