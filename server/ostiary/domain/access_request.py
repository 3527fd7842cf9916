"""A recorded request: what was asked, by whom, under which terms, and where it stands (S-31)."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.decision import Origin, Revision
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.people import HomeIdentity
from ostiary.domain.policy import AssignmentPolicy, Recurrence
from ostiary.domain.request import Answer, Schedule

SYSTEM = "system"  # the actor behind whatever no person did
RISK = "risk"  # no extension bears this name as a stage's source: theirs is `extension:ID`


class RequestKind(Enumeration):
    """What a recorded request is for, and who started it (section 9 of the semantics)."""

    USER_ADD = "user_add"
    ON_BEHALF_ADD = "on_behalf_add"
    USER_UPDATE = "user_update"
    USER_REMOVE = "user_remove"
    ADMIN_ADD = "admin_add"
    ADMIN_UPDATE = "admin_update"
    ADMIN_REMOVE = "admin_remove"
    SYSTEM_ADD = "system_add"
    SYSTEM_UPDATE = "system_update"
    SYSTEM_REMOVE = "system_remove"
    APPROVER_REMOVE = "approver_remove"


ADDING = frozenset(
    {
        RequestKind.USER_ADD,
        RequestKind.ON_BEHALF_ADD,
        RequestKind.ADMIN_ADD,
        RequestKind.SYSTEM_ADD,
    }
)
UPDATING = frozenset({RequestKind.USER_UPDATE, RequestKind.ADMIN_UPDATE, RequestKind.SYSTEM_UPDATE})
REMOVING = frozenset(
    {
        RequestKind.USER_REMOVE,
        RequestKind.ADMIN_REMOVE,
        RequestKind.SYSTEM_REMOVE,
        RequestKind.APPROVER_REMOVE,
    }
)


class RequestState(Enumeration):
    """Where a request stands (section 9); DENIED, CANCELED and DELIVERED are terminal (S-84)."""

    SUBMITTED = "submitted"
    PENDING_APPROVAL = "pending_approval"
    SCHEDULED = "scheduled"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERY_FAILED = "delivery_failed"
    DENIED = "denied"
    CANCELED = "canceled"


OPEN_STATES = frozenset(
    {
        RequestState.SUBMITTED,
        RequestState.PENDING_APPROVAL,
        RequestState.SCHEDULED,
        RequestState.DELIVERING,
    }
)


class RequestStatus(Enumeration):
    """What a state leaves open."""

    NONE = "none"
    ACCEPTED = "accepted"
    WAITING_FOR_CALLBACK = "waiting_for_callback"
    PENDING = "pending"
    ESCALATED = "escalated"
    AWAITING_GUEST = "awaiting_guest"  # a grant waits for a guest's first sign-in (S-96)


class ExternalPerson(msgspec.Struct, frozen=True):
    """Somebody without an object in the directory, as they were when they asked (S-110)."""

    id: str
    mail: str | None = None
    home: HomeIdentity | None = None


class Entry(msgspec.Struct, frozen=True, order=True):
    """A resource role with what is needed to take it away when its catalog is gone (S-90)."""

    resource: str
    role: str
    kind: ResourceKind
    target: str  # id of the group or application, URL of the site
    resource_name: str = ""
    catalog: str = ""  # that the resource belongs to; connectors are chosen by it too

    @property
    def key(self) -> str:
        """Give `resource/role`, as a plan names it."""
        return f"{self.resource}/{self.role}"


class Terms(msgspec.Struct, frozen=True):
    """A copy of what package, policy and profile said when the request was submitted (S-27)."""

    package: str
    package_name: str
    catalog: str
    catalog_name: str
    policy: AssignmentPolicy
    entries: tuple[Entry, ...]
    expiry_reminders: tuple[timedelta, ...] = ()
    restore_of_deleted_users: timedelta = timedelta(days=30)  # S-107
    delivery_late_after: timedelta = timedelta(hours=1)  # S-92
    delivery_retry_window: timedelta = timedelta(hours=4)
    reprocess_window: timedelta = timedelta(days=14)  # S-94


class PlannedAction(msgspec.Struct, frozen=True):
    """An action of the plan as it was announced at submission (S-48)."""

    kind: ActionKind
    anchor: Anchor
    offset: timedelta = timedelta(0)
    at: datetime | None = None
    not_before: datetime | None = None
    stage: int = 0
    target: str = ""
    repeats: Recurrence | None = None
    rule: str = ""  # id of the rule that scheduled it


class Verdict(Enumeration):
    """How a stage ended."""

    APPROVED = "approved"
    DENIED = "denied"
    TIMED_OUT = "timed_out"


class Delegate(msgspec.Struct, frozen=True, order=True):
    """Somebody who may decide a stage in an approver's place (S-80)."""

    approver: str
    delegate: str


class DecisionLink(msgspec.Struct, frozen=True):
    """A link in a mail by which one approver decides one stage (S-79); its secret is not kept."""

    approver: str
    digest: str


class StageDecision(msgspec.Struct, frozen=True):
    """The one decision that a stage has (S-64)."""

    verdict: Verdict
    by: str  # id of the approver, or SYSTEM
    at: datetime
    justification: str = ""
    instead_of: str = ""  # the approver in whose place a delegate decided


class StageRecord(msgspec.Struct, frozen=True):
    """An approval stage of a request, from its plan to its decision.

    `people` are fixed when the stage opens; members of groups are looked up when they act (S-73).
    """

    number: int  # from 1
    approvers: tuple[str, ...]  # everybody who could decide when it was last looked, sorted
    origin: Origin
    alternates: tuple[str, ...]
    alternates_origin: Origin
    time_out: timedelta
    escalate_after: timedelta | None
    justification_required: bool
    people: tuple[str, ...] = ()  # named, managers and sponsors, fixed at the opening
    late_people: tuple[str, ...] = ()  # the same of the alternates
    opened_at: datetime | None = None
    escalates_at: datetime | None = None
    denies_at: datetime | None = None
    escalated: bool = False
    decision: StageDecision | None = None
    delegates: tuple[Delegate, ...] = ()  # of those who could decide when it opened, or escalated
    links: tuple[DecisionLink, ...] = ()
    added_by: str = ""  # `extension:ID` or RISK, if the policy does not have it (S-81, S-82)


class AccessRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request with its whole state; the audit log has its story."""

    id: str
    kind: RequestKind
    state: RequestState
    status: RequestStatus = RequestStatus.NONE
    target: str  # whom the access is for
    submitter: str  # who asked, or SYSTEM
    external: ExternalPerson | None = None  # set if the target was not in the directory
    terms: Terms
    submitted_at: datetime
    justification: str = ""
    answers: tuple[Answer, ...] = ()
    schedule: Schedule | None = None
    bypass_approval: bool = False  # S-66
    stages: tuple[StageRecord, ...] = ()
    stage: int = 0  # the number of the open stage; 0: none
    waits_for: str = ""  # id of the callout that it waits for (S-127)
    notes: tuple[str, ...] = ()  # what extensions said, shown to approvers
    approved_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    assignment: str = ""  # the one it makes, changes or ends
    plan: tuple[PlannedAction, ...] = ()
    revision: Revision
    completed_at: datetime | None = None
    reason: str = ""  # the code that ended it
    reason_parameters: tuple[tuple[str, str], ...] = ()
    ended_by: str = ""
    request_id: str = ""  # the caller's own id of the submission (S-61)
    version: int = 0  # counts the changes; the etag is made of it

    @property
    def open(self) -> bool:
        """Tell whether something is still to come."""
        return self.state in OPEN_STATES

    @property
    def package(self) -> str:
        """Give the id of the access package."""
        return self.terms.package

    def open_stage(self) -> StageRecord | None:
        """Give the stage that waits for a decision."""
        return self.stages[self.stage - 1] if self.stage else None
