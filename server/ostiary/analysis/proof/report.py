"""What a proof says: proved, a counterexample that can be played, or unknown and why."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.analysis.proof.possible import Names
from ostiary.domain.actions import ActionKind
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.request import Answer, Holdings, InlinePerson, Schedule


class Property(Enumeration):
    """What can be proved."""

    NO_NEW_ACCESS = "no-new-access"
    NO_WEAKER_APPROVAL = "no-weaker-approval"
    NO_SELF_APPROVAL = "no-self-approval"
    NO_DEAD_END = "no-dead-end"
    EVERY_DEADLINE_ENDS = "every-deadline-ends"
    NO_INCOMPATIBLE_PAIR = "no-incompatible-pair"

    @property
    def compares(self) -> bool:
        """Tell whether it is about two sets of definitions."""
        return self in (Property.NO_NEW_ACCESS, Property.NO_WEAKER_APPROVAL)


class Verdict(Enumeration):
    """What is known about a property."""

    PROVED = "PROVED"
    COUNTEREXAMPLE = "COUNTEREXAMPLE"
    UNKNOWN = "UNKNOWN"


class Door(Enumeration):
    """The ways in which somebody comes to access."""

    REQUEST = "request"
    ON_BEHALF = "on-behalf"  # a manager asks for a report
    AUTOMATIC = "automatic"  # the attributes fit an automatic policy
    DIRECT = "direct"  # staff assign it
    EXTENSION = "extension"  # access in hand is prolonged


class Way(msgspec.Struct, frozen=True):
    """One way in which somebody comes to a package."""

    door: Door
    package: str
    policy: str | None  # named in the request
    outcome: str
    stages: tuple[tuple[str, ...], ...] = ()  # who decides each
    alternates: tuple[tuple[str, ...], ...] = ()  # who joins each when it is late, if that matters
    at: datetime | None = None  # of a step of a story
    answers: tuple[Answer, ...] = ()  # that the request gives


class Missing(msgspec.Struct, frozen=True):
    """An action that would end something and is not planned."""

    kind: ActionKind
    sentence: str
    stage: int = 0
    target: str = ""
    schedule: Schedule | None = None  # of a request that asks for a start or an end of its own


class Example(msgspec.Struct, frozen=True):
    """Somebody for whom a property does not hold, and how it comes to that."""

    property: Property
    package: str
    person: InlinePerson
    at: datetime
    holdings: Holdings
    way: Way  # of which the property does not hold; of a story the last step
    sentence: str
    before: Way | None = None  # what the baseline says of the same
    steps: tuple[Way, ...] = ()  # of a story, in order
    groups: tuple[str, ...] = ()  # at the last step, with those that the steps before it gave
    got: Way | None = None  # how the access was had that is extended
    missing: Missing | None = None  # of a deadline that does not end


class Finding(msgspec.Struct, frozen=True):
    """What is known about one property."""

    property: Property
    verdict: Verdict
    examples: tuple[Example, ...]  # one for each package of which it does not hold
    unknown: tuple[str, ...]  # what was not looked at, and why
    packages: int  # that were looked at
    kinds: int  # of people in them, each at each instant
    unchanged: int = 0  # of the packages: what a comparison need not look at


class ProofReport(msgspec.Struct, frozen=True):
    """What is known about each property that was asked for, in the order of properties."""

    at: datetime
    findings: tuple[Finding, ...]
    names: Names  # of people and organizations to come, which counterexamples may name

    @property
    def verdict(self) -> Verdict:
        """Give the worst: a counterexample before what is not known."""
        verdicts = {one.verdict for one in self.findings}
        for verdict in (Verdict.COUNTEREXAMPLE, Verdict.UNKNOWN):
            if verdict in verdicts:
                return verdict
        return Verdict.PROVED
