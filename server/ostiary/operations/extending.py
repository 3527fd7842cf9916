"""An update of an assignment: a later or earlier end, or new answers (S-86, S-101 to S-103)."""

from __future__ import annotations

from datetime import datetime

from ostiary.domain.access_request import SYSTEM, AccessRequest, RequestKind, RequestStatus
from ostiary.domain.assignment import Assignment
from ostiary.domain.due import WorkKind
from ostiary.domain.notice import NoticeKind
from ostiary.lifecycle import schedule, term
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations import reviewing
from ostiary.operations.unit import Unit

_HANGING_ON_THE_END = frozenset(
    {WorkKind.EXPIRE_ASSIGNMENT, WorkKind.REMIND_EXPIRY, WorkKind.CALL_EXTENSION}
)


def extend(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Give the assignment its new end; the request passes through delivering (S-86)."""
    assignment = unit.assignment(request.assignment)
    end = new_end(unit, request, assignment)
    delivering: AccessRequest = unit.change(
        request,
        state=REQUEST.after(request.state, RequestEvent.DELIVER),
        status=RequestStatus.NONE,
        starts_at=assignment.starts_at,
        ends_at=end,
        waits_for="",
    )
    changed = move_end(unit, assignment, end)
    done: AccessRequest = unit.change(
        delivering,
        state=REQUEST.after(delivering.state, RequestEvent.DELIVERED),
        completed_at=unit.at,
    )
    old = assignment.ends_at
    unit.audit(
        "Extend access package assignment",
        actor=request.submitter if request.kind is RequestKind.ADMIN_UPDATE else SYSTEM,
        request=done,
        assignment=changed,
        details={"old_end": _spelled(old), "new_end": _spelled(end)},
    )
    if request.kind is not RequestKind.ADMIN_UPDATE and end != old:
        unit.notify(NoticeKind.ACCESS_EXTENDED, (changed.target,), changed, deadline=end)
    return done


def _spelled(end: datetime | None) -> str:
    return "never" if end is None else end.isoformat()


def new_end(unit: Unit, request: AccessRequest, assignment: Assignment) -> datetime | None:
    """Give the end that the request comes to when it is granted now (S-101, S-103)."""
    asked = request.schedule.end if request.schedule is not None else None
    if request.kind is not RequestKind.USER_UPDATE:
        return assignment.ends_at if asked is None else asked
    return term.extended_end(request.terms.policy, assignment.ends_at, unit.at, asked)


def move_end(unit: Unit, assignment: Assignment, end: datetime | None) -> Assignment:
    """Move the end of an assignment with everything that counts back from it."""
    if end == assignment.ends_at:
        return assignment
    unit.void(
        action
        for action in unit.tx.waiting(unit.case)
        if action.assignment == assignment.id and action.kind in _HANGING_ON_THE_END
    )
    changed: Assignment = unit.change(assignment, ends_at=end)
    unit.schedule(*schedule.while_it_lasts(changed, unit.at))
    if changed.delivered_at is not None:
        reviewing.plan_next(unit, changed)  # the longer access may last into the next review
    return changed
