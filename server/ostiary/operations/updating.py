"""Submitting an update of an assignment: an extension by its holder, or an end set by staff."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from ostiary.decide.approvers import StaffedStage, staff_stage
from ostiary.decide.evaluate import evaluate
from ostiary.domain.access_request import (
    OPEN_STATES,
    RISK,
    UPDATING,
    AccessRequest,
    PlannedAction,
    RequestKind,
    RequestStatus,
    Terms,
)
from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.assignment import Assignment
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.errors import (
    AssignmentNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    PackageNotFoundError,
    RefusedError,
    SubmissionRefusedError,
)
from ostiary.domain.policy import AssignmentPolicy, ExpirationKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import Answer, EvaluationRequest, Holdings, Mode, RequestType, Schedule
from ostiary.lifecycle import term
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery
from ostiary.operations import progress
from ostiary.operations.guarding import for_extension
from ostiary.operations.staging import recorded
from ostiary.operations.submission import Actor, Submission, Submitted
from ostiary.operations.unit import EVERYTHING, Unit

KINDS = UPDATING
LONGEST = timedelta(days=3660)  # S-103
_NOT_ALLOWED = "EXTENSION_NOT_ALLOWED"


def update(unit: Unit, submission: Submission, actor: Actor, target: str) -> Submitted:
    """Record an update, and carry it out unless somebody has to approve it first."""
    assignment = assignment_of(unit, submission, target)
    staff = submission.kind is not RequestKind.USER_UPDATE
    if staff and not actor.staff:
        raise ForbiddenError
    if not staff and actor.id != assignment.target:
        raise ForbiddenError
    if not assignment.current:
        raise RefusedError(_NOT_ALLOWED, "the assignment has ended")
    _no_other(unit, assignment)
    if staff:
        return _by_staff(unit, submission, actor, assignment)
    return _by_holder(unit, submission, actor, assignment)


def assignment_of(unit: Unit, submission: Submission, target: str) -> Assignment:
    """Give the assignment that a submission is about; raises AssignmentNotFoundError."""
    if submission.assignment:
        found = unit.assignment(submission.assignment)
        if found.target != target:
            # Somebody else's assignment is not there, as far as this target is concerned.
            raise AssignmentNotFoundError(submission.assignment)
        return found
    query = AssignmentQuery(target=target, package=submission.package, size=EVERYTHING)
    held = [one for _, one in unit.tx.assignments(query)]
    current = [one for one in held if one.current]
    if not held:
        raise RefusedError("NOT_ASSIGNED", f"nothing of `{submission.package}` is assigned")
    return (current or held)[0]


def _no_other(unit: Unit, assignment: Assignment) -> None:
    query = RequestQuery(
        target=assignment.target,
        assignment=assignment.id,
        states=OPEN_STATES,
        size=EVERYTHING,
    )
    if any(one.kind in UPDATING for one in unit.requests(query)):
        raise RefusedError("REQUEST_PENDING", "another request about this assignment is open")


def _by_staff(
    unit: Unit, submission: Submission, actor: Actor, assignment: Assignment
) -> Submitted:
    """Set any future end up to 3,660 days ahead, audited (S-103)."""
    asked = submission.schedule.end if submission.schedule is not None else None
    if asked is None:
        raise InvalidRequestError((("schedule.end_time", "an update by staff names the new end"),))
    if asked <= unit.at or asked > unit.at + LONGEST:
        raise RefusedError(
            Code.SCHEDULE_INVALID.value, "the end must lie ahead, by at most 3,660 days"
        )
    if submission.validate_only:
        return Submitted(None, None)
    request = _recorded(unit, submission, actor, assignment, assignment.terms, ())
    unit.audit(
        "Create access package assignment user update request",
        actor=actor.id,
        request=request,
        details={"status": progress.first_status(request).value},
    )
    return Submitted(None, progress.begin(unit, request))


def _by_holder(
    unit: Unit, submission: Submission, actor: Actor, assignment: Assignment
) -> Submitted:
    """Check an extension against the policy as it is now, and record it (S-101)."""
    policy = _policy_now(unit, assignment)
    asked = submission.schedule.end if submission.schedule is not None else None
    if submission.schedule is not None and (
        submission.schedule.start is not None or submission.schedule.duration is not None
    ):
        text = "an extension names its end and nothing else"
        raise InvalidRequestError((("schedule", text),))
    if not policy.extension_allowed:
        raise RefusedError(_NOT_ALLOWED, f"policy `{policy.id}` does not allow extensions")
    if assignment.ends_at is None:
        raise RefusedError(_NOT_ALLOWED, "the assignment has no end that could be extended")
    decision = _asked(unit, submission, assignment, policy)
    _refuse(decision, policy)
    _check_end(unit, policy, assignment, asked)
    subject = unit.subject(assignment.target, None, direct=False)
    asks = for_extension(unit, policy, subject)
    stages = _staffed(unit, assignment, asks) if asks.approval_for_extension else ()
    if submission.validate_only:
        return Submitted(decision, None)
    terms = msgspec.structs.replace(assignment.terms, policy=asks)
    request = _recorded(unit, submission, actor, assignment, terms, stages)
    if asks is not policy:
        first = msgspec.structs.replace(request.stages[0], added_by=RISK)
        request = msgspec.structs.replace(request, stages=(first, *request.stages[1:]))
        unit.tx.save_request(request)
    unit.audit(
        "User requests to extend access package assignment",
        actor=actor.id,
        request=request,
        details={"status": progress.first_status(request).value},
    )
    return Submitted(decision, progress.begin(unit, request))


def _policy_now(unit: Unit, assignment: Assignment) -> AssignmentPolicy:
    """Give the policy as it is now, which is the one that applies (S-101)."""
    package = unit.snapshot.packages.get(assignment.package)
    if package is None:
        raise PackageNotFoundError(assignment.package)
    policy = package.by_id.get(assignment.policy)
    if policy is None:
        raise RefusedError(_NOT_ALLOWED, f"policy `{assignment.policy}` is gone")
    return policy.policy


def _asked(
    unit: Unit, submission: Submission, assignment: Assignment, policy: AssignmentPolicy
) -> Decision:
    """Ask about the same access anew, for its scope, its duties and its content.

    Asked as staff would, since the switches of self-service do not bear on who holds it already.
    """
    original = unit.tx.request(assignment.request)
    given = original.answers if original is not None else ()
    mine = {one.question: one for one in (*given, *submission.answers)}
    answers: tuple[Answer, ...] = tuple(mine.values())
    held = tuple(
        sorted({one.package for one in unit.current(assignment.target)} - {assignment.package})
    )
    return evaluate(
        unit.snapshot,
        EvaluationRequest(
            package=assignment.package,
            requestor=assignment.target,
            at=unit.at,
            type=RequestType.ADMIN_ADD,
            mode=Mode.SUBMISSION,
            submitter=assignment.target,
            policy=policy.id,
            justification=submission.justification,
            answers=answers,
            holdings=Holdings(assigned=held),
        ),
    )


def _refuse(decision: Decision, policy: AssignmentPolicy) -> None:
    """Raise if something stands against the extension; whom it would ask is checked by itself."""
    if decision.outcome in (Outcome.GRANT, Outcome.NEEDS_APPROVAL):
        return
    code = decision.reasons[0].code
    if code is Code.NO_APPROVER and not policy.approval_for_extension:
        return
    raise SubmissionRefusedError(decision)


def _check_end(
    unit: Unit, policy: AssignmentPolicy, assignment: Assignment, asked: datetime | None
) -> None:
    if asked is None:
        _check_fixed_date(policy, assignment)
        return
    if asked <= unit.at:
        raise RefusedError(Code.SCHEDULE_INVALID.value, "the end must lie ahead")
    if assignment.ends_at is not None and asked < assignment.ends_at:
        text = "an extension does not end before the access that it extends"
        raise RefusedError(Code.SCHEDULE_INVALID.value, text)
    if not term.within_policy(policy, unit.at, asked):
        raise RefusedError(Code.SCHEDULE_BEYOND_POLICY.value, "the end lies beyond the policy's")


def _check_fixed_date(policy: AssignmentPolicy, assignment: Assignment) -> None:
    """Refuse to extend what lasts to the policy's fixed date already."""
    expiration = policy.expiration
    if expiration.kind is not ExpirationKind.DATE or expiration.at is None:
        return
    if assignment.ends_at is not None and assignment.ends_at > expiration.at:
        raise RefusedError(Code.SCHEDULE_BEYOND_POLICY.value, "the access ends after the policy")


def _staffed(
    unit: Unit, assignment: Assignment, policy: AssignmentPolicy
) -> tuple[StaffedStage, ...]:
    """Resolve the same stages ahead for an extension (S-72, S-102)."""
    subject = unit.subject(assignment.target, None, direct=False)
    excluded = frozenset({assignment.target})
    rules = unit.snapshot.rules.approvers
    stages = tuple(
        staff_stage(stage, number, subject, excluded, unit.snapshot.directory, rules)
        for number, stage in enumerate(policy.stages, start=1)
    )
    if not stages:  # what is required and kept without stages is given by nobody (S-24, S-25)
        raise RefusedError(Code.NO_APPROVER.value, "nobody could decide: there is no stage")
    for one in stages:
        if one.word != "staffed":
            number = str(one.plan.number)
            text = f"nobody could decide stage {number}"
            raise RefusedError(Code.NO_APPROVER.value, text, stage=number)
    return stages


def _recorded(
    unit: Unit,
    submission: Submission,
    actor: Actor,
    assignment: Assignment,
    terms: Terms,
    stages: tuple[StaffedStage, ...],
) -> AccessRequest:
    asked = submission.schedule.end if submission.schedule is not None else None
    request = AccessRequest(
        id=unit.ids.new("request"),
        kind=submission.kind,
        state=REQUEST.after(None, RequestEvent.SUBMIT),
        status=RequestStatus.ACCEPTED,
        target=assignment.target,
        submitter=actor.id,
        # The calls of extensions belong to new access; an update asks its approvers alone.
        terms=msgspec.structs.replace(
            terms, policy=msgspec.structs.replace(terms.policy, extensions=())
        ),
        submitted_at=unit.at,
        justification=submission.justification or "",
        answers=submission.answers,
        schedule=None if asked is None else Schedule(end=asked),
        stages=tuple(recorded(one.plan) for one in stages),
        assignment=assignment.id,
        plan=tuple(action for one in stages for action in _plan_of(one)),
        revision=unit.snapshot.revision,
        request_id=submission.request_id,
    )
    unit.tx.save_request(request)
    return request


def _plan_of(one: StaffedStage) -> list[PlannedAction]:
    """Give what is announced for a stage of an extension: opening, escalation, time-out."""
    plan = one.plan
    found = [(ActionKind.OPEN_STAGE, timedelta(0)), (ActionKind.TIME_OUT_STAGE, plan.time_out)]
    if plan.escalate_after is not None:
        found.append((ActionKind.ESCALATE_STAGE, plan.escalate_after))
    rule = one.step.row.deciders[0].id if one.step.row.deciders else ""
    return [
        PlannedAction(kind, Anchor.STAGE_OPENED, offset, stage=plan.number, rule=rule)
        for kind, offset in found
    ]
