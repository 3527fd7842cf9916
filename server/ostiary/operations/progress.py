"""The way of a request from its submission to its delivery (T1 to T11, T18 to T21).

Each step is taken at `unit.at`; entry points and overdue work both walk through here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ostiary.decide.limits import duties_word
from ostiary.domain.access_request import (
    OPEN_STATES,
    SYSTEM,
    UPDATING,
    AccessRequest,
    RequestKind,
    RequestStatus,
)
from ostiary.domain.due import DueAction
from ostiary.domain.notice import NoticeKind
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.reasons import Code
from ostiary.domain.request import Holdings
from ostiary.lifecycle import schedule, term
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations import calling, delivery, entries, extending
from ostiary.operations.staging import asked, open_stage
from ostiary.operations.unit import Unit

APPROVAL_TIMEOUT = "APPROVAL_TIMEOUT"
_APPROVAL = "access package assignment request"


def begin(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Take a request that has just been submitted as far as it goes by itself (T2 to T4)."""
    unit.schedule(*schedule.on_submission(request))
    if calling.waits_at(request, ExtensionStage.REQUEST_CREATED):
        waiting: AccessRequest = unit.change(
            request,
            state=REQUEST.after(request.state, RequestEvent.WAIT_AT_CREATION),
            status=RequestStatus.WAITING_FOR_CALLBACK,
            waits_for=ExtensionStage.REQUEST_CREATED.value,
        )
        return waiting
    return ask_or_approve(unit, request)


def first_status(request: AccessRequest) -> RequestStatus:
    """Give what a submission leads to at once, as its event tells (S-134)."""
    if calling.waits_at(request, ExtensionStage.REQUEST_CREATED):
        return RequestStatus.WAITING_FOR_CALLBACK
    return RequestStatus.PENDING if request.stages else RequestStatus.ACCEPTED


def ask_or_approve(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Open the first stage, or approve a request that needs no approval (T3, T4)."""
    if request.stages:
        return next_stage(unit, request, 1)
    unit.audit(f"Auto approve {_APPROVAL}", request=request)
    return approved(unit, request)


def next_stage(unit: Unit, request: AccessRequest, number: int) -> AccessRequest:
    """Open a stage; a stage that nobody can decide denies the request (T21)."""
    changed = open_stage(unit, request, number)
    if changed is None:
        parameters = (("stage", str(number)),)
        code = Code.NO_APPROVER.value
        return deny(unit, request, RequestEvent.NOBODY_LEFT, code, parameters=parameters)
    unit.schedule(*schedule.on_opening(changed, number, unit.at))
    if changed.terms.policy.approver_reminders:
        unit.schedule(schedule.half_time(changed, changed.stages[number - 1], unit.at))
    return changed


def approved(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Go on from the last approval, or from the submission where none is needed (T9 to T11)."""
    changed: AccessRequest = unit.change(
        request, approved_at=unit.at, stage=0, status=RequestStatus.ACCEPTED, waits_for=""
    )
    unit.schedule(*schedule.on_approval(changed, unit.at))
    if calling.waits_at(changed, ExtensionStage.REQUEST_APPROVED):
        waiting: AccessRequest = unit.change(
            changed,
            state=REQUEST.after(changed.state, RequestEvent.WAIT_AT_APPROVAL),
            status=RequestStatus.WAITING_FOR_CALLBACK,
            waits_for=ExtensionStage.REQUEST_APPROVED.value,
        )
        return waiting
    return after_approval(unit, changed)


def after_approval(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Extend, schedule a later start, or begin to deliver (T10, T11)."""
    if request.kind in UPDATING:
        return extending.extend(unit, request)
    approved_at = request.approved_at or unit.at
    starts_at = term.start_of(approved_at, request.schedule)
    ends_at = term.end_of(request.terms.policy, starts_at, request.schedule)
    request = unit.change(request, starts_at=starts_at, ends_at=ends_at, waits_for="")
    if starts_at <= unit.at:
        return start(unit, request)
    scheduled: AccessRequest = unit.change(
        request,
        state=REQUEST.after(request.state, RequestEvent.SCHEDULE),
        status=RequestStatus.NONE,
    )
    unit.audit("Schedule a future access package assignment", request=scheduled)
    unit.schedule(*schedule.on_later_start(scheduled, starts_at))
    return scheduled


def start(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Check once more and begin to deliver (S-84, T11), or deny (T20)."""
    if request.package not in unit.snapshot.packages:
        # Deleted after the request was decided on, whatever came first (S-108, T19).
        event = RequestEvent.PACKAGE_DELETED
        return cancel(unit, request, event, "PACKAGE_DELETED", by=SYSTEM)
    code = final_check(unit, request)
    if code is not None:
        return deny(unit, request, RequestEvent.CHECK_FAILS, code.value)
    # What was asked for is the package, so that its entries are those of now (S-16).
    current = entries.as_they_are_now(unit, request.terms)
    return delivery.begin(unit, unit.change(request, terms=current))


def final_check(unit: Unit, request: AccessRequest) -> Code | None:
    """Give what stands against a delivery now: target, end, duties, a second copy (S-84)."""
    subject = unit.subject(request.target, request.external, direct=True)
    if subject.state == "deleted":
        return Code.SUBJECT_DELETED
    if subject.state != "enabled":
        return Code.SUBJECT_BLOCKED
    if _is_over(request.ends_at, unit.at):
        return Code.END_PASSED
    holding = unit.current(request.target)
    if any(one.package == request.package for one in holding):
        return Code.ALREADY_ASSIGNED
    package = unit.snapshot.packages[request.package]
    held = Holdings(assigned=tuple(sorted(one.package for one in holding)))
    match duties_word(package, subject, held):
        case "clear":
            return None
        case "package":
            return Code.INCOMPATIBLE_PACKAGE
        case _:
            # INVARIANT: not knowing the groups is no leave.
            return Code.INCOMPATIBLE_GROUP


def _is_over(end: datetime | None, at: datetime) -> bool:
    return end is not None and end <= at


def deny(
    unit: Unit,
    request: AccessRequest,
    event: RequestEvent,
    code: str,
    *,
    by: str = SYSTEM,
    parameters: tuple[tuple[str, str], ...] = (),
    justification: str = "",
) -> AccessRequest:
    """End a request with no; everything that waits for it is void."""
    were_asked = _asked(request)
    denied = _ended(unit, request, event, code, by=by, reason_parameters=parameters)
    unit.audit(f"Deny {_APPROVAL}", actor=by, request=denied, reason=code, details=dict(parameters))
    expired = code == APPROVAL_TIMEOUT
    kind = NoticeKind.REQUEST_EXPIRED if expired else NoticeKind.REQUEST_DENIED
    facts = () if by == SYSTEM else (("decided_by", by),)
    unit.notify(kind, told(denied), denied, reason=code, justification=justification, facts=facts)
    others = NoticeKind.APPROVAL_EXPIRED if expired else NoticeKind.DECIDED
    facts = (("verdict", "denied"), *facts)
    unit.notify(
        others, were_asked - {by}, denied, reason=code, justification=justification, facts=facts
    )
    return denied


def cancel(
    unit: Unit, request: AccessRequest, event: RequestEvent, code: str, *, by: str
) -> AccessRequest:
    """End a request that nobody wants any more (T16 to T19)."""
    were_asked = _asked(request)
    canceled = _ended(unit, request, event, code, by=by)
    unit.audit(f"Cancel {_APPROVAL}", actor=by, request=canceled, reason=code)
    others = were_asked | (told(canceled) - {by})
    facts = () if by == SYSTEM else (("canceled_by", by),)
    unit.notify(NoticeKind.CANCELED, others, canceled, reason=code, facts=facts)
    return canceled


def _asked(request: AccessRequest) -> set[str]:
    """Give the people who were asked to decide and have not yet."""
    stage = request.open_stage()
    return set() if stage is None else asked(request, stage)


def _ended(
    unit: Unit, request: AccessRequest, event: RequestEvent, code: str, *, by: str, **fields: Any
) -> AccessRequest:
    # INVARIANT: the machine refuses what is not in its table, so a terminal state stays.
    state = REQUEST.after(request.state, event)
    unit.void_all(request=request.id)
    calling.give_up(unit, request, *calling.BEFORE_ACCESS)
    ended: AccessRequest = unit.change(
        request,
        state=state,
        status=RequestStatus.NONE,
        stage=0,
        waits_for="",
        completed_at=unit.at,
        reason=code,
        ended_by=by,
        **fields,
    )
    return ended


def told(request: AccessRequest) -> set[str]:
    """Give who hears of a request's end: the target, and a manager who asked for them (S-137)."""
    if request.kind in (RequestKind.ADMIN_ADD, RequestKind.SYSTEM_ADD):
        return set()  # direct assignments tell the person nothing
    return {request.target, request.submitter} - {SYSTEM}


def still(unit: Unit, action: DueAction) -> AccessRequest | None:
    """Give the request of an action if it is open still."""
    request = unit.tx.request(action.request)
    return request if request is not None and request.state in OPEN_STATES else None


def start_later(unit: Unit, action: DueAction) -> bool:
    """Begin the delivery at the start that was asked for; False if the request has ended."""
    request = still(unit, action)
    if request is None or not REQUEST.allows(request.state, RequestEvent.DELIVER):
        return False
    start(unit, request)
    return True
