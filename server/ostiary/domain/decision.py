"""What a decision says: the answer, the reasons, the plan and the rules behind each (S-47).

None of these values can be part of a cycle, so the garbage collector need not visit them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import ApproverKind, Recurrence
from ostiary.domain.reasons import Code, Severity
from ostiary.domain.tables import Row, Rule


class Outcome(Enumeration):
    """What a caller can act on (S-47)."""

    GRANT = "GRANT"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"
    NEEDS_CHOICE = "NEEDS_CHOICE"
    DENY = "DENY"
    INDETERMINATE = "INDETERMINATE"


class Reason(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """One reason with what it is about; `parameters` are sorted by name."""

    code: Code
    severity: Severity = Severity.ERROR
    policy: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    evidence: tuple[str, ...] = ()  # a path, e.g. the groups from the target's to the scope's


class Origin(Enumeration):
    """Which list the deciders of a stage, or its alternates, come from (S-67, S-68)."""

    PRIMARY = "primary"
    FALLBACK = "fallback"


class Unusable(Enumeration):
    """Why an approver that was looked at cannot decide (S-72)."""

    MISSING = "missing"  # no manager, no sponsor, an empty group, an id that nobody has
    BLOCKED = "blocked"
    DELETED = "deleted"
    OWN_REQUEST = "own_request"  # S-71
    UNREADABLE = "unreadable"  # a kind of approver that nobody understands (S-25)


class DiscardedApprover(msgspec.Struct, frozen=True, gc=False):
    """An approver that was looked at and cannot decide; `person` is None if nobody was found."""

    kind: ApproverKind
    person: str | None
    why: Unusable


class StagePlan(msgspec.Struct, frozen=True, gc=False):
    """One approval stage with real people; instants only where the stage opens at a known one."""

    number: int  # from 1
    approvers: tuple[str, ...]  # sorted ids
    origin: Origin
    alternates: tuple[str, ...]  # sorted ids; empty: no escalation
    alternates_origin: Origin
    time_out: timedelta
    escalate_after: timedelta | None
    justification_required: bool
    opens_at: datetime | None = None
    escalates_at: datetime | None = None
    denies_at: datetime | None = None
    discarded: tuple[DiscardedApprover, ...] = ()


class ScheduledAction(msgspec.Struct, frozen=True, gc=False):
    """Something that follows: at an instant, or an offset from an event still to come.

    It is done to stage `stage` where that is set with a kind of stage action, else to the person
    that the decision is about.
    """

    kind: ActionKind
    rule: Rule
    anchor: Anchor
    offset: timedelta = timedelta(0)
    at: datetime | None = None  # set when the anchor's instant is known already
    not_before: datetime | None = None  # of a start that was asked for
    stage: int = 0  # of stage actions, and of anchor STAGE_OPENED
    target: str = ""  # `resource/role`, extension id, or empty
    repeats: Recurrence | None = None  # of reviews: again until the assignment ends


class Step(msgspec.Struct, frozen=True, gc=False):
    """One look-up in the decision tables: what was decided about what, and from which facts."""

    about: str  # policy id, `stage 1`, or empty for the request itself
    row: Row


class Revision(msgspec.Struct, frozen=True):
    """Which rules, profile and data made a decision (S-2)."""

    rules: str
    tenant: str
    profile: str
    profile_version: str


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The whole answer to one question (S-47)."""

    subject: str  # id of the person that it is about
    outcome: Outcome
    visible: bool
    eligible: bool
    offered: tuple[str, ...]
    selected: str | None
    choice_required: bool
    reasons: tuple[Reason, ...]
    stages: tuple[StagePlan, ...]
    dated: tuple[ScheduledAction, ...]  # what is due at a known instant, by instant
    waiting: tuple[ScheduledAction, ...]  # what hangs on an event still to come
    steps: tuple[Step, ...]
    revision: Revision
    evaluated_at: datetime

    @property
    def actions(self) -> tuple[ScheduledAction, ...]:
        """Give everything that follows, in the order in which it comes (R11)."""
        return self.dated + self.waiting
