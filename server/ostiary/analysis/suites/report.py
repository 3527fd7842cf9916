"""What came of suites: each test with what it found otherwise, and which cells it looked up."""

from __future__ import annotations

import msgspec

from ostiary.domain.enumeration import Enumeration
from ostiary.domain.tables import Phase, Rule
from ostiary.rulebook.source import Spot


class Status(Enumeration):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"  # something was found otherwise
    BROKEN = "broken"  # it could not be run: a fact, a name, a change that there is not


class Mismatch(msgspec.Struct, frozen=True):
    """One thing that was found otherwise than the test says."""

    what: str  # the field of the test, or what happened
    expected: str
    got: str
    place: Spot  # where the test says it
    rules: tuple[Rule, ...] = ()  # that decided what was found
    at: str = ""  # in a story, the instant of the step


class Touched(msgspec.Struct, frozen=True, order=True):
    """A policy that was looked at, and the ways in which it was seen (`coverage.tenant`)."""

    package: str
    policy: str
    sights: tuple[str, ...]  # of selected, offered, refused, in, out


class CaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """One test with what came of it."""

    file: str
    suite: str  # the title
    name: str
    place: Spot
    kind: str  # cell, question or story
    rules: str  # the folder of the rule pack, as it is reached from here
    status: Status
    mismatches: tuple[Mismatch, ...] = ()
    faults: tuple[str, ...] = ()  # why it is broken
    cells: tuple[tuple[Phase, int], ...] = ()  # looked up, each once, in the order of the look-ups
    touched: tuple[Touched, ...] = ()
    seconds: float = 0.0


class SuitesReport(msgspec.Struct, frozen=True):
    """All tests in the order of the files."""

    tests: tuple[CaseReport, ...]

    def count(self, status: Status) -> int:
        """Give how many tests ended so."""
        return sum(one.status is status for one in self.tests)

    @property
    def passed(self) -> bool:
        """Say whether there were tests and all of them passed."""
        return bool(self.tests) and all(one.status is Status.PASSED for one in self.tests)
