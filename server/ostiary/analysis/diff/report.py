"""What comes of comparing two tenants: changes, each with everybody whom it concerns.

A change is one sentence that holds for many people; `before` and `after` may hold marks that stand
for somebody else with each of them, such as their manager.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import msgspec
from pyroaring import FrozenBitMap

from ostiary.domain.actions import ActionKind
from ostiary.domain.decision import Revision
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import Recurrence

# Marks among the people of a stage. No id can hold the first character.
MANAGER, SECOND_MANAGER = "\0manager", "\0second-manager"
OWN = "\0own"  # the person is named here, and left out since the request is theirs (S-71)
MARKS = frozenset({MANAGER, SECOND_MANAGER, OWN})


class Kind(Enumeration):
    """The kinds of change, in the order in which they are told."""

    GAINS = "gains"  # may request now and could not
    LOSSES = "losses"
    POLICY = "policy"  # may request as before, under other policies
    APPROVERS = "approvers"
    STAGES = "stages"  # the number of approval stages
    DEADLINES = "deadlines"  # when a stage lapses or escalates
    DURATION = "duration"  # how long access lasts, and whether it can be extended
    REVIEWS = "reviews"
    ACTIONS = "actions"  # what is delivered, taken away, called or reminded of
    REQUIREMENTS = "requirements"  # what the requestor has to say
    DEAD_ENDS = "dead-ends"  # a stage that nobody can decide
    VISIBILITY = "visibility"  # of the package in somebody's list
    REASONS = "reasons"  # refused as before, for other reasons


class Refusal(msgspec.Struct, frozen=True, order=True):
    """One reason why somebody may not request."""

    code: str
    policy: str = ""
    details: tuple[tuple[str, str], ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """Whether somebody may request: under which policies, or why not."""

    outcome: str  # of section 6.2, or NO_PACKAGE or NO_PERSON where one of them is not there
    policies: tuple[str, ...] = ()  # offered
    reasons: tuple[Refusal, ...] = ()


class StagePeople(msgspec.Struct, frozen=True):
    """Who decides one stage, and who joins when it is late: sorted ids and marks."""

    deciders: tuple[str, ...]
    alternates: tuple[str, ...] = ()


class StageTimes(msgspec.Struct, frozen=True):
    """The clock of one stage; None: it never lapses, or never escalates."""

    lapses_after: timedelta | None
    escalates_after: timedelta | None


class Ending(msgspec.Struct, frozen=True):
    """How access ends: after a time, at an instant, or (both None) never."""

    after: timedelta | None = None
    at: datetime | None = None
    extension: str = "no"  # no, yes, or approved: with an approval of its own


class Reviews(msgspec.Struct, frozen=True):
    """The access reviews that follow."""

    start: datetime
    recurrence: Recurrence
    window: timedelta
    reviewers: tuple[str, ...]  # self, manager, or `user:ID` and `group:ID`
    fallback: tuple[str, ...]
    no_response: str
    scheduled: tuple[str, ...]  # kinds of actions that the rules schedule for it


class Happening(msgspec.Struct, frozen=True):
    """Something that follows, beside stages, end and reviews."""

    kind: ActionKind
    target: str
    anchor: str  # start, end, or another event
    offset: timedelta
    points_at: str = ""  # kind and target of the resource that a right is given on


class Requirements(msgspec.Struct, frozen=True):
    """What a requestor has to say or may say."""

    justification: bool
    questions: tuple[tuple[str, str, str], ...]  # id, text, what an answer must be
    own_schedule: bool


Facet: TypeAlias = (
    Standing
    | tuple[StagePeople, ...]
    | tuple[StageTimes, ...]
    | Ending
    | Reviews
    | tuple[Happening, ...]
    | Requirements
    | tuple[int, ...]  # dead ends: the numbers of the stages
    | int  # the number of stages
    | bool  # visible
    | None
)


class Change(msgspec.Struct, frozen=True):
    """One change, the same for everybody in `people` (numbers in the report's roster)."""

    kind: Kind
    policy: str  # "" where it is about the package
    before: Facet
    after: Facet
    people: FrozenBitMap


class PackageDiff(msgspec.Struct, frozen=True):
    """Everything that changes about one package; `in_old`, `in_new`: whether it is there."""

    id: str
    name: str
    in_old: bool
    in_new: bool
    changes: tuple[Change, ...]

    def people(self, kind: Kind) -> FrozenBitMap:
        """Give everybody whom a kind of change concerns."""
        return FrozenBitMap().union(*(one.people for one in self.changes if one.kind is kind))


class Person(msgspec.Struct, frozen=True):
    """What is needed of a person to tell a change: per side the managers behind the marks."""

    id: str
    name: str
    managers: tuple[tuple[str | None, str | None], tuple[str | None, str | None]]


class Side(Protocol):
    """The people of one side as far as a report tells of them."""

    def name_of(self, who: str) -> str | None:
        """Give a name, or None: there is no such user."""

    def managers_of(self, who: str) -> tuple[str | None, str | None]:
        """Give the manager and the manager's manager."""


class Roster:
    """Everybody of either side, by number, in the order of ids."""

    def __init__(self, ids: tuple[str, ...], sides: tuple[Side, Side]) -> None:
        self.ids = ids
        self._sides = sides

    def person(self, number: int) -> Person:
        """Give a person."""
        who = self.ids[number]
        old, new = self._sides
        name = new.name_of(who) or old.name_of(who) or who
        return Person(who, name, (old.managers_of(who), new.managers_of(who)))

    def name_of(self, who: str) -> str:
        """Give the name of anybody, of the new side first; the id if nobody bears it."""
        old, new = self._sides
        return new.name_of(who) or old.name_of(who) or who


class DiffReport(msgspec.Struct, frozen=True):
    """The whole comparison, packages in the order of their ids; those without change are absent."""

    old: Revision
    new: Revision
    at: datetime  # the instant that both sides were asked for
    people: int  # how many were looked at; higher numbers of the roster are newcomers
    packages: int
    evaluations: int  # decisions that were made, for whatever many people each stands for
    roster: Roster
    diffs: tuple[PackageDiff, ...]
    policy_names: Mapping[tuple[str, str], str] = {}  # by package and policy

    @property
    def empty(self) -> bool:
        """Tell whether nothing changes for anybody."""
        return not self.diffs

    def concerned(self, kind: Kind) -> FrozenBitMap:
        """Give everybody whom a kind of change concerns, in whatever package."""
        return FrozenBitMap().union(*(one.people(kind) for one in self.diffs))

    def known(self, people: FrozenBitMap) -> int:
        """Give how many of these are in a directory."""
        return people.rank(self.people - 1) if self.people else 0

    def newcomers(self, people: FrozenBitMap) -> tuple[str, ...]:
        """Give the names of those of these who are in no directory yet, in the order of ids."""
        come = people.iter_equal_or_larger(self.people)
        return tuple(self.roster.person(number).name for number in come)

    def changes(self) -> Iterator[tuple[PackageDiff, Change]]:
        """Give every change with its package."""
        return ((diff, change) for diff in self.diffs for change in diff.changes)

    def only(self, kinds: frozenset[Kind]) -> DiffReport:
        """Give the report with these kinds of change alone."""
        kept = (
            msgspec.structs.replace(
                one, changes=tuple(change for change in one.changes if change.kind in kinds)
            )
            for one in self.diffs
        )
        return msgspec.structs.replace(self, diffs=tuple(one for one in kept if one.changes))


def resolved(people: tuple[str, ...], person: Person, side: int) -> tuple[str, ...]:
    """Give the people of a stage for one person, marks replaced; side 0 is old, 1 new."""
    first, second = person.managers[side]
    found = {who for who in people if who not in MARKS}
    if OWN in people:
        found.discard(person.id)
    if MANAGER in people and first is not None:
        found.add(first)
    if SECOND_MANAGER in people and second is not None:
        found.add(second)
    return tuple(sorted(found))
