"""The plan: real dates for what the lifecycle rules schedule (S-48, S-75 to S-100)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec

from ostiary.decide.calendar import next_instance
from ostiary.decide.model import CompiledPolicy
from ostiary.domain.actions import ActionKind, Anchor, Moment
from ostiary.domain.decision import ScheduledAction
from ostiary.domain.policy import ApprovalStage, ExpirationKind, ExtensionCall, ExtensionStage
from ostiary.domain.request import Schedule
from ostiary.domain.tables import ActionRule, Row
from ostiary.domain.tenant import Profile

ZERO = timedelta(0)
ENTRY = "\0entry"  # stands for each entry of a package; no id can hold it
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
    """One assignment's course: the policy it follows, and the points its moments hang on."""

    entries: tuple[str, ...]
    policy: CompiledPolicy
    profile: Profile
    submitted: datetime
    escalations: tuple[timedelta | None, ...]  # for each stage; None: nobody to escalate to
    start: Point
    end: Point | None
    approved_at: datetime | None  # None while somebody has to act first
    begins: datetime  # nothing before it is a reminder any more


def plot(
    entries: tuple[str, ...],
    policy: CompiledPolicy,
    profile: Profile,
    submitted: datetime,
    escalations: tuple[timedelta | None, ...],
    schedule: Schedule | None,
) -> Course:
    """Work out when access starts and ends under one policy (S-90, S-99)."""
    waits = policy.traits.approval is not None or policy.traits.waits_before_approval
    asked = schedule.start if schedule is not None else None
    start = _start(submitted, asked, waits=waits)
    return Course(
        entries=entries,
        policy=policy,
        profile=profile,
        submitted=submitted,
        escalations=escalations,
        start=start,
        end=_end(policy, start, schedule),
        approved_at=None if waits else submitted,
        begins=submitted if asked is None else max(submitted, asked),
    )


def _start(submitted: datetime, asked: datetime | None, *, waits: bool) -> Point:
    later = asked is not None and asked > submitted
    if waits:
        if later:
            return Point(Anchor.ASSIGNMENT_START, not_before=asked)
        return Point(Anchor.APPROVED)
    return Point(Anchor.ASSIGNMENT_START, at=asked if later else submitted)


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


def starts_later(schedule: Schedule | None, submitted: datetime) -> bool:
    """Tell whether the request asks for a start that is still to come."""
    return schedule is not None and schedule.start is not None and schedule.start > submitted


def has_end(policy: CompiledPolicy, schedule: Schedule | None) -> bool:
    """Tell whether the access will end by itself."""
    if policy.traits.ends or schedule is None:
        return policy.traits.ends
    return schedule.end is not None or schedule.duration is not None


# An action with what places it among others: its delay or instant, then as in S-8, then its origin.
_Delayed: TypeAlias = tuple[timedelta, int, str, int, ScheduledAction]
_Placed: TypeAlias = tuple[datetime, int, str, int, ScheduledAction]
_Actions: TypeAlias = tuple[ScheduledAction, ...]


def actions(course: Course, rules: tuple[ActionRule, ...]) -> tuple[_Actions, _Actions]:
    """Give everything that the rules schedule, in the order in which it comes (R11).

    First what is due at a known instant, then what hangs on an event still to come.
    """
    made = [action for rule in rules for action in _MOMENTS[rule.moment](course, rule)]
    dated = [
        (action.at, _KIND_ORDER[action.kind], action.target, index, action)
        for index, action in enumerate(made)
        if action.at is not None
    ]
    dated.sort()
    return tuple(placed[-1] for placed in dated), _by_event(made)


def _by_event(made: Iterable[ScheduledAction]) -> _Actions:
    return tuple(sorted((action for action in made if action.at is None), key=_after_what))


def _after_what(action: ScheduledAction) -> tuple[int, int, timedelta, int, str]:
    return (
        _ANCHOR_ORDER[action.anchor],
        action.stage if action.anchor is Anchor.STAGE_OPENED else 0,
        action.offset,
        _KIND_ORDER[action.kind],
        action.target,
    )


class Template(msgspec.Struct, frozen=True):
    """The actions of policies of one shape, all but the instant of submission and the entries.

    An action on every entry of the package stands here once, with ENTRY for its target.
    """

    dated: tuple[_Delayed, ...]
    waiting: _Actions
    reviews: tuple[ActionRule, ...]
    ends_after: timedelta | None  # when that is known at submission


class Timetable(msgspec.Struct, frozen=True):
    """A template with the entries of a package filled in: only the instant is missing."""

    dated: tuple[_Delayed, ...]
    waiting: _Actions
    reviews: tuple[ActionRule, ...]
    ends_after: timedelta | None


_REVIEW_MOMENTS = frozenset({Moment.REVIEW_OPEN, Moment.REVIEW_HALF_TIME, Moment.REVIEW_CLOSE})
_REFERENCE = datetime(2000, 1, 1, tzinfo=UTC)


def template(
    policy: CompiledPolicy,
    profile: Profile,
    escalations: tuple[timedelta | None, ...],
    row: Row,
) -> Template:
    """Plan a request without a schedule of its own once, for whatever instant comes."""
    course = plot((ENTRY,), policy, profile, _REFERENCE, escalations, None)
    rules = tuple(rule for rule in row.actions if rule.moment not in _REVIEW_MOMENTS)
    dated, waiting = actions(course, rules)
    end = course.end.at if course.end is not None else None
    return Template(
        dated=_delayed(dated),
        waiting=waiting,
        reviews=tuple(rule for rule in row.actions if rule.moment in _REVIEW_MOMENTS),
        ends_after=None if end is None else end - _REFERENCE,
    )


def timetable(made: Template, entries: tuple[str, ...]) -> Timetable:
    """Fill in the entries of a package."""
    waiting = [one for action in made.waiting for one in _filled(action, entries)]
    dated = made.dated  # shared where no entry is in it
    if any(action.target is ENTRY for *_, action in dated):
        dated = _delayed([one for *_, action in dated for one in _filled(action, entries)])
    return Timetable(dated, _by_event(waiting), made.reviews, made.ends_after)


def _delayed(planned: Iterable[ScheduledAction]) -> tuple[_Delayed, ...]:
    """Give actions planned for _REFERENCE by how long after it they come."""
    return tuple(
        sorted(
            (action.at - _REFERENCE, _KIND_ORDER[action.kind], action.target, index, action)
            for index, action in enumerate(planned)
            if action.at is not None
        )
    )


def _filled(action: ScheduledAction, entries: tuple[str, ...]) -> _Actions:
    if action.target is not ENTRY:
        return (action,)
    return tuple(msgspec.structs.replace(action, target=entry) for entry in entries)


def dated_actions(made: Timetable, policy: CompiledPolicy, submitted: datetime) -> _Actions:
    """Give what is due at a known instant once a request is submitted."""
    if made.reviews:
        return _with_reviews(made, policy, submitted)
    return tuple([_due(action, submitted + delay) for delay, _, _, _, action in made.dated])


def _with_reviews(made: Timetable, policy: CompiledPolicy, submitted: datetime) -> _Actions:
    """Put the next review into its place among the other actions."""
    placed: list[_Placed] = [
        (submitted + delay, order, target, index, _due(action, submitted + delay))
        for delay, order, target, index, action in made.dated
    ]
    end = None if made.ends_after is None else submitted + made.ends_after
    placed += _reviews(made.reviews, policy, submitted, end, len(placed))
    placed.sort()
    return tuple(one[-1] for one in placed)


def _due(action: ScheduledAction, at: datetime) -> ScheduledAction:
    return ScheduledAction(
        action.kind,
        action.rule,
        action.anchor,
        action.offset,
        at,
        None,
        action.stage,
        action.target,
        action.repeats,
    )


def _reviews(
    rules: tuple[ActionRule, ...],
    policy: CompiledPolicy,
    submitted: datetime,
    end: datetime | None,
    first: int,
) -> list[_Placed]:
    """Give the next access review, unless access is known to be over by then (S-119, S-122)."""
    reviews = policy.policy.reviews
    if reviews is None:
        return []
    opens = next_instance(reviews.start, reviews.recurrence, submitted)
    if end is not None and end <= opens:
        return []
    placed: list[_Placed] = []
    for index, rule in enumerate(rules, start=first):
        offset = reviews.window * _REVIEW_PARTS[rule.moment] / 2
        action = ScheduledAction(
            rule.kind,
            rule.rule,
            Anchor.REVIEW_CALENDAR,
            offset,
            opens + offset,
            repeats=reviews.recurrence,
        )
        placed.append((opens + offset, _KIND_ORDER[rule.kind], "", index, action))
    return placed


# in halves of the window
_REVIEW_PARTS = {Moment.REVIEW_OPEN: 0, Moment.REVIEW_HALF_TIME: 1, Moment.REVIEW_CLOSE: 2}


def _reviewing(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    end = course.end.at if course.end is not None else None
    for placed in _reviews((rule,), course.policy, course.submitted, end, 0):
        yield placed[-1]


def _at(rule: ActionRule, point: Point, target: str = "") -> ScheduledAction:
    return ScheduledAction(
        kind=rule.kind,
        rule=rule.rule,
        anchor=point.anchor,
        offset=point.offset,
        at=point.at,
        not_before=point.not_before if point.at is None else None,
        target=target,
    )


def _of_stages(
    delay: Callable[[ApprovalStage, timedelta | None], timedelta | None],
) -> Callable[[Course, ActionRule], Iterator[ScheduledAction]]:
    def made(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
        approval = course.policy.traits.approval
        stages = () if approval is None else approval.stages
        for compiled, escalation in zip(stages, course.escalations, strict=True):
            offset = delay(compiled.stage, escalation)
            if offset is None:
                continue
            # Only the first stage opens at a known instant, and only if nothing is waited for.
            opens = compiled.number == 1 and not course.policy.traits.waits_before_approval
            yield ScheduledAction(
                kind=rule.kind,
                rule=rule.rule,
                anchor=Anchor.STAGE_OPENED,
                offset=offset,
                at=course.submitted + offset if opens else None,
                stage=compiled.number,
            )

    return made


def _starting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if rule.kind is not ActionKind.GRANT:
        yield _at(rule, course.start)
        return
    for entry in course.entries:
        yield _at(rule, course.start, entry)


def _ending(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if course.end is None:
        return
    if rule.kind is not ActionKind.REVOKE:
        yield _at(rule, course.end)
        return
    for entry in course.entries:
        yield _at(rule, course.end, entry)


def _before_end(course: Course, lead: timedelta) -> Point | None:
    """Give the point so long before the end; None if it would not lie after the start (S-100)."""
    if course.end is None:
        return None
    point = course.end.plus(-lead)
    if point.at is not None:
        return point if point.at > course.begins else None
    return point if point.offset > ZERO else None


def _reminding(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for lead in course.profile.expiry_reminders:
        point = _before_end(course, lead)
        if point is not None:
            yield _at(rule, point)


def _deleting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    if course.end is not None:
        yield _at(rule, course.end.plus(course.profile.guest_deletion_after_block))


def _leaving(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    grace = course.policy.policy.out_of_scope_grace
    yield _at(rule, Point(Anchor.OUT_OF_SCOPE, offset=grace))


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
            known = course.end.at if course.end is not None else None
            return Point(Anchor.ASSIGNMENT_END, at=known)
        case _:
            return _before_end(course, _LEADS[call.stage])


def _calling(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for call in course.policy.policy.extensions:
        point = _extension_point(course, call)
        if point is not None:
            yield _at(rule, point, call.extension)


def _waiting(course: Course, rule: ActionRule) -> Iterator[ScheduledAction]:
    for call in course.policy.policy.extensions:
        point = _extension_point(course, call)
        if call.wait is not None and point is not None:
            yield _at(rule, point.plus(call.wait), call.extension)


_MOMENTS: Mapping[Moment, Callable[[Course, ActionRule], Iterator[ScheduledAction]]] = {
    Moment.STAGE_OPENED: _of_stages(lambda _, __: ZERO),
    Moment.STAGE_ESCALATION: _of_stages(lambda _, escalation: escalation),
    Moment.STAGE_TIME_OUT: _of_stages(lambda stage, _: stage.time_out),
    Moment.EXTENSION_STAGE: _calling,
    Moment.EXTENSION_TIME_OUT: _waiting,
    Moment.ASSIGNMENT_START: _starting,
    Moment.EXPIRY_REMINDER: _reminding,
    Moment.ASSIGNMENT_END: _ending,
    Moment.GUEST_DELETION: _deleting,
    Moment.SCOPE_LEFT: _leaving,
    Moment.REVIEW_OPEN: _reviewing,
    Moment.REVIEW_HALF_TIME: _reviewing,
    Moment.REVIEW_CLOSE: _reviewing,
}
