"""Whether a run came to what it must have come to: what is in the store, outside, and was heard.

Everything is looked at after the processes have ended, and nothing is asked of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ostiary.adapters.connectors.signed_events import event_id
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import (
    AccessRequest,
    RequestKind,
    RequestState,
    StageRecord,
    Verdict,
)
from ostiary.domain.actions import ActionKind
from ostiary.domain.assignment import Assignment, AssignmentState, GrantState
from ostiary.domain.audit import AuditEvent
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.due import DueAction, WorkKind, WorkState
from ostiary.domain.request import EvaluationRequest, Holdings, Mode, Schedule
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery, RequestQuery, Store, WorkQuery
from tests.faults.kills import driver as told_by
from tests.faults.kills.driver import Told
from tests.faults.kills.system import System
from tests.faults.kills.tales import Tale
from tests.life.prophecy import Event, Prophet
from tests.life.stories import BEGIN, Act, Story

_EVERYTHING = 10_000_000
_KINDS = {kind.value for kind in ActionKind}
_ENDING = (RequestKind.USER_REMOVE, RequestKind.ADMIN_REMOVE)
_CALLS = frozenset({WorkKind.PROVISION, WorkKind.DEPROVISION, WorkKind.CALL_OUT})
_SUBMISSIONS = (told_by.ADD, told_by.EXTEND, told_by.REMOVE)
_TOO_LATE = {  # codes with which something is refused that came too late, or second
    told_by.APPROVE: {"STAGE_CLOSED", "NOT_APPROVER"},
    told_by.DENY: {"STAGE_CLOSED", "NOT_APPROVER"},
    told_by.CANCEL: {"NOT_CANCELLABLE"},
    told_by.EXTEND: {"EXTENSION_NOT_ALLOWED"},
    told_by.REMOVE: {"NOT_ASSIGNED"},
    told_by.RESUME: {"NOT_WAITING"},
    told_by.ADD: {"SCHEDULE_INVALID", "INVALID_REQUEST"},
}


class Records(msgspec.Struct, frozen=True):
    """Everything that a store holds of the lives of requests."""

    requests: Mapping[str, AccessRequest]
    assignments: Mapping[str, Assignment]
    work: Sequence[DueAction]
    events: Sequence[AuditEvent]
    callouts: Mapping[str, Callout]


def read(store: Store) -> Records:
    """Read it all, in one transaction."""
    with store.reading() as tx:
        requests = [one for _, one in tx.requests(RequestQuery(size=_EVERYTHING))]
        return Records(
            {one.id: one for one in requests},
            {one.id: one for _, one in tx.assignments(AssignmentQuery(size=_EVERYTHING))},
            tx.work(WorkQuery(size=_EVERYTHING)),
            tx.events(AuditQuery(size=_EVERYTHING)),
            {one.id: one for request in requests for one in tx.callouts(request.id)},
        )


def rights_of(records: Records) -> set[tuple[str, str, str]]:
    """The rights that current assignments give."""
    return {
        (one.target, grant.entry.target, grant.entry.role)
        for one in records.assignments.values()
        if one.current
        for grant in one.grants
    }


class Judge:
    """Looks at one run; `faults` are sentences, and none is what must come out."""

    def __init__(
        self,
        records: Records,
        tales: Sequence[Tale],
        told: Sequence[Told],
        heard: Sequence[int],
        system: System,
        tenant: Tenant,
        snapshot: Snapshot,
    ) -> None:
        self.records = records
        self.tales = {tale.number: tale for tale in tales}
        self.told = told
        self.heard = heard
        self.system = system
        self.snapshot = snapshot
        self.policies = {
            package.id: package.policies[0]
            for catalog in tenant.catalogs
            for package in catalog.packages
        }
        self.foretold = 0
        self._work: dict[str, dict[str, DueAction]] = defaultdict(dict)
        for one in records.work:
            for owner in {one.request, one.assignment}:
                self._work[owner][one.id] = one
        self._of_assignment: dict[str, list[AccessRequest]] = defaultdict(list)
        for request in records.requests.values():
            self._of_assignment[request.assignment].append(request)

    def faults(self) -> list[str]:
        """Everything that is not as it must be."""
        return [
            *self._writes(),
            *self._requests(),
            *self._due(),
            *self._audit(),
            *self._outside(),
            *self._stories(),
        ]

    # every acknowledged write is there, once

    def _writes(self) -> Iterator[str]:
        made: dict[str, set[str]] = defaultdict(set)
        for one in self._told_of():
            if one.refused:
                if one.refused not in _TOO_LATE[one.act]:
                    yield f"refused with {one.refused}: {one}"
                continue
            problem = self._problem(one)
            if problem:
                yield f"{problem}: {one}"
            if one.act in _SUBMISSIONS:
                made[one.about].add(one.request)
        for about, requests in made.items():
            if len(requests) != 1:
                yield f"one submission made several requests: {about}: {sorted(requests)}"
        known = {request for requests in made.values() for request in requests}
        for request in self.records.requests.values():
            if request.kind is not RequestKind.SYSTEM_REMOVE and request.id not in known:
                yield f"a request that nobody was told of: {request.id} {request.kind.value}"

    def _told_of(self) -> Iterator[Told]:
        """What was told; a submission from two places took place since the first sent it."""
        first = {one.about: one.sent for one in sorted(self.told, key=_sent, reverse=True)}
        for one in self.told:
            sent = first[one.about] if one.act in _SUBMISSIONS else one.sent
            yield msgspec.structs.replace(one, sent=sent)

    def _problem(self, one: Told) -> str:
        if one.act in _SUBMISSIONS:
            return self._problem_of_submission(one)
        if one.act == told_by.RESUME:
            callout = self.records.callouts.get(one.about)
            if callout is None or callout.status is not CalloutStatus.RECEIVED:
                return "a reply is lost"
            return _outside_of(one, callout.answered_at)
        request = self.records.requests.get(one.about)
        if request is None:
            return "the request is lost"
        if one.act == told_by.CANCEL:
            if request.state is not RequestState.CANCELED:
                return "a cancellation is lost"
            return _outside_of(one, request.completed_at)
        verdict = Verdict.APPROVED if one.act == told_by.APPROVE else Verdict.DENIED
        mine = [
            stage.decision
            for stage in request.stages
            if stage.decision is not None
            and (stage.decision.by, stage.decision.verdict) == (one.by, verdict)
        ]
        return _outside_of(one, mine[0].at) if mine else "a decision is lost"

    def _problem_of_submission(self, one: Told) -> str:
        request = self.records.requests.get(one.request)
        if request is None:
            return "a submission is lost"
        if request.request_id != one.about:
            return "a request bears the id of another submission"
        if one.act == told_by.REMOVE:
            ended = self.records.assignments[request.assignment]
            if ended.state is not AssignmentState.EXPIRED:
                return "a removal left the assignment"
        return _outside_of(one, request.submitted_at)

    # everything came to its end, and once

    def _requests(self) -> Iterator[str]:
        for request in self.records.requests.values():
            if request.open:
                yield f"still open at the end: {request.id} {request.state.value}"
        made = Counter(one.request for one in self.records.assignments.values())
        for name, number in made.items():
            if number != 1:
                yield f"{number} assignments of one request: {name}"
        held = Counter(
            (one.target, one.package) for one in self.records.assignments.values() if one.current
        )
        for (person, package), number in held.items():
            if number != 1:
                yield f"{person} holds {package} {number} times"
        for one in self.records.assignments.values():
            wanted = {GrantState.GRANTED} if one.current else {GrantState.REVOKED, GrantState.KEPT}
            if not {grant.state for grant in one.grants} <= wanted:
                found = sorted(grant.state.value for grant in one.grants)
                yield f"grants of {one.id} ({one.state.value}): {found}"

    def _due(self) -> Iterator[str]:
        for one in self.records.work:
            if one.state is WorkState.PARKED:
                yield f"parked: {one.kind.value} {one.id}: {one.failure}"
            if one.state is WorkState.WAITING:
                yield f"never done: {one.kind.value} {one.id}, due {one.due_at}: {one.failure}"

    def _audit(self) -> Iterator[str]:
        sequences = [one.sequence for one in self.records.events]
        if list(self.heard) != sequences:
            lost = sorted(set(sequences) - set(self.heard))
            twice = [one for one, number in Counter(self.heard).items() if number > 1]
            yield f"of the audit log was not heard: {lost[:9]}, heard twice: {twice[:9]}"
        once: Counter[tuple[str, ...]] = Counter(
            (one.name, one.request, one.assignment, one.object, one.reason)
            for one in self.records.events
            if not one.name.startswith("Failed")
            and "stage" not in dict(one.details)  # told once for each stage
        )
        for what, number in once.items():
            if number != 1:
                yield f"{number} times in the audit log: {what}"
        names: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.records.events:
            names[one.request][one.name] += 1
        for request in self.records.requests.values():
            yield from self._audited(request, names[request.id])

    @staticmethod
    def _audited(request: AccessRequest, names: Mapping[str, int]) -> Iterator[str]:
        wanted = {
            "Deny access package assignment request": RequestState.DENIED,
            "Cancel access package assignment request": RequestState.CANCELED,
        }
        if request.kind is RequestKind.USER_UPDATE:
            wanted["Extend access package assignment"] = RequestState.DELIVERED
        else:
            wanted["Fulfill access package assignment request"] = RequestState.DELIVERED
        for name, state in wanted.items():
            if names.get(name, 0) != (request.state is state):
                yield f"{request.id} is {request.state.value}, but the log has {dict(names)}"

    # outside

    def _outside(self) -> Iterator[str]:
        yield from self.system.faults
        calls = {event_id(one.id): one for one in self.records.work if one.kind in _CALLS}
        said = self.system.by_key()
        for key, meanings in said.items():
            if key not in calls:
                yield f"a call under a key that no action has: {key}"
            if len(meanings) != 1:
                yield f"one key, several meanings: {key}: {sorted(meanings)}"
        done = {one.key for one in self.system.calls if one.what == "done"}
        for key, action in calls.items():
            if action.state is WorkState.DONE and key not in done:
                yield f"done in our books, but the system outside never said so: {key}"
        wanted = rights_of(self.records)
        for book, name in ((self.system.rights, "rights"), (self.system.once, "rights, told once")):
            if book != wanted:
                more, less = sorted(book - wanted), sorted(wanted - book)
                yield f"{name} outside: {len(more)} too many {more[:5]}, missing {less[:5]}"

    # each story went as its plan said

    def _stories(self) -> Iterator[str]:
        for request in self.records.requests.values():
            if request.kind is RequestKind.USER_ADD:
                yield from self._story(request)

    def _story(self, request: AccessRequest) -> Iterator[str]:
        shift = request.submitted_at - BEGIN
        policy = self.policies[request.package]
        schedule = request.schedule
        if schedule is not None and schedule.start is not None:
            schedule = Schedule(start=schedule.start - shift)
        question = EvaluationRequest(
            package=request.package,
            requestor=request.target,
            at=BEGIN,
            mode=Mode.SUBMISSION,
            schedule=schedule,
            holdings=Holdings(),
        )
        decision = evaluate(self.snapshot, question)
        story = self._as_it_went(request, schedule, shift)
        prophet = Prophet(story, policy, decision)
        foretold = [one._replace(at=one.at + shift) for one in prophet.foretell()]
        happened = self._history(request)
        self.foretold += len(foretold)
        if sorted(foretold) != happened:
            missing = [_short(one) for one in foretold if one not in happened]
            extra = [_short(one) for one in happened if one not in foretold]
            twice = [_short(one) for one, count in Counter(happened).items() if count > 1]
            yield f"{request.id}: foretold {missing}, happened {extra}, twice {twice}: {story}"

    def _as_it_went(
        self, request: AccessRequest, schedule: Schedule | None, shift: timedelta
    ) -> Story:
        """What people did, and when: all that is not in the plan."""
        about = self._of_assignment[request.assignment] if request.assignment else []

        def first(kinds: Sequence[RequestKind], *states: RequestState) -> timedelta | None:
            found = [
                one.submitted_at - request.submitted_at
                for one in about
                if one.kind in kinds and one.state in states
            ]
            return min(found, default=None)

        canceled = None
        if request.state is RequestState.CANCELED and request.completed_at is not None:
            canceled = request.completed_at - request.submitted_at
        return Story(
            seed=0,
            target=request.target,
            policy_id=request.terms.policy.id,
            policy={},
            schedule=schedule,
            stages=tuple(map(_decision, request.stages)),
            created=self._reply(request),
            approved=Act(None),
            cancel=canceled,
            extend=first((RequestKind.USER_UPDATE,), RequestState.DELIVERED),
            remove=first(_ENDING, RequestState.DELIVERED, RequestState.DELIVERING),
        )

    def _reply(self, request: AccessRequest) -> Act:
        for one in self.records.callouts.values():
            received = one.status is CalloutStatus.RECEIVED and one.answered_at is not None
            if one.request == request.id and received and one.answered_at is not None:
                return Act(one.answered_at - request.submitted_at)
        return Act(None)

    def _history(self, request: AccessRequest) -> list[Event]:
        work = {**self._work[request.id]}
        if request.assignment:
            work |= self._work[request.assignment]
        return sorted(
            Event(one.planned_at or one.due_at, one.kind.value, one.stage, one.target)
            for one in work.values()
            if one.state is WorkState.DONE and one.kind.value in _KINDS
        )


def _decision(stage: StageRecord) -> Act:
    decision = stage.decision
    timed_out = decision is None or decision.verdict is Verdict.TIMED_OUT
    if decision is None or timed_out or stage.opened_at is None:
        return Act(None)
    what = "approve" if decision.verdict is Verdict.APPROVED else "deny"
    return Act(decision.at - stage.opened_at, decision.by, what)


def _outside_of(one: Told, at: datetime | None) -> str:
    """A write takes place between its first sending and its answer."""
    if at is not None and one.sent <= at <= one.answered:
        return ""
    return f"it took place at {at}, not between its sending and its answer"


def _sent(one: Told) -> datetime:
    return one.sent


def _short(event: Event) -> str:
    return f"{event.at:%d %H:%M:%S.%f} {event.kind} {event.stage} {event.target}"


def waiting(records: Sequence[DueAction], now: datetime) -> list[DueAction]:
    """What somebody should be doing."""
    return [one for one in records if one.outside or one.due_at <= now]
