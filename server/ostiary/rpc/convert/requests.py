"""Questions of the contract as questions for the core, with every violation found at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.decide.memo import Memo
from ostiary.decide.model import REMEMBERED_PEOPLE, Snapshot
from ostiary.domain.request import (
    NOT_TOLD,
    UNCOUNTED,
    Answer,
    EvaluationRequest,
    Holdings,
    InlinePerson,
    Mode,
    RequestType,
    Schedule,
)
from ostiary.rpc.convert.glance import glance, package_before
from ostiary.rpc.convert.people import person
from ostiary.rpc.convert.times import EPOCH, duration, instant
from ostiary.rpc.convert.words import MODES, REQUEST_TYPES, VIEWS
from ostiary.rpc.names import Names
from ostiary.rpc.violations import Violations, is_plain_id
from ostiary.v1 import decision_service_pb2 as contract
from ostiary.v1 import person_pb2

_LONGEST_REMEMBERED = 4_096  # bytes of one person's description
_USUAL = RequestType.USER_ADD, Mode.QUERY, True
_COUNTERS = ("assignments_per_package", "assignments_per_tenant", "requests_in_three_months")


class _WithRequestor(Protocol):
    @property
    def requestor_id(self) -> str: ...
    @property
    def person(self) -> person_pb2.InlinePerson: ...


class _WithTime(Protocol):
    @property
    def evaluate_time(self) -> Timestamp: ...


class RequestReader:
    """Reads the questions that come to one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._names = Names(snapshot)
        self._people: Memo[bytes, InlinePerson] = Memo(REMEMBERED_PEOPLE)
        # How the last usual question went on after its package, and what that said: the items of
        # a batch are mostly about one person.
        self._last: tuple[bytes, str | InlinePerson, bool] | None = None
        self._longest_text = snapshot.profile.text_limits["answer"]

    def evaluation(self, data: bytes, now: datetime) -> tuple[EvaluationRequest, bool]:
        """Give the question of Evaluate, and whether the whole decision is wanted.

        Raises DecodeError if the data is no serialised EvaluateRequest, InvalidRequestError with
        every violation of one.
        """
        last = self._last  # one look at it, for other threads put others there
        if last is not None:
            known = package_before(data, last[0])
            if known is not None:
                return EvaluationRequest(known, last[1], now), last[2]
        seen = glance(data)
        if seen is None:
            return self._evaluation(contract.EvaluateRequest.FromString(data), now)
        package, said, full, rest = seen
        requestor = said if isinstance(said, str) else self._recalled(said)
        self._last = rest, requestor, full
        return EvaluationRequest(package, requestor, now), full

    def _recalled(self, described: bytes) -> InlinePerson:
        """Give the person whom a serialised InlinePerson describes."""
        known = self._people.get(described)
        if known is None:
            violations = Violations()
            message = person_pb2.InlinePerson.FromString(described)
            known = self._described(message, described, violations)
            violations.refuse_if_any()
        return known

    def _evaluation(
        self, message: contract.EvaluateRequest, now: datetime
    ) -> tuple[EvaluationRequest, bool]:
        violations = Violations()
        package = self._package(message.access_package, violations)
        requestor = self._requestor(message.WhichOneof("requestor"), message, violations)
        kind, mode, full = _USUAL
        # Most requests leave most fields out; each look at a message takes its time.
        if message.request_type:
            kind = violations.word(message.request_type, REQUEST_TYPES, "request_type", kind)
        if message.mode:
            mode = violations.word(message.mode, MODES, "mode", mode)
        if message.view:
            full = violations.word(message.view, VIEWS, "view", full)
        request = EvaluationRequest(
            package=package,
            requestor=requestor,
            at=self._time(message, violations) if message.HasField("evaluate_time") else now,
            type=kind,
            mode=mode,
            submitter=self._submitter(message.submitter, kind, requestor, violations)
            if message.submitter or kind is RequestType.ON_BEHALF_ADD
            else None,
            policy=self._policy(message.policy, package, violations) if message.policy else None,
            justification=self._justification(message, violations),
            answers=answers_of(message.answers, self._longest_text, violations),
            schedule=schedule_of(message.schedule, violations)
            if message.HasField("schedule")
            else None,
            holdings=self._holdings(message.holdings, violations)
            if message.HasField("holdings")
            else NOT_TOLD,
            counters=_counters(message.counters, violations)
            if message.HasField("counters")
            else UNCOUNTED,
        )
        violations.refuse_if_any()
        return request, full

    def whole(self, message: contract.EvaluateRequest, now: datetime) -> EvaluationRequest:
        """Give the question of a message, whatever of the answer it wants to see."""
        request, _ = self._evaluation(message, now)
        return request

    def approvers(
        self, message: contract.ResolveApproversRequest, now: datetime
    ) -> EvaluationRequest:
        """Give the question of ResolveApprovers."""
        violations = Violations()
        package = self._package(message.access_package, violations)
        requestor = self._requestor(message.WhichOneof("requestor"), message, violations)
        kind = violations.word(
            message.request_type, REQUEST_TYPES, "request_type", RequestType.USER_ADD
        )
        request = EvaluationRequest(
            package=package,
            requestor=requestor,
            at=self._time(message, violations) if message.HasField("evaluate_time") else now,
            type=kind,
            submitter=self._submitter(message.submitter, kind, requestor, violations),
            policy=self._policy(message.policy, package, violations),
        )
        violations.refuse_if_any()
        return request

    def listing(
        self, message: contract.ListRequestableRequest, now: datetime
    ) -> tuple[str | InlinePerson, datetime, Holdings]:
        """Give whose list ListRequestable asks for, for which instant, and what the person has."""
        violations = Violations()
        requestor = self._requestor(message.WhichOneof("requestor"), message, violations)
        at = self._time(message, violations) if message.HasField("evaluate_time") else now
        holdings = NOT_TOLD
        if message.HasField("holdings"):
            holdings = self._holdings(message.holdings, violations)
        if message.page_size < 0:
            violations.add("page_size", "must not be negative")
        violations.refuse_if_any()
        return requestor, at, holdings

    def _package(self, name: str, violations: Violations) -> str:
        if is_plain_id(name):
            return name
        return self._names.package(violations.required_name(name, "access_package"))

    def _requestor(
        self, which: str | None, message: _WithRequestor, violations: Violations
    ) -> str | InlinePerson:
        if which == "requestor_id":
            name = message.requestor_id
            if is_plain_id(name):
                return name
            return self._names.user(violations.required_name(name, "requestor_id"))
        if which == "person":
            return self._person(message.person, violations)
        violations.add("requestor", "is required: give `requestor_id` or `person`")
        return ""

    def _person(self, message: person_pb2.InlinePerson, violations: Violations) -> InlinePerson:
        """Give a person; one who was described in the same words before is the same object."""
        described = message.SerializeToString()
        known = self._people.get(described)
        return self._described(message, described, violations) if known is None else known

    def _described(
        self, message: person_pb2.InlinePerson, described: bytes, violations: Violations
    ) -> InlinePerson:
        found = len(violations)
        made = person(message, self._names, violations)
        if len(violations) > found or len(described) > _LONGEST_REMEMBERED:
            return made
        return self._people.put(described, made)

    def _time(self, message: _WithTime, violations: Violations) -> datetime:
        return instant(message.evaluate_time, "evaluate_time", violations) or EPOCH

    def _submitter(
        self, name: str, kind: RequestType, requestor: str | InlinePerson, violations: Violations
    ) -> str | None:
        if not name:
            if kind is RequestType.ON_BEHALF_ADD:
                violations.add("submitter", "is required with REQUEST_TYPE_ON_BEHALF_ADD")
            return None
        submitter = self._names.user(violations.name(name, "submitter"))
        target = requestor if isinstance(requestor, str) else requestor.id
        if kind is RequestType.USER_ADD and submitter != target:
            violations.add("submitter", "is somebody else; this `request_type` is a person's own")
        return submitter

    def _policy(self, name: str, package: str, violations: Violations) -> str | None:
        if not name:
            return None
        return self._names.policy(violations.name(name, "policy"), package)

    def _justification(
        self, message: contract.EvaluateRequest, violations: Violations
    ) -> str | None:
        if not message.HasField("justification"):
            return None
        return violations.text(message.justification, "justification", self._longest_text)

    def _holdings(self, message: contract.Holdings, violations: Violations) -> Holdings:
        package = self._names.package
        return Holdings(
            assigned=tuple(map(package, violations.names(message.assigned, "holdings.assigned"))),
            pending=tuple(map(package, violations.names(message.pending, "holdings.pending"))),
        )


def answers_of(
    messages: Sequence[contract.Answer], longest: int, violations: Violations
) -> tuple[Answer, ...]:
    """Give the answers of a request, none of them longer than `longest` characters."""
    if not messages or not violations.fits(len(messages), "answers"):
        return ()
    seen: set[str] = set()
    answers = []
    for index, message in enumerate(messages):
        field = f"answers[{index}]"
        question = violations.required_name(message.question, f"{field}.question")
        if question in seen:
            violations.add(f"{field}.question", "is answered twice")
        seen.add(question)
        values = tuple(message.values)
        if violations.fits(len(values), f"{field}.values"):
            for place, value in enumerate(values):
                violations.text(value, f"{field}.values[{place}]", longest)
        answers.append(Answer(question, values))
    return tuple(answers)


def schedule_of(given: contract.RequestedSchedule, violations: Violations) -> Schedule:
    """Give the start and end that a request asks for."""
    return Schedule(
        start=instant(given.start_time, "schedule.start_time", violations)
        if given.HasField("start_time")
        else None,
        end=instant(given.end_time, "schedule.end_time", violations)
        if given.HasField("end_time")
        else None,
        duration=duration(given.duration, "schedule.duration", violations)
        if given.HasField("duration")
        else None,
    )


def _counters(message: contract.Counters, violations: Violations) -> Mapping[str, int]:
    given = {name: getattr(message, name) for name in _COUNTERS if message.HasField(name)}
    for name, count in given.items():
        if count < 0:
            violations.add(f"counters.{name}", "must not be negative")
    return given
