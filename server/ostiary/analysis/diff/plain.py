"""The difference for programs, and what is counted of it: the same whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from pyroaring import FrozenBitMap

from ostiary.analysis.diff.report import (
    MANAGER,
    OWN,
    SECOND_MANAGER,
    Change,
    DiffReport,
    Kind,
    StagePeople,
)
from ostiary.analysis.diff.words import Words, differing


def new_dead_ends(report: DiffReport) -> FrozenBitMap:
    """Give those who would meet a stage that nobody can decide, and did not."""
    opened = (
        change.people
        for _, change in report.changes()
        if change.kind is Kind.DEAD_ENDS and opens(change)
    )
    return FrozenBitMap().union(*opened)


def opens(change: Change) -> bool:
    """Tell whether a change of dead ends brings one that was not there."""
    before, after = change.before, change.after
    return isinstance(before, tuple) and isinstance(after, tuple) and bool({*after} - {*before})


def counts(report: DiffReport) -> Iterator[tuple[Kind, FrozenBitMap, int]]:
    """Give for each kind whom and how many packages it concerns, if anybody."""
    for kind in Kind:
        packages = sum(any(one.kind is kind for one in diff.changes) for diff in report.diffs)
        if packages:
            yield kind, report.concerned(kind), packages


def as_plain(report: DiffReport, old: str, new: str, most: int | None = None) -> dict[str, Any]:
    """Give the report as plain lists and mappings, of two sides as somebody calls them.

    With `most`, so many people at most are named of each change; how many there are is told.
    """
    words = Words(report)
    return {
        "old": {"source": old, **msgspec.to_builtins(report.old)},
        "new": {"source": new, **msgspec.to_builtins(report.new)},
        "at": report.at.isoformat().replace("+00:00", "Z"),
        "people": report.people,
        "packages": report.packages,
        "summary": {
            kind.value: {
                "people": report.known(people),
                "newcomers": list(report.newcomers(people)),
                "packages": packages,
            }
            for kind, people, packages in counts(report)
        },
        "new_dead_ends": report.known(new_dead_ends(report)),
        "changes": [
            {
                "package": package.id,
                "package_name": package.name,
                "kind": change.kind.value,
                "policy": change.policy,
                "before": words.before(package, shown),
                "after": words.after(package, shown),
                "old": _plain(change.before),
                "new": _plain(change.after),
                "count": report.known(change.people),
                "people": [
                    report.roster.ids[number]
                    for number in islice(change.people, most)
                    if number < report.people
                ],
                "newcomers": list(report.newcomers(change.people)),
            }
            for package, change in report.changes()
            for shown in (differing(change),)
        ],
    }


_MARKS = {MANAGER: "the manager", SECOND_MANAGER: "the manager's manager", OWN: "not the person"}


def _plain(facet: object) -> Any:
    if isinstance(facet, tuple):
        return [_plain(one) for one in facet]
    if isinstance(facet, StagePeople):
        return {"deciders": _people(facet.deciders), "alternates": _people(facet.alternates)}
    return msgspec.to_builtins(facet)


def _people(listed: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"mark": _MARKS[who]} if who in _MARKS else {"user": who} for who in listed]
