"""What came of all mutants of a pack or a tenant, and which survivors nobody has explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ostiary.analysis.coverage.cases import NewSuite
from ostiary.analysis.mutation.mutants import Fate
from ostiary.analysis.mutation.pack_trial import Tried
from ostiary.domain.errors import Fault
from ostiary.rulebook.mutants_file import Accepted


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no test kills: where it shows, and a test that would."""

    tried: Tried
    shows: str  # in which cells or definitions, in words
    before: str  # what is said there
    after: str  # what the mutant says
    test: dict[str, Any] | None  # ready to be written into a suite; None: none was found
    accepted: str | None  # why nobody minds


class OperatorCount(msgspec.Struct, frozen=True):
    """What came of the mutants of one operator."""

    operator: str
    equal: int
    refused: int
    killed: int
    survived: int


class MutationReport(msgspec.Struct, frozen=True):
    """All mutants of one pack or tenant."""

    target: str
    operators: tuple[OperatorCount, ...]  # in the order of their names
    survivors: tuple[Survivor, ...]  # in the order of the files; accepted ones, too
    stale: tuple[Fault, ...]  # entries of `mutants.yaml` that explain nothing
    new: tuple[NewSuite, ...]  # the fewest tests found that see every unexplained survivor
    only_named: int  # of the equal ones: other rules say it, which only explanations show

    def total(self, fate: Fate) -> int:
        """Give how many mutants ended so."""
        return sum(getattr(one, fate.value) for one in self.operators)

    @property
    def unexplained(self) -> tuple[Survivor, ...]:
        """Give the survivors that `mutants.yaml` does not accept."""
        return tuple(one for one in self.survivors if one.accepted is None)

    @property
    def score(self) -> float:
        """Give how many of the mutants that say something else are seen, in hundredths."""
        survived = self.total(Fate.SURVIVED)
        seen = self.total(Fate.KILLED) + self.total(Fate.REFUSED)
        return 100.0 * seen / (seen + survived) if seen + survived else 100.0


def counted(tried: Iterable[Tried]) -> tuple[OperatorCount, ...]:
    """Give the counts of each operator."""
    counts: dict[str, dict[str, int]] = {}
    for one in tried:
        fates = counts.setdefault(one.operator, dict.fromkeys((fate.value for fate in Fate), 0))
        fates[one.fate.value] += 1
    return tuple(OperatorCount(name, **fates) for name, fates in sorted(counts.items()))


def stale(accepted: Iterable[Accepted], tried: Sequence[Tried]) -> tuple[Fault, ...]:
    """Give a fault for each entry whose mutant is not there or does not survive."""
    fates = {one.id: one for one in tried}
    found = []
    for entry in accepted:
        one = fates.get(entry.id)
        if one is None:
            found.append(entry.stale("is no mutant of these definitions"))
        elif one.fate is not Fate.SURVIVED:
            found.append(entry.stale(_ENDED[one.fate].format(by=one.by)))
    return tuple(sorted(found))


_ENDED = {
    Fate.EQUAL: "says the same as the original",
    Fate.REFUSED: "is refused when it is loaded ({by})",
    Fate.KILLED: "is killed by the test `{by}`",
}
