"""Access reviews as they come due: opening, half-time, close and its effect (section 14)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import msgspec

from ostiary.decide.calendar import next_instance
from ostiary.domain.access_request import SYSTEM
from ostiary.domain.assignment import Assignment, AssignmentState, EndCause
from ostiary.domain.audit import AuditEvent, named
from ostiary.domain.due import DueAction, WorkKind, policy_case, user_case
from ostiary.domain.notice import Notice, NoticeKind, split
from ostiary.domain.people import User
from ostiary.domain.policy import (
    Approver,
    ApproverKind,
    AssignmentPolicy,
    NoResponse,
    ReviewerKind,
    ReviewSettings,
)
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewState, ReviewVerdict
from ostiary.lifecycle.machines import REVIEW, ReviewEvent
from ostiary.lifecycle.ports import AssignmentQuery
from ostiary.operations.unit import EVERYTHING, Unit

_DELIVERED = frozenset({AssignmentState.DELIVERED, AssignmentState.PARTIALLY_DELIVERED})
RECENT = timedelta(days=30)  # S-124


def plan_next(unit: Unit, assignment: Assignment) -> None:
    """See to it that the next review of the assignment's policy opens on its day (S-122)."""
    reviews = live_policy(unit, assignment.package, assignment.terms.policy).reviews
    if reviews is None:
        return
    opens = next_instance(reviews.start, reviews.recurrence, unit.at)
    if assignment.ends_at is not None and assignment.ends_at <= opens:
        return
    rule = next((one.rule for one in assignment.plan if one.kind.value == "OPEN_REVIEW"), "")
    unit.schedule(_opening(assignment.package, assignment.policy, opens, rule))


def live_policy(unit: Unit, package: str, recorded: AssignmentPolicy) -> AssignmentPolicy:
    """Give the policy as it is now, or as it was recorded if it is gone."""
    found = unit.snapshot.packages.get(package)
    policy = found.by_id.get(recorded.id) if found is not None else None
    return recorded if policy is None else policy.policy


def _opening(package: str, policy: str, opens: datetime, rule: str) -> DueAction:
    case = policy_case(package, policy)
    return DueAction(
        id=f"{case}/OPEN_REVIEW/{opens.isoformat()}",
        kind=WorkKind.OPEN_REVIEW,
        due_at=opens,
        planned_at=opens,
        case=case,
        target=f"{package}/{policy}",
        rule=rule,
    )


def open_review(unit: Unit, action: DueAction) -> bool:
    """Open one instance over what is delivered now; False if there is nothing to review (S-119)."""
    package, _, policy = action.target.partition("/")
    query = AssignmentQuery(package=package, policy=policy, states=_DELIVERED, size=EVERYTHING)
    covered = sorted((one for _, one in unit.tx.assignments(query)), key=lambda one: one.id)
    covered = [one for one in covered if one.ends_at is None or one.ends_at > unit.at]
    if not covered:
        return False  # the next delivery plans the next instance
    settings = live_policy(unit, package, covered[0].terms.policy).reviews
    if settings is None:
        return False
    review = ReviewInstance(
        id=unit.ids.new("review"),
        package=package,
        policy=policy,
        catalog=covered[0].terms.catalog,
        settings=settings,
        state=REVIEW.after(None, ReviewEvent.OPEN),
        opened_at=unit.at,
        remind_at=unit.at + settings.window / 2,
        closes_at=unit.at + settings.window,
        items=tuple(_item(unit, one, settings) for one in covered),
    )
    unit.tx.save_review(review)
    following = next_instance(settings.start, settings.recurrence, unit.at)
    unit.schedule(
        _opening(package, policy, following, action.rule),
        _of_review(review, WorkKind.REMIND_REVIEWERS, review.remind_at),
        _of_review(review, WorkKind.CLOSE_REVIEW, review.closes_at),
    )
    _audit(unit, review, "Create access review")
    _tell(unit, review, NoticeKind.REVIEW_OPENED, covered[0].terms.package_name)
    return True


def _of_review(review: ReviewInstance, kind: WorkKind, at: datetime) -> DueAction:
    return DueAction(
        id=f"{review.id}/{kind.value}",
        kind=kind,
        due_at=at,
        planned_at=at,
        case=policy_case(review.package, review.policy),
        target=review.id,
    )


def _item(unit: Unit, assignment: Assignment, settings: ReviewSettings) -> ReviewItem:
    user = unit.user(assignment.target)
    return ReviewItem(
        assignment=assignment.id,
        target=assignment.target,
        reviewers=reviewers_of(unit, assignment.target, user, settings),
        recommendation=recommended(user, unit.at),
        out_of_scope=left_scope(unit, assignment),
    )


def reviewers_of(
    unit: Unit, target: str, user: User | None, settings: ReviewSettings
) -> tuple[str, ...]:
    """Give who may review one person's access; empty: the rule for silence decides (S-120).

    INVARIANT: but for a self-review nobody decides on their own access.
    """
    if settings.reviewers is ReviewerKind.SELF:
        return (target,) if unit.enabled(target) else ()
    if settings.reviewers is ReviewerKind.MANAGER:
        manager = user.manager if user is not None else None
        first = {manager} if manager is not None else set()
    else:
        first = _named(unit, settings.specific)
    for found in (first, _named(unit, settings.fallback)):
        usable = sorted(one for one in found if one != target and unit.enabled(one))
        if usable:
            return tuple(usable)
    return ()


def _named(unit: Unit, approvers: tuple[Approver, ...]) -> set[str]:
    found: set[str] = set()
    for one in approvers:
        if one.kind is ApproverKind.USER and one.id is not None:
            found.add(one.id)
        elif one.kind is ApproverKind.GROUP and one.id is not None:
            found.update(user.id for user in unit.snapshot.directory.members(one.id))
    return found


def recommended(user: User | None, at: datetime) -> ReviewVerdict:
    """Recommend to keep the access of whoever signed in within the last 30 days (S-124)."""
    seen = user.last_sign_in if user is not None else None
    return ReviewVerdict.KEEP if seen is not None and at - seen <= RECENT else ReviewVerdict.REMOVE


def left_scope(unit: Unit, assignment: Assignment) -> bool:
    """Tell whether the holder no longer fits the policy, which a reviewer should see (S-109)."""
    from ostiary.operations.scoping import fits  # the other way round this module is needed there

    return not fits(unit, assignment)


def remind(unit: Unit, action: DueAction) -> bool:
    """Remind the reviewers at half-time, even if all is decided (S-121)."""
    review = unit.tx.review(action.target)
    if review is None or review.state is not ReviewState.OPEN:
        return False
    REVIEW.after(review.state, ReviewEvent.REMIND)
    unit.change(review, reminded=True)
    _tell(unit, review, NoticeKind.REVIEW_REMINDER, review.package)
    return True


def close(unit: Unit, action: DueAction) -> bool:
    """Close an instance: what was denied, or what silence means, takes effect (S-123)."""
    review = unit.tx.review(action.target)
    if review is None or review.state is not ReviewState.OPEN:
        return False
    items = tuple(_applied(unit, review, one) for one in review.items)
    closed = unit.change(
        review,
        state=REVIEW.after(review.state, ReviewEvent.CLOSE),
        items=items,
        closed_at=unit.at,
    )
    _audit(unit, closed, "Close access review")
    return True


def _applied(unit: Unit, review: ReviewInstance, item: ReviewItem) -> ReviewItem:
    assignment = unit.tx.assignment(item.assignment)
    if assignment is None or not assignment.current:
        return msgspec.structs.replace(item, applied="ended_before")
    if verdict_of(review.settings, item) is not ReviewVerdict.REMOVE:
        return msgspec.structs.replace(item, applied="kept")
    unit.schedule(
        DueAction(
            id=f"{review.id}/END_ASSIGNMENT/{item.assignment}",
            kind=WorkKind.END_ASSIGNMENT,
            due_at=unit.at,
            planned_at=unit.at,
            case=user_case(item.target),
            assignment=item.assignment,
            target=review.id,
            payload=json.dumps({"cause": EndCause.REVIEW.value, "reason": "REVIEW"}),
        )
    )
    return msgspec.structs.replace(item, applied="removed")


def verdict_of(settings: ReviewSettings, item: ReviewItem) -> ReviewVerdict:
    """Give what holds for an item at the close: the reviewer's word, or the rule for silence."""
    if item.verdict is not ReviewVerdict.NONE:
        return item.verdict
    if settings.no_response is NoResponse.RECOMMENDATION:
        return item.recommendation
    remove = settings.no_response is NoResponse.REMOVE
    return ReviewVerdict.REMOVE if remove else ReviewVerdict.KEEP


def _tell(unit: Unit, review: ReviewInstance, kind: NoticeKind, package_name: str) -> None:
    people = tuple(sorted({one for item in review.items for one in item.reviewers}))
    package = unit.snapshot.packages.get(review.package)
    policy = package.by_id.get(review.policy) if package is not None else None
    if not people or (policy is not None and not policy.policy.notices):
        return
    notice = Notice(
        id=f"{review.id}/{kind.value}",
        kind=kind,
        to=people,
        at=unit.at,
        package=review.package,
        package_name=package_name if package is None else package.package.name,
        policy=review.policy,
        review=review.id,
        deadline=review.closes_at,
    )
    unit.tx.schedule(unit.mail(one) for one in split(notice))


def _audit(unit: Unit, review: ReviewInstance, name: str) -> None:
    unit.tx.record(
        AuditEvent(
            at=unit.at,
            name=named(name),
            actor=SYSTEM,
            package=review.package,
            policy=review.policy,
            catalog=review.catalog,
            object=review.id,
            details=(("items", str(len(review.items))),),
            revision=unit.snapshot.revision.tenant,
        )
    )
