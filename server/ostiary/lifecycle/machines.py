"""The state machines as tables that a reader can check against sections 9, 10, 14 and 15.

A transition that is not in a table does not exist (S-84). `deadlines` names, for each state that is
not terminal, the work that ends it whatever people do: nothing can wait for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

import msgspec

from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState, GrantState
from ostiary.domain.callout import CalloutStatus
from ostiary.domain.due import WorkKind
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.review import ReviewState

State = TypeVar("State", bound=Enum)
Event = TypeVar("Event", bound=Enum)


class IllegalTransitionError(Exception):
    """Our own fault: an operation tried a transition that no table has."""


class Transition(msgspec.Struct, Generic[State, Event], frozen=True):
    """From one of `sources` (None: nothing yet) by an event to a state."""

    number: str  # as the semantics number it, e.g. T3
    sources: tuple[State | None, ...]
    event: Event
    target: State


class Machine(msgspec.Struct, Generic[State, Event], frozen=True):
    """All transitions of one kind of record."""

    name: str
    transitions: tuple[Transition[State, Event], ...]
    terminal: frozenset[State]
    deadlines: Mapping[State, WorkKind]

    def after(self, state: State | None, event: Event) -> State:
        """Give the state that follows; IllegalTransitionError if there is none."""
        for one in self.transitions:
            if one.event is event and state in one.sources:
                return one.target
        raise IllegalTransitionError(f"{self.name}: no {event.value} from {state and state.value}")

    def allows(self, state: State | None, event: Event) -> bool:
        """Tell whether an event is possible in a state."""
        return any(one.event is event and state in one.sources for one in self.transitions)


class RequestEvent(Enumeration):
    """What happens to a request (section 9)."""

    SUBMIT = "submission passes all gates"
    WAIT_AT_CREATION = "waiting extension at request-created"
    ASK = "approval required"
    APPROVE_STAGE = "approval, more stages"
    DENY = "denial"
    TIME_OUT = "stage time-out"
    ESCALATE = "escalation time"
    WAIT_AT_APPROVAL = "waiting extension at request-approved"
    SCHEDULE = "start in the future"
    DELIVER = "final check passes"
    DELIVERED = "all entries done"
    PARTIALLY_DELIVERED = "retries over, some done"
    DELIVERY_FAILED = "retries over, none done"
    REPROCESS = "reprocess in the window"
    CANCEL = "cancel"
    CANCEL_BY_STAFF = "cancel by staff"
    EXTENSION_DENIES = "callback denies"
    EXTENSION_CANCELS = "callback cancels"
    EXTENSION_TIMES_OUT = "no callback in time"
    PACKAGE_DELETED = "package deleted"
    CHECK_FAILS = "final check fails"
    NOBODY_LEFT = "a stage opens with nobody"
    ASSIGNMENT_ENDED = "extension: its assignment ends"


_S, _P, _L = RequestState.SUBMITTED, RequestState.PENDING_APPROVAL, RequestState.SCHEDULED
_D, _DENIED, _CANCELED = RequestState.DELIVERING, RequestState.DENIED, RequestState.CANCELED
_PART, _FAILED = RequestState.PARTIALLY_DELIVERED, RequestState.DELIVERY_FAILED
_E = RequestEvent

REQUEST: Machine[RequestState, RequestEvent] = Machine(
    name="request",
    transitions=(
        Transition("T1", (None,), _E.SUBMIT, _S),
        Transition("T2", (_S,), _E.WAIT_AT_CREATION, _S),
        Transition("T3", (_S,), _E.ASK, _P),
        Transition("T5", (_P,), _E.APPROVE_STAGE, _P),
        Transition("T6", (_P,), _E.DENY, _DENIED),
        Transition("T7", (_P,), _E.TIME_OUT, _DENIED),
        Transition("T8", (_P,), _E.ESCALATE, _P),
        Transition("T9", (_S, _P), _E.WAIT_AT_APPROVAL, _S),
        Transition("T10", (_S, _P), _E.SCHEDULE, _L),
        Transition("T11", (_S, _P, _L), _E.DELIVER, _D),
        Transition("T12", (_D,), _E.DELIVERED, RequestState.DELIVERED),
        Transition("T13", (_D,), _E.PARTIALLY_DELIVERED, _PART),
        Transition("T14", (_D,), _E.DELIVERY_FAILED, _FAILED),
        Transition("T15", (_PART, _FAILED), _E.REPROCESS, _D),
        Transition("T16", (_S, _P, _L), _E.CANCEL, _CANCELED),
        Transition("T17", (_FAILED,), _E.CANCEL_BY_STAFF, _CANCELED),
        Transition("T18", (_S,), _E.EXTENSION_DENIES, _DENIED),
        Transition("T18", (_S,), _E.EXTENSION_CANCELS, _CANCELED),
        Transition("T18", (_S,), _E.EXTENSION_TIMES_OUT, _DENIED),
        Transition("T19", (_S, _P, _L), _E.PACKAGE_DELETED, _CANCELED),
        Transition("T20", (_S, _P, _L), _E.CHECK_FAILS, _DENIED),
        Transition("T21", (_S, _P), _E.NOBODY_LEFT, _DENIED),
        Transition("T21", (_S, _P), _E.ASSIGNMENT_ENDED, _DENIED),
    ),
    # PARTIALLY_DELIVERED and DELIVERY_FAILED are at rest: only staff may reopen them, in a window.
    terminal=frozenset({RequestState.DELIVERED, _DENIED, _CANCELED}),
    deadlines={
        _S: WorkKind.TIME_OUT_EXTENSION,  # the only way to stay there is to wait for a callback
        _P: WorkKind.TIME_OUT_STAGE,
        _L: WorkKind.START_DELIVERY,
        _D: WorkKind.CLOSE_DELIVERY,
    },
)


class AssignmentEvent(Enumeration):
    """What happens to an assignment (S-89)."""

    START = "approved"
    ALL_GRANTED = "all granted"
    SOME_GRANTED = "some granted"
    NONE_GRANTED = "none granted"
    REPROCESS = "reprocess"
    REPAIR = "drift repair"
    END = "end, however it comes"


_A, _AE = AssignmentState, AssignmentEvent

ASSIGNMENT: Machine[AssignmentState, AssignmentEvent] = Machine(
    name="assignment",
    transitions=(
        Transition("S-89", (None,), _AE.START, _A.DELIVERING),
        Transition("S-89", (_A.DELIVERING,), _AE.ALL_GRANTED, _A.DELIVERED),
        Transition("S-89", (_A.DELIVERING,), _AE.SOME_GRANTED, _A.PARTIALLY_DELIVERED),
        Transition("S-89", (_A.DELIVERING,), _AE.NONE_GRANTED, _A.DELIVERY_FAILED),
        Transition(
            "S-89", (_A.PARTIALLY_DELIVERED, _A.DELIVERY_FAILED), _AE.REPROCESS, _A.DELIVERING
        ),
        Transition("S-89", (_A.DELIVERED,), _AE.REPAIR, _A.DELIVERING),
        Transition(
            "S-89",
            (_A.DELIVERING, _A.PARTIALLY_DELIVERED, _A.DELIVERED, _A.DELIVERY_FAILED),
            _AE.END,
            _A.EXPIRED,
        ),
    ),
    terminal=frozenset({_A.EXPIRED}),
    # An assignment without an end is meant to last; every other state is left by its end.
    deadlines={
        _A.DELIVERING: WorkKind.CLOSE_DELIVERY,
        _A.PARTIALLY_DELIVERED: WorkKind.EXPIRE_ASSIGNMENT,
        _A.DELIVERED: WorkKind.EXPIRE_ASSIGNMENT,
        _A.DELIVERY_FAILED: WorkKind.EXPIRE_ASSIGNMENT,
    },
)


class GrantEvent(Enumeration):
    """What happens to one entry of an assignment (S-91 to S-96, S-104)."""

    GRANTED = "granted"
    AWAIT_GUEST = "waits for the guest's first sign-in"
    FAIL = "failed for good, or the window is over"
    AGAIN = "tried again"
    REVOKE = "taken away"
    KEEP = "another current assignment gives the same"
    REVOKED = "is gone"
    REVOKE_FAILED = "could not be taken away"


_G, _GE = GrantState, GrantEvent

GRANT: Machine[GrantState, GrantEvent] = Machine(
    name="grant",
    transitions=(
        Transition("S-91", (_G.PENDING, _G.AWAITING_GUEST), _GE.GRANTED, _G.GRANTED),
        Transition("S-96", (_G.PENDING, _G.AWAITING_GUEST), _GE.AWAIT_GUEST, _G.AWAITING_GUEST),
        Transition("S-92", (_G.PENDING, _G.AWAITING_GUEST), _GE.FAIL, _G.FAILED),
        Transition("S-94", (_G.FAILED, _G.GRANTED), _GE.AGAIN, _G.PENDING),
        Transition(
            "S-104",
            (_G.PENDING, _G.AWAITING_GUEST, _G.GRANTED, _G.FAILED),
            _GE.REVOKE,
            _G.REVOKING,
        ),
        Transition(
            "S-104", (_G.PENDING, _G.AWAITING_GUEST, _G.GRANTED, _G.FAILED), _GE.KEEP, _G.KEPT
        ),
        # It may be given again while the call that takes it away still waits.
        Transition("S-104", (_G.REVOKING, _G.REVOKE_FAILED), _GE.KEEP, _G.KEPT),
        Transition("S-104", (_G.REVOKING, _G.REVOKE_FAILED), _GE.REVOKED, _G.REVOKED),
        Transition("S-92", (_G.REVOKING,), _GE.REVOKE_FAILED, _G.REVOKE_FAILED),
        Transition("S-92", (_G.REVOKE_FAILED,), _GE.REVOKE, _G.REVOKING),
    ),
    terminal=frozenset({_G.REVOKED, _G.KEPT}),
    deadlines={
        _G.PENDING: WorkKind.CLOSE_DELIVERY,
        _G.AWAITING_GUEST: WorkKind.CLOSE_DELIVERY,
        _G.GRANTED: WorkKind.REVOKE,
        _G.FAILED: WorkKind.REVOKE,
        _G.REVOKING: WorkKind.DEPROVISION,
        _G.REVOKE_FAILED: WorkKind.DEPROVISION,
    },
)


class ReviewEvent(Enumeration):
    """What happens to a review instance (S-121)."""

    OPEN = "the calendar of the policy"
    DECIDE = "a reviewer decides"
    REMIND = "half-time"
    CLOSE = "the window is over"


REVIEW: Machine[ReviewState, ReviewEvent] = Machine(
    name="review",
    transitions=(
        Transition("S-119", (None,), ReviewEvent.OPEN, ReviewState.OPEN),
        Transition("S-121", (ReviewState.OPEN,), ReviewEvent.DECIDE, ReviewState.OPEN),
        Transition("S-121", (ReviewState.OPEN,), ReviewEvent.REMIND, ReviewState.OPEN),
        Transition("S-121", (ReviewState.OPEN,), ReviewEvent.CLOSE, ReviewState.CLOSED),
    ),
    terminal=frozenset({ReviewState.CLOSED}),
    deadlines={ReviewState.OPEN: WorkKind.CLOSE_REVIEW},
)


class CalloutEvent(Enumeration):
    """What happens to the call of an extension (S-127 to S-130)."""

    CALL = "its stage has come"
    SENT = "sent, and nothing is awaited"
    WAIT = "sent, a reply is awaited"
    REPLY = "resumed"
    FAIL = "the call failed, or what it was about ended first"
    TIME_OUT = "no reply in time"


_C, _CE = CalloutStatus, CalloutEvent

CALLOUT: Machine[CalloutStatus, CalloutEvent] = Machine(
    name="callout",
    transitions=(
        Transition("S-130", (None,), _CE.CALL, _C.QUEUED),
        Transition("S-130", (_C.QUEUED,), _CE.SENT, _C.SENT),
        Transition("S-127", (_C.QUEUED,), _CE.WAIT, _C.WAITING),
        # A reply may overtake the answer to the call, and a call that failed may still be waited
        # for: the workflow can have been started by hand.
        Transition("S-127", (_C.QUEUED, _C.WAITING, _C.FAILED), _CE.REPLY, _C.RECEIVED),
        Transition("S-130", (_C.QUEUED, _C.WAITING), _CE.FAIL, _C.FAILED),
        Transition("S-128", (_C.QUEUED, _C.WAITING, _C.FAILED), _CE.TIME_OUT, _C.TIMED_OUT),
    ),
    terminal=frozenset({_C.SENT, _C.RECEIVED, _C.TIMED_OUT}),
    deadlines={
        _C.QUEUED: WorkKind.CALL_OUT,
        _C.WAITING: WorkKind.TIME_OUT_EXTENSION,
        _C.FAILED: WorkKind.TIME_OUT_EXTENSION,
    },
)


class GuestState(Enumeration):
    """How Ostiary stands to an external person's account (S-115, S-116)."""

    OUTSIDE = "outside"
    GOVERNED = "governed"
    BLOCKED = "blocked"
    DELETED = "deleted"


class GuestEvent(Enumeration):
    """What happens to a guest that Ostiary governs."""

    INVITE = "access is approved"
    LAST_ENDS = "the last assignment ends"
    DELETE = "the time after the last assignment is over"


GUEST: Machine[GuestState, GuestEvent] = Machine(
    name="guest",
    transitions=(
        Transition("S-115", (GuestState.OUTSIDE,), GuestEvent.INVITE, GuestState.GOVERNED),
        Transition("S-116", (GuestState.GOVERNED,), GuestEvent.LAST_ENDS, GuestState.BLOCKED),
        Transition(
            "S-116",
            (GuestState.GOVERNED, GuestState.BLOCKED),
            GuestEvent.DELETE,
            GuestState.DELETED,
        ),
    ),
    terminal=frozenset({GuestState.DELETED}),
    deadlines={
        GuestState.GOVERNED: WorkKind.BLOCK_GUEST,
        GuestState.BLOCKED: WorkKind.DELETE_GUEST,
    },
)

MACHINES = (REQUEST, ASSIGNMENT, GRANT, REVIEW, CALLOUT, GUEST)
