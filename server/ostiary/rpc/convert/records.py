"""What is recorded of the life of a request, as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.domain.access_request import (
    AccessRequest,
    ExternalPerson,
    PlannedAction,
    StageRecord,
    Verdict,
)
from ostiary.domain.assignment import Assignment, Grant
from ostiary.domain.audit import CATEGORY, AuditEvent
from ostiary.domain.callout import Callout
from ostiary.domain.delegation import Delegation
from ostiary.domain.due import DueAction
from ostiary.domain.people import HomeIdentity
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.request import Answer, Schedule
from ostiary.domain.review import ReviewInstance, ReviewItem, ReviewVerdict
from ostiary.rpc.convert.ended import reason_of, state_text
from ostiary.rpc.convert.life_words import (
    ASSIGNMENT_STATES,
    CALLOUT_STATUSES,
    END_CAUSES,
    EXTENSION_STAGES,
    GRANT_STATES,
    KINDS,
    NO_RESPONSES,
    REPLIES,
    RESOURCE_KINDS,
    REVIEW_RESULTS,
    REVIEW_STATES,
    REVIEWERS,
    SIGN_IN_NUMBERS,
    STATES,
    STATUSES,
    VERDICTS,
    WORK_KINDS,
    WORK_STATES,
)
from ostiary.rpc.convert.messages import duration, recurrence, revision
from ostiary.rpc.convert.words import ACTION_KINDS, ANCHORS, ORIGINS
from ostiary.rpc.record_names import ASSIGNMENTS, CALLOUTS, REQUESTS, REVIEWS, WORK, RecordNames
from ostiary.v1 import (
    access_request_pb2,
    access_review_pb2,
    assignment_pb2,
    audit_pb2,
    callout_pb2,
    decision_pb2,
    decision_service_pb2,
    person_pb2,
    work_pb2,
)

_WAITING_STAGES: Mapping[str, ExtensionStage] = {stage.value: stage for stage in ExtensionStage}
_VERDICTS: Mapping[Verdict, access_request_pb2.StageState] = {
    Verdict.APPROVED: access_request_pb2.STAGE_STATE_APPROVED,
    Verdict.DENIED: access_request_pb2.STAGE_STATE_DENIED,
    Verdict.TIMED_OUT: access_request_pb2.STAGE_STATE_TIMED_OUT,
}


def etag(version: int) -> str:
    """Give the etag of a record's version."""
    return f"v{version}"


class RecordWriter:
    """Writes the records of one tenant."""

    def __init__(self, names: RecordNames) -> None:
        self._names = names

    def request(self, record: AccessRequest) -> access_request_pb2.AccessRequest:
        """Give a request."""
        terms = record.terms
        stage = _WAITING_STAGES.get(record.waits_for)
        return access_request_pb2.AccessRequest(
            name=self._names.name(REQUESTS, record.id),
            id=record.id,
            kind=KINDS[record.kind],
            state=STATES[record.state],
            status=STATUSES[record.status],
            state_text=state_text(record),
            requestor=record.target,
            submitter=record.submitter,
            external_person=None if record.external is None else external_person(record.external),
            catalog=terms.catalog,
            access_package=terms.package,
            access_package_display_name=terms.package_name,
            policy=terms.policy.id,
            policy_display_name=terms.policy.name,
            submit_time=record.submitted_at,
            justification=record.justification,
            answers=map(answer, record.answers),
            schedule=None if record.schedule is None else schedule(record.schedule),
            bypass_approval=record.bypass_approval,
            stages=[stage_record(one, record) for one in record.stages],
            open_stage=record.stage,
            waiting_stage=None if stage is None else EXTENSION_STAGES[stage],
            notes=record.notes,
            approve_time=record.approved_at,
            start_time=record.starts_at,
            end_time=record.ends_at,
            assignment=record.assignment,
            plan=[planned(one, record.target) for one in record.plan],
            revision=revision(record.revision),
            complete_time=record.completed_at,
            reason=reason_of(record),
            ended_by=record.ended_by,
            request_id=record.request_id,
            etag=etag(record.version),
        )

    def assignment(self, record: Assignment) -> assignment_pb2.Assignment:
        """Give an assignment."""
        terms = record.terms
        return assignment_pb2.Assignment(
            name=self._names.name(ASSIGNMENTS, record.id),
            id=record.id,
            holder=record.target,
            catalog=terms.catalog,
            access_package=terms.package,
            access_package_display_name=terms.package_name,
            policy=terms.policy.id,
            policy_display_name=terms.policy.name,
            state=ASSIGNMENT_STATES[record.state],
            request=record.request,
            create_time=record.created_at,
            start_time=record.starts_at,
            end_time=record.ends_at,
            grants=map(grant, record.grants),
            plan=[planned(one, record.target) for one in record.plan],
            deliver_time=record.delivered_at,
            late=record.late,
            ended_time=record.ended_at,
            end_cause=None if record.end_cause is None else END_CAUSES[record.end_cause],
            out_of_scope_time=record.left_scope_at,
            extension_allowed=terms.policy.extension_allowed,
            etag=etag(record.version),
            delivery_open_time=record.delivery_opened_at,
            delivery_close_time=record.delivery_ended_at,
        )

    def review(self, record: ReviewInstance) -> access_review_pb2.AccessReview:
        """Give a review without its items."""
        decided = [one for one in record.items if one.verdict is not ReviewVerdict.NONE]
        return access_review_pb2.AccessReview(
            name=self._names.name(REVIEWS, record.id),
            id=record.id,
            catalog=record.catalog,
            access_package=record.package,
            policy=record.policy,
            state=REVIEW_STATES[record.state],
            open_time=record.opened_at,
            remind_time=record.remind_at,
            close_time=record.closes_at,
            reviewers=REVIEWERS[record.settings.reviewers],
            no_response=NO_RESPONSES[record.settings.no_response],
            item_count=len(record.items),
            decided_count=len(decided),
            etag=etag(record.version),
        )

    def callout(self, record: Callout) -> callout_pb2.Callout:
        """Give a call of an extension."""
        return callout_pb2.Callout(
            name=self._names.name(CALLOUTS, record.id),
            id=record.id,
            extension=record.extension,
            stage=EXTENSION_STAGES[record.stage],
            request=record.request,
            assignment=record.assignment,
            requestor=record.target,
            access_package=record.package,
            policy=record.policy,
            status=CALLOUT_STATUSES[record.status],
            create_time=record.created_at,
            deadline_time=record.deadline,
            answer_time=record.answered_at,
            reply=REPLIES[record.state],
            detail=record.detail,
            failure=record.failure,
        )

    def work(self, record: DueAction) -> work_pb2.WorkItem:
        """Give a piece of work; what it tells systems outside is not shown."""
        item = work_pb2.WorkItem(
            name=self._names.name(WORK, record.id),
            id=record.id,
            kind=WORK_KINDS[record.kind],
            state=WORK_STATES[record.state],
            due_time=record.due_at,
            planned_time=record.planned_at or record.due_at,
            request=record.request,
            assignment=record.assignment,
            stage=record.stage,
            target=record.target,
            rule=record.rule,
            attempts=record.attempts,
            finish_time=record.finished_at,
            failure=record.failure,
        )
        item.case = record.case
        return item


def review_item(record: ReviewItem, review: ReviewInstance) -> access_review_pb2.ReviewItem:
    """Give one assignment under review."""
    return access_review_pb2.ReviewItem(
        access_review=review.id,
        assignment=record.assignment,
        holder=record.target,
        reviewers=record.reviewers,
        recommendation=VERDICTS[record.recommendation],
        out_of_scope=record.out_of_scope,
        verdict=VERDICTS[record.verdict],
        decided_by=record.decided_by,
        decide_time=record.decided_at,
        justification=record.justification,
        result=REVIEW_RESULTS[record.applied],
        access_package=review.package,
        close_time=review.closes_at,
    )


def audit_event(record: AuditEvent) -> audit_pb2.AuditEvent:
    """Give an event of the audit log."""
    return audit_pb2.AuditEvent(
        sequence=record.sequence,
        event_time=record.at,
        display_name=record.name,
        category=CATEGORY,
        actor=record.actor,
        subject=record.target,
        request=record.request,
        assignment=record.assignment,
        access_package=record.package,
        policy=record.policy,
        catalog=record.catalog,
        object=record.object,
        reason=record.reason,
        details=dict(record.details),
        changes=[
            audit_pb2.FieldChange(field=one.field, before=one.before, after=one.after)
            for one in record.changes
        ],
        revision=record.revision,
    )


def stage_record(record: StageRecord, request: AccessRequest) -> access_request_pb2.StageRecord:
    """Give an approval stage with its decision."""
    decision = record.decision
    return access_request_pb2.StageRecord(
        number=record.number,
        state=_stage_state(record, request),
        approvers=record.approvers,
        origin=ORIGINS[record.origin],
        alternates=record.alternates,
        alternates_origin=ORIGINS[record.alternates_origin] if record.alternates else None,
        time_out=duration(record.time_out),
        escalate_after=None if record.escalate_after is None else duration(record.escalate_after),
        justification_required=record.justification_required,
        open_time=record.opened_at,
        escalate_time=record.escalates_at,
        deny_time=record.denies_at,
        escalated=record.escalated,
        decided_by="" if decision is None else decision.by,
        decide_time=None if decision is None else decision.at,
        decision_justification="" if decision is None else decision.justification,
        added_by=record.added_by,
        decided_instead_of="" if decision is None else decision.instead_of,
        delegates=[
            access_request_pb2.StageDelegate(approver=one.approver, delegate=one.delegate)
            for one in record.delegates
        ],
    )


def delegation_message(record: Delegation) -> access_request_pb2.Delegation:
    """Give a delegation."""
    return access_request_pb2.Delegation(
        approver=record.approver,
        delegate=record.delegate,
        start_time=record.starts_at,
        end_time=record.ends_at,
    )


def _stage_state(record: StageRecord, request: AccessRequest) -> access_request_pb2.StageState:
    if record.decision is not None:
        return _VERDICTS[record.decision.verdict]
    if record.opened_at is None:
        return access_request_pb2.STAGE_STATE_NOT_OPEN
    if request.open and request.stage == record.number:
        return access_request_pb2.STAGE_STATE_OPEN
    return access_request_pb2.STAGE_STATE_CLOSED


def planned(action: PlannedAction, target: str) -> decision_pb2.ScheduledAction:
    """Give an action as it was announced."""
    return decision_pb2.ScheduledAction(
        kind=ACTION_KINDS[action.kind],
        subject=f"stage {action.stage}" if action.stage else target,
        target=action.target,
        time=action.at,
        anchor=ANCHORS[action.anchor],
        offset=duration(action.offset),
        stage=action.stage,
        not_before_time=action.not_before,
        repeats=None if action.repeats is None else recurrence(action.repeats),
        rule=decision_pb2.RuleReference(id=action.rule),
    )


def grant(record: Grant) -> assignment_pb2.Grant:
    """Give a resource role with its delivery."""
    return assignment_pb2.Grant(
        resource=record.entry.resource,
        resource_display_name=record.entry.resource_name,
        kind=RESOURCE_KINDS[record.entry.kind],
        target=record.entry.target,
        role=record.entry.role,
        state=GRANT_STATES[record.state],
        attempts=record.attempts,
        failure=record.failure,
        failure_text=record.failure_text,
        failure_parameters=dict(record.failure_parameters),
        change_time=record.changed_at,
    )


def answer(record: Answer) -> decision_service_pb2.Answer:
    """Give an answer to a question."""
    return decision_service_pb2.Answer(question=record.question, values=record.values)


def schedule(record: Schedule) -> decision_service_pb2.RequestedSchedule:
    """Give the start and end that were asked for."""
    return decision_service_pb2.RequestedSchedule(
        start_time=record.start,
        end_time=record.end,
        duration=None if record.duration is None else duration(record.duration),
    )


def external_person(record: ExternalPerson) -> access_request_pb2.ExternalPerson:
    """Give a person without an object in the directory."""
    return access_request_pb2.ExternalPerson(
        id=record.id,
        mail=record.mail or "",
        home=None if record.home is None else _home(record.home),
    )


def _home(record: HomeIdentity) -> person_pb2.HomeIdentity:
    return person_pb2.HomeIdentity(
        sign_in=SIGN_IN_NUMBERS[record.sign_in],
        tenant_id=record.tenant_id or "",
        domain=record.domain or "",
        issuer=record.issuer or "",
        identifier=record.identifier or "",
    )
