"""Work that is due at an instant: what the plan announced, and the chores that carry it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ostiary.domain.enumeration import Enumeration


class WorkKind(Enumeration):
    """What can be due, in the order in which it runs at one instant (S-8).

    The names that ActionKind has too are the plan's own; the others are how it is carried out.
    """

    EXPIRE_ASSIGNMENT = "EXPIRE_ASSIGNMENT"
    REMOVE_OUT_OF_SCOPE = "REMOVE_OUT_OF_SCOPE"
    END_ASSIGNMENT = "END_ASSIGNMENT"  # by review, rule, workflow, or a deleted subject
    END_OF_DELETED = "END_OF_DELETED"  # the subject was deleted and not restored (S-107)
    REVOKE = "REVOKE"
    TIME_OUT_STAGE = "TIME_OUT_STAGE"
    TIME_OUT_EXTENSION = "TIME_OUT_EXTENSION"
    ESCALATE_STAGE = "ESCALATE_STAGE"
    CANCEL_REQUEST = "CANCEL_REQUEST"  # its package was deleted (T19)
    OPEN_STAGE = "OPEN_STAGE"
    CALL_EXTENSION = "CALL_EXTENSION"
    START_DELIVERY = "START_DELIVERY"
    INVITE_GUEST = "INVITE_GUEST"
    GRANT = "GRANT"
    LOOK_AT_SCOPE = "LOOK_AT_SCOPE"  # the holder seems to have left a scope, or to be back (S-37)
    CHANGE_ENTRIES = "CHANGE_ENTRIES"  # of a package that somebody holds (S-16)
    ADD_BY_RULE = "ADD_BY_RULE"  # an automatic policy fits (S-106)
    CLOSE_DELIVERY = "CLOSE_DELIVERY"  # the window for retries is over (S-92)
    REPORT_LATE = "REPORT_LATE"
    CLOSE_REVIEW = "CLOSE_REVIEW"
    OPEN_REVIEW = "OPEN_REVIEW"
    REMIND_REVIEWERS = "REMIND_REVIEWERS"
    REMIND_APPROVERS = "REMIND_APPROVERS"  # S-78
    REMIND_EXPIRY = "REMIND_EXPIRY"
    BLOCK_GUEST = "BLOCK_GUEST"
    DELETE_GUEST = "DELETE_GUEST"
    # Effects outside our database: leased, called with the action's id, completed by fence.
    PROVISION = "PROVISION"
    DEPROVISION = "DEPROVISION"
    MAKE_GUEST = "MAKE_GUEST"
    SET_GUEST_STATE = "SET_GUEST_STATE"  # block or delete the account in the systems behind us
    CALL_OUT = "CALL_OUT"
    DELIVER_NOTICE = "DELIVER_NOTICE"


OUTSIDE = frozenset(
    {
        WorkKind.PROVISION,
        WorkKind.DEPROVISION,
        WorkKind.MAKE_GUEST,
        WorkKind.SET_GUEST_STATE,
        WorkKind.CALL_OUT,
        WorkKind.DELIVER_NOTICE,
    }
)
WORK_ORDER: Mapping[WorkKind, int] = {kind: order for order, kind in enumerate(WorkKind)}


class WorkState(Enumeration):
    """What became of an action; terminal but for WAITING, and PARKED until staff try again."""

    WAITING = "waiting"
    DONE = "done"
    VOID = "void"  # its reason was gone (S-48)
    PARKED = "parked"  # it failed for good and waits for staff


class DueAction(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work; `id` is its idempotency key towards any system outside.

    `case` is whom it is about: `user:ID`, `policy:PACKAGE/POLICY` or `tenant`. Whatever happens in
    one case happens one thing after another.
    """

    id: str
    kind: WorkKind
    due_at: datetime
    case: str
    request: str = ""
    assignment: str = ""
    stage: int = 0
    target: str = ""  # resource/role, or the id of an extension, callout, review or notice
    rule: str = ""  # of the plan
    payload: str = ""  # JSON of what an effect outside needs
    planned_at: datetime | None = None  # the first due_at, which a lease or retry does not move
    attempts: int = 0
    fence: int = 0  # raised by each lease; only the last holder may complete
    state: WorkState = WorkState.WAITING
    finished_at: datetime | None = None
    failure: str = ""

    @property
    def outside(self) -> bool:
        """Tell whether the effect is outside our database."""
        return self.kind in OUTSIDE


TENANT_CASE = "tenant"  # of limits of the whole tenant, and of its definitions


def user_case(user: str) -> str:
    """Give the case of one person."""
    return f"user:{user}"


def policy_case(package: str, policy: str) -> str:
    """Give the case of one assignment policy: its reviews and its automatic assignments."""
    return f"policy:{package}/{policy}"
