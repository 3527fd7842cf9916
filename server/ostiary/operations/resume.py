"""The reply of a custom extension that was waited for (S-127 to S-129)."""

from __future__ import annotations

from ostiary.domain.access_request import AccessRequest, RequestStatus
from ostiary.domain.callout import Callout
from ostiary.domain.errors import (
    CalloutNotFoundError,
    ForbiddenError,
    InvalidRequestError,
    RefusedError,
)
from ostiary.domain.policy import ApprovalStage, ExtensionStage
from ostiary.lifecycle.machines import CALLOUT, CalloutEvent, RequestEvent
from ostiary.operations import calling, progress, staging
from ostiary.operations.dynamic import check_returned
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import Unit

DENIED, CANCELED = "denied", "canceled"
# What a reply may do at each stage; at any other it may only say that it is done.
_STATES = {
    ExtensionStage.REQUEST_CREATED: ("", DENIED, CANCELED),
    ExtensionStage.REQUEST_APPROVED: ("", DENIED),
}


def resume(  # noqa: PLR0913  # the fields of one reply, each by its name
    office: Office,
    callout_id: str,
    actor: Actor,
    *,
    stage: ExtensionStage,
    request_id: str = "",
    state: str = "",
    detail: str = "",
    returned: ApprovalStage | None = None,
) -> Callout:
    """Take the reply of an extension; exactly one counts.

    `returned` is a whole approval stage, which opens at once, before the policy's own (S-82).
    Raises ForbiddenError, CalloutNotFoundError, InvalidRequestError for a foreign instance id, a
    wrong stage or a state that the stage does not take, and RefusedError NOT_WAITING.
    """
    if not actor.staff:
        raise ForbiddenError
    with office.store.reading() as tx:
        found = tx.callout(callout_id)
    if found is None:
        raise CalloutNotFoundError(callout_id)
    with office.case(found.case) as unit:
        callout = unit.tx.callout(callout_id) or found
        request = unit.tx.request(callout.request)
        _check(callout, stage, request_id, state)
        if returned is not None:
            check_returned(unit, request, stage, state, returned)
        if not _awaited(unit, callout, request):
            raise RefusedError("NOT_WAITING", "nothing waits for this reply (any more)")
        received: Callout = unit.change(
            callout,
            status=CALLOUT.after(callout.status, CalloutEvent.REPLY),
            answered_at=unit.at,
            state=state,
            detail=detail,
        )
        if request is not None and returned is not None:
            added_by = f"extension:{received.extension}"
            request = staging.put_before(unit, request, returned, added_by=added_by)
            request = unit.change(request)
        unit.audit(
            "Execute custom extension",
            actor=actor.id,
            request=request,
            about=received.extension,
            details=_told(unit, request, received),
        )
        if request is not None and request.waits_for == stage.value:
            _go_on(unit, request, received, actor)
    return received


def _told(unit: Unit, request: AccessRequest | None, callout: Callout) -> dict[str, str]:
    """Give what the event of a reply tells: what it asked for, and what the request does next."""
    told = {"callout": callout.id, "stage": callout.stage.value, "status": callout.status.value}
    if callout.state:
        return {**told, "reply": callout.state}
    if request is None or request.waits_for != ExtensionStage.REQUEST_CREATED.value:
        return told
    after = RequestStatus.PENDING if request.stages else RequestStatus.ACCEPTED
    if calling.unanswered(unit, request, callout.stage):
        after = RequestStatus.WAITING_FOR_CALLBACK
    return {**told, "request_status": after.value}


def _check(callout: Callout, stage: ExtensionStage, request_id: str, state: str) -> None:
    faults = []
    if request_id and callout.request != request_id:
        faults.append(("stage_instance_id", "belongs to another request"))
    if callout.stage is not stage:
        faults.append(("stage", f"the callout was made at {callout.stage.value}"))
    if state not in _STATES.get(stage, ("",)):
        faults.append(("state", f"`{state}` is not possible at stage {stage.value}"))
    if faults:
        raise InvalidRequestError(faults)


def _awaited(unit: Unit, callout: Callout, request: AccessRequest | None) -> bool:
    if callout.deadline is None or callout.status not in calling.UNANSWERED:
        return False
    if callout.deadline <= unit.at:  # closed at its instant (S-5)
        return False
    if callout.stage not in calling.BEFORE_ACCESS:
        return True
    return request is not None and request.open and request.waits_for == callout.stage.value


def _go_on(unit: Unit, request: AccessRequest, callout: Callout, actor: Actor) -> None:
    if callout.detail:
        request = unit.change(request, notes=(*request.notes, callout.detail))
    parameters = (("extension", callout.extension),)
    if callout.state == DENIED:
        event = RequestEvent.EXTENSION_DENIES
        progress.deny(
            unit,
            request,
            event,
            "EXT_DENIED",
            by=actor.id,
            parameters=parameters,
            justification=callout.detail,
        )
    elif callout.state == CANCELED:
        event = RequestEvent.EXTENSION_CANCELS
        progress.cancel(unit, request, event, "EXT_CANCELED", by=actor.id)
    elif not calling.unanswered(unit, request, callout.stage):
        if callout.stage is ExtensionStage.REQUEST_CREATED:
            progress.ask_or_approve(unit, request)
        else:
            progress.after_approval(unit, request)
