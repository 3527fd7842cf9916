"""Submissions over gRPC: whether the caller may submit them, and what became of them."""

from __future__ import annotations

from msgspec.structs import replace

from ostiary.domain.access_request import ADDING, AccessRequest, ExternalPerson, RequestKind
from ostiary.domain.assignment import Assignment
from ostiary.domain.errors import (
    AssignmentNotFoundError,
    ForbiddenError,
    PackageNotFoundError,
    RefusedError,
    UserNotFoundError,
)
from ostiary.lifecycle.ports import AssignmentQuery
from ostiary.operations.rights import STAFF
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.operations.unit import EVERYTHING
from ostiary.rpc.calls import Call
from ostiary.rpc.life import Life, Look
from ostiary.rpc.permissions import BYPASS, KINDS, Relation
from ostiary.v1 import access_request_pb2, decision_pb2

_OF_HOLDER = {
    RequestKind.USER_UPDATE: RequestKind.ADMIN_UPDATE,
    RequestKind.USER_REMOVE: RequestKind.ADMIN_REMOVE,
}


class Submitting:
    """Submits on behalf of callers."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def own_or_staff(self, call: Call, look: Look, submission: Submission) -> Submission:
        """Give a submission about an assignment the kind that the caller may submit."""
        assignment = look.assignment(submission.assignment)
        kind = submission.kind
        if not call.is_user(assignment.target):
            kind = _OF_HOLDER[kind]
        return replace(submission, kind=kind, target=assignment.target)

    def submit(
        self, call: Call, submission: Submission, actor: Actor
    ) -> tuple[access_request_pb2.AccessRequest | None, decision_pb2.Decision | None]:
        """Submit, and give the request and the decision on it as messages."""
        submitted = submit(self._life.office, submission, actor)
        request, decision = submitted.request, submitted.decision
        told = None
        if request is not None:
            with self._life.looking(call) as look:
                told = look.writer.request(request)
        return told, None if decision is None else self._life.decision(decision)

    def permitted(self, call: Call, look: Look, submission: Submission) -> tuple[Submission, Actor]:
        """Give a submission as it may be submitted, and the caller as operations know them.

        Raises ForbiddenError before anything else is looked at (gate 1).
        """
        kind = submission.kind
        if kind not in ADDING:
            submission = self._with_holder(look, submission)
        row, catalog = KINDS[kind], _catalog(look, submission)
        call.allow(look.rights, catalog, self._relation(call, look, submission), row=row)
        if submission.bypass_approval and not look.rights.have(BYPASS):
            raise ForbiddenError("only administrators may have approval left out")
        if kind in ADDING and submission.package not in look.snapshot.packages:
            raise PackageNotFoundError(submission.package)
        self._check_holder(look, submission)
        return submission, Actor(id=call.actor_id, staff=look.rights.have(STAFF, catalog))

    def _with_holder(self, look: Look, submission: Submission) -> Submission:
        """Say whose assignment it is, where only the assignment was named."""
        if submission.target or not submission.assignment:
            return submission
        return replace(submission, target=look.assignment(submission.assignment).target)

    def _relation(self, call: Call, look: Look, submission: Submission) -> Relation | None:
        target = submission.target
        name = target.id if isinstance(target, ExternalPerson) else target
        match submission.kind:
            case RequestKind.ON_BEHALF_ADD:
                self._check_manager(call, look, name)
                return Relation.MANAGER
            case RequestKind.APPROVER_REMOVE:
                assignment = _held(look, submission)
                request = look.tx.request(assignment.request) if assignment is not None else None
                return Relation.APPROVER if _approved(call, request) else None
            case _:
                return Relation.OWN if call.is_user(name) else None

    def _check_manager(self, call: Call, look: Look, target: str) -> None:
        """Refuse those who are not the direct manager, in words that tell nothing of the target.

        S-38; S-133: whether the person exists is not told.
        """
        user = look.unit.user(target)
        if user is None and look.rights.administrator:
            raise UserNotFoundError(target)
        if user is None or user.manager is None or not call.is_user(user.manager):
            text = "whoever asks on behalf of a person must be that person's direct manager"
            raise RefusedError("NOT_MANAGER", text)

    def _check_holder(self, look: Look, submission: Submission) -> None:
        """Refuse an assignment that is not the target's."""
        if submission.kind in ADDING or not submission.assignment:
            return
        found = look.tx.assignment(submission.assignment)
        if found is None or found.target != submission.target:
            raise AssignmentNotFoundError(submission.assignment)


def _catalog(look: Look, submission: Submission) -> str:
    """Give the catalog of what a submission names; empty: what it names is not there."""
    if submission.kind not in ADDING:
        assignment = _held(look, submission)
        if assignment is not None:
            return assignment.terms.catalog
    package = look.snapshot.packages.get(submission.package)
    return "" if package is None else package.catalog.id


def _held(look: Look, submission: Submission) -> Assignment | None:
    if submission.assignment:
        return look.tx.assignment(submission.assignment)
    target = submission.target
    name = target.id if isinstance(target, ExternalPerson) else target
    query = AssignmentQuery(target=name, package=submission.package, size=EVERYTHING)
    held = [one for _, one in look.tx.assignments(query)]
    return next((one for one in held if one.current), held[0] if held else None)


def _approved(call: Call, request: AccessRequest | None) -> bool:
    stages = () if request is None else request.stages
    return any(one.decision is not None and call.is_user(one.decision.by) for one in stages)
