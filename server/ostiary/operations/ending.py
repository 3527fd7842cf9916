"""The end of an assignment, however it comes, and what it takes away (S-99, S-104, S-116)."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec

from ostiary.domain.access_request import (
    ADDING,
    SYSTEM,
    UPDATING,
    AccessRequest,
    Entry,
    RequestKind,
    RequestState,
    RequestStatus,
)
from ostiary.domain.assignment import (
    Assignment,
    AssignmentState,
    EndCause,
    Grant,
    GrantState,
)
from ostiary.domain.due import DueAction, WorkKind
from ostiary.domain.notice import NoticeKind
from ostiary.domain.people import AccountState, PersonType
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.tenant import GuestCleanup
from ostiary.lifecycle import schedule
from ostiary.lifecycle.machines import (
    ASSIGNMENT,
    GRANT,
    REQUEST,
    AssignmentEvent,
    GrantEvent,
    RequestEvent,
)
from ostiary.lifecycle.ports import Holder, RequestQuery
from ostiary.operations import calling, delivery, progress
from ostiary.operations.unit import EVERYTHING, Unit

_SETTLED = frozenset({GrantState.REVOKED, GrantState.KEPT})
_TAKEN = _SETTLED | {GrantState.REVOKING, GrantState.REVOKE_FAILED}


def end(
    unit: Unit,
    assignment: Assignment,
    cause: EndCause,
    *,
    request: AccessRequest | None = None,
    reason: str = "",
) -> AccessRequest:
    """End an assignment now, through `request` or through one of the system's own (S-105)."""
    removal = request or _by_system(unit, assignment, cause, reason)
    # Told about this assignment alone, since the removal is open too.
    _end_extensions(unit, assignment)
    assignment = _end_delivery(unit, assignment)
    unit.void_all(assignment=assignment.id)
    calling.give_up(unit, unit.maker_of(assignment), ExtensionStage.ASSIGNMENT_GRANTED)
    ended: Assignment = unit.change(
        assignment,
        state=ASSIGNMENT.after(assignment.state, AssignmentEvent.END),
        ended_at=unit.at,
        end_cause=cause,
    )
    removing: AccessRequest = unit.change(
        removal,
        state=REQUEST.after(removal.state, RequestEvent.DELIVER),
        status=RequestStatus.NONE,
        assignment=ended.id,
    )
    blocks, deletes_after = _cleanup(unit, ended)
    unit.schedule(
        *schedule.on_end(
            ended, unit.at, request=removing.id, blocks=blocks, deletes_after=deletes_after
        )
    )
    if removing.kind is not RequestKind.ADMIN_REMOVE:
        unit.notify(
            NoticeKind.ACCESS_ENDED, (ended.target,), ended, deadline=unit.at, reason=cause.value
        )
    settle(unit, ended, removing)
    return unit.request(removing.id)


def _by_system(unit: Unit, assignment: Assignment, cause: EndCause, reason: str) -> AccessRequest:
    """Make the request through which the system ends an assignment (S-31)."""
    request = AccessRequest(
        id=unit.ids.new("request"),
        kind=RequestKind.SYSTEM_REMOVE,
        state=REQUEST.after(None, RequestEvent.SUBMIT),
        status=RequestStatus.ACCEPTED,
        target=assignment.target,
        submitter=SYSTEM,
        terms=assignment.terms,
        submitted_at=unit.at,
        approved_at=unit.at,
        assignment=assignment.id,
        revision=unit.snapshot.revision,
        reason=reason,
    )
    unit.tx.save_request(request)
    unit.audit(
        "Entitlement Management removes access package assignment request for user",
        request=request,
        assignment=assignment,
        reason=reason,
        details={"cause": cause.value},
    )
    return request


def _end_extensions(unit: Unit, assignment: Assignment) -> None:
    """Deny what still asks to extend it: an approval that comes later revives nothing (S-102)."""
    query = RequestQuery(
        target=assignment.target,
        assignment=assignment.id,
        states=frozenset({RequestState.SUBMITTED, RequestState.PENDING_APPROVAL}),
        size=EVERYTHING,
    )
    for pending in unit.requests(query):
        if pending.kind in UPDATING:
            event = RequestEvent.ASSIGNMENT_ENDED
            progress.deny(unit, pending, event, "EXTENSION_NOT_ALLOWED")


def _end_delivery(unit: Unit, assignment: Assignment) -> Assignment:
    """Complete a delivery that the end overtakes: what is not granted by now will not be."""
    if assignment.state is not AssignmentState.DELIVERING:
        return assignment
    for one in assignment.grants:
        if one.state in delivery.UNSETTLED:
            text = "the assignment ended first"
            assignment = delivery.fail(unit, assignment, one, one.failure, one.failure_text or text)
    return delivery.settle(unit, assignment)


def expire(unit: Unit, action: DueAction) -> bool:
    """End an assignment whose time has come (S-99); False if that is not so any more."""
    assignment = unit.assignment(action.assignment)
    if assignment.state is AssignmentState.EXPIRED or assignment.ends_at != action.due_at:
        return False
    end(unit, assignment, EndCause.TIME)
    return True


def end_by(unit: Unit, action: DueAction) -> bool:
    """End an assignment for the cause that the action carries; False if it has ended."""
    assignment = unit.assignment(action.assignment)
    if assignment.state is AssignmentState.EXPIRED:
        return False
    said = json.loads(action.payload or "{}")
    end(unit, assignment, EndCause(said["cause"]), reason=said.get("reason", ""))
    return True


def out_of_scope(unit: Unit, action: DueAction) -> bool:
    """End an assignment whose holder has left the scope (S-37, S-106); False if they are back."""
    assignment = unit.assignment(action.assignment)
    if assignment.state is AssignmentState.EXPIRED or assignment.left_scope_at is None:
        return False
    end(unit, assignment, EndCause.RULE)
    return True


def revoke(unit: Unit, action: DueAction) -> bool:
    """Take one right away, unless another current assignment gives it (S-104)."""
    assignment = unit.assignment(action.assignment)
    found = delivery.grant_of(assignment, action.target)
    if found is None or not GRANT.allows(found.state, GrantEvent.REVOKE):
        return False
    # INVARIANT: a right is revoked only when no current assignment gives it.
    if given_by_another(unit, assignment, found.entry):
        state = GRANT.after(found.state, GrantEvent.KEEP)
        changed = delivery.with_grant(unit, assignment, action.target, state=state)
    else:
        state = GRANT.after(found.state, GrantEvent.REVOKE)
        changed = delivery.with_grant(unit, assignment, action.target, state=state)
        deprovision(unit, changed, found, rule=action.rule, request=action.request)
    settle(unit, changed, removal_of(unit, changed))
    return True


def given_by_another(unit: Unit, assignment: Assignment, entry: Entry) -> bool:
    """Tell whether another current assignment of the holder gives the same right."""
    right = delivery.right_of(entry)
    return any(
        delivery.right_of(one.entry) == right
        for other in unit.current(assignment.target)
        if other.id != assignment.id
        for one in other.grants
        if one.state not in _TAKEN
    )


def deprovision(
    unit: Unit, assignment: Assignment, found: Grant, *, rule: str = "", request: str = ""
) -> None:
    """Queue the call that takes a right away; `ready` has it wait for a call that gives it."""
    unit.schedule(
        schedule.work_on(
            assignment,
            WorkKind.DEPROVISION,
            unit.at,
            target=found.entry.key,
            rule=rule,
            request=request,
            payload=delivery.payload_of(unit, assignment.target, found.entry),
        )
    )


def removal_of(unit: Unit, assignment: Assignment) -> AccessRequest | None:
    """Give the request through which an assignment is being removed."""
    query = RequestQuery(
        target=assignment.target,
        assignment=assignment.id,
        states=frozenset({RequestState.DELIVERING}),
        size=EVERYTHING,
    )
    return next(iter(unit.requests(query)), None)


def settle(unit: Unit, assignment: Assignment, removal: AccessRequest | None) -> None:
    """Complete the removal once every right is gone or kept (S-86)."""
    if removal is None or removal.state is not RequestState.DELIVERING:
        return
    if any(one.state not in _SETTLED for one in assignment.grants):
        return
    done = unit.change(
        removal,
        state=REQUEST.after(removal.state, RequestEvent.DELIVERED),
        completed_at=unit.at,
    )
    unit.audit("Fulfill access package assignment request", request=done, assignment=assignment)


# guests


def _cleanup(unit: Unit, assignment: Assignment) -> tuple[bool, timedelta | None]:
    user = unit.user(assignment.target)
    if user is None or user.type is not PersonType.GUEST or not user.governed:
        return False, None
    cleanup = unit.snapshot.settings.guest_cleanup
    blocks = cleanup in (GuestCleanup.BLOCK, GuestCleanup.BLOCK_AND_DELETE)
    deletes = cleanup in (GuestCleanup.DELETE, GuestCleanup.BLOCK_AND_DELETE)
    return blocks, unit.snapshot.profile.guest_deletion_after_block if deletes else None


def clean_up(unit: Unit, action: DueAction) -> bool:
    """Block or delete a governed guest, unless an assignment is there (again) (S-116)."""
    assignment = unit.assignment(action.assignment)
    user = unit.user(assignment.target)
    if user is None or user.type is not PersonType.GUEST or not user.governed:
        return False
    if user.state is AccountState.DELETED or not nobody_needs(unit, assignment.target):
        return False
    what = "block" if action.kind is WorkKind.BLOCK_GUEST else "delete"
    holder = Holder(user.id, user.name, user.mail, guest=True)
    payload = {"what": what, "holder": msgspec.to_builtins(holder)}
    unit.schedule(
        schedule.work_on(
            assignment,
            WorkKind.SET_GUEST_STATE,
            unit.at,
            target=what,
            rule=action.rule,
            payload=json.dumps(payload, sort_keys=True, ensure_ascii=False),
        )
    )
    return True


def nobody_needs(unit: Unit, target: str) -> bool:
    """Tell whether an account has no access and none on its way, so that it can be cleaned up."""
    states = frozenset({RequestState.DELIVERING, RequestState.SCHEDULED})
    query = RequestQuery(target=target, states=states, size=EVERYTHING)
    on_its_way = any(one.kind in ADDING for one in unit.requests(query))
    return not on_its_way and not unit.current(target)
