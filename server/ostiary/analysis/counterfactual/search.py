"""The search for the fewest changes: every set of them, the small ones first, each decided anew."""

from __future__ import annotations

from itertools import combinations

from ostiary.analysis.counterfactual.candidates import candidates, slot
from ostiary.analysis.counterfactual.facts import (
    OF_DEFINITIONS,
    Definitions,
    asked,
    defined,
    definitions_of,
    described,
    rebuilt,
    signed_in,
)
from ostiary.analysis.counterfactual.report import (
    Change,
    Goal,
    Remedy,
    WhatWouldChange,
    Why,
)
from ostiary.decide.evaluate import check, evaluate
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.domain.decision import Outcome
from ostiary.domain.errors import OstiaryError
from ostiary.domain.request import EvaluationRequest

MOST_CHANGES = 3  # that are looked for together
MOST_TRIED = 20_000  # answers that are worked out
MOST_REMEDIES = 10  # that are told

# What must be treated as no is no better than no (S-47).
_RANK = {
    Outcome.DENY: 0,
    Outcome.INDETERMINATE: 0,
    Outcome.NEEDS_CHOICE: 1,
    Outcome.NEEDS_APPROVAL: 2,
    Outcome.GRANT: 3,
}


def what_would_change(
    snapshot: Snapshot,
    request: EvaluationRequest,
    *,
    goal: Goal = Goal.BETTER,
    most_changes: int = MOST_CHANGES,
    most_tried: int = MOST_TRIED,
) -> WhatWouldChange:
    """Give the smallest sets of changes after which the answer is better, or another.

    Each was decided anew with the changes made. Raises what `evaluate` raises, but for a package
    that is not there, which nothing changes.
    """
    package = snapshot.packages.get(request.package)
    if package is None:
        return _nothing(goal, Why.PACKAGE_GONE, 0, most_changes, most_tried)
    question = described(snapshot, request)
    before = evaluate(snapshot, question).outcome
    if goal is Goal.BETTER and before is Outcome.GRANT:
        return _nothing(goal, Why.BEST_ALREADY, 1, most_changes, most_tried)
    search = _Search(snapshot, package, question, before, goal)
    for size in range(1, most_changes + 1):
        if not search.look(size, most_tried):
            return search.told(Why.BOUND_REACHED, most_changes, most_tried)
        if search.remedies:
            break
    return search.told(search.why(most_changes), most_changes, most_tried)


def _nothing(
    goal: Goal, why: Why, tried: int, most_changes: int, most_tried: int
) -> WhatWouldChange:
    return WhatWouldChange(goal, (), False, why, tried, most_changes, most_tried)  # noqa: FBT003


class _Search:
    """One search: what is tried, and what was found."""

    def __init__(
        self,
        snapshot: Snapshot,
        package: CompiledPackage,
        question: EvaluationRequest,
        before: Outcome,
        goal: Goal,
    ) -> None:
        self._snapshot, self._package = snapshot, package
        self._question, self._before, self._goal = question, before, goal
        self._now = definitions_of(snapshot, package)
        self._changes = candidates(snapshot, package, question, self._now)
        self._rebuilt: dict[tuple[Change, ...], tuple[Snapshot, Definitions]] = {
            (): (snapshot, self._now)
        }
        self.tried = 1
        self.remedies: list[Remedy] = []
        self.more = False

    def look(self, size: int, most_tried: int) -> bool:
        """Try every set of so many changes; False if that would be more than may be tried."""
        for changes in combinations(self._changes, size):
            if len({slot(one) for one in changes}) < size:
                continue
            if self.tried >= most_tried:
                self.more = bool(self.remedies)
                return bool(self.remedies)
            self.tried += 1
            self._try(changes)
        return True

    def _try(self, changes: tuple[Change, ...]) -> None:
        snapshot, question = self.applied(changes)
        try:
            outcome = check(snapshot, question).outcome
        except OstiaryError:
            return  # changed like this it is no question any more
        if not self._wanted(outcome):
            return
        if len(self.remedies) == MOST_REMEDIES:
            self.more = True
            return
        self.remedies.append(Remedy(changes, outcome, evaluate(snapshot, question)))

    def _wanted(self, outcome: Outcome) -> bool:
        if self._goal is Goal.BETTER:
            return _RANK[outcome] > _RANK[self._before]
        return outcome is not self._before

    def applied(self, changes: tuple[Change, ...]) -> tuple[Snapshot, EvaluationRequest]:
        """Give the facts with changes made, those of definitions first."""
        of_definitions = tuple(one for one in changes if one.kind in OF_DEFINITIONS)
        known = self._rebuilt.get(of_definitions)
        if known is None:
            now = self._now
            for change in of_definitions:
                now = defined(change, now)
            known = rebuilt(self._snapshot, self._package, now), now
            self._rebuilt[of_definitions] = known
        snapshot, now = known
        question = self._question
        for change in changes:
            question = signed_in(change, asked(change, question, snapshot), now)
        return snapshot, question

    def why(self, most_changes: int) -> Why | None:
        """Say why there is nothing."""
        if self.remedies:
            return None
        if self._package.id in self._question.holdings.assigned:
            return Why.HELD_ALREADY
        slots = {slot(one) for one in self._changes}
        return Why.NOTHING if len(slots) <= most_changes else Why.TOO_MANY_CHANGES

    def told(self, why: Why | None, most_changes: int, most_tried: int) -> WhatWouldChange:
        """Give what was found."""
        remedies = tuple(self.remedies)
        return WhatWouldChange(
            self._goal,
            remedies,
            self.more,
            None if remedies else why,
            self.tried,
            most_changes,
            most_tried,
        )
