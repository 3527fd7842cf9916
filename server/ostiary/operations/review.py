"""Reviewers decide on access while an instance is open (S-120, S-121)."""

from __future__ import annotations

import msgspec

from ostiary.domain.due import policy_case
from ostiary.domain.errors import AssignmentNotFoundError, RefusedError, ReviewNotFoundError
from ostiary.domain.policy import ReviewerKind
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewState, ReviewVerdict
from ostiary.lifecycle.machines import REVIEW, ReviewEvent
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor


def decide(
    office: Office,
    review_id: str,
    assignment_id: str,
    actor: Actor,
    *,
    verdict: ReviewVerdict,
    justification: str = "",
) -> ReviewInstance:
    """Record a reviewer's word; it may be changed while the instance is open.

    Raises ReviewNotFoundError, AssignmentNotFoundError, or RefusedError with STAGE_CLOSED after
    the close, SELF_APPROVAL, NOT_APPROVER or INVALID_MODEL.
    """
    with office.store.reading() as tx:
        found = tx.review(review_id)
    if found is None:
        raise ReviewNotFoundError(review_id)
    with office.case(policy_case(found.package, found.policy)) as unit:
        review = unit.tx.review(review_id) or found
        if review.state is not ReviewState.OPEN:
            raise RefusedError("STAGE_CLOSED", "the review is closed")
        item = _item(review, assignment_id)
        _check(review, item, actor)
        if verdict is ReviewVerdict.NONE:
            raise RefusedError("INVALID_MODEL", "say keep or remove", field="verdict")
        decided = msgspec.structs.replace(
            item,
            verdict=verdict,
            decided_by=actor.id,
            decided_at=unit.at,
            justification=justification,
        )
        items = tuple(decided if one.assignment == assignment_id else one for one in review.items)
        state = REVIEW.after(review.state, ReviewEvent.DECIDE)
        changed: ReviewInstance = unit.change(review, state=state, items=items)
        assignment = unit.tx.assignment(assignment_id)
        unit.audit(
            "Review access package assignment",
            actor=actor.id,
            assignment=assignment,
            about=review.id,
            details={"verdict": verdict.value, "justification": justification},
        )
        return changed


def _item(review: ReviewInstance, assignment_id: str) -> ReviewItem:
    for one in review.items:
        if one.assignment == assignment_id:
            return one
    raise AssignmentNotFoundError(assignment_id)


def _check(review: ReviewInstance, item: ReviewItem, actor: Actor) -> None:
    # INVARIANT: but for a self-review nobody decides on their own access (S-120).
    if actor.id == item.target and review.settings.reviewers is not ReviewerKind.SELF:
        raise RefusedError("SELF_APPROVAL", "nobody reviews their own access here")
    if actor.id not in item.reviewers:
        raise RefusedError("NOT_APPROVER", "you do not review this assignment")
