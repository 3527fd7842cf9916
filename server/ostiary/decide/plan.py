"""The plan: real dates for what the lifecycle rules schedule (S-48, S-75 to S-100)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from ostiary.decide.calendar import next_instance
from ostiary.decide.model import CompiledPackage, CompiledPolicy, Snapshot
from ostiary.decide.subject import Subject
from ostiary.domain.actions import ActionKind, Anchor, Moment
from ostiary.domain.decision import ScheduledAction, StagePlan
from ostiary.domain.policy import ExpirationKind, ExtensionCall, ExtensionStage
from ostiary.domain.request import Schedule
from ostiary.domain.tables import ActionRule, Row

ZERO = timedelta(0)
_KIND_ORDER = {kind: order for order, kind in enumerate(ActionKind)}
_ANCHOR_ORDER = {anchor: order for order, anchor in enumerate(Anchor)}


class Point(msgspec.Struct, frozen=True):
    """A point of the plan: an instant, or an offset from an event that is still to come."""

    anchor: Anchor
    offset: timedelta = ZERO
    at: datetime | None = None
    not_before: datetime | None = None
    stage: int = 0

    def plus(self, offset: timedelta) -> Point:
        """Give the point so much later."""
        return Point(
            anchor=self.anchor,
            offset=self.offset + offset,
            at=None if self.at is None else self.at + offset,
            not_before=self.not_before,
            stage=self.stage,
        )


class Course(msgspec.Struct, frozen=True):
    """One assignment's course: what it is about, and the points that its moments hang on."""

    snapshot: Snapshot
    package: CompiledPackage
    policy: CompiledPolicy
    subject: Subject
    submitted: datetime
    stages: tuple[StagePlan, ...]
    start: Point
    end: Point | None
    approved_at: datetime | None  # None while somebody has to act first


def course(
    snapshot: Snapshot,
    package: CompiledPackage,
    policy: CompiledPolicy,
    subject: Subject,
    submitted: datetime,
    schedule: Schedule | None,
    stages: tuple[StagePlan, ...],
) -> Course:
    """Work out when access starts and ends under one policy (S-90, S-99)."""
    waits = bool(stages) or policy.waits_before_approval
    start = _start(submitted, schedule, waits=waits)
    return Course(
        snapshot=snapshot,
        package=package,
        policy=policy,
        subject=subject,
        submitted=submitted,
        stages=stages,
        start=start,
        end=_end(policy, start, schedule),
        approved_at=None if waits else submitted,
    )


def _start(submitted: datetime, schedule: Schedule | None, *, waits: bool) -> Point:
    asked = schedule.start if schedule is not None else None
    if asked is None or asked <= submitted:
        return Point(Anchor.APPROVED, at=None if waits else submitted)
    if waits:
        return Point(Anchor.ASSIGNMENT_START, not_before=asked)
    return Point(Anchor.ASSIGNMENT_START, at=asked, not_before=asked)


def _end(compiled: CompiledPolicy, start: Point, schedule: Schedule | None) -> Point | None:
    if schedule is not None and schedule.end is not None:
        return Point(Anchor.ASSIGNMENT_END, at=schedule.end)
    if schedule is not None and schedule.duration is not None:
        return start.plus(schedule.duration)
    expiration = compiled.policy.expiration
    if expiration.kind is ExpirationKind.DATE:
        return Point(Anchor.ASSIGNMENT_END, at=expiration.at)
    if expiration.kind is ExpirationKind.DURATION and expiration.after is not None:
        return start.plus(expiration.after)
    return None


def lifecycle_words(course: Course) -> tuple[str, str, str]:
    """Give the words of the facts that this request adds to those of its policy."""
    subject = course.subject
    if not subject.in_directory:
        person = "outside"
    else:
        person = "governed_guest" if subject.governed else "in_directory"
    later = course.start.anchor is Anchor.ASSIGNMENT_START
    return ("later" if later else "on_approval", "never" if course.end is None else "dated", person)


def actions(course: Course, row: Row) -> tuple[ScheduledAction, ...]:
    """Give everything that the lifecycle rules schedule, in the order in which it comes."""
    made = [action for rule in row.actions for action in _MOMENTS[rule.moment](course, rule)]
    dated = [action for action in made if action.at is not None]
    dated.sort(key=_when)
    if len(dated) == len(made):
        return tuple(dated)
    anchored = [action for action in made if action.at is None]
    anchored.sort(key=_after_what)
    return (*dated, *anchored)


def _when(action: ScheduledAction) -> tuple[datetime | None, int, str]:
    return action.at, _KIND_ORDER[action.kind], action.target


def _after_what(action: ScheduledAction) -> tuple[int, int, timedelta, int, str]:
    return (
        _ANCHOR_ORDER[action.anchor],
        action.stage if action.anchor is Anchor.STAGE_OPENED else 0,
        action.offset,
        _KIND_ORDER[action.kind],
        action.target,
    )


def _at(
    course: Course, rule: ActionRule, point: Point, *, target: str = "", stage: int = 0
) -> ScheduledAction:
    return ScheduledAction(
        kind=rule.kind,
        rule=rule.rule,
        anchor=point.anchor,
        offset=point.offset,
        at=point.at,
        not_before=point.not_before,
        stage=stage or point.stage,
        subject=course.subject.id,
        target=target,
    )


def _of_stages(
    delay: Callable[[StagePlan], timedelta | None],
) -> Callable[[Course, ActionRule], Iterator[ScheduledAction]]:
    def made(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
        for stage in course.stages:
            offset = delay(stage)
            if offset is None:
                continue
            opens = stage.opens_at
            yield ScheduledAction(
                kind=rule.kind,
                rule=rule.rule,
                anchor=Anchor.STAGE_OPENED if opens is None else Anchor.SUBMITTED,
                offset=offset,
                at=None if opens is None else opens + offset,
                stage=stage.number,
                subject=f"stage {stage.number}",
            )

    return made


def _starting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if rule.kind is not ActionKind.GRANT:
        yield _at(course, rule, course.start)
        return
    for entry in course.package.entries:
        yield _at(course, rule, course.start, target=entry)


def _ending(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if course.end is None:
        return
    if rule.kind is not ActionKind.REVOKE:
        yield _at(course, rule, course.end)
        return
    for entry in course.package.entries:
        yield _at(course, rule, course.end, target=entry)


def _before_end(course: Course, lead: timedelta) -> Point | None:
    """Give the point so long before the end; None if it would not lie after the start (S-100)."""
    if course.end is None:
        return None
    point = course.end.plus(-lead)
    if point.at is not None:
        begun = max(course.submitted, course.start.at or course.start.not_before or point.at)
        return point if point.at > begun or _only_submitted(course, point.at) else None
    return point if point.offset > ZERO else None


def _only_submitted(course: Course, at: datetime) -> bool:
    start_known = course.start.at is not None or course.start.not_before is not None
    return not start_known and at > course.submitted


def _reminding(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for lead in course.snapshot.reminders:
        point = _before_end(course, lead)
        if point is not None:
            yield _at(course, rule, point)


def _deleting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if course.end is not None:
        yield _at(course, rule, course.end.plus(course.snapshot.profile.guest_deletion_after_block))


def _leaving(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    grace = course.policy.policy.out_of_scope_grace
    yield _at(course, rule, Point(Anchor.OUT_OF_SCOPE, offset=grace))


def _of_reviews(
    part: Callable[[timedelta], timedelta],
) -> Callable[[Course, ActionRule], Iterator[ScheduledAction]]:
    def made(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
        reviews = course.policy.policy.reviews
        if reviews is None:
            return
        opens = next_instance(reviews.start, reviews.recurrence, course.submitted)
        if course.end is not None and course.end.at is not None and course.end.at <= opens:
            return
        yield ScheduledAction(
            kind=rule.kind,
            rule=rule.rule,
            anchor=Anchor.REVIEW_CALENDAR,
            offset=part(reviews.window),
            at=opens + part(reviews.window),
            subject=course.subject.id,
            repeats=reviews.recurrence,
        )

    return made


_LEADS = {
    ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY: timedelta(days=14),
    ExtensionStage.ONE_DAY_BEFORE_EXPIRY: timedelta(days=1),
}


def _extension_point(course: Course, call: ExtensionCall) -> Point | None:
    match call.stage:
        case ExtensionStage.REQUEST_CREATED:
            return Point(Anchor.SUBMITTED, at=course.submitted)
        case ExtensionStage.REQUEST_APPROVED:
            return Point(Anchor.APPROVED, at=course.approved_at)
        case ExtensionStage.ASSIGNMENT_GRANTED:
            return Point(Anchor.DELIVERED)
        case ExtensionStage.ASSIGNMENT_REMOVED:
            return course.end
        case _:
            return _before_end(course, _LEADS[call.stage])


def _calling(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for call in course.policy.policy.extensions:
        point = _extension_point(course, call)
        if point is not None:
            yield _at(course, rule, point, target=call.extension)


def _waiting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for call in course.policy.policy.extensions:
        point = _extension_point(course, call)
        if call.wait is not None and point is not None:
            yield _at(course, rule, point.plus(call.wait), target=call.extension)


_MOMENTS: Mapping[Moment, Callable[[Course, ActionRule], Iterator[ScheduledAction]]] = {
    Moment.STAGE_OPENED: _of_stages(lambda _: ZERO),
    Moment.STAGE_ESCALATION: _of_stages(lambda stage: stage.escalate_after),
    Moment.STAGE_TIME_OUT: _of_stages(lambda stage: stage.time_out),
    Moment.EXTENSION_STAGE: _calling,
    Moment.EXTENSION_TIME_OUT: _waiting,
    Moment.ASSIGNMENT_START: _starting,
    Moment.EXPIRY_REMINDER: _reminding,
    Moment.ASSIGNMENT_END: _ending,
    Moment.GUEST_DELETION: _deleting,
    Moment.SCOPE_LEFT: _leaving,
    Moment.REVIEW_OPEN: _of_reviews(lambda _: ZERO),
    Moment.REVIEW_HALF_TIME: _of_reviews(lambda window: window / 2),
    Moment.REVIEW_CLOSE: _of_reviews(lambda window: window),
}
