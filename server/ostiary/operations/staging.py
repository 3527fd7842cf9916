"""Approval stages of a recorded request: who may decide now, opening, escalation, time-out."""

from __future__ import annotations

import msgspec

from ostiary.decide.approvers import StaffedStage, staff_stage
from ostiary.domain.access_request import (
    AccessRequest,
    RequestStatus,
    StageDecision,
    StageRecord,
)
from ostiary.domain.decision import Origin, StagePlan
from ostiary.domain.notice import NoticeKind
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.lifecycle import schedule
from ostiary.lifecycle.deciding import group_key, user_key
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.operations.standing_in import delegates_of, standing_in
from ostiary.operations.unit import Unit


def excluded_of(request: AccessRequest) -> frozenset[str]:
    """Give those whose own request it is: they never approve it (S-71)."""
    return frozenset({request.target, request.submitter})


def recorded(plan: StagePlan) -> StageRecord:
    """Give a planned stage as a request records it."""
    return StageRecord(
        number=plan.number,
        approvers=plan.approvers,
        origin=plan.origin,
        alternates=plan.alternates,
        alternates_origin=plan.alternates_origin,
        time_out=plan.time_out,
        escalate_after=plan.escalate_after,
        justification_required=plan.justification_required,
    )


def staffed_now(unit: Unit, request: AccessRequest, number: int) -> StaffedStage:
    """Resolve one stage of the request's terms against the directory as it is now."""
    return staff_stage(
        request.terms.policy.stages[number - 1],
        number,
        unit.subject(request.target, request.external, direct=True),
        excluded_of(request),
        unit.snapshot.directory,
        unit.snapshot.rules.approvers,
    )


def opened(unit: Unit, request: AccessRequest, number: int) -> StageRecord | None:
    """Give the record of a stage that opens now; None if nobody could decide it (S-73)."""
    staffed = staffed_now(unit, request, number)
    plan = staffed.plan
    if staffed.word != "staffed" or not plan.approvers:
        return None
    stage = request.terms.policy.stages[number - 1]
    deciders = stage.fallback if plan.origin is Origin.FALLBACK else stage.primary
    late = (
        stage.alternate_fallback if plan.alternates_origin is Origin.FALLBACK else stage.alternates
    )
    return msgspec.structs.replace(
        recorded(plan),
        added_by=request.stages[number - 1].added_by,
        delegates=delegates_of(unit, plan.approvers),
        people=_fixed(unit, plan.approvers, deciders),
        late_people=_fixed(unit, plan.alternates, late),
        opened_at=unit.at,
        escalates_at=None if plan.escalate_after is None else unit.at + plan.escalate_after,
        denies_at=unit.at + plan.time_out,
    )


def _fixed(unit: Unit, people: tuple[str, ...], named: tuple[Approver, ...]) -> tuple[str, ...]:
    """Give those of the people who are not there only as members of a group (S-73)."""
    in_groups = _members(unit, named)
    by_name = {one.id for one in named if one.kind is ApproverKind.USER}
    return tuple(one for one in people if one not in in_groups or one in by_name)


def _members(unit: Unit, named: tuple[Approver, ...]) -> frozenset[str]:
    return frozenset(
        user.id
        for one in named
        if one.kind is ApproverKind.GROUP and one.id is not None
        for user in unit.snapshot.directory.members(one.id)
    )


def deciders(unit: Unit, request: AccessRequest, record: StageRecord) -> frozenset[str]:
    """Give who may decide an open stage now (S-73): fixed people, groups as they are, the late.

    INVARIANT: never the target or the submitter (S-71), never somebody who cannot sign in.
    """
    own = _own_deciders(unit, request, record)
    return own | _able(unit, request, set(standing_in(unit, record, own)))


def keys_of(unit: Unit, who: str) -> frozenset[str]:
    """Give the keys by which requests are found that somebody may decide as groups are now."""
    directory = unit.snapshot.directory
    groups = (name for group in directory.groups_of(who) for name in directory.above(group))
    return frozenset({user_key(who), *map(group_key, groups)})


def decides_instead_of(unit: Unit, request: AccessRequest, record: StageRecord, who: str) -> str:
    """Give in whose place somebody decides an open stage; empty: in their own right (S-80)."""
    own = _own_deciders(unit, request, record)
    return "" if who in own else standing_in(unit, record, own).get(who, "")


def _own_deciders(unit: Unit, request: AccessRequest, record: StageRecord) -> frozenset[str]:
    stage = request.terms.policy.stages[record.number - 1]
    fallback_decides = record.origin is Origin.FALLBACK
    named = stage.fallback if fallback_decides else stage.primary
    able = _able(unit, request, {*record.people, *_members(unit, named)})
    if record.escalated:
        instead = record.alternates_origin is Origin.FALLBACK
        late = stage.alternate_fallback if instead else stage.alternates
        able |= _able(unit, request, {*record.late_people, *_members(unit, late)})
    if able or fallback_decides:
        return able
    # An open stage that has lost everybody may be decided by its fallback.
    by_name = {one.id for one in stage.fallback if one.kind is ApproverKind.USER and one.id}
    return _able(unit, request, {*by_name, *_members(unit, stage.fallback)})


def _able(unit: Unit, request: AccessRequest, people: set[str]) -> frozenset[str]:
    return frozenset(filter(unit.enabled, people - excluded_of(request)))


def put_before(
    unit: Unit, request: AccessRequest, stage: ApprovalStage, *, added_by: str
) -> AccessRequest:
    """Put a stage before the policy's own, after those that were put there earlier; not saved.

    It has its place in the request's own copy of the policy and in its plan, so that it opens,
    escalates and times out like any other.
    """
    place = sum(bool(one.added_by) for one in request.stages)
    policy = request.terms.policy
    stages = (*policy.stages[:place], stage, *policy.stages[place:])
    terms = msgspec.structs.replace(
        request.terms, policy=msgspec.structs.replace(policy, stages=stages)
    )
    changed = msgspec.structs.replace(
        request,
        terms=terms,
        plan=schedule.with_stage_before(request.plan, place + 1, stage),
    )
    record = recorded(staffed_now(unit, changed, place + 1).plan)
    later = (msgspec.structs.replace(one, number=one.number + 1) for one in request.stages[place:])
    added = msgspec.structs.replace(record, added_by=added_by)
    return msgspec.structs.replace(changed, stages=(*request.stages[:place], added, *later))


def open_stage(unit: Unit, request: AccessRequest, number: int) -> AccessRequest | None:
    """Open a stage and tell its approvers; None if nobody can decide it (T3, T5)."""
    record = opened(unit, request, number)
    if record is None:
        return None
    event = RequestEvent.ASK if number == 1 else RequestEvent.APPROVE_STAGE
    stages = list(request.stages)
    stages[number - 1] = record
    changed: AccessRequest = unit.change(
        request,
        state=REQUEST.after(request.state, event),
        status=RequestStatus.PENDING,
        stage=number,
        stages=tuple(stages),
        waits_for="",
    )
    unit.notify(
        NoticeKind.ACTION_NEEDED,
        {*record.approvers, *_able(unit, changed, {one.delegate for one in record.delegates})},
        changed,
        stage=number,
        deadline=record.denies_at,
        justification=request.justification,
    )
    return changed


def escalate(unit: Unit, request: AccessRequest, number: int) -> bool:
    """Let the alternates of an open stage in (S-77, T8); False if the reason is gone."""
    record = request.open_stage()
    if not request.open or record is None or record.number != number or record.escalated:
        return False
    event = REQUEST.after(request.state, RequestEvent.ESCALATE)
    late = opened(unit, request, number)
    alternates = late.alternates if late is not None else ()
    if not alternates or late is None:
        return False
    changed = with_stage(
        unit,
        request,
        msgspec.structs.replace(
            record,
            escalated=True,
            alternates=alternates,
            alternates_origin=late.alternates_origin,
            late_people=late.late_people,
            delegates=(*record.delegates, *delegates_of(unit, alternates)),
        ),
        state=event,
        status=RequestStatus.ESCALATED,
    )
    unit.audit(
        "Update access package assignment request",
        request=changed,
        details={"stage": str(number), "status": changed.status.value},
    )
    unit.notify(
        NoticeKind.FORWARDED,
        {*alternates, *(one.delegate for one in delegates_of(unit, alternates))}
        - excluded_of(request),
        changed,
        stage=number,
        deadline=record.denies_at,
        justification=request.justification,
    )
    return True


def with_stage(
    unit: Unit, request: AccessRequest, record: StageRecord, **fields: object
) -> AccessRequest:
    """Save a request with one of its stages replaced."""
    stages = list(request.stages)
    stages[record.number - 1] = record
    changed: AccessRequest = unit.change(request, stages=tuple(stages), **fields)
    return changed


def asked(request: AccessRequest, record: StageRecord) -> set[str]:
    """Give everybody who was asked to decide a stage."""
    late = record.alternates if record.escalated else ()
    people = {*record.approvers, *late, *(one.delegate for one in record.delegates)}
    return people - excluded_of(request)


def decided(record: StageRecord, decision: StageDecision) -> StageRecord:
    """Give a stage with the one decision that it has (S-64)."""
    return msgspec.structs.replace(record, decision=decision)
