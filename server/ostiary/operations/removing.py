"""Submitting a removal: access given back by its holder, or taken away by staff (S-86)."""

from __future__ import annotations

from ostiary.domain.access_request import (
    REMOVING,
    AccessRequest,
    RequestKind,
    RequestStatus,
)
from ostiary.domain.assignment import Assignment, AssignmentState, EndCause
from ostiary.domain.errors import ForbiddenError, RefusedError
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations import ending
from ostiary.operations.submission import Actor, Submission, Submitted
from ostiary.operations.unit import Unit
from ostiary.operations.updating import assignment_of

KINDS = REMOVING
CAUSES = {
    RequestKind.USER_REMOVE: EndCause.HOLDER,
    RequestKind.ADMIN_REMOVE: EndCause.STAFF,
    RequestKind.SYSTEM_REMOVE: EndCause.WORKFLOW,
    RequestKind.APPROVER_REMOVE: EndCause.APPROVER,
}
_EVENTS = {
    RequestKind.USER_REMOVE: "User requests to remove access package assignment",
    RequestKind.ADMIN_REMOVE: "Administrator directly removes user access package assignment",
    RequestKind.SYSTEM_REMOVE: (
        "Entitlement Management removes access package assignment request for user"
    ),
    RequestKind.APPROVER_REMOVE: "User requests to remove access package assignment",
}


def remove(unit: Unit, submission: Submission, actor: Actor, target: str) -> Submitted:
    """End an assignment through a request, which never needs approval."""
    assignment = assignment_of(unit, submission, target)
    _check(unit, submission, actor, assignment)
    if assignment.state is AssignmentState.EXPIRED:
        raise RefusedError("NOT_ASSIGNED", "the assignment has ended already")
    if submission.validate_only:
        return Submitted(None, None)
    request = AccessRequest(
        id=unit.ids.new("request"),
        kind=submission.kind,
        state=REQUEST.after(None, RequestEvent.SUBMIT),
        status=RequestStatus.ACCEPTED,
        target=assignment.target,
        submitter=actor.id,
        terms=assignment.terms,
        submitted_at=unit.at,
        approved_at=unit.at,
        justification=submission.justification or "",
        assignment=assignment.id,
        revision=unit.snapshot.revision,
        request_id=submission.request_id,
    )
    unit.tx.save_request(request)
    unit.audit(_EVENTS[request.kind], actor=actor.id, request=request, assignment=assignment)
    return Submitted(None, ending.end(unit, assignment, CAUSES[request.kind], request=request))


def _check(unit: Unit, submission: Submission, actor: Actor, assignment: Assignment) -> None:
    """Raise if the actor may not end the assignment in this way (S-83, S-105)."""
    if submission.kind is RequestKind.USER_REMOVE:
        if actor.id != assignment.target or not assignment.terms.policy.self_remove:
            raise ForbiddenError
    elif submission.kind is RequestKind.APPROVER_REMOVE:
        _check_approver(unit, submission, actor, assignment)
    elif not actor.staff:
        raise ForbiddenError


def _check_approver(
    unit: Unit, submission: Submission, actor: Actor, assignment: Assignment
) -> None:
    """Let only who approved take the approval back, with a reason, where the profile has it."""
    request = unit.maker_of(assignment)
    decided_by = {one.decision.by for one in request.stages if one.decision is not None}
    if not unit.snapshot.profile.revoke_approval or actor.id not in decided_by:
        raise ForbiddenError
    if not (submission.justification or "").strip():
        raise RefusedError("JUSTIFICATION_REQUIRED", "taking an approval back needs a reason")
