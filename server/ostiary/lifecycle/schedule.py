"""From the plan of a decision to work with a date: what each event makes due, and when (S-48).

A decision announces offsets from events. When an event comes, the actions that hang on it become
due actions at its instant plus their offset. Ids are made of the record and the kind, so that the
same event told twice schedules once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from ostiary.domain.access_request import AccessRequest, PlannedAction, StageRecord
from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.assignment import Assignment
from ostiary.domain.decision import ScheduledAction
from ostiary.domain.due import DueAction, WorkKind, user_case
from ostiary.domain.policy import ApprovalStage, ExtensionStage

ZERO = timedelta(0)
_CALLS = frozenset({ActionKind.CALL_EXTENSION, ActionKind.TIME_OUT_EXTENSION})
BEFORE_END = {
    ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY: timedelta(days=14),
    ExtensionStage.ONE_DAY_BEFORE_EXPIRY: timedelta(days=1),
}
_STAGE_BEFORE_END = {lead: stage for stage, lead in BEFORE_END.items()}
_STAGE_AT = {
    Anchor.SUBMITTED: ExtensionStage.REQUEST_CREATED,
    Anchor.APPROVED: ExtensionStage.REQUEST_APPROVED,
}


def planned(actions: Iterable[ScheduledAction]) -> tuple[PlannedAction, ...]:
    """Give the actions of a decision as a request records them."""
    return tuple(
        PlannedAction(
            kind=one.kind,
            anchor=one.anchor,
            offset=one.offset,
            at=one.at,
            not_before=one.not_before,
            stage=one.stage,
            target=one.target,
            repeats=one.repeats,
            rule=one.rule.id,
        )
        for one in actions
    )


def without_approval(plan: Sequence[PlannedAction]) -> tuple[PlannedAction, ...]:
    """Give the plan of a request whose approval staff have bypassed (S-66)."""
    return tuple(one for one in plan if one.anchor is not Anchor.STAGE_OPENED)


def with_stage_before(
    plan: Sequence[PlannedAction], number: int, stage: ApprovalStage
) -> tuple[PlannedAction, ...]:
    """Give a plan in which a stage comes before the one that has its number now."""
    later = tuple(
        msgspec.structs.replace(one, stage=one.stage + 1) if one.stage >= number else one
        for one in plan
    )
    offsets = {
        ActionKind.OPEN_STAGE: ZERO,
        ActionKind.ESCALATE_STAGE: stage.escalate_after,
        ActionKind.TIME_OUT_STAGE: stage.time_out,
    }
    added = (
        PlannedAction(kind, Anchor.STAGE_OPENED, offset, stage=number)
        for kind, offset in offsets.items()
        if offset is not None
    )
    return (*added, *later)


def on_submission(request: AccessRequest) -> list[DueAction]:
    """Give the calls at request-created and their time-outs."""
    return [
        _of_request(request, one, request.submitted_at + one.offset)
        for one in request.plan
        if one.anchor is Anchor.SUBMITTED
    ]


def on_opening(request: AccessRequest, stage: int, at: datetime) -> list[DueAction]:
    """Give what the opening of a stage makes due: itself, escalation and time-out (S-75)."""
    return [
        _of_request(request, one, at + one.offset)
        for one in request.plan
        if one.anchor is Anchor.STAGE_OPENED and one.stage == stage
    ]


def half_time(request: AccessRequest, stage: StageRecord, at: datetime) -> DueAction:
    """Give the reminder of a stage's approvers, which policies may switch on (S-78)."""
    due_at = at + stage.time_out / 2
    return DueAction(
        id=f"{request.id}/{WorkKind.REMIND_APPROVERS.value}/{stage.number}",
        kind=WorkKind.REMIND_APPROVERS,
        due_at=due_at,
        planned_at=due_at,
        case=user_case(request.target),
        request=request.id,
        stage=stage.number,
    )


def on_approval(request: AccessRequest, at: datetime) -> list[DueAction]:
    """Give the calls at request-approved and their time-outs."""
    return [
        _of_request(request, one, at + one.offset)
        for one in request.plan
        if one.anchor is Anchor.APPROVED and _at_approval(one)
    ]


def _at_approval(one: PlannedAction) -> bool:
    # An extension is never waited for before the end (S-126): what waits was called at approval.
    if one.kind is ActionKind.TIME_OUT_EXTENSION:
        return True
    return one.kind is ActionKind.CALL_EXTENSION and one.offset == ZERO


def on_later_start(request: AccessRequest, at: datetime) -> list[DueAction]:
    """Give the beginning of delivery at the start that was asked for (S-58)."""
    found = [one for one in request.plan if one.kind is ActionKind.START_DELIVERY]
    return [_of_request(request, one, at) for one in found[:1]]


def on_start(assignment: Assignment, at: datetime) -> list[DueAction]:
    """Give the invitation of a guest and the grant of each entry (S-91)."""
    invitations = [
        _of_assignment(assignment, one, at)
        for one in assignment.plan
        if one.kind is ActionKind.INVITE_GUEST
    ]
    rule = _rule_of(assignment.plan, ActionKind.GRANT)
    grants = [
        work_on(assignment, WorkKind.GRANT, at, target=one.entry.key, rule=rule)
        for one in assignment.grants
    ]
    return [*invitations, *grants]


def on_delivery(assignment: Assignment, at: datetime) -> list[DueAction]:
    """Give the calls at assignment-granted and their time-outs."""
    return [
        _of_assignment(assignment, one, at + one.offset, ExtensionStage.ASSIGNMENT_GRANTED)
        for one in assignment.plan
        if one.anchor is Anchor.DELIVERED and one.kind in _CALLS
    ]


def while_it_lasts(assignment: Assignment, since: datetime) -> list[DueAction]:
    """Give the end of an assignment and what comes before it but after `since`.

    Reminders and calls before the end move with it: each keeps its distance (S-100, S-101).
    """
    end = assignment.ends_at
    if end is None:
        return []
    before = [
        _of_assignment(assignment, one, end - lead, _STAGE_BEFORE_END.get(lead))
        for one, lead in _before_the_end(assignment)
        if end - lead > since
    ]
    return [
        *before,
        work_on(assignment, WorkKind.EXPIRE_ASSIGNMENT, end, rule=_rule_of_end(assignment)),
    ]


def _rule_of_end(assignment: Assignment) -> str:
    end = _end_of(assignment.plan)
    return "" if end is None else end.rule


def _end_of(plan: Sequence[PlannedAction]) -> PlannedAction | None:
    return next((one for one in plan if one.kind is ActionKind.EXPIRE_ASSIGNMENT), None)


def _before_the_end(assignment: Assignment) -> Iterator[tuple[PlannedAction, timedelta]]:
    end = _end_of(assignment.plan)
    if end is None:
        yield from _without_plan(assignment)
        return
    for one in assignment.plan:
        call = one.kind is ActionKind.CALL_EXTENSION and not _at_an_event(one)
        if one.kind is ActionKind.REMIND_EXPIRY or call:
            yield one, _distance(one, end)


def _at_an_event(one: PlannedAction) -> bool:
    """Tell the calls at events from those that count back from the end."""
    if one.anchor in (Anchor.SUBMITTED, Anchor.DELIVERED):
        return True
    return one.offset == ZERO and one.anchor in (Anchor.APPROVED, Anchor.ASSIGNMENT_END)


def _distance(one: PlannedAction, end: PlannedAction) -> timedelta:
    if one.at is not None and end.at is not None:
        return end.at - one.at
    return end.offset - one.offset


def _without_plan(assignment: Assignment) -> Iterator[tuple[PlannedAction, timedelta]]:
    """Give what an end that staff set later brings with it (S-100, S-103)."""
    terms = assignment.terms
    if terms.policy.extension_allowed:
        for lead in terms.expiry_reminders:
            yield PlannedAction(ActionKind.REMIND_EXPIRY, Anchor.ASSIGNMENT_END, -lead), lead
    for call in terms.policy.extensions:
        if call.stage in BEFORE_END:
            lead = BEFORE_END[call.stage]
            kind, anchor = ActionKind.CALL_EXTENSION, Anchor.ASSIGNMENT_END
            yield PlannedAction(kind, anchor, -lead, target=call.extension), lead


def on_end(
    assignment: Assignment,
    at: datetime,
    *,
    request: str,
    blocks: bool,
    deletes_after: timedelta | None,
) -> list[DueAction]:
    """Give what the end of an assignment brings, whenever and however it comes (S-99).

    `request` is the one through which it ends. `blocks` and `deletes_after` are what the settings
    say now; they count where nothing was planned, since access without an end was announced
    without them (S-116).
    """
    plan = assignment.plan
    end = _end_of(plan)
    made = [
        work_on(
            assignment,
            WorkKind.REVOKE,
            at,
            target=grant.entry.key,
            rule=_rule_of(plan, ActionKind.REVOKE),
            request=request,
        )
        for grant in assignment.grants
    ]
    for one in plan:
        call = one.kind in _CALLS and one.anchor is Anchor.ASSIGNMENT_END and one.offset >= ZERO
        guest = one.kind in (ActionKind.BLOCK_GUEST, ActionKind.DELETE_GUEST)
        if call or (guest and end is not None):
            after = -_distance(one, end) if guest and end is not None else one.offset
            stage = ExtensionStage.ASSIGNMENT_REMOVED
            made.append(_of_assignment(assignment, one, at + after, stage))
    if end is None:
        if blocks:
            made.append(work_on(assignment, WorkKind.BLOCK_GUEST, at))
        if deletes_after is not None:
            made.append(work_on(assignment, WorkKind.DELETE_GUEST, at + deletes_after))
    return made


def _rule_of(plan: Sequence[PlannedAction], kind: ActionKind) -> str:
    return next((one.rule for one in plan if one.kind is kind), "")


def _of_request(request: AccessRequest, one: PlannedAction, at: datetime) -> DueAction:
    return DueAction(
        id=f"{request.id}/{one.kind.value}/{one.anchor.value}/{one.stage or one.target}",
        kind=WorkKind(one.kind.value),
        due_at=at,
        planned_at=at,
        case=user_case(request.target),
        request=request.id,
        assignment=request.assignment,
        stage=one.stage,
        target=one.target,
        rule=one.rule,
        payload=_payload(one, _STAGE_AT.get(one.anchor)),
    )


def _of_assignment(
    assignment: Assignment,
    one: PlannedAction,
    at: datetime,
    stage: ExtensionStage | None = None,
) -> DueAction:
    return work_on(
        assignment,
        WorkKind(one.kind.value),
        at,
        target=one.target,
        rule=one.rule,
        payload=_payload(one, stage),
    )


def _payload(one: PlannedAction, stage: ExtensionStage | None) -> str:
    """Give the stage at which an extension is called: the plan knows only when."""
    return stage.value if stage is not None and one.kind in _CALLS else ""


def work_on(
    assignment: Assignment,
    kind: WorkKind,
    at: datetime,
    *,
    target: str = "",
    rule: str = "",
    request: str = "",
    payload: str = "",
) -> DueAction:
    """Give work on an assignment; its version keeps apart what is due again after a change."""
    instant = at.strftime("%Y%m%dT%H%M%S%f")
    return DueAction(
        id=f"{assignment.id}/{assignment.version}/{kind.value}/{instant}/{target}",
        kind=kind,
        due_at=at,
        planned_at=at,
        case=user_case(assignment.target),
        request=request or assignment.request,
        assignment=assignment.id,
        target=target,
        rule=rule,
        payload=payload,
    )
