"""Delivery: from an approved request to rights in the systems behind us (S-88 to S-97)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import msgspec

from ostiary.domain.access_request import (
    AccessRequest,
    Entry,
    ExternalPerson,
    RequestKind,
    RequestState,
    RequestStatus,
)
from ostiary.domain.assignment import Assignment, AssignmentState, Grant, GrantState
from ostiary.domain.due import DueAction, WorkKind
from ostiary.domain.notice import NoticeKind
from ostiary.lifecycle import schedule
from ostiary.lifecycle.machines import (
    ASSIGNMENT,
    GRANT,
    REQUEST,
    AssignmentEvent,
    GrantEvent,
    RequestEvent,
)
from ostiary.lifecycle.ports import Holder
from ostiary.operations import reviewing
from ostiary.operations.unit import Unit

UNSETTLED = frozenset({GrantState.PENDING, GrantState.AWAITING_GUEST})
GIVING = UNSETTLED | {GrantState.GRANTED, GrantState.FAILED}  # what the assignment stands for
PROVISIONING_LATE = "PROVISIONING_LATE"
EMPTY_PACKAGE = "EMPTY_PACKAGE"
# How long a delivery that waits only for a guest may wait where the access itself has no end.
LONGEST_AWAITING = timedelta(days=3660)


def begin(unit: Unit, request: AccessRequest) -> AccessRequest:
    """Make the assignment and everything that its plan announced (T11, S-90)."""
    starts_at = request.starts_at or unit.at
    assignment = Assignment(
        id=unit.ids.new("assignment"),
        target=request.target,
        terms=request.terms,
        state=ASSIGNMENT.after(None, AssignmentEvent.START),
        request=request.id,
        created_at=unit.at,
        starts_at=starts_at,
        ends_at=request.ends_at,
        grants=tuple(Grant(entry, changed_at=unit.at) for entry in request.terms.entries),
        plan=request.plan,
        delivery_opened_at=unit.at,
    )
    unit.tx.save_assignment(assignment)
    delivering: AccessRequest = unit.change(
        request,
        state=REQUEST.after(request.state, RequestEvent.DELIVER),
        status=RequestStatus.NONE,
        assignment=assignment.id,
        waits_for="",
    )
    unit.audit("Ready to fulfill access package assignment request", request=delivering)
    unit.schedule(
        *schedule.on_start(assignment, unit.at),
        *schedule.while_it_lasts(assignment, unit.at),
        *windows(assignment, unit.at),
    )
    if not assignment.grants:
        settle(unit, assignment)
    return unit.request(delivering.id)


def windows(assignment: Assignment, opened_at: datetime) -> list[DueAction]:
    """Give when an unfinished delivery is reported and when it is given up (S-92)."""
    if not assignment.grants:
        return []
    terms = assignment.terms
    work = schedule.work_on
    return [
        work(assignment, WorkKind.REPORT_LATE, opened_at + terms.delivery_late_after),
        work(assignment, WorkKind.CLOSE_DELIVERY, opened_at + terms.delivery_retry_window),
    ]


def invite(unit: Unit, action: DueAction) -> bool:
    """Have the guest made who is needed before anything is granted (S-115)."""
    assignment = unit.assignment(action.assignment)
    request = unit.maker_of(assignment)
    if not assignment.current or not unit.outside_directory(assignment.target):
        return False
    person = request.external or ExternalPerson(assignment.target)
    unit.schedule(
        schedule.work_on(
            assignment,
            WorkKind.MAKE_GUEST,
            unit.at,
            rule=action.rule,
            payload=msgspec.json.encode(person).decode(),
        )
    )
    return True


def grant(unit: Unit, action: DueAction) -> bool:
    """Have one entry provisioned, unless a guest has to be made first (S-91)."""
    assignment = unit.assignment(action.assignment)
    found = grant_of(assignment, action.target)
    if not assignment.current or found is None or found.state not in UNSETTLED:
        return False
    if not unit.outside_directory(assignment.target):
        provision(unit, assignment, found.entry, rule=action.rule)
    return True


def provision(unit: Unit, assignment: Assignment, entry: Entry, *, rule: str = "") -> None:
    """Queue the call that gives a right; `ready` has it wait for a call that takes it away."""
    unit.schedule(
        schedule.work_on(
            assignment,
            WorkKind.PROVISION,
            unit.at,
            target=entry.key,
            rule=rule,
            payload=payload_of(unit, assignment.target, entry),
        )
    )


def payload_of(unit: Unit, target: str, entry: Entry) -> str:
    """Give what a connector needs, as JSON."""
    user = unit.user(target)
    holder = Holder(target)
    if user is not None:
        holder = Holder(target, user.name, user.mail, guest=user.type.value == "guest")
    return json.dumps(
        {"holder": msgspec.to_builtins(holder), "entry": msgspec.to_builtins(entry)},
        sort_keys=True,
        ensure_ascii=False,
    )


def entry_of(action: DueAction) -> Entry:
    """Give the entry that a call to a connector is about."""
    return msgspec.convert(json.loads(action.payload)["entry"], Entry)


def same_right(action: DueAction, entry: Entry) -> bool:
    """Tell whether a call is about the same role of the same thing, whatever it is called."""
    return right_of(entry_of(action)) == right_of(entry)


def right_of(entry: Entry) -> tuple[str, str, str]:
    """Give what a right is counted by: kind and id of the thing, and the role (S-104)."""
    return entry.kind.value, entry.target, entry.role


def grant_of(assignment: Assignment, key: str) -> Grant | None:
    """Give the grant of an entry by `resource/role`."""
    return next((one for one in assignment.grants if one.entry.key == key), None)


def with_grant(unit: Unit, assignment: Assignment, key: str, **fields: object) -> Assignment:
    """Save an assignment with one of its grants changed."""
    grants = tuple(
        msgspec.structs.replace(one, changed_at=unit.at, **fields) if one.entry.key == key else one
        for one in assignment.grants
    )
    changed: Assignment = unit.change(assignment, grants=grants)
    return changed


def close(unit: Unit, action: DueAction) -> bool:
    """Give up on entries that could not be granted in the window; guests are waited for (S-92)."""
    assignment = unit.assignment(action.assignment)
    opened_at = assignment.delivery_opened_at
    if assignment.state is not AssignmentState.DELIVERING or opened_at is None:
        return False
    window = assignment.terms.delivery_retry_window
    awaiting = [one for one in assignment.grants if one.state is GrantState.AWAITING_GUEST]
    first = action.due_at == opened_at + window
    last = action.due_at >= opened_at + LONGEST_AWAITING
    if not first and not last:
        return False
    for one in assignment.grants:
        if one.state is GrantState.PENDING or (last and one.state is GrantState.AWAITING_GUEST):
            assignment = fail(unit, assignment, one, one.failure, one.failure_text)
    if awaiting and not last:
        final = opened_at + LONGEST_AWAITING
        unit.schedule(schedule.work_on(assignment, WorkKind.CLOSE_DELIVERY, final))
    settle(unit, assignment)
    return True


def fail(unit: Unit, assignment: Assignment, one: Grant, failure: str, text: str) -> Assignment:
    """Record that an entry could not be granted, with resource and cause (S-92, S-97)."""
    changed = with_grant(
        unit,
        assignment,
        one.entry.key,
        state=GRANT.after(one.state, GrantEvent.FAIL),
        failure=failure,
        failure_text=text,
    )
    unit.audit(
        "Failed access package assignment request",
        request=unit.maker_of(changed),
        assignment=changed,
        reason=failure,
        about=one.entry.key,
        details={"error": f"Provisioning failed: {text or failure or 'no answer in time'}"},
    )
    _void_calls(unit, changed, one.entry.key)
    return changed


def _void_calls(unit: Unit, assignment: Assignment, key: str) -> None:
    calls = unit.outside(WorkKind.PROVISION, assignment=assignment.id)
    unit.void(one for one in calls if one.target == key)


def report_late(unit: Unit, action: DueAction) -> bool:
    """Say that a delivery takes longer than it should (S-92); False if it is done."""
    assignment = unit.assignment(action.assignment)
    if assignment.state is not AssignmentState.DELIVERING or assignment.late:
        return False
    if not any(one.state is GrantState.PENDING for one in assignment.grants):
        return False  # what waits for a guest is not late (S-96)
    late: Assignment = unit.change(assignment, late=True)
    request = unit.maker_of(late)
    unit.audit(
        "Update access package assignment request",
        request=request,
        assignment=late,
        reason=PROVISIONING_LATE,
    )
    staff = unit.staff_of(late.terms.catalog)
    unit.notify(NoticeKind.DELIVERY_LATE, staff, late, reason=PROVISIONING_LATE)
    return True


def settle(unit: Unit, assignment: Assignment) -> Assignment:
    """Complete the delivery once no entry is under way (T12 to T14)."""
    states = [one.state for one in assignment.grants if one.state in GIVING]
    if any(state in UNSETTLED for state in states):
        _show_waiting(unit, assignment, states)
        return assignment
    if assignment.state is not AssignmentState.DELIVERING:
        return assignment
    granted = sum(state is GrantState.GRANTED for state in states)
    event, outcome, name = _RESULTS[
        "all" if granted == len(states) else "some" if granted else "none"
    ]
    completed: Assignment = unit.change(
        assignment,
        state=ASSIGNMENT.after(assignment.state, event),
        delivered_at=assignment.delivered_at or (unit.at if granted or not states else None),
        delivery_closed_at=unit.at,
    )
    _void_windows(unit, completed)
    request = unit.maker_of(completed)
    details = {}
    asked = request.state is RequestState.DELIVERING  # else its rights are only put right again
    if asked:
        request = unit.change(
            request,
            state=REQUEST.after(request.state, outcome),
            status=RequestStatus.NONE,
            completed_at=unit.at,
        )
    else:
        details["operation"] = "reprocess assignment"  # the request was over before
    reason = "" if completed.grants else EMPTY_PACKAGE
    unit.audit(name, request=request, assignment=completed, reason=reason, details=details)
    _tell(unit, request, completed, outcome, asked=asked)
    if completed.current:
        if assignment.delivered_at is None:
            unit.schedule(*schedule.on_delivery(completed, unit.at))
        reviewing.plan_next(unit, completed)
    return completed


def _void_windows(unit: Unit, assignment: Assignment) -> None:
    """Leave nothing in sight of staff that would be done about a delivery that is over (S-48)."""
    unit.void(
        [
            one
            for one in unit.tx.waiting(unit.case)
            if one.assignment == assignment.id
            and one.kind in (WorkKind.REPORT_LATE, WorkKind.CLOSE_DELIVERY)
            and one.id != unit.doing
        ]
    )


_RESULTS = {
    "all": (
        AssignmentEvent.ALL_GRANTED,
        RequestEvent.DELIVERED,
        "Fulfill access package assignment request",
    ),
    "some": (
        AssignmentEvent.SOME_GRANTED,
        RequestEvent.PARTIALLY_DELIVERED,
        "Partially fulfill access package assignment request",
    ),
    "none": (
        AssignmentEvent.NONE_GRANTED,
        RequestEvent.DELIVERY_FAILED,
        "Failed access package assignment request",
    ),
}


def _show_waiting(unit: Unit, assignment: Assignment, states: list[GrantState]) -> None:
    """Show on the request that it waits for a guest and nothing else (S-96)."""
    request = unit.maker_of(assignment)
    if request.state is not RequestState.DELIVERING:
        return
    pending = GrantState.PENDING in states
    status = RequestStatus.NONE if pending else RequestStatus.AWAITING_GUEST
    if request.status is not status:
        unit.change(request, status=status)


def _tell(
    unit: Unit,
    request: AccessRequest,
    assignment: Assignment,
    outcome: RequestEvent,
    *,
    asked: bool,
) -> None:
    direct = request.kind in (RequestKind.ADMIN_ADD, RequestKind.SYSTEM_ADD)
    if asked and outcome is not RequestEvent.DELIVERY_FAILED and not direct:
        unit.notify(
            NoticeKind.ACCESS_READY, (assignment.target,), assignment, deadline=assignment.ends_at
        )
    if outcome is not RequestEvent.DELIVERED:
        failed = [one for one in assignment.grants if one.state is GrantState.FAILED]
        facts = tuple((one.entry.key, one.failure_text or one.failure) for one in failed)
        staff = unit.staff_of(assignment.terms.catalog)
        unit.notify(NoticeKind.DELIVERY_FAILED, staff, assignment, facts=facts)
