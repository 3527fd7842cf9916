"""What would change an answer, as a list of things to do."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding

from ostiary.cli.phrases import word_of
from ostiary.cli.terminal import heading, styled
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract

_OUTCOME = decision_pb2.DESCRIPTOR.enum_types_by_name["Outcome"]
_NONE = {
    contract.NO_REMEDY_BEST_ALREADY: "Nothing better: access follows at once.",
    contract.NO_REMEDY_HELD_ALREADY: "It is held already: it is extended, not asked for again.",
    contract.NO_REMEDY_PACKAGE_GONE: "Nothing: the access package is not there any more.",
    contract.NO_REMEDY_NOTHING: "Nothing: no change that there is leads to such an answer.",
}


def show_changes(screen: Console, found: contract.WhatWouldChange) -> None:
    """Print the fewest changes, the preferred ones first, or why there are none."""
    heading(screen, "What would change the answer")
    for number, remedy in enumerate(found.remedies, start=1):
        outcome = word_of(_OUTCOME, remedy.outcome, "OUTCOME_")
        todo = " and ".join(change.text for change in remedy.changes)
        screen.print(Padding(styled(f"{number}. {todo}: {outcome}"), (0, 0, 0, 2)))
    if found.more:
        screen.print(styled("  There are more ways with as few changes."))
    if not found.remedies:
        screen.print(Padding(styled(_why_not(found)), (0, 0, 0, 2)))


def _why_not(found: contract.WhatWouldChange) -> str:
    if found.none == contract.NO_REMEDY_TOO_MANY_CHANGES:
        return f"No {found.most_changes} changes together lead to such an answer."
    if found.none == contract.NO_REMEDY_BOUND_REACHED:
        return f"Not known: {found.tried:,} answers were worked out, and no more may be."
    return _NONE.get(found.none, "Nothing was found.")
