"""What the store in memory keeps, and how a change of it is taken back."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from ostiary.domain.access_request import AccessRequest
from ostiary.domain.assignment import Assignment
from ostiary.domain.audit import AuditEvent
from ostiary.domain.caller import RoleAssignment
from ostiary.domain.callout import Callout
from ostiary.domain.delegation import Delegation
from ostiary.domain.due import DueAction
from ostiary.domain.review import ReviewInstance
from ostiary.domain.rule_revision import Activation, RuleRevision
from ostiary.lifecycle.ports import Definition, LoggedLine, Membership, Remembered, Touched


class Record(Protocol):
    """Something with an id of its own."""

    @property
    def id(self) -> str:
        """Give the id."""


R = TypeVar("R", bound=Record)


class Shelf(Generic[R]):
    """The records of one kind: by id, by position, and by one key that most questions name."""

    def __init__(self, key: Callable[[R], str]) -> None:
        self._key = key
        self._last = 0
        self._position: dict[str, int] = {}
        self._at: dict[int, R] = {}  # in the order of positions, but for what was undone
        self._of: defaultdict[str, list[int]] = defaultdict(list)  # key -> positions, sorted

    def get(self, record_id: str) -> R | None:
        """Give a record."""
        position = self._position.get(record_id)
        return None if position is None else self._at[position]

    def newest_first(self, key: str | None = None) -> Iterator[tuple[int, R]]:
        """Give all records, or those of a key, from the newest to the oldest."""
        positions: Iterable[int] = self._of.get(key, ()) if key is not None else self._at
        return ((p, self._at[p]) for p in sorted(positions, reverse=True))

    def put(self, record: R, position: int | None = None) -> None:
        """Insert or replace a record; `position` is where it stood, if it is put back."""
        before = self._position.get(record.id)
        if before is None:
            if position is None:
                self._last += 1
                position = self._last
            before = self._position[record.id] = position
            insort(self._of[self._key(record)], before)
        elif (key := self._key(record)) != (old := self._key(self._at[before])):
            self._of[old].remove(before)
            insort(self._of[key], before)
        self._at[before] = record

    def drop(self, record_id: str) -> int:
        """Delete a record; give where it stood."""
        position = self._position.pop(record_id)
        self._of[self._key(self._at.pop(position))].remove(position)
        return position


class Queue:
    """Waiting actions sorted by what a worker asks for: the earliest first."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, str]] = []

    def add(self, due_at: datetime, name: str) -> None:
        """Add an entry; two may be the same."""
        insort(self._entries, (due_at, name))

    def remove(self, due_at: datetime, name: str) -> None:
        """Take an entry out."""
        del self._entries[bisect_left(self._entries, (due_at, name))]

    def due(self, now: datetime) -> Iterator[str]:
        """Give the names of what is due, the earliest first."""
        for due_at, name in self._entries:
            if due_at > now:
                return
            yield name

    def first(self) -> datetime | None:
        """Give when the first is due."""
        return self._entries[0][0] if self._entries else None


class State:
    """Everything that is kept."""

    def __init__(self) -> None:
        self.requests: Shelf[AccessRequest] = Shelf(lambda request: request.target)
        self.submitted: list[datetime] = []  # of all requests, sorted
        self.assignments: Shelf[Assignment] = Shelf(lambda assignment: assignment.target)
        self.current: Counter[tuple[str, str]] = Counter()  # assignments of a policy
        self.reviews: Shelf[ReviewInstance] = Shelf(lambda review: review.policy)
        self.callouts: Shelf[Callout] = Shelf(lambda callout: callout.request)
        self.delegations: dict[str, Delegation] = {}  # by approver
        self.rule_revisions: dict[str, RuleRevision] = {}  # by digest, the oldest first
        self.decisions: dict[str, dict[int, LoggedLine]] = {}  # run -> number -> line
        self.activations: list[Activation] = []  # number n has the sequence n + 1
        self.actions: dict[str, DueAction] = {}
        self.inside = Queue()  # of cases
        self.outside = Queue()  # of ids
        self.waiting: defaultdict[str, dict[str, None]] = defaultdict(dict)  # case -> ids
        self.under_way: defaultdict[str, dict[str, None]] = defaultdict(dict)  # the same
        self.events: list[AuditEvent] = []  # in the order of their sequences
        self.last_event = 0  # the sequence that was given last
        self.remembered: dict[str, tuple[Remembered, datetime]] = {}
        self.revisions: list[tuple[datetime, str, str]] = []  # when, who, digest
        self.definitions: dict[tuple[str, str, str], Definition] = {}  # (kind, within, id)
        self.touched: dict[Touched, None] = {}
        self.members: defaultdict[str, dict[Membership, None]] = defaultdict(dict)  # of a group
        self.groups: defaultdict[str, dict[Membership, None]] = defaultdict(dict)  # of a member
        self.roles: dict[RoleAssignment, None] = {}


class Changes:
    """What a transaction in memory can do, and how to take it back."""

    def __init__(self, state: State, *, writable: bool) -> None:
        self._state = state
        self._writable = writable
        self._undo: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def undo(self) -> None:
        """Take back everything, the last change first."""
        while self._undo:
            back, arguments = self._undo.pop()
            back(*arguments)

    def lock(self, case: str) -> None:  # noqa: ARG002  # the port's signature
        """Do nothing: the whole store is ours."""
        self._may_write()

    def try_lock(self, case: str) -> bool:  # noqa: ARG002  # the port's signature
        """Take the case, which is always free."""
        self._may_write()
        return True

    def _may_write(self) -> None:
        if not self._writable:
            raise RuntimeError("nothing can be changed or locked while reading")

    def _backwards(self, back: Callable[..., Any], *arguments: Any) -> None:
        """Say how the change that comes now is taken back."""
        self._undo.append((back, arguments))
