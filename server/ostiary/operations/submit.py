"""Submitting: a question that means it, and the request that follows from a yes (section 9)."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from ostiary.decide.calendar import add_months
from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import CompiledPackage
from ostiary.domain.access_request import (
    AccessRequest,
    ExternalPerson,
    RequestKind,
    RequestStatus,
    Terms,
)
from ostiary.domain.decision import Decision, Outcome
from ostiary.domain.due import user_case
from ostiary.domain.errors import (
    InvalidRequestError,
    LimitExceededError,
    PackageNotFoundError,
    RequestIdReusedError,
    SubmissionRefusedError,
)
from ostiary.domain.notice import NoticeKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, InlinePerson, Mode, RequestType
from ostiary.lifecycle import schedule
from ostiary.lifecycle.machines import REQUEST, RequestEvent
from ostiary.lifecycle.ports import Remembered
from ostiary.operations import progress, removing, updating
from ostiary.operations.entries import entries_of
from ostiary.operations.guarding import guarded
from ostiary.operations.holdings import recorded_holdings
from ostiary.operations.office import TENANT, Office
from ostiary.operations.proposing import propose
from ostiary.operations.staging import recorded
from ostiary.operations.submission import Actor, Submission, Submitted
from ostiary.operations.unit import Unit, as_person

TYPES = {
    RequestKind.USER_ADD: RequestType.USER_ADD,
    RequestKind.ON_BEHALF_ADD: RequestType.ON_BEHALF_ADD,
    RequestKind.ADMIN_ADD: RequestType.ADMIN_ADD,
    RequestKind.SYSTEM_ADD: RequestType.ADMIN_ADD,
}
_RECEIVED = {
    RequestKind.USER_ADD: "User requests access package assignment",
    RequestKind.ON_BEHALF_ADD: "User requests access package assignment on behalf of another user",
    RequestKind.ADMIN_ADD: "Administrator directly assigns user to access package",
    RequestKind.SYSTEM_ADD: (
        "Entitlement Management creates access package assignment request for user"
    ),
}
_COUNTED = frozenset(
    {"assignments_per_package", "assignments_per_tenant", "requests_in_three_months"}
)


def submit(office: Office, submission: Submission, actor: Actor) -> Submitted:
    """Submit a request of any kind, or only try it.

    Raises SubmissionRefusedError with the decision when it is no, LimitExceededError, RefusedError
    for updates and removals that cannot be, InvalidRequestError, the NotFound errors of what is
    named, RequestIdReusedError. A refused submission leaves nothing behind (S-45).
    """
    target = submission.target
    name = target.id if isinstance(target, ExternalPerson) else target
    # Counted limits hold under concurrency: whoever counts holds the tenant's lock.
    also = (TENANT,) if _counts(office, submission) else ()
    with office.case(user_case(name), also=also) as unit:
        known = _known(unit, submission, actor)
        if known is not None:
            return Submitted(None, known)
        made = _made(unit, submission, actor, name)
        if submission.request_id and made.request is not None:
            remembered = Remembered(_digest(submission), made.request.id.encode())
            unit.tx.remember(_key(submission, actor), remembered, unit.now)
    if made.request is None:
        return made
    with office.store.reading() as tx:  # with what became due at once
        return Submitted(made.decision, tx.request(made.request.id) or made.request)


def _counts(office: Office, submission: Submission) -> bool:
    if submission.kind not in TYPES:
        return False
    snapshot = office.look(lambda unit: unit.snapshot)
    # An organization is proposed once per domain (S-110).
    return bool(snapshot.limits.maxima) or snapshot.profile.propose_organizations


def _made(unit: Unit, submission: Submission, actor: Actor, target: str) -> Submitted:
    if submission.kind in updating.KINDS:
        return updating.update(unit, submission, actor, target)
    if submission.kind in removing.KINDS:
        return removing.remove(unit, submission, actor, target)
    return add(unit, submission, actor, target)


def _key(submission: Submission, actor: Actor) -> str:
    return f"submit/{actor.id}/{submission.request_id}"


def _digest(submission: Submission) -> str:
    plain = msgspec.json.encode(submission, order="deterministic")
    return hashlib.sha256(plain).hexdigest()


def _known(unit: Unit, submission: Submission, actor: Actor) -> AccessRequest | None:
    """Give the request that the same submission made before (S-61)."""
    if not submission.request_id or submission.validate_only:
        return None
    remembered = unit.tx.remembered(_key(submission, actor))
    if remembered is None:
        return None
    if remembered.digest != _digest(submission):
        raise RequestIdReusedError(submission.request_id)
    return unit.request(remembered.answer.decode())


def add(unit: Unit, submission: Submission, actor: Actor, target: str) -> Submitted:
    """Decide a request for new access and record it if the answer is not no (T1)."""
    if submission.bypass_approval and submission.kind is not RequestKind.ADMIN_ADD:
        text = "only a direct assignment can go past approval"
        raise InvalidRequestError((("bypass_approval", text),))
    question = question_of(unit, submission, actor)
    decision = evaluate(unit.snapshot, question)
    if submission.validate_only:
        return Submitted(decision, None)
    refuse(decision)
    package = package_of(unit, submission.package)
    bypass = submission.bypass_approval or submission.kind is RequestKind.SYSTEM_ADD
    plan = schedule.planned(decision.actions)
    external = submission.target if isinstance(submission.target, ExternalPerson) else None
    terms = terms_of(unit, package, decision.selected or "")
    stages = () if bypass else tuple(map(recorded, decision.stages))
    if stages:
        policy, stages = guarded(
            unit, terms.policy, stages, unit.subject(target, external, direct=True)
        )
        terms = msgspec.structs.replace(terms, policy=policy)
    request = AccessRequest(
        id=unit.ids.new("request"),
        kind=submission.kind,
        state=REQUEST.after(None, RequestEvent.SUBMIT),
        status=RequestStatus.ACCEPTED,
        target=target,
        submitter=actor.id,
        external=external if unit.outside_directory(target) else None,
        terms=terms,
        submitted_at=unit.at,
        justification=submission.justification or "",
        answers=submission.answers,
        schedule=submission.schedule,
        bypass_approval=bypass,
        stages=stages,
        plan=schedule.without_approval(plan) if bypass else plan,
        revision=decision.revision,
        request_id=submission.request_id,
    )
    unit.tx.save_request(request)
    details = {"status": progress.first_status(request).value}
    unit.audit(_RECEIVED[request.kind], actor=actor.id, request=request, details=details)
    if request.kind in (RequestKind.USER_ADD, RequestKind.ON_BEHALF_ADD):
        unit.notify(NoticeKind.REQUEST_RECEIVED, progress.told(request), request)
    propose(unit, request, external)
    return Submitted(decision, progress.begin(unit, request))


def refuse(decision: Decision) -> None:
    """Raise if a decision does not lead to access."""
    if decision.outcome in (Outcome.GRANT, Outcome.NEEDS_APPROVAL):
        return
    headline = decision.reasons[0]
    if headline.code is Code.LIMIT_EXCEEDED:
        found = dict(headline.parameters)
        raise LimitExceededError(found.get("name", ""), int(found.get("max", "0")))
    raise SubmissionRefusedError(decision)


def package_of(unit: Unit, name: str) -> CompiledPackage:
    """Give a package by id or resource name; raises PackageNotFoundError."""
    package = unit.snapshot.packages.get(name)
    if package is None:
        raise PackageNotFoundError(name)
    return package


def question_of(unit: Unit, submission: Submission, actor: Actor) -> EvaluationRequest:
    """Give the question that a submission asks, with what the target holds as recorded."""
    requestor: str | InlinePerson
    if isinstance(submission.target, ExternalPerson):
        known = not unit.outside_directory(submission.target.id)
        requestor = submission.target.id if known else as_person(submission.target)
    else:
        requestor = submission.target
    target = requestor if isinstance(requestor, str) else requestor.id
    package = unit.snapshot.packages.get(submission.package)
    own = submission.kind is RequestKind.USER_ADD
    return EvaluationRequest(
        package=submission.package,
        requestor=requestor,
        at=unit.at,
        type=TYPES[submission.kind],
        mode=Mode.SUBMISSION,
        submitter=None if own and actor.id == target else actor.id,
        policy=submission.policy,
        justification=submission.justification,
        answers=submission.answers,
        schedule=submission.schedule,
        holdings=recorded_holdings(unit.tx, target),
        counters=counters_of(unit, package),
    )


def counters_of(unit: Unit, package: CompiledPackage | None) -> dict[str, int]:
    """Count what the profile limits (gate 12); nothing is counted that nothing limits."""
    limited = {name for name, _ in unit.snapshot.limits.maxima} & _COUNTED
    counts = {}
    if "assignments_per_package" in limited and package is not None:
        counts["assignments_per_package"] = unit.tx.count_assignments(package=package.id)
    if "assignments_per_tenant" in limited:
        counts["assignments_per_tenant"] = unit.tx.count_assignments()
    if "requests_in_three_months" in limited:
        since = three_months_before(unit.at)
        counts["requests_in_three_months"] = unit.tx.count_requests_since(since)
    return counts


def three_months_before(at: datetime) -> datetime:
    """Give the beginning of the window in which requests are counted."""
    return add_months(at, -3)


def terms_of(unit: Unit, package: CompiledPackage, policy: str) -> Terms:
    """Copy what package, policy and profile say now (S-27, S-90)."""
    profile = unit.snapshot.profile
    return Terms(
        package=package.id,
        package_name=package.package.name,
        catalog=package.catalog.id,
        catalog_name=package.catalog.name,
        policy=package.by_id[policy].policy,
        entries=entries_of(package),
        expiry_reminders=profile.expiry_reminders,
        restore_of_deleted_users=profile.restore_of_deleted_users,
        delivery_late_after=profile.delivery_late_after,
        delivery_retry_window=profile.delivery_retry_window,
        reprocess_window=profile.reprocess_window,
    )
