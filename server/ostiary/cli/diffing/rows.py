"""The difference for programs: JSON with everything, and a table with a line for each person."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from ostiary.analysis.diff.plain import as_plain
from ostiary.analysis.diff.report import (
    DiffReport,
    Kind,
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
    json.dump(as_plain(report, names.old, names.new), sys.stdout, indent=2, ensure_ascii=False)
    print()
