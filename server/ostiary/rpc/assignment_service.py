"""AssignmentService: who has which access, and its change for who thinks of assignments."""

from __future__ import annotations

from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery
from ostiary.operations import deliver
from ostiary.rpc import cursors
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.life_words import ASSIGNMENT_STATES_READ
from ostiary.rpc.convert.records import audit_event
from ostiary.rpc.convert.submissions import states_of
from ostiary.rpc.life import Life, Look, assignment_version, within
from ostiary.rpc.permissions import Relation
from ostiary.rpc.record_names import ASSIGNMENTS
from ostiary.rpc.submitting import Submitting
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import assignment_service_pb2 as contract

DESCRIPTOR = contract.DESCRIPTOR.services_by_name["AssignmentService"]

STORY = 1000  # events of a timeline


class AssignmentService:
    """Answers the calls of AssignmentService."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._submitting = Submitting(life)

    def get_assignment(
        self, message: contract.GetAssignmentRequest, call: Call
    ) -> contract.GetAssignmentResponse:
        """Give an assignment with its story."""
        with self._life.looking(call) as look:
            violations = Violations()
            name = look.reader.record(ASSIGNMENTS, message.assignment, "assignment", violations)
            violations.refuse_if_any()
            found = look.assignment(name)
            own = Relation.OWN if call.is_user(found.target) else None
            call.allow(look.rights, found.terms.catalog, own)
            story = look.tx.events(AuditQuery(assignment=name, size=STORY))
            return contract.GetAssignmentResponse(
                assignment=look.writer.assignment(found), timeline=map(audit_event, story)
            )

    def list_assignments(
        self, message: contract.ListAssignmentsRequest, call: Call
    ) -> contract.ListAssignmentsResponse:
        """List assignments, the newest first."""
        with self._life.looking(call) as look:
            violations = Violations()
            size = cursors.size_of(message, violations)
            query = _filtered(
                look, call, message.filter, violations, cursors.position(message), size + 1
            )
            page, more = cursors.cut(look.tx.assignments(query), size)
            return contract.ListAssignmentsResponse(
                assignments=[look.writer.assignment(one) for _, one in page],
                next_page_token=cursors.token(message, str(page[-1][0])) if more else "",
            )

    def assign_access(
        self, message: contract.AssignAccessRequest, call: Call
    ) -> contract.AssignAccessResponse:
        """Give access directly."""
        with self._life.looking(call) as look:
            submission = look.reader.assign(message)
            submission, actor = self._submitting.permitted(call, look, submission)
        request, decision = self._submitting.submit(call, submission, actor)
        return contract.AssignAccessResponse(request=request, decision=decision)

    def extend_assignment(
        self, message: contract.ExtendAssignmentRequest, call: Call
    ) -> contract.ExtendAssignmentResponse:
        """Ask for a later end."""
        with self._life.looking(call) as look:
            submission = self._submitting.own_or_staff(call, look, look.reader.extend(message))
            submission, actor = self._submitting.permitted(call, look, submission)
        request, decision = self._submitting.submit(call, submission, actor)
        return contract.ExtendAssignmentResponse(request=request, decision=decision)

    def remove_assignment(
        self, message: contract.RemoveAssignmentRequest, call: Call
    ) -> contract.RemoveAssignmentResponse:
        """End an assignment."""
        with self._life.looking(call) as look:
            submission = self._submitting.own_or_staff(call, look, look.reader.remove(message))
            submission, actor = self._submitting.permitted(call, look, submission)
        request, _ = self._submitting.submit(call, submission, actor)
        return contract.RemoveAssignmentResponse(request=request)

    def reprocess_assignment(
        self, message: contract.ReprocessAssignmentRequest, call: Call
    ) -> contract.ReprocessAssignmentResponse:
        """Give the resource roles of an assignment anew."""
        with self._life.looking(call) as look:
            violations = Violations()
            name = look.reader.record(ASSIGNMENTS, message.assignment, "assignment", violations)
            violations.text(message.request_id, "request_id", LONGEST_ID)
            violations.refuse_if_any()
            found = look.assignment(name)
            call.allow(look.rights, found.terms.catalog)
            actor = call.actor(look.rights, found.terms.catalog)
            write = self._life.write(
                call,
                message,
                request_id=message.request_id,
                wanted=message.etag,
                name=name,
                present=assignment_version(name),
            )
        self._life.once(write, lambda office: deliver.reprocess_assignment(office, name, actor))
        with self._life.looking(call) as look:
            return contract.ReprocessAssignmentResponse(
                assignment=look.writer.assignment(look.assignment(name))
            )


def _filtered(
    look: Look,
    call: Call,
    message: contract.AssignmentFilter,
    violations: Violations,
    up_to: int | None,
    size: int,
) -> AssignmentQuery:
    """Give what a filter asks for, within what the caller may see."""
    reader = look.reader
    holder = reader.user(message.holder, "filter.holder", violations)
    package = reader.package(message.access_package, "filter.access_package", violations)
    policy = reader.filtered_policy(message.policy, package, violations)
    catalog = violations.name(message.catalog, "filter.catalog")
    states = states_of(message.states, ASSIGNMENT_STATES_READ, "filter.states", violations)
    violations.refuse_if_any()
    own = Relation.NAMED if call.is_user(holder) else None
    return AssignmentQuery(
        target=holder or None,
        package=package or None,
        policy=policy,
        catalogs=within(call.catalogs(look.rights, own), catalog),
        states=states,
        up_to=up_to,
        size=size,
    )
