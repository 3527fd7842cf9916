"""Carrying out what is due in a case, one thing after another, each as of its own instant (S-7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ostiary.domain.access_request import StageDecision, StageRecord, Verdict
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.domain.errors import StoreUnavailableError
from ostiary.domain.notice import NoticeKind
from ostiary.domain.policy import ExtensionStage
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations import (
    automatic,
    calling,
    delivery,
    ending,
    entries,
    progress,
    reviewing,
    staging,
)
from ostiary.operations.unit import Unit

_ROUNDS = 100_000  # more than any case can need: the end of an endless loop of our own making


class EndlessWorkError(Exception):
    """Our own fault: work kept making new work that was due at once."""


def run_due(unit: Unit) -> int:
    """Carry out everything in the case that is due by now; give how much it was."""
    done = 0
    while True:
        action = next(iter(unit.tx.waiting(unit.case)), None)
        if action is None or action.due_at > unit.now:
            unit.at = unit.now
            return done
        # Work that was postponed takes effect as of when it was planned, like all overdue work.
        action = msgspec.structs.replace(action, due_at=action.planned_at or action.due_at)
        unit.at, unit.doing = action.due_at, action.id
        carried_out = _carry_out(unit, action)
        unit.doing = ""
        state = WorkState.DONE if carried_out else WorkState.VOID
        unit.tx.finish(action.id, state, unit.now)
        done += 1
        if done > _ROUNDS:
            raise EndlessWorkError(f"{unit.case}: {action.kind.value}")


class PoisonedError(Exception):
    """Work that cannot be carried out; the cause is what it failed with."""

    def __init__(self, action: DueAction) -> None:
        super().__init__(f"{action.case}: {action.kind.value} {action.id}")
        self.action = action


def _carry_out(unit: Unit, action: DueAction) -> bool:
    try:
        return _HANDLERS[action.kind](unit, action)
    except StoreUnavailableError:
        raise
    except Exception as error:
        raise PoisonedError(action) from error


def _opened(unit: Unit, action: DueAction) -> bool:
    """Note that a stage opened when its plan said; the opening itself has told everybody."""
    request = unit.tx.request(action.request)
    return request is not None and request.stages[action.stage - 1].opened_at == action.due_at


def _stage(unit: Unit, action: DueAction) -> StageRecord | None:
    """Give the stage of an action if it is still the one that waits for a decision."""
    request = progress.still(unit, action)
    record = request.open_stage() if request is not None else None
    return record if record is not None and record.number == action.stage else None


def _escalate(unit: Unit, action: DueAction) -> bool:
    request = progress.still(unit, action)
    return request is not None and staging.escalate(unit, request, action.stage)


def _time_out(unit: Unit, action: DueAction) -> bool:
    record = _stage(unit, action)
    if record is None:
        return False
    request = unit.request(action.request)
    over = staging.decided(record, StageDecision(Verdict.TIMED_OUT, "system", unit.at))
    request = staging.with_stage(unit, request, over)
    parameters = (("stage", str(action.stage)),)
    progress.deny(
        unit,
        request,
        RequestEvent.TIME_OUT,
        progress.APPROVAL_TIMEOUT,
        parameters=parameters,
    )
    return True


def _remind_approvers(unit: Unit, action: DueAction) -> bool:
    record = _stage(unit, action)
    if record is None:
        return False
    request = unit.request(action.request)
    unit.notify(
        NoticeKind.APPROVAL_REMINDER,
        staging.deciders(unit, request, record),
        request,
        stage=action.stage,
        deadline=record.denies_at,
        justification=request.justification,
    )
    return True


def _call(unit: Unit, action: DueAction) -> bool:
    if not action.assignment and progress.still(unit, action) is None:
        return False
    return calling.call(unit, action, ExtensionStage(action.payload))


def _call_timed_out(unit: Unit, action: DueAction) -> bool:
    callout = calling.time_out(unit, action)
    if callout is None:
        return False
    request = progress.still(unit, action)
    if (
        request is not None
        and callout.stage in calling.BEFORE_ACCESS
        and request.waits_for == callout.stage.value
    ):
        parameters = (("extension", callout.extension),)
        event = RequestEvent.EXTENSION_TIMES_OUT
        progress.deny(unit, request, event, "EXT_TIMEOUT", parameters=parameters)
        return True
    unit.audit(
        "Execute custom extension",
        request=unit.tx.request(callout.request),
        reason="EXT_TIMEOUT",
        about=callout.extension,
        details={"callout": callout.id, "status": callout.status.value},
    )
    return True


def _cancel(unit: Unit, action: DueAction) -> bool:
    request = progress.still(unit, action)
    if request is None:
        return False
    event = RequestEvent.PACKAGE_DELETED
    if not REQUEST.allows(request.state, event):
        return False
    progress.cancel(unit, request, event, "PACKAGE_DELETED", by="system")
    return True


def _remind_expiry(unit: Unit, action: DueAction) -> bool:
    assignment = unit.assignment(action.assignment)
    if not assignment.current or assignment.ends_at is None:
        return False
    unit.notify(NoticeKind.EXTEND_BY, (assignment.target,), assignment, deadline=assignment.ends_at)
    return True


_HANDLERS: Mapping[WorkKind, Callable[[Unit, DueAction], bool]] = {
    WorkKind.EXPIRE_ASSIGNMENT: ending.expire,
    WorkKind.REMOVE_OUT_OF_SCOPE: ending.out_of_scope,
    WorkKind.END_ASSIGNMENT: ending.end_by,
    WorkKind.END_OF_DELETED: automatic.end_of_deleted,
    WorkKind.REVOKE: ending.revoke,
    WorkKind.TIME_OUT_STAGE: _time_out,
    WorkKind.TIME_OUT_EXTENSION: _call_timed_out,
    WorkKind.ESCALATE_STAGE: _escalate,
    WorkKind.CANCEL_REQUEST: _cancel,
    WorkKind.OPEN_STAGE: _opened,
    WorkKind.CALL_EXTENSION: _call,
    WorkKind.START_DELIVERY: progress.start_later,
    WorkKind.INVITE_GUEST: delivery.invite,
    WorkKind.GRANT: delivery.grant,
    WorkKind.LOOK_AT_SCOPE: automatic.look_at_scope,
    WorkKind.CHANGE_ENTRIES: entries.change_entries,
    WorkKind.ADD_BY_RULE: automatic.add_by_rule,
    WorkKind.CLOSE_DELIVERY: delivery.close,
    WorkKind.REPORT_LATE: delivery.report_late,
    WorkKind.CLOSE_REVIEW: reviewing.close,
    WorkKind.OPEN_REVIEW: reviewing.open_review,
    WorkKind.REMIND_REVIEWERS: reviewing.remind,
    WorkKind.REMIND_APPROVERS: _remind_approvers,
    WorkKind.REMIND_EXPIRY: _remind_expiry,
    WorkKind.BLOCK_GUEST: ending.clean_up,
    WorkKind.DELETE_GUEST: ending.clean_up,
}
