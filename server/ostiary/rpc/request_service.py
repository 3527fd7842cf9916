"""RequestService: requests from their submission to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from ostiary.domain.access_request import AccessRequest, RequestState
from ostiary.domain.audit import AuditEvent
from ostiary.domain.due import WORK_ORDER, DueAction, WorkState, user_case
from ostiary.domain.errors import (
    RefusedError,
    UnauthenticatedError,
    UserNotFoundError,
    WorkNotFoundError,
)
from ostiary.domain.policy import ExtensionStage
from ostiary.lifecycle.ports import AuditQuery, RequestQuery, WorkQuery
from ostiary.operations import (
    approve,
    cancel,
    decision_links,
    delegating,
    deliver,
    parked,
    resume,
    staging,
)
from ostiary.operations.office import Office
from ostiary.operations.once import Write
from ostiary.operations.rights import STAFF
from ostiary.operations.submission import Actor
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.life_words import (
    EXTENSION_STAGES_READ,
    REPLIES_READ,
    STATES_READ,
    WORK_STATES_READ,
)
from ostiary.rpc.convert.records import audit_event, delegation_message
from ostiary.rpc.convert.returned_stages import returned_stage
from ostiary.rpc.convert.submissions import states_of
from ostiary.rpc.convert.times import EPOCH, instant
from ostiary.rpc.life import Life, Look, request_version, within
from ostiary.rpc.permissions import Relation
from ostiary.rpc.record_names import CALLOUTS, REQUESTS, WORK
from ostiary.rpc.submitting import Submitting
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import access_request_pb2
from ostiary.v1 import request_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["RequestService"]

STORY = 1000  # events of a timeline
_AT_ONCE = 200  # records that a list or a watcher looks at in one go
_PENDING = frozenset({RequestState.PENDING_APPROVAL})
_USUAL_WORK = frozenset({WorkState.WAITING, WorkState.PARKED})


class RequestService:
    """Answers the calls of RequestService."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._submitting = Submitting(life)

    # submitting

    def create_request(
        self, message: contract.CreateRequestRequest, call: Call
    ) -> contract.CreateRequestResponse:
        """Submit a request of any kind."""
        with self._life.looking(call) as look:
            submission = look.reader.create(message, call.caller.id)
            submission, actor = self._submitting.permitted(call, look, submission)
        request, decision = self._submitting.submit(call, submission, actor)
        return contract.CreateRequestResponse(request=request, decision=decision)

    # looking

    def get_request(
        self, message: contract.GetRequestRequest, call: Call
    ) -> contract.GetRequestResponse:
        """Give a request with its story."""
        with self._life.looking(call) as look:
            name = _named(look, message.request)
            request = look.request(name)
            call.allow(look.rights, request.terms.catalog, *_relations(call, look, request))
            story = look.tx.events(AuditQuery(request=name, size=STORY))
            return contract.GetRequestResponse(
                request=look.writer.request(request), timeline=map(audit_event, story)
            )

    def list_requests(
        self, message: contract.ListRequestsRequest, call: Call
    ) -> contract.ListRequestsResponse:
        """List requests, the newest first."""
        with self._life.looking(call, settled=True) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            query = _filtered(look, call, message.filter, violations)
            found = look.tx.requests(replace(query, up_to=cursors.position(message), size=size + 1))
            page, more = cursors.cut(found, size)
            return contract.ListRequestsResponse(
                requests=[look.writer.request(one) for _, one in page],
                next_page_token=cursors.token(message, str(page[-1][0])) if more else "",
                resume_token=cursors.resume_token(look.tx.settled()),
            )

    def list_approvals(
        self, message: contract.ListApprovalsRequest, call: Call
    ) -> contract.ListApprovalsResponse:
        """List what a person may decide now."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            approver = look.reader.user(message.approver, "approver", violations)
            violations.refuse_if_any()
            own = not approver or call.is_user(approver)
            catalogs = call.catalogs(look.rights, Relation.NAMED if own else None)
            if not own and look.rights.administrator and look.unit.user(approver) is None:
                raise UserNotFoundError(approver)
            # A service decides nothing, whatever user bears its name.
            who = approver or (call.caller.id if not call.caller.service else "")
            page, more = cursors.cut(
                list(_to_decide(look, who, catalogs, cursors.position(message), size + 1)), size
            )
            return contract.ListApprovalsResponse(
                requests=[look.writer.request(one) for _, one in page],
                next_page_token=cursors.token(message, str(page[-1][0])) if more else "",
            )

    def list_callouts(
        self, message: contract.ListCalloutsRequest, call: Call
    ) -> contract.ListCalloutsResponse:
        """List the calls of extensions for a request."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            name = look.reader.record(REQUESTS, message.request, "request", violations)
            violations.refuse_if_any()
            request = look.request(name)
            call.allow(look.rights, request.terms.catalog)
            begin = cursors.position(message) or 0
            page, more = cursors.cut(look.tx.callouts(name)[begin : begin + size + 1], size)
            return contract.ListCalloutsResponse(
                callouts=map(look.writer.callout, page),
                next_page_token=cursors.token(message, str(begin + size)) if more else "",
            )

    # deciding and ending

    def approve_request(
        self, message: contract.ApproveRequestRequest, call: Call
    ) -> contract.ApproveRequestResponse:
        """Decide the open stage with yes."""
        return contract.ApproveRequestResponse(request=self._decide(message, call, approved=True))

    def deny_request(
        self, message: contract.DenyRequestRequest, call: Call
    ) -> contract.DenyRequestResponse:
        """Decide the open stage with no."""
        return contract.DenyRequestResponse(request=self._decide(message, call, approved=False))

    def _decide(
        self,
        message: contract.ApproveRequestRequest | contract.DenyRequestRequest,
        call: Call,
        *,
        approved: bool,
    ) -> access_request_pb2.AccessRequest:
        secret = message.decision_token
        if not call.caller.id and not secret:
            raise UnauthenticatedError("neither a caller nor a decision token says who decides")
        with self._life.looking(call) as look:
            violations = Violations()
            justification = look.reader.justification(message.justification, violations)
            if message.stage < 0:
                violations.add("stage", "must not be negative")
            name = look.reader.record(REQUESTS, message.request, "request", violations)
            violations.text(message.request_id, "request_id", LONGEST_ID)
            violations.text(secret, "decision_token", LONGEST_ID)
            violations.refuse_if_any()
            request = look.tx.request(name)
            if secret:
                self._check_bearer(call, request, secret)
            else:
                # That somebody else's request is there is told to nobody who has no part in it.
                if not look.rights.administrator and not _has_part(call, look, request):
                    raise RefusedError("NOT_APPROVER", "no stage that you could decide is open")
                look.request(name)
                call.allow(look.rights, "", Relation.APPROVER)
            write = self._write(message, call, name)
        if secret:
            return self._decide_by_link(message, call, write, name, approved=approved)

        def work(office: Office) -> AccessRequest:
            return approve.decide(
                office,
                name,
                Actor(call.actor_id),
                approved=approved,
                justification=justification,
                stage=message.stage or None,
            )

        return self._done(call, write, name, work)

    def _check_bearer(self, call: Call, request: AccessRequest | None, secret: str) -> None:
        """Refuse a link in the hands of a user whom it is not for; services may pass it on."""
        mine = "" if request is None else decision_links.approver_of(request, secret)
        if call.caller.id and not call.caller.service and not call.is_user(mine):
            raise RefusedError("NOT_APPROVER", "the link is not one of yours for this request")

    def _decide_by_link(
        self,
        message: contract.ApproveRequestRequest | contract.DenyRequestRequest,
        call: Call,
        write: Write,
        name: str,
        *,
        approved: bool,
    ) -> access_request_pb2.AccessRequest:
        def work(office: Office) -> AccessRequest:
            return decision_links.decide_by_link(
                office,
                name,
                message.decision_token,
                approved=approved,
                justification=message.justification,
                stage=message.stage or None,
            )

        return self._done(call, write, name, work)

    def cancel_request(
        self, message: contract.CancelRequestRequest, call: Call
    ) -> contract.CancelRequestResponse:
        """Take a request back."""
        request = self._change(message, call, cancel.cancel)
        return contract.CancelRequestResponse(request=request)

    def reprocess_request(
        self, message: contract.ReprocessRequestRequest, call: Call
    ) -> contract.ReprocessRequestResponse:
        """Try again what could not be delivered."""
        request = self._change(message, call, deliver.reprocess_request)
        return contract.ReprocessRequestResponse(request=request)

    def _change(
        self,
        message: contract.CancelRequestRequest | contract.ReprocessRequestRequest,
        call: Call,
        operation: Callable[[Office, str, Actor], AccessRequest],
    ) -> access_request_pb2.AccessRequest:
        with self._life.looking(call) as look:
            name = _named(look, message.request, message.request_id)
            request = look.request(name)
            call.allow(look.rights, request.terms.catalog, *_relations(call, look, request))
            actor = call.actor(look.rights, request.terms.catalog)
            write = self._write(message, call, name)
        return self._done(call, write, name, lambda office: operation(office, name, actor))

    def delete_request(
        self, message: contract.DeleteRequestRequest, call: Call
    ) -> contract.DeleteRequestResponse:
        """Delete the record of a request that is over."""
        with self._life.looking(call) as look:
            name = _named(look, message.request, message.request_id)
            write = self._write(message, call, name)
            if self._life.repeated(look, write):
                return contract.DeleteRequestResponse()
            request = look.request(name)
            call.allow(look.rights, request.terms.catalog)
            actor = call.actor(look.rights, request.terms.catalog)
        self._life.once(write, lambda office: cancel.delete_record(office, name, actor))
        return contract.DeleteRequestResponse()

    def resume_request(
        self, message: contract.ResumeRequestRequest, call: Call
    ) -> contract.ResumeRequestResponse:
        """Take the reply of an extension."""
        with self._life.looking(call) as look:
            violations = Violations()
            name = look.reader.record(CALLOUTS, message.callout, "callout", violations)
            created = ExtensionStage.REQUEST_CREATED
            stage = violations.word(message.stage, EXTENSION_STAGES_READ, "stage", created)
            reply = violations.word(message.reply, REPLIES_READ, "reply", "")
            detail = look.reader.justification(message.detail, violations, "detail")
            violations.text(message.request_id, "request_id", LONGEST_ID)
            returned = None
            if message.HasField("approval_stage"):
                default = look.snapshot.profile.default_stage_time_out
                returned = returned_stage(message.approval_stage, default, violations)
            violations.refuse_if_any()
            callout = look.callout(name)
            call.allow(look.rights, callout.catalog)
            actor = call.actor(look.rights, callout.catalog)
            write = self._life.write(call, message, request_id=message.request_id)
        self._life.once(
            write,
            lambda office: resume.resume(
                office, name, actor, stage=stage, state=reply, detail=detail, returned=returned
            ),
        )
        with self._life.looking(call) as look:
            return contract.ResumeRequestResponse(callout=look.writer.callout(look.callout(name)))

    # delegation

    def set_delegation(
        self, message: contract.SetDelegationRequest, call: Call
    ) -> contract.SetDelegationResponse:
        """Name a delegate."""
        with self._life.looking(call) as look:
            violations = Violations()
            approver = look.reader.user(message.approver, "approver", violations)
            delegate = look.reader.required_user(message.delegate, "delegate", violations)
            starts_at = _moment(message, "start_time", violations)
            ends_at = _moment(message, "end_time", violations)
            violations.text(message.request_id, "request_id", LONGEST_ID)
            violations.refuse_if_any()
            self._allow_own(call, look, approver)
            write = self._life.write(call, message, request_id=message.request_id)
        self._life.once(
            write,
            lambda office: delegating.set_delegation(
                office, Actor(call.actor_id), delegate, starts_at=starts_at, ends_at=ends_at
            ),
        )
        return contract.SetDelegationResponse(delegation=self._delegation(call.caller.id))

    def get_delegation(
        self, message: contract.GetDelegationRequest, call: Call
    ) -> contract.GetDelegationResponse:
        """Give a delegation; absent if there is none."""
        with self._life.looking(call) as look:
            approver = self._approver(message.approver, call, look)
        return contract.GetDelegationResponse(delegation=self._delegation(approver))

    def end_delegation(
        self, message: contract.EndDelegationRequest, call: Call
    ) -> contract.EndDelegationResponse:
        """Take a delegation back."""
        with self._life.looking(call) as look:
            approver = self._approver(message.approver, call, look, message.request_id)
            write = self._life.write(call, message, request_id=message.request_id)
        actor = Actor(call.actor_id)
        self._life.once(write, lambda office: delegating.end_delegation(office, approver, actor))
        return contract.EndDelegationResponse()

    def _approver(self, name: str, call: Call, look: Look, request_id: str = "") -> str:
        violations = Violations()
        approver = look.reader.user(name, "approver", violations)
        violations.text(request_id, "request_id", LONGEST_ID)
        violations.refuse_if_any()
        self._allow_own(call, look, approver)
        return approver or call.caller.id

    def _allow_own(self, call: Call, look: Look, approver: str) -> None:
        own = not call.caller.service if not approver else call.is_user(approver)
        call.allow(look.rights, "", Relation.OWN if own else None)

    def _delegation(self, approver: str) -> access_request_pb2.Delegation | None:
        found = delegating.delegation_of(self._life.office, approver)
        return None if found is None else delegation_message(found)

    # work

    def list_work(self, message: contract.ListWorkRequest, call: Call) -> contract.ListWorkResponse:
        """List what is due, was done, or waits for staff."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            subject = look.reader.user(message.subject, "subject", violations)
            request = look.reader.request(message.request, violations)
            assignment = look.reader.assignment(message.assignment, violations)
            states = states_of(message.states, WORK_STATES_READ, "states", violations)
            violations.refuse_if_any()
            call.allow(look.rights, _catalog_of_work(look, request, assignment))
            query = WorkQuery(
                states=states or _USUAL_WORK,
                case=user_case(subject) if subject else None,
                request=request or None,
                assignment=assignment or None,
                after=_work_cursor(cursors.opened(message)),
                size=size + 1,
            )
            page, more = cursors.cut(look.tx.work(query), size)
            return contract.ListWorkResponse(
                work=map(look.writer.work, page),
                next_page_token=cursors.token(message, _cursor_of(page[-1])) if more else "",
            )

    def retry_work(
        self, message: contract.RetryWorkRequest, call: Call
    ) -> contract.RetryWorkResponse:
        """Have parked work tried again."""
        with self._life.looking(call) as look:
            violations = Violations()
            name = look.reader.record(WORK, message.work, "work", violations)
            violations.text(message.request_id, "request_id", LONGEST_ID)
            violations.refuse_if_any()
            action = look.there(look.tx.action(name), WorkNotFoundError(name))
            catalog = parked.catalog_of(look.tx, action)
            call.allow(look.rights, catalog)
            actor = call.actor(look.rights, catalog)
            write = self._life.write(call, message, request_id=message.request_id)
        self._life.once(write, lambda office: parked.retry(office, name, actor))
        with self._life.looking(call) as look:
            action = look.there(look.tx.action(name), WorkNotFoundError(name))
            return contract.RetryWorkResponse(work=look.writer.work(action))

    # watching

    def watch_requests(
        self, message: contract.WatchRequestsRequest, call: Call
    ) -> Iterator[contract.WatchRequestsResponse]:
        """Tell of changes until the caller leaves."""
        sequence: int | None = None
        if message.resume_token:
            sequence = cursors.resumed(message.resume_token)
        while True:
            with self._life.looking(call, settled=True) as look:
                query = _filtered(look, call, message.filter, Violations())
                newest = look.tx.settled()
                if sequence is None:
                    sequence = newest
                events = look.tx.events(_events_of(query, sequence, newest))
                told = list(self._told(look, query, events))
            yield from told
            if events:
                sequence = events[-1].sequence
            if len(events) < _AT_ONCE and not self._life.wait(call):
                return

    def _told(
        self, look: Look, query: RequestQuery, events: Sequence[AuditEvent]
    ) -> Iterator[contract.WatchRequestsResponse]:
        for event in events:
            if not event.request:
                continue
            request = look.tx.request(event.request)
            if not _wanted(query, event, request):
                continue
            yield contract.WatchRequestsResponse(
                event=audit_event(event),
                request=None if request is None else look.writer.request(request),
                resume_token=cursors.resume_token(event.sequence),
                send_time=look.unit.now,
            )

    # parts

    def _write(
        self,
        message: contract.ApproveRequestRequest
        | contract.DenyRequestRequest
        | contract.CancelRequestRequest
        | contract.ReprocessRequestRequest
        | contract.DeleteRequestRequest,
        call: Call,
        name: str,
    ) -> Write:
        return self._life.write(
            call,
            message,
            request_id=message.request_id,
            wanted=message.etag,
            name=name,
            present=request_version(name),
        )

    def _done(
        self, call: Call, write: Write, name: str, work: Callable[[Office], object]
    ) -> access_request_pb2.AccessRequest:
        """Carry a write out and give the request as it is then."""
        self._life.once(write, work)
        with self._life.looking(call) as look:
            return look.writer.request(look.request(name))


def _moment(
    message: contract.SetDelegationRequest,
    field: Literal["start_time", "end_time"],
    violations: Violations,
) -> datetime | None:
    if not message.HasField(field):
        return None
    return instant(getattr(message, field), field, violations)


def _named(look: Look, name: str, request_id: str = "") -> str:
    violations = Violations()
    found = look.reader.record(REQUESTS, name, "request", violations)
    violations.text(request_id, "request_id", LONGEST_ID)
    violations.refuse_if_any()
    return found


def _relations(call: Call, look: Look, request: AccessRequest) -> list[Relation]:
    """Give how the caller stands to a request."""
    held = []
    if call.is_user(request.target):
        held.append(Relation.OWN)
    if call.actor_id == request.submitter:
        held.append(Relation.SUBMITTER)
    if not call.caller.service and _approves(call.caller.id, look, request):
        held.append(Relation.APPROVER)
    return held


def _has_part(call: Call, look: Look, request: AccessRequest | None) -> bool:
    """Tell whether the caller is somebody whom a decision on the request could concern."""
    if request is None:
        return False
    if look.rights.have(STAFF, request.terms.catalog) or _relations(call, look, request):
        return True
    if call.caller.service:
        return False
    # Those of later stages, and those who join in when a stage escalates that perhaps has by now.
    if any(call.caller.id in (*one.approvers, *one.alternates) for one in request.stages):
        return True
    record = request.open_stage()
    if record is None:
        return False
    late = staging.deciders(look.unit, request, replace(record, escalated=True))
    return call.caller.id in late


def _approves(user: str, look: Look, request: AccessRequest) -> bool:
    """Tell whether somebody may decide the open stage, or was asked to decide another."""
    for one in request.stages:
        if one.opened_at is None:
            continue
        decided = one.decision is not None and one.decision.by == user
        if decided or user in staging.asked(request, one):
            return True
    record = request.open_stage()
    return record is not None and user in staging.deciders(look.unit, request, record)


def _to_decide(
    look: Look,
    who: str,
    catalogs: frozenset[str] | None,
    up_to: int | None,
    most: int,
) -> Iterator[tuple[int, AccessRequest]]:
    """Give the requests that somebody may decide; groups count as they are now (S-73)."""
    found, keys = 0, staging.keys_of(look.unit, who)
    while True:
        pending = look.tx.requests(
            RequestQuery(
                states=_PENDING, deciders=keys, catalogs=catalogs, up_to=up_to, size=_AT_ONCE
            )
        )
        for position, request in pending:
            record = request.open_stage()
            if record is not None and who in staging.deciders(look.unit, request, record):
                yield position, request
                found += 1
                if found == most:
                    return
        if len(pending) < _AT_ONCE:
            return
        up_to = pending[-1][0]


def _filtered(
    look: Look, call: Call, message: contract.RequestFilter, violations: Violations
) -> RequestQuery:
    """Give what a filter asks for, within what the caller may see."""
    reader = look.reader
    requestor = reader.user(message.requestor, "filter.requestor", violations)
    submitter = reader.user(message.submitter, "filter.submitter", violations)
    package = reader.package(message.access_package, "filter.access_package", violations)
    policy = reader.filtered_policy(message.policy, package, violations)
    assignment = reader.assignment(message.assignment, violations, "filter.assignment")
    catalog = violations.name(message.catalog, "filter.catalog")
    states = states_of(message.states, STATES_READ, "filter.states", violations)
    violations.refuse_if_any()
    own = call.is_user(requestor) or (bool(submitter) and submitter == call.actor_id)
    catalogs = within(call.catalogs(look.rights, Relation.NAMED if own else None), catalog)
    return RequestQuery(
        target=requestor or None,
        submitter=submitter or None,
        package=package or None,
        policy=policy,
        catalogs=catalogs,
        assignment=assignment or None,
        states=states,
    )


def _events_of(query: RequestQuery, after: int, upto: int) -> AuditQuery:
    return AuditQuery(
        after=after,
        before=upto + 1,
        target=query.target,
        package=query.package,
        policy=query.policy,
        catalogs=query.catalogs,
        size=_AT_ONCE,
    )


def _wanted(query: RequestQuery, event: AuditEvent, request: AccessRequest | None) -> bool:
    """Tell whether a filter is about a request; of a deleted one only its event is known."""
    if request is None:
        return not (query.submitter or query.states or query.assignment)
    return (
        query.submitter in (None, request.submitter)
        and query.assignment in (None, request.assignment, event.assignment)
        and (query.states is None or request.state in query.states)
    )


def _catalog_of_work(look: Look, request: str, assignment: str) -> str:
    """Give the catalog of the work that a request or an assignment names; empty: of none."""
    if assignment:
        found = look.tx.assignment(assignment)
        return "" if found is None else found.terms.catalog
    asked = look.tx.request(request) if request else None
    return "" if asked is None else asked.terms.catalog


def _cursor_of(action: DueAction) -> str:
    micros = (action.due_at - EPOCH) // timedelta(microseconds=1)
    return f"{micros}/{WORK_ORDER[action.kind]}/{action.id}"


def _work_cursor(cursor: str | None) -> tuple[datetime, int, str] | None:
    if cursor is None:
        return None
    micros, order, action_id = cursor.split("/", 2)
    return EPOCH + timedelta(microseconds=int(micros)), int(order), action_id
