"""What is still to come of a request or an assignment, from what was announced and what happened.

A plan counts from events. Where the event has come, its actions have a date; what hangs on the end
moves with the end (S-48, S-101); what is past or void is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ostiary.cli.life.words import moment, stamp
from ostiary.decide.calendar import next_after, next_month_after
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import decision_pb2 as plans

_ZERO = timedelta(0)
_BEFORE_APPROVAL = frozenset(
    {requests.REQUEST_STATE_SUBMITTED, requests.REQUEST_STATE_PENDING_APPROVAL}
)
_BEFORE_DELIVERY = _BEFORE_APPROVAL | {requests.REQUEST_STATE_SCHEDULED}
_REVIEWS = frozenset(
    {
        plans.ACTION_KIND_OPEN_REVIEW,
        plans.ACTION_KIND_REMIND_REVIEWERS,
        plans.ACTION_KIND_CLOSE_REVIEW,
    }
)
_AT_THE_START = frozenset({plans.ACTION_KIND_INVITE_GUEST, plans.ACTION_KIND_GRANT})
_UP_TO_THE_END = frozenset({plans.ACTION_KIND_REMIND_EXPIRY, plans.ACTION_KIND_EXPIRE_ASSIGNMENT})
_FROM_THE_END_ON = frozenset(
    {
        plans.ACTION_KIND_REVOKE,
        plans.ACTION_KIND_BLOCK_GUEST,
        plans.ACTION_KIND_DELETE_GUEST,
    }
)
_NOT_THERE = frozenset({assignments.GRANT_STATE_FAILED, assignments.GRANT_STATE_REVOKED})
_CALLS = frozenset({plans.ACTION_KIND_CALL_EXTENSION, plans.ACTION_KIND_TIME_OUT_EXTENSION})


def of_request(request: requests.AccessRequest, now: datetime) -> plans.Decision:
    """Give what is still to come of an open request, with its stages, as a decision tells a plan.

    Nothing once it is being delivered: from then on its assignment tells.
    """
    plan = plans.Decision(evaluate_time=stamp(now))
    if request.state not in _BEFORE_DELIVERY:
        return plan
    plan.stages.extend(
        plans.PlannedStage(number=one.number, approvers=one.approvers, alternates=one.alternates)
        for one in request.stages
    )
    plan.scheduled_actions.extend(_in_order(_of_request(request, now)))
    return plan


def _of_request(request: requests.AccessRequest, now: datetime) -> Iterator[plans.ScheduledAction]:
    stages = {one.number: one for one in request.stages}
    reviews = [one for one in request.plan if one.kind in _REVIEWS]
    for action in request.plan:
        if action.kind in _REVIEWS:
            continue
        if action.anchor == plans.ANCHOR_STAGE_OPENED:
            yield from _of_stage(action, stages.get(action.stage))
            continue
        known = _begun(action, request)
        if known is None:
            yield action
        elif known > now:
            yield _dated(action, known)
    yield from _reviews(reviews, now, now, None)


def _of_stage(
    action: plans.ScheduledAction, stage: requests.StageRecord | None
) -> Iterator[plans.ScheduledAction]:
    if stage is None or stage.state == requests.STAGE_STATE_NOT_OPEN:
        yield action
    elif stage.state == requests.STAGE_STATE_OPEN:
        if action.kind == plans.ACTION_KIND_TIME_OUT_STAGE:
            yield _dated(action, moment(stage.deny_time))
        elif action.kind == plans.ACTION_KIND_ESCALATE_STAGE and not stage.escalated:
            yield _dated(action, moment(stage.escalate_time))


def _begun(action: plans.ScheduledAction, request: requests.AccessRequest) -> datetime | None:
    """Give the date of an action whose event has come or is fixed; None if it has not."""
    offset = action.offset.ToTimedelta()
    match action.anchor:
        case plans.ANCHOR_SUBMITTED:
            return moment(request.submit_time) + offset
        case plans.ANCHOR_APPROVED if request.HasField("approve_time"):
            # What an approval brings comes with the start, if that is later.
            later = request.HasField("start_time") and action.kind not in _CALLS
            return moment(request.start_time if later else request.approve_time) + offset
        case plans.ANCHOR_ASSIGNMENT_START if request.HasField("start_time"):
            return moment(request.start_time) + offset
    return moment(action.time) if action.HasField("time") else None


def of_assignment(assignment: assignments.Assignment, now: datetime) -> plans.Decision:
    """Give what is still to come of an assignment, as a decision tells a plan."""
    plan = plans.Decision(evaluate_time=stamp(now))
    plan.scheduled_actions.extend(_in_order(_of_assignment(assignment, now)))
    return plan


def _of_assignment(
    assignment: assignments.Assignment, now: datetime
) -> Iterator[plans.ScheduledAction]:
    ended = assignment.HasField("ended_time")
    planned = next(
        (one for one in assignment.plan if one.kind == plans.ACTION_KIND_EXPIRE_ASSIGNMENT), None
    )
    end = moment(assignment.end_time) if assignment.HasField("end_time") else None
    if ended:
        end = moment(assignment.ended_time)
    elif planned is None and end is not None:
        yield _end_by_staff(assignment, end)
    for action in assignment.plan:
        if _is_pointless(action, assignment):
            continue
        at = None if end is None else _around(action, planned, end, ended=ended)
        if at is not None and at > now:
            yield _dated(action, at)
    if not ended:
        reviews = [one for one in assignment.plan if one.kind in _REVIEWS]
        delivered = assignment.HasField("deliver_time")
        since = moment(assignment.deliver_time if delivered else assignment.create_time)
        yield from _reviews(reviews, now, since, end)


def _is_pointless(action: plans.ScheduledAction, assignment: assignments.Assignment) -> bool:
    """Tell whether an action is about what nobody has: it could not be given, or is gone."""
    if action.kind == plans.ACTION_KIND_REVOKE:
        given = {f"{one.resource}/{one.role}": one.state for one in assignment.grants}
        return given.get(action.target) in _NOT_THERE
    failed = assignment.state == assignments.ASSIGNMENT_STATE_DELIVERY_FAILED
    return failed and action.kind in _UP_TO_THE_END


def _around(
    action: plans.ScheduledAction,
    planned: plans.ScheduledAction | None,
    end: datetime,
    *,
    ended: bool,
) -> datetime | None:
    """Give when an action comes that hangs on the end; None if it hangs on something else."""
    if action.anchor == plans.ANCHOR_ASSIGNMENT_END and action.offset.ToTimedelta() >= _ZERO:
        return end + action.offset.ToTimedelta()
    if planned is None:
        return None
    if action.kind in _FROM_THE_END_ON or (not ended and _before_the_end(action)):
        return end + _distance(action, planned)
    return None


def _before_the_end(action: plans.ScheduledAction) -> bool:
    if action.kind != plans.ACTION_KIND_CALL_EXTENSION:
        return action.kind in _UP_TO_THE_END
    at_an_event = action.anchor in (plans.ANCHOR_SUBMITTED, plans.ANCHOR_DELIVERED)
    return not at_an_event and action.offset.ToTimedelta() != _ZERO


def _distance(action: plans.ScheduledAction, planned: plans.ScheduledAction) -> timedelta:
    if action.HasField("time") and planned.HasField("time"):
        return moment(action.time) - moment(planned.time)
    return action.offset.ToTimedelta() - planned.offset.ToTimedelta()


def _end_by_staff(assignment: assignments.Assignment, end: datetime) -> plans.ScheduledAction:
    return plans.ScheduledAction(
        kind=plans.ACTION_KIND_EXPIRE_ASSIGNMENT,
        subject=assignment.holder,
        time=stamp(end),
        anchor=plans.ANCHOR_ASSIGNMENT_END,
    )


def _reviews(
    actions: Iterable[plans.ScheduledAction],
    now: datetime,
    since: datetime,
    end: datetime | None,
) -> Iterator[plans.ScheduledAction]:
    """Give the rest of the round under way, if it covers access since then, and the next round."""
    dated = [one for one in actions if one.HasField("time")]
    opening = next((one for one in dated if one.kind == plans.ACTION_KIND_OPEN_REVIEW), None)
    if opening is None:
        return
    first = moment(opening.time)
    for begin in _rounds(first, opening, now):
        if begin < since:
            continue
        for action in dated:
            at = begin + (moment(action.time) - first)
            if at > now and (end is None or at < end):
                yield _dated(action, at)


def _rounds(first: datetime, opening: plans.ScheduledAction, now: datetime) -> Iterator[datetime]:
    """Give the beginnings of the last round and of the next one."""
    repeats = opening.repeats
    every = repeats.every.ToTimedelta()
    if every <= _ZERO and repeats.months < 1:
        yield first
        return
    last, following = first, first
    while following <= now:
        last = following
        if every:
            following = next_after(first, every, last)
        else:
            following = next_month_after(first, repeats.months, last)
    yield last
    if following != last:
        yield following


def _dated(action: plans.ScheduledAction, at: datetime) -> plans.ScheduledAction:
    made = plans.ScheduledAction()
    made.CopyFrom(action)
    made.time.CopyFrom(stamp(at))
    return made


def _in_order(actions: Iterable[plans.ScheduledAction]) -> list[plans.ScheduledAction]:
    """Sort what has a date by it; the rest follows in the order of the plan."""
    listed = list(actions)
    dated = [one for one in listed if one.HasField("time")]
    undated = [one for one in listed if not one.HasField("time")]
    return sorted(dated, key=lambda one: (moment(one.time), one.kind)) + undated
