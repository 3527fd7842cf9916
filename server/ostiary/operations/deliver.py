"""Delivering again: a request that failed, or an assignment whose rights were changed outside."""

from __future__ import annotations

from ostiary.domain.access_request import (
    ADDING,
    OPEN_STATES,
    AccessRequest,
    RequestState,
    RequestStatus,
)
from ostiary.domain.assignment import Assignment, AssignmentState, GrantState
from ostiary.domain.due import user_case
from ostiary.domain.errors import AssignmentNotFoundError, ForbiddenError, RefusedError
from ostiary.lifecycle.machines import (
    ASSIGNMENT,
    GRANT,
    REQUEST,
    AssignmentEvent,
    GrantEvent,
    RequestEvent,
)
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery
from ostiary.operations import delivery, progress
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import EVERYTHING, Unit

_REOPENED = frozenset({RequestState.PARTIALLY_DELIVERED, RequestState.DELIVERY_FAILED})


def reprocess_request(office: Office, request_id: str, actor: Actor) -> AccessRequest:
    """Try the missing entries of a request again, in its window (S-94).

    Raises ForbiddenError, or RefusedError NOT_REPROCESSABLE.
    """
    if not actor.staff:
        raise ForbiddenError
    with office.case(user_case(office.target_of(request_id))) as unit:
        request = unit.request(request_id)
        assignment = unit.tx.assignment(request.assignment)
        if request.state not in _REOPENED or assignment is None or request.completed_at is None:
            raise _not_reprocessable(f"the request is {request.state.value}")
        if unit.at >= request.completed_at + request.terms.reprocess_window:
            raise _not_reprocessable("the time in which it could be tried again is over")
        if assignment.state is AssignmentState.EXPIRED or _is_newer(unit, request, assignment):
            raise _not_reprocessable("a newer request or assignment has taken its place")
        _check_once_more(unit, assignment, request)
        reopened = unit.change(
            request,
            state=REQUEST.after(request.state, RequestEvent.REPROCESS),
            status=RequestStatus.NONE,
            completed_at=None,
        )
        unit.audit(
            "Update access package assignment request",
            actor=actor.id,
            request=reopened,
            details={"operation": "reprocess"},
        )
        missing = frozenset({GrantState.FAILED})
        _again(unit, assignment, AssignmentEvent.REPROCESS, missing)
    with office.store.reading() as tx:
        return tx.request(request_id) or reopened


def reprocess_assignment(office: Office, assignment_id: str, actor: Actor) -> Assignment:
    """Enforce the entries of a delivered assignment anew (S-95); raises as for a request."""
    if not actor.staff:
        raise ForbiddenError
    with office.store.reading() as tx:
        found = tx.assignment(assignment_id)
    if found is None:
        raise AssignmentNotFoundError(assignment_id)
    with office.case(user_case(found.target)) as unit:
        assignment = unit.assignment(assignment_id)
        if assignment.state is AssignmentState.DELIVERED:
            event, states = AssignmentEvent.REPAIR, frozenset({GrantState.GRANTED})
        else:
            event, states = AssignmentEvent.REPROCESS, frozenset({GrantState.FAILED})
        if not ASSIGNMENT.allows(assignment.state, event):
            raise _not_reprocessable(f"the assignment is {assignment.state.value}")
        _check_once_more(unit, assignment, unit.tx.request(assignment.request))
        unit.audit(
            "Update access package assignment request",
            actor=actor.id,
            request=unit.tx.request(assignment.request),
            assignment=assignment,
            details={"operation": "reprocess assignment"},
        )
        _again(unit, assignment, event, states)
    with office.store.reading() as tx:
        return tx.assignment(assignment_id) or assignment


def _check_once_more(unit: Unit, assignment: Assignment, request: AccessRequest | None) -> None:
    """Refuse to deliver what was not held meanwhile, and now must not be (S-84)."""
    if assignment.current or request is None or request.package not in unit.snapshot.packages:
        return
    code = progress.final_check(unit, request)
    if code is not None:
        raise _not_reprocessable(f"it must not be delivered any more: {code.value}")


def _not_reprocessable(text: str) -> RefusedError:
    return RefusedError("NOT_REPROCESSABLE", text)


def _is_newer(unit: Unit, request: AccessRequest, assignment: Assignment) -> bool:
    """Tell whether the target has asked for or got the package again since (S-94)."""
    held = AssignmentQuery(target=request.target, package=request.package, size=EVERYTHING)
    asked = RequestQuery(target=request.target, package=request.package, size=EVERYTHING)
    later = any(
        one.id != assignment.id and one.created_at >= assignment.created_at
        for _, one in unit.tx.assignments(held)
    )
    return later or any(
        one.id != request.id
        and one.kind in ADDING
        and (one.submitted_at > request.submitted_at or one.state in OPEN_STATES)
        for one in unit.requests(asked)
    )


def _again(
    unit: Unit, assignment: Assignment, event: AssignmentEvent, states: frozenset[GrantState]
) -> None:
    assignment = unit.change(
        assignment,
        state=ASSIGNMENT.after(assignment.state, event),
        delivery_opened_at=unit.at,
        late=False,
    )
    wanted = [one for one in assignment.grants if one.state in states]
    for one in wanted:
        state = GRANT.after(one.state, GrantEvent.AGAIN)
        assignment = delivery.with_grant(
            unit, assignment, one.entry.key, state=state, failure="", failure_text=""
        )
    for one in wanted:
        delivery.provision(unit, assignment, one.entry)
    unit.schedule(*delivery.windows(assignment, unit.at))
    delivery.settle(unit, assignment)
