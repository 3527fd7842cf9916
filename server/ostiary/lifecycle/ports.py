"""What the life of a request asks of the world: a store, the systems behind it, mail, ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from ostiary.domain.access_request import AccessRequest, Entry, ExternalPerson, RequestState
from ostiary.domain.assignment import Assignment, AssignmentState
from ostiary.domain.audit import AuditEvent
from ostiary.domain.caller import RoleAssignment
from ostiary.domain.callout import Callout
from ostiary.domain.delegation import Delegation
from ostiary.domain.due import DueAction, WorkState
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.notice import Notice
from ostiary.domain.review import ReviewInstance, ReviewState
from ostiary.domain.rule_revision import Activation, RuleRevision


class RequestQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which requests are wanted; what is not said does not matter. Newest submission first."""

    target: str | None = None
    submitter: str | None = None
    package: str | None = None
    policy: str | None = None
    catalogs: frozenset[str] | None = None
    assignment: str | None = None
    states: frozenset[RequestState] | None = None
    # whose open stage may be decided by somebody who bears one of these keys (`decider_keys`)
    deciders: frozenset[str] | None = None
    submitted_before: datetime | None = None
    up_to: int | None = None  # only those whose `position` is below; for paging
    size: int = 50


class AssignmentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which assignments are wanted; newest first."""

    target: str | None = None
    package: str | None = None
    policy: str | None = None
    catalogs: frozenset[str] | None = None
    states: frozenset[AssignmentState] | None = None
    up_to: int | None = None
    size: int = 50


class ReviewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which review instances are wanted; newest first."""

    package: str | None = None
    policy: str | None = None
    catalogs: frozenset[str] | None = None
    reviewer: str | None = None  # somebody who reviews at least one item
    states: frozenset[ReviewState] | None = None
    up_to: int | None = None
    size: int = 50


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are wanted, in their order."""

    after: int = 0  # only events whose sequence is greater
    before: int | None = None  # only events whose sequence is smaller
    target: str | None = None
    actor: str | None = None
    request: str | None = None
    assignment: str | None = None
    package: str | None = None
    policy: str | None = None
    catalogs: frozenset[str] | None = None
    # words in their order, without case: "access package assignment" finds the events of resources
    # too, e.g. "Fulfill access package resource assignment" (S-134)
    name_contains: str | None = None
    since: datetime | None = None  # included
    until: datetime | None = None  # excluded
    newest_first: bool = False
    size: int = 100


class WorkQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which due actions are wanted, in the order in which they run."""

    states: frozenset[WorkState] | None = None
    case: str | None = None
    request: str | None = None
    assignment: str | None = None
    # only what runs later than due_at, WORK_ORDER of the kind, id; for paging
    after: tuple[datetime, int, str] | None = None
    size: int = 100


class Found(msgspec.Struct, frozen=True):
    """One record of a list with its position, which never changes and never repeats."""

    position: int
    record: object


class Remembered(msgspec.Struct, frozen=True):
    """The first answer to a write that named its own id (S-61)."""

    digest: str  # of the request's content
    answer: bytes


class DefinitionKind(Enumeration):
    """The kinds of definition that the store holds, one document each."""

    TENANT = "tenant"  # id, name, profile, overrides, settings, known tenants
    USER = "user"
    GROUP = "group"  # its members are rows of their own
    ORGANIZATION = "organization"
    CATALOG = "catalog"
    RESOURCE = "resource"
    EXTENSION = "extension"
    PACKAGE = "package"
    POLICY = "policy"


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One definition as JSON; `within` is its catalog, or the package of a policy, or empty."""

    kind: DefinitionKind
    within: str = ""
    id: str
    body: bytes
    revision: int = 0  # the tenant revision that wrote it; the etag is made of it
    applied: str = ""  # digest of what a folder last said of it; empty: no folder ever named it


class Touched(msgspec.Struct, frozen=True, order=True):
    """One thing that a revision wrote or deleted; what it is now, its definition says.

    With `member`, a membership of the group `id`; a role in a catalog touches the catalog.
    """

    revision: int
    kind: DefinitionKind
    within: str
    id: str
    member: str = ""


MEMBER = "Member"
OWNER = "Owner"


class Membership(msgspec.Struct, frozen=True, order=True):
    """A member or owner of a group; one may be both, which are two memberships (S-104).

    Only members are in the group: an owner who is no member has nothing of what hangs on it.
    """

    group: str
    member: str
    nested: bool = False  # the member is a group
    role: str = MEMBER  # or OWNER


class LoggedLine(msgspec.Struct, frozen=True):
    """One line of the decision log; the run and the number in it name it."""

    run: str
    number: int
    text: str


class Transaction(Protocol):
    """All or nothing: whatever is done here becomes visible together, or not at all.

    Reads see the writes of the same transaction. Implementations raise StoreUnavailableError when
    the database cannot be reached, and retry nothing themselves.
    """

    def lock(self, case: str) -> None:
        """Wait until nobody else works on the case; it is ours until the transaction ends.

        Whoever takes several takes them in the order of their names.
        """

    def try_lock(self, case: str) -> bool:
        """Take the case if nobody else works on it."""

    # requests, assignments, reviews, callouts

    def request(self, request_id: str) -> AccessRequest | None:
        """Give a request."""

    def requests(self, query: RequestQuery) -> Sequence[tuple[int, AccessRequest]]:
        """Give requests with their positions."""

    def save_request(self, request: AccessRequest) -> None:
        """Insert or replace a request."""

    def delete_request(self, request_id: str) -> None:
        """Delete the record of a request (S-87)."""

    def assignment(self, assignment_id: str) -> Assignment | None:
        """Give an assignment."""

    def assignments(self, query: AssignmentQuery) -> Sequence[tuple[int, Assignment]]:
        """Give assignments with their positions."""

    def save_assignment(self, assignment: Assignment) -> None:
        """Insert or replace an assignment."""

    def count_assignments(self, *, package: str | None = None, policy: str | None = None) -> int:
        """Count current assignments, of a policy (with its package), a package, or the tenant."""

    def count_requests_since(self, since: datetime) -> int:
        """Count requests submitted at or after an instant."""

    def review(self, review_id: str) -> ReviewInstance | None:
        """Give a review instance."""

    def reviews(self, query: ReviewQuery) -> Sequence[tuple[int, ReviewInstance]]:
        """Give review instances with their positions."""

    def save_review(self, review: ReviewInstance) -> None:
        """Insert or replace a review instance."""

    def callout(self, callout_id: str) -> Callout | None:
        """Give a callout."""

    def callouts(self, request_id: str) -> Sequence[Callout]:
        """Give the callouts of a request in the order in which they were made."""

    def save_callout(self, callout: Callout) -> None:
        """Insert or replace a callout."""

    # delegations

    def delegations(self, approvers: Collection[str]) -> Iterator[Delegation]:
        """Give the delegations of some approvers, sorted by approver (S-80)."""

    def save_delegation(self, delegation: Delegation) -> None:
        """Insert or replace the delegation of an approver."""

    def delete_delegation(self, approver: str) -> bool:
        """Delete the delegation of an approver; False if there is none."""

    # revisions of rule packs

    def rule_revision(self, digest: str) -> RuleRevision | None:
        """Give a revision of a rule pack with the text of its files."""

    def rule_revisions(
        self, *, up_to: int | None = None, size: int = 50
    ) -> Sequence[tuple[int, RuleRevision]]:
        """Give revisions with their positions, without their files, the newest first."""

    def save_rule_revision(self, revision: RuleRevision) -> bool:
        """Keep a revision; False, and nothing changes, if one of the same digest is kept."""

    def activations(
        self, *, after: int = 0, before: int | None = None, size: int = 50
    ) -> Sequence[Activation]:
        """Give activations of rules in their order, or with `before` the newest first."""

    def active_rules(self) -> Activation | None:
        """Give the activation that is in force: the last one."""

    def activation(self, sequence: int) -> Activation | None:
        """Give one activation."""

    def activate_rules(self, activation: Activation) -> int:
        """Append an activation and give its sequence; whoever does it holds the lock `rules`."""

    # the log of decisions

    def log_decisions(self, lines: Iterable[LoggedLine]) -> None:
        """Keep lines of the decision log; one whose run and number are there is left as it is."""

    def logged_runs(self) -> Sequence[str]:
        """Give the runs of the decision log, in the order in which they were kept."""

    def logged_decisions(
        self, run: str, *, after: int = -1, size: int = 1000
    ) -> Sequence[LoggedLine]:
        """Give lines of a run by their numbers."""

    # work that is due

    def schedule(self, actions: Iterable[DueAction]) -> None:
        """Add actions; one whose id is there already is left as it is."""

    def waiting(self, case: str) -> Sequence[DueAction]:
        """Give the waiting actions of a case with an effect inside, in the order in which they run.

        The order is due_at, then WORK_ORDER of the kind, then id (S-8).
        """

    def finish(self, action_id: str, state: WorkState, at: datetime, *, failure: str = "") -> None:
        """Put a waiting action into an end state."""

    def postpone(
        self, action_id: str, due_at: datetime, *, attempts: int, failure: str = ""
    ) -> None:
        """Move a waiting action, e.g. to its next attempt; `planned_at` stays."""

    def void(self, case: str, *, request: str | None = None, assignment: str | None = None) -> None:
        """Void all waiting actions of a request or assignment, those outside included (S-48).

        Notices are told all the same: what happened, happened.
        """

    def due_cases(self, now: datetime, *, most: int) -> Sequence[str]:
        """Give cases with an action inside that is due at `now` or before, the earliest first."""

    def lease(self, now: datetime, until: datetime, *, most: int) -> Sequence[DueAction]:
        """Claim actions outside that are due: `due_at` moves to `until`, fence and attempts go up.

        Several workers never get the same action; one that dies loses it to others at `until`.
        """

    def complete(
        self, action: DueAction, state: WorkState, at: datetime, failure: str = ""
    ) -> bool:
        """End a leased action; False, and nothing changes, if its fence is no longer the last."""

    def retry(self, action: DueAction, due_at: datetime, failure: str) -> bool:
        """Give a leased action back for a later attempt; False as with `complete`."""

    def next_due(self) -> datetime | None:
        """Give when the next waiting action is due."""

    def under_way(self, case: str) -> Sequence[DueAction]:
        """Give the actions of a case that were leased and did not come to an end of their own.

        They wait, or were made void meanwhile; in the order in which they run.
        """

    def work(self, query: WorkQuery) -> Sequence[DueAction]:
        """Give due actions for people to look at."""

    def action(self, action_id: str) -> DueAction | None:
        """Give one due action."""

    def unpark(self, action_id: str, due_at: datetime) -> bool:
        """Have a parked action tried again; False if it is not parked."""

    # audit

    def record(self, event: AuditEvent) -> None:
        """Append an event; its sequence is given here."""

    def events(self, query: AuditQuery) -> Sequence[AuditEvent]:
        """Give events of the log."""

    def settled(self) -> int:
        """Give the sequence up to which every event is visible here or will never be; 0: none.

        Above it, an event with a lower sequence may still appear after one with a higher. Whoever
        asks again for what came after the last one, asks `before` the next of this. RuntimeError
        if `reading` was not told that it would be asked.
        """

    def forget_events(self, before: datetime, *, most: int) -> int:
        """Delete the first `most` events that happened before an instant; give how many it was.

        Sequences are not given again (S-136).
        """

    # answers to repeated writes

    def remembered(self, key: str) -> Remembered | None:
        """Give the first answer under a key (method, caller and the caller's id of the write)."""

    def remember(self, key: str, remembered: Remembered, at: datetime) -> None:
        """Keep the first answer."""

    # definitions, directory and roles, as revisions

    def revision(self) -> int:
        """Give the number of the tenant's revision; it goes up with every change. 0: no tenant."""

    def next_revision(self, at: datetime, *, actor: str, digest: str = "") -> int:
        """Begin the next revision; the definitions written after it bear its number.

        What cannot bear it (a deletion, a membership, a role) raises RuntimeError if the
        transaction began none, so that nobody who follows the revisions misses it.
        """

    def touched_since(self, revision: int, *, most: int) -> Sequence[Touched] | None:
        """Give what later revisions wrote, oldest first; None if it is more than `most`.

        Definitions, memberships and roles of catalogs, by every write below.
        """

    def definition(self, kind: DefinitionKind, within: str | None, name: str) -> Definition | None:
        """Give one definition; without a container, the first that bears the id, quickly."""

    def definitions(
        self,
        kind: DefinitionKind | None = None,
        *,
        within: str | None = None,
        after: str = "",
        after_within: str = "",
        size: int | None = None,
    ) -> Sequence[Definition]:
        """Give definitions in the order of kind, container and id.

        `after` is the id of the last one of the page before, `after_within` its container where
        `within` does not say it; paging needs a kind (ValueError).
        """

    def count_definitions(self, kind: DefinitionKind, *, within: str | None = None) -> int:
        """Count definitions."""

    def put_definition(self, definition: Definition) -> None:
        """Insert or replace a definition."""

    def delete_definition(self, kind: DefinitionKind, within: str, name: str) -> bool:
        """Delete a definition; False if there is none."""

    def memberships(
        self, group: str | None = None, *, member: str | None = None
    ) -> Sequence[Membership]:
        """Give direct members and owners, of one group or one member if it is named, sorted."""

    def add_membership(self, membership: Membership) -> bool:
        """Add a member or owner; False if it was one already."""

    def remove_membership(self, membership: Membership) -> bool:
        """Remove exactly this membership; False if it was none."""

    def count_members(self, group: str) -> int:
        """Count the direct users of a group whose role is MEMBER (S-93)."""

    def role_assignments(self) -> Sequence[RoleAssignment]:
        """Give all role assignments, sorted."""

    def add_role(self, assignment: RoleAssignment) -> bool:
        """Add a role assignment; False if it was there already."""

    def remove_role(self, assignment: RoleAssignment) -> bool:
        """Remove a role assignment; False if it was not there."""


class Store(Protocol):
    """Where everything is kept; every method may be called from any thread."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin to change something: committed at the end of the block, undone if it raises.

        SQLite lets one writer in at a time; PostgreSQL lets `lock` do the ordering. A thread has
        one transaction at a time, to write or to read: beginning a second is a RuntimeError.
        """

    def reading(self, *, settled: bool = False) -> AbstractContextManager[Transaction]:
        """Begin to look at one state of the store, without waiting for writers.

        With `settled`, what `Transaction.settled` gives is found out first.
        """

    def close(self) -> None:
        """Let go of all connections."""


class Delivery(Enumeration):
    """What became of a call to a system behind us."""

    DONE = "done"
    ALREADY = "already"  # the right was there (or gone) before: a success (S-93)
    AWAITING_GUEST = "awaiting_guest"  # S-96
    RETRY = "retry"  # a transient failure (S-92)
    FAILED = "failed"  # a permanent one


class Delivered(msgspec.Struct, frozen=True):
    """The answer of a connector."""

    result: Delivery
    failure: str = ""  # RESOURCE_GONE, INSUFFICIENT_PERMISSION, LIMIT_EXCEEDED, or empty
    text: str = ""  # what staff should read
    parameters: tuple[tuple[str, str], ...] = ()  # e.g. name=group_members, max=50000
    retry_after: float | None = None  # seconds, if the system said


class Holder(msgspec.Struct, frozen=True):
    """The person a right is given to or taken from, as far as systems outside need to know."""

    id: str
    name: str = ""
    mail: str | None = None
    guest: bool = False


class Connector(Protocol):
    """One system that rights are provisioned into; every call is idempotent under its `key`."""

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Give the holder a role of a resource; waits at most a few tens of seconds."""

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Take the role away; that it was not there is a success."""

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:
        """Create the account of an external person, marked as ours (S-115)."""

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Block the sign-in of a guest (S-116)."""

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Delete the account of a guest (S-116)."""

    def close(self) -> None:
        """Let go of connections."""


class Connectors(Protocol):
    """Finds the connector of a resource."""

    def of(self, entry: Entry) -> Connector:
        """Give the connector that delivers an entry."""

    def of_guests(self) -> Sequence[Connector]:
        """Give the connectors that keep accounts of guests."""


class ExtensionCaller(Protocol):
    """Calls custom extensions."""

    def call(self, callout: Callout, facts: Mapping[str, object], *, key: str) -> Delivered:
        """Tell an extension; its reply, if one is awaited, comes later through Resume."""


class Postman(Protocol):
    """Delivers notices, each to one person: `domain.notice.split` makes them so."""

    @property
    def carries_secrets(self) -> bool:
        """Tell whether what is delivered reaches nobody but the person, so may hold a secret."""

    def deliver(self, notice: Notice, *, key: str, secret: str = "") -> Delivered:
        """Tell the person of a notice; whoever cannot be told is named in the answer's text.

        With a `secret`, the person may decide with it (S-79). The same key and secret make the same
        message, so that a second delivery can be recognised.
        """


class Ids(Protocol):
    """Where new ids come from."""

    def new(self, kind: str) -> str:
        """Give an id that nobody has, e.g. for kind `request`."""

    def secret(self) -> str:
        """Give a secret that nobody can guess, of letters, digits, `-` and `_`."""
