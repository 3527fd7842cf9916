"""Calls of custom extensions: when a call is due, what is waited for, and when it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import AccessRequest
from ostiary.domain.assignment import Assignment
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.catalog import CustomExtension
from ostiary.domain.due import DueAction, WorkKind
from ostiary.domain.policy import ExtensionCall, ExtensionStage
from ostiary.lifecycle.machines import CALLOUT, CalloutEvent
from ostiary.operations.unit import Unit

UNANSWERED = frozenset({CalloutStatus.QUEUED, CalloutStatus.WAITING, CalloutStatus.FAILED})
BEFORE_ACCESS = frozenset({ExtensionStage.REQUEST_CREATED, ExtensionStage.REQUEST_APPROVED})


def waits_at(request: AccessRequest, stage: ExtensionStage) -> bool:
    """Tell whether the request has to wait for a callback at a stage (S-127)."""
    calls = request.terms.policy.extensions
    return any(call.stage is stage and call.wait is not None for call in calls)


def call(unit: Unit, action: DueAction, stage: ExtensionStage) -> bool:
    """Make the callout that has come due and queue its sending; False if it is gone (S-130)."""
    assignment = unit.assignment(action.assignment) if action.assignment else None
    request = unit.request(action.request) if assignment is None else unit.maker_of(assignment)
    planned = _planned(request, action.target, stage)
    extension = _extension(unit.snapshot, request.terms.catalog, action.target)
    if planned is None:
        return False
    callout = Callout(
        id=unit.ids.new("callout"),
        extension=action.target,
        url=extension.url if extension is not None else "",
        catalog=request.terms.catalog,
        stage=stage,
        case=unit.case,
        target=request.target,
        request=request.id,
        assignment=action.assignment,
        package=request.package,
        policy=request.terms.policy.id,
        status=CALLOUT.after(None, CalloutEvent.CALL),
        created_at=unit.at,
        deadline=None if planned.wait is None else unit.at + planned.wait,
    )
    unit.tx.save_callout(callout)
    unit.audit(
        "Execute custom extension",
        request=request,
        assignment=assignment,
        about=action.target,
        details={"stage": stage.value, "callout": callout.id},
    )
    unit.schedule(
        DueAction(
            id=f"{callout.id}/CALL_OUT",
            kind=WorkKind.CALL_OUT,
            due_at=unit.at,
            planned_at=unit.at,
            case=unit.case,
            request=request.id,
            assignment=action.assignment,
            target=callout.id,
            rule=action.rule,
            payload=json.dumps(facts_of(request, assignment), ensure_ascii=False, sort_keys=True),
        )
    )
    return True


def _planned(request: AccessRequest, extension: str, stage: ExtensionStage) -> ExtensionCall | None:
    calls = request.terms.policy.extensions
    return next((one for one in calls if one.extension == extension and one.stage is stage), None)


def _extension(snapshot: Snapshot, catalog: str, extension: str) -> CustomExtension | None:
    for package in snapshot.order:
        if package.catalog.id == catalog:
            found = (one for one in package.catalog.extensions if one.id == extension)
            return next(found, None)
    return None


def facts_of(request: AccessRequest, assignment: Assignment | None) -> Mapping[str, object]:
    """Give what an extension is told of a request (S-125)."""
    ends_at = assignment.ends_at if assignment is not None else request.ends_at
    return {
        "request": request.id,
        "request_type": request.kind.value,
        "target": request.target,
        "submitter": request.submitter,
        "access_package": request.package,
        "access_package_name": request.terms.package_name,
        "catalog": request.terms.catalog,
        "policy": request.terms.policy.id,
        "assignment": assignment.id if assignment is not None else request.assignment,
        "justification": request.justification,
        "answers": {one.question: list(one.values) for one in request.answers},
        "submitted_at": request.submitted_at.isoformat(),
        "ends_at": None if ends_at is None else ends_at.isoformat(),
    }


def unanswered(unit: Unit, request: AccessRequest, stage: ExtensionStage) -> list[Callout]:
    """Give the callouts of a stage whose reply is still awaited."""
    return [
        one
        for one in unit.tx.callouts(request.id)
        if one.stage is stage and one.deadline is not None and one.status in UNANSWERED
    ]


def give_up(unit: Unit, request: AccessRequest, *stages: ExtensionStage) -> None:
    """Note on callouts whose reply nobody waits for any more that what they asked for is over."""
    for one in unit.tx.callouts(request.id):
        unanswered = one.status in (CalloutStatus.QUEUED, CalloutStatus.WAITING)
        if one.stage in stages and one.deadline is not None and unanswered:
            unit.change(
                one,
                status=CALLOUT.after(one.status, CalloutEvent.FAIL),
                failure="what it was about ended first",
            )


def time_out(unit: Unit, action: DueAction) -> Callout | None:
    """Give up on the reply of a callout; None if it came or is not awaited any more (S-128)."""
    for one in unit.tx.callouts(action.request):
        if (
            one.extension == action.target
            and one.deadline == action.planned_at
            and one.status in UNANSWERED
        ):
            timed_out: Callout = unit.change(
                one, status=CALLOUT.after(one.status, CalloutEvent.TIME_OUT), answered_at=unit.at
            )
            return timed_out
    return None
