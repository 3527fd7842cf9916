"""The difference for programs: JSON with everything, and a table with a line for each person."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ostiary.analysis.diff.report import (
    MANAGER,
    OWN,
    SECOND_MANAGER,
    DiffReport,
    Kind,
    StagePeople,
)
from ostiary.analysis.diff.words import Words, differing
from ostiary.cli.diffing import show
from ostiary.cli.whole_file import whole

COLUMNS = (
    "package",
    "package_name",
    "person",
    "person_name",
    "kind",
    "policy",
    "policy_name",
    "before",
    "after",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, report: DiffReport) -> None:
    """Write one line for each person and change; the file is there whole or not at all."""
    with whole(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in _rows(report):
            writer.writerow(map(_harmless, row))


def _rows(report: DiffReport) -> Iterator[tuple[str, ...]]:
    words = Words(report)
    for package, change in report.changes():
        shown = differing(change)
        policy = words.policy(package, change.policy)
        about = (change.kind.value, change.policy, policy)
        same = None
        if change.kind is not Kind.APPROVERS:
            same = (words.before(package, shown), words.after(package, shown))
        for number in change.people:
            person = report.roster.person(number)
            told = same or (
                words.before(package, shown, person),
                words.after(package, shown, person),
            )
            yield (package.id, package.name, person.id, person.name, *about, *told)


def _harmless(text: str) -> str:
    """Give text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def print_json(report: DiffReport, names: show.Names) -> None:
    """Print the report."""
    json.dump(as_plain(report, names), sys.stdout, indent=2, ensure_ascii=False)
    print()


def as_plain(report: DiffReport, names: show.Names) -> dict[str, Any]:
    """Give the report as plain lists and mappings."""
    words = Words(report)
    return {
        "old": {"source": names.old, **msgspec.to_builtins(report.old)},
        "new": {"source": names.new, **msgspec.to_builtins(report.new)},
        "at": report.at.isoformat().replace("+00:00", "Z"),
        "people": report.people,
        "packages": report.packages,
        "summary": {
            kind.value: {
                "people": report.known(people),
                "newcomers": list(report.newcomers(people)),
                "packages": packages,
            }
            for kind, people, packages in show.counts(report)
        },
        "new_dead_ends": report.known(show.new_dead_ends(report)),
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
                "people": [
                    report.roster.ids[number] for number in change.people if number < report.people
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
