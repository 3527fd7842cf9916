"""What came of mutants, for programs: the same whoever asks."""

from __future__ import annotations

from typing import Any

import msgspec

from ostiary.analysis.mutation.mutants import Fate
from ostiary.analysis.mutation.report import MutationReport, Survivor
from ostiary.rulebook.suite_text import write_tests


def as_plain(report: MutationReport) -> dict[str, Any]:
    """Give the report for programs."""
    return {
        "target": report.target,
        "counts": {fate.value: report.total(fate) for fate in Fate},
        "equal_but_for_the_rules_named": report.only_named,
        "operators": msgspec.to_builtins(report.operators),
        "survivors": [_plain(one) for one in report.survivors],
        "unexplained": len(report.unexplained),
        "stale": [msgspec.to_builtins(fault) for fault in report.stale],
    }


def _plain(one: Survivor) -> dict[str, Any]:
    tried = one.tried
    return {
        "id": tried.id,
        "operator": tried.operator,
        "sentence": tried.sentence,
        "file": tried.change.file,
        "line": tried.change.line,
        "removed": list(tried.change.removed),
        "added": list(tried.change.added),
        "shows": one.shows,
        "before": one.before,
        "after": one.after,
        "test": None if one.test is None else write_tests([one.test]),
        "accepted": one.accepted,
    }
