"""Approvers decide: one decision a stage, checked in the order of S-64."""

from __future__ import annotations

from ostiary.domain.access_request import (
    OPEN_STATES,
    AccessRequest,
    RequestState,
    StageDecision,
    StageRecord,
    Verdict,
)
from ostiary.domain.due import WorkKind, user_case
from ostiary.domain.errors import RefusedError
from ostiary.domain.notice import NoticeKind
from ostiary.lifecycle.machines import RequestEvent
from ostiary.lifecycle.ports import RequestQuery
from ostiary.operations import progress, staging
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor
from ostiary.operations.unit import EVERYTHING, Unit

_OF_STAGE = frozenset({WorkKind.ESCALATE_STAGE, WorkKind.TIME_OUT_STAGE, WorkKind.REMIND_APPROVERS})


def decide(
    office: Office,
    request_id: str,
    actor: Actor,
    *,
    approved: bool,
    justification: str = "",
    stage: int | None = None,
) -> AccessRequest:
    """Approve or deny the open stage; any one approver completes it (S-63).

    `stage` says which stage is meant; without it the open one. Raises RequestNotFoundError, or
    RefusedError with STAGE_CLOSED, SELF_APPROVAL, NOT_APPROVER or JUSTIFICATION_REQUIRED; a
    refused decision changes nothing.
    """
    with office.case(user_case(office.target_of(request_id))) as unit:
        request = unit.request(request_id)
        record = checked(unit, request, actor, justification, stage)
        verdict = Verdict.APPROVED if approved else Verdict.DENIED
        instead_of = staging.decides_instead_of(unit, request, record, actor.id)
        decision = StageDecision(verdict, actor.id, unit.at, justification, instead_of)
        decided = staging.decided(record, decision)
        request = staging.with_stage(unit, request, decided)
        if approved:
            _approved(unit, request, decided, actor, justification)
        else:
            progress.deny(
                unit,
                request,
                RequestEvent.DENY,
                "DENIED_BY_APPROVER",
                by=actor.id,
                parameters=(
                    *((("instead_of", instead_of),) if instead_of else ()),
                    ("stage", str(record.number)),
                ),
                justification=justification,
            )
    with office.store.reading() as tx:
        return tx.request(request_id) or request


def checked(
    unit: Unit, request: AccessRequest, actor: Actor, justification: str, stage: int | None
) -> StageRecord:
    """Give the stage that the actor may decide now, or raise the first thing that is wrong."""
    record = request.open_stage()
    if not request.open or request.state in (RequestState.DELIVERING, RequestState.SCHEDULED):
        raise RefusedError("STAGE_CLOSED", "the request is decided or has ended")
    named = record if stage is None else _named(request, stage)
    if named is not None and named.decision is not None:
        raise RefusedError("STAGE_CLOSED", f"stage {named.number} is decided")
    # INVARIANT: nobody decides their own request, in any role (S-71).
    if actor.id in staging.excluded_of(request):
        raise RefusedError("SELF_APPROVAL", "nobody decides their own request")
    if record is None or named is not record:
        raise RefusedError("NOT_APPROVER", "no stage of the request that you could decide is open")
    if actor.id not in staging.deciders(unit, request, record):
        raise RefusedError("NOT_APPROVER", f"you cannot decide stage {record.number}")
    if record.justification_required and not justification.strip():
        text = f"stage {record.number} asks approvers for their reasons"
        raise RefusedError("JUSTIFICATION_REQUIRED", text)
    return record


def _named(request: AccessRequest, stage: int) -> StageRecord | None:
    return request.stages[stage - 1] if 1 <= stage <= len(request.stages) else None


def _approved(
    unit: Unit, request: AccessRequest, record: StageRecord, actor: Actor, justification: str
) -> None:
    unit.void(
        one
        for one in unit.tx.waiting(unit.case)
        if one.request == request.id and one.stage == record.number and one.kind in _OF_STAGE
    )
    details = {"stage": str(record.number)}
    if justification:
        details["justification"] = justification
    if record.decision is not None and record.decision.instead_of:
        details["instead_of"] = record.decision.instead_of
    unit.audit(
        "Approval stage completed for access package assignment request",
        actor=actor.id,
        request=request,
        details=details,
    )
    others = staging.asked(request, record) - {actor.id}
    unit.notify(
        NoticeKind.DECIDED,
        others,
        request,
        stage=record.number,
        justification=justification,
        facts=(("verdict", "approved"), ("decided_by", actor.id)),
    )
    if record.number < len(request.stages):
        progress.next_stage(unit, request, record.number + 1)
        return
    unit.audit("Approve access package assignment request", actor=actor.id, request=request)
    progress.approved(unit, request)


def queue(office: Office, approver: str) -> tuple[AccessRequest, ...]:
    """Give the open requests that somebody could decide now, the oldest first (S-79).

    Groups count as they are now; own requests never appear (S-71).
    """

    def found(unit: Unit) -> tuple[AccessRequest, ...]:
        pending = frozenset({RequestState.PENDING_APPROVAL}) & OPEN_STATES
        keys = staging.keys_of(unit, approver)
        query = RequestQuery(states=pending, deciders=keys, size=EVERYTHING)
        return tuple(
            request
            for request in unit.requests(query)
            if (record := request.open_stage()) is not None
            and approver in staging.deciders(unit, request, record)
        )

    return office.look(found)
