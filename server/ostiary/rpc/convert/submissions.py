"""What callers submit and look for, with every violation found at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import ADDING, ExternalPerson, RequestKind
from ostiary.domain.request import Answer, Schedule
from ostiary.operations.submission import Submission
from ostiary.rpc.convert.life_words import KINDS_READ
from ostiary.rpc.convert.people import home_of
from ostiary.rpc.convert.requests import answers_of, schedule_of
from ostiary.rpc.convert.times import instant
from ostiary.rpc.names import Names
from ostiary.rpc.record_names import ASSIGNMENTS, REQUESTS, RecordNames
from ostiary.rpc.violations import LONGEST_ID, Violations
from ostiary.v1 import (
    access_request_pb2,
    assignment_service_pb2,
    decision_service_pb2,
    request_service_pb2,
)

State = TypeVar("State")


class SubmissionReader:
    """Reads what comes to one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._names = Names(snapshot)
        self._records = RecordNames(snapshot.tenant_id)
        self._longest_text = snapshot.profile.text_limits["answer"]

    def create(self, message: request_service_pb2.CreateRequestRequest, caller: str) -> Submission:
        """Give what CreateRequest submits; absent, the target is the caller."""
        violations = Violations()
        kind = violations.word(message.kind, KINDS_READ, "kind", RequestKind.USER_ADD)
        adds = kind in ADDING
        target = self._target(message, caller, kind, violations)
        if adds:
            violations.required_name(message.access_package, "access_package")
            if message.assignment:
                violations.add("assignment", "is for changes and ends only")
        elif not message.access_package and not message.assignment:
            violations.add("assignment", "is required; or `access_package` is")
        package = self.package(message.access_package, "access_package", violations)
        submission = Submission(
            kind=kind,
            target=target,
            package=package,
            assignment=self.assignment(message.assignment, violations),
            policy=self._policy(message.policy, package, violations),
            justification=self.justification(message.justification, violations),
            answers=self._answers(message.answers, violations),
            schedule=schedule_of(message.schedule, violations)
            if message.HasField("schedule")
            else None,
            bypass_approval=message.bypass_approval,
            request_id=violations.text(message.request_id, "request_id", LONGEST_ID),
            validate_only=message.validate_only,
        )
        violations.refuse_if_any()
        return submission

    def _target(
        self,
        message: request_service_pb2.CreateRequestRequest,
        caller: str,
        kind: RequestKind,
        violations: Violations,
    ) -> str | ExternalPerson:
        match message.WhichOneof("requestor"):
            case "requestor_id":
                name = violations.required_name(message.requestor_id, "requestor_id")
                return self._names.user(name)
            case "external_person":
                if kind not in ADDING:
                    violations.add("external_person", "is for new access only")
                return external_person(message.external_person, violations)
            case _:
                own = (RequestKind.USER_ADD, RequestKind.USER_UPDATE, RequestKind.USER_REMOVE)
                if kind not in own and not message.assignment:
                    violations.add("requestor", "is required with this `kind`")
                return caller if kind in own else ""

    def assign(self, message: assignment_service_pb2.AssignAccessRequest) -> Submission:
        """Give what AssignAccess submits."""
        violations = Violations()
        target: str | ExternalPerson = ""
        match message.WhichOneof("holder"):
            case "holder_id":
                name = violations.required_name(message.holder_id, "holder_id")
                target = self._names.user(name)
            case "external_person":
                target = external_person(message.external_person, violations)
            case _:
                violations.add("holder", "is required: give `holder_id` or `external_person`")
        violations.required_name(message.access_package, "access_package")
        package = self.package(message.access_package, "access_package", violations)
        submission = Submission(
            kind=RequestKind.ADMIN_ADD,
            target=target,
            package=package,
            policy=self._policy(message.policy, package, violations),
            justification=self.justification(message.justification, violations),
            answers=self._answers(message.answers, violations),
            schedule=schedule_of(message.schedule, violations)
            if message.HasField("schedule")
            else None,
            bypass_approval=message.bypass_approval,
            request_id=violations.text(message.request_id, "request_id", LONGEST_ID),
            validate_only=message.validate_only,
        )
        violations.refuse_if_any()
        return submission

    def extend(self, message: assignment_service_pb2.ExtendAssignmentRequest) -> Submission:
        """Give what ExtendAssignment submits, as the holder's own."""
        violations = Violations()
        end = None
        if message.HasField("end_time"):
            end = instant(message.end_time, "end_time", violations)
        violations.required_name(message.assignment, "assignment")
        submission = Submission(
            kind=RequestKind.USER_UPDATE,
            target="",
            assignment=self.assignment(message.assignment, violations),
            justification=self.justification(message.justification, violations),
            answers=self._answers(message.answers, violations),
            schedule=None if end is None else Schedule(end=end),
            request_id=violations.text(message.request_id, "request_id", LONGEST_ID),
            validate_only=message.validate_only,
        )
        violations.refuse_if_any()
        return submission

    def remove(self, message: assignment_service_pb2.RemoveAssignmentRequest) -> Submission:
        """Give what RemoveAssignment submits, as the holder's own."""
        violations = Violations()
        violations.required_name(message.assignment, "assignment")
        submission = Submission(
            kind=RequestKind.USER_REMOVE,
            target="",
            assignment=self.assignment(message.assignment, violations),
            justification=self.justification(message.justification, violations),
            request_id=violations.text(message.request_id, "request_id", LONGEST_ID),
            validate_only=message.validate_only,
        )
        violations.refuse_if_any()
        return submission

    # names

    def user(self, name: str, field: str, violations: Violations) -> str:
        """Give the id of a user, or of whoever acts like one in a filter; empty: not said."""
        return self._names.user(violations.name(name, field))

    def required_user(self, name: str, field: str, violations: Violations) -> str:
        """Give the id of a user who must be named."""
        return self._names.user(violations.required_name(name, field))

    def package(self, name: str, field: str, violations: Violations) -> str:
        """Give the id of an access package, or what was said if there is none; empty: not said."""
        return self._names.package(violations.name(name, field)) if name else ""

    def _policy(self, name: str, package: str, violations: Violations) -> str | None:
        return self._names.policy(violations.name(name, "policy"), package) if name else None

    def filtered_policy(self, name: str, package: str, violations: Violations) -> str | None:
        """Give the id of the policy of a filter, which needs its package."""
        if name and not package:
            violations.add("policy", "needs `access_package` beside it")
        return self._policy(name, package, violations)

    def request(self, name: str, violations: Violations, field: str = "request") -> str:
        """Give the id of a request; empty: not said."""
        return self._records.id_of(REQUESTS, violations.name(name, field))

    def assignment(self, name: str, violations: Violations, field: str = "assignment") -> str:
        """Give the id of an assignment; empty: not said."""
        return self._records.id_of(ASSIGNMENTS, violations.name(name, field))

    def record(self, collection: str, name: str, field: str, violations: Violations) -> str:
        """Give the id of a record that must be named."""
        return self._records.id_of(collection, violations.required_name(name, field))

    # texts

    def justification(self, text: str, violations: Violations, field: str = "justification") -> str:
        """Give a text that somebody wrote."""
        return violations.text(text, field, self._longest_text)

    def _answers(
        self, messages: Iterable[decision_service_pb2.Answer], violations: Violations
    ) -> tuple[Answer, ...]:
        return answers_of(tuple(messages), self._longest_text, violations)


def external_person(
    message: access_request_pb2.ExternalPerson, violations: Violations
) -> ExternalPerson:
    """Give the person whom a message describes."""
    field = "external_person"
    return ExternalPerson(
        id=violations.required_name(message.id, f"{field}.id"),
        mail=violations.text(message.mail, f"{field}.mail", LONGEST_ID) or None,
        home=home_of(message.home, f"{field}.home", violations)
        if message.HasField("home")
        else None,
    )


def states_of(
    numbers: Iterable[int], known: Mapping[int, State], field: str, violations: Violations
) -> frozenset[State] | None:
    """Give the states of a filter; None: all. A number that nobody knows is no state at all."""
    found: set[State] = set()
    for index, number in enumerate(numbers):
        if number in known:
            found.add(known[number])
        else:
            violations.add(f"{field}[{index}]", f"has no value with the number {number}")
    return frozenset(found) or None
