"""An assignment: access that somebody has, with its own copy of the terms (S-88 to S-90)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.domain.access_request import Entry, PlannedAction, Terms
from ostiary.domain.enumeration import Enumeration


class AssignmentState(Enumeration):
    """The states of an assignment (S-88); EXPIRED is terminal."""

    DELIVERING = "delivering"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery_failed"
    EXPIRED = "expired"


CURRENT_STATES = frozenset(
    {
        AssignmentState.DELIVERING,
        AssignmentState.PARTIALLY_DELIVERED,
        AssignmentState.DELIVERED,
    }
)


class GrantState(Enumeration):
    """Where one entry of an assignment stands with the system behind it (S-91)."""

    PENDING = "pending"
    AWAITING_GUEST = "awaiting_guest"  # for a first sign-in or consent (S-96)
    GRANTED = "granted"
    FAILED = "failed"
    REVOKING = "revoking"
    REVOKED = "revoked"
    KEPT = "kept"  # another current assignment gives the same (S-104)
    REVOKE_FAILED = "revoke_failed"  # parked for staff to see, never forgotten


class Grant(msgspec.Struct, frozen=True):
    """One entry with its delivery."""

    entry: Entry
    state: GrantState = GrantState.PENDING
    attempts: int = 0
    failure: str = ""  # RESOURCE_GONE, INSUFFICIENT_PERMISSION, LIMIT_EXCEEDED, or empty
    failure_text: str = ""
    failure_parameters: tuple[tuple[str, str], ...] = ()
    changed_at: datetime | None = None
    pre_existing: bool = False  # the right was there before the first assignment (S-104)


class EndCause(Enumeration):
    """How an assignment came to its end (S-105)."""

    TIME = "time"
    HOLDER = "holder"
    STAFF = "staff"
    REVIEW = "review"
    RULE = "rule"  # out of scope, or an automatic policy no longer fits
    APPROVER = "approver"  # S-83
    SUBJECT_DELETED = "subject_deleted"  # S-107
    WORKFLOW = "workflow"  # S-131


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Access given to one person under one policy, and everything needed to end it."""

    id: str
    target: str
    terms: Terms
    state: AssignmentState
    request: str  # the one that made it
    created_at: datetime
    starts_at: datetime
    ends_at: datetime | None  # None: never
    grants: tuple[Grant, ...] = ()
    plan: tuple[PlannedAction, ...] = ()  # what was announced for after the approval
    delivered_at: datetime | None = None
    delivery_opened_at: datetime | None = None  # when the grants now under way were begun
    delivery_closed_at: datetime | None = None  # when the last delivery ended, well or not
    late: bool = False  # PROVISIONING_LATE was reported (S-92)
    ended_at: datetime | None = None
    end_cause: EndCause | None = None
    left_scope_at: datetime | None = None  # S-37
    version: int = 0

    @property
    def current(self) -> bool:
        """Tell whether the access counts as held (S-88)."""
        return self.state in CURRENT_STATES

    @property
    def delivery_ended_at(self) -> datetime | None:
        """Give when the last delivery ended; None: it is under way (S-92)."""
        return None if self.state is AssignmentState.DELIVERING else self.delivery_closed_at

    @property
    def package(self) -> str:
        """Give the id of the access package."""
        return self.terms.package

    @property
    def policy(self) -> str:
        """Give the id of the assignment policy."""
        return self.terms.policy.id
