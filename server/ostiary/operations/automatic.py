"""What follows from who people are: automatic policies, scopes left, accounts deleted.

The sweep compares people with policies and schedules what differs in each person's own case; it is
run after the tenant changed and from time to time, and changes nothing if run twice.
"""

from __future__ import annotations

import json
from datetime import datetime

from ostiary.decide.attributes import holds
from ostiary.decide.model import CompiledPackage, CompiledPolicy
from ostiary.domain.access_request import SYSTEM, RequestKind
from ostiary.domain.assignment import CURRENT_STATES, Assignment, EndCause
from ostiary.domain.due import DueAction, WorkKind, user_case
from ostiary.domain.errors import OstiaryError
from ostiary.domain.people import AccountState, User
from ostiary.domain.policy import ScopeKind
from ostiary.lifecycle.ports import AssignmentQuery
from ostiary.operations.scoping import fits
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.unit import EVERYTHING, Unit


def add_by_rule(unit: Unit, action: DueAction) -> bool:
    """Assign whoever fits an automatic policy, without approval (S-106)."""
    from ostiary.operations import submit  # submitting is built on the same steps

    target = action.case.partition(":")[2]
    package, _, policy = action.target.partition("/")
    compiled = unit.snapshot.packages.get(package)
    found = compiled.by_id.get(policy) if compiled is not None else None
    user = unit.user(target)
    if found is None or user is None or not fits_rule(found, user):
        return False
    submission = Submission(
        kind=RequestKind.SYSTEM_ADD, target=target, package=package, policy=policy
    )
    try:
        submit.add(unit, submission, Actor(SYSTEM, staff=True), target)
    except OstiaryError:
        return False  # duties or a second copy stand against it: the next sweep looks again
    return True


def fits_rule(policy: CompiledPolicy, user: User) -> bool:
    """Tell whether a user fits the rule of an automatic policy; what is unknown never does."""
    rule = policy.policy.scope.rule
    if policy.scope_kind is not ScopeKind.AUTOMATIC or rule is None or not policy.policy.enabled:
        return False
    return user.state is AccountState.ENABLED and holds(rule, user.attributes) is True


def sweep(unit: Unit, users: tuple[User, ...]) -> int:
    """Schedule what follows from the directory as it is now; give how much that was."""
    count = 0
    for package in unit.snapshot.order:
        for policy in package.policies:
            if policy.scope_kind is ScopeKind.AUTOMATIC and policy.policy.enabled:
                count += _automatic(unit, package, policy, users)
    return count + _leaving(unit, users)


def _automatic(
    unit: Unit, package: CompiledPackage, policy: CompiledPolicy, users: tuple[User, ...]
) -> int:
    query = AssignmentQuery(package=package.id, states=CURRENT_STATES, size=EVERYTHING)
    holders = {one.target for _, one in unit.tx.assignments(query)}
    made = [
        _due(WorkKind.ADD_BY_RULE, user.id, unit, target=f"{package.id}/{policy.id}")
        for user in users
        if user.id not in holders and fits_rule(policy, user)
    ]
    unit.tx.schedule(made)
    return len(made)


def _leaving(unit: Unit, users: tuple[User, ...]) -> int:
    """Schedule the end of access for whoever left a scope that binds, or was deleted.

    Looks only at the policies that say so and at deleted users: a tenant may have millions of
    assignments under policies that do not.
    """
    count = 0
    for user in users:
        if user.state is AccountState.DELETED:
            for assignment in unit.current(user.id):
                # What was made since is a guest's who is about to be made anew (S-115).
                if user.deleted_at is None or assignment.created_at < user.deleted_at:
                    count += _deleted(unit, assignment, user)
    for package in unit.snapshot.order:
        for policy in package.policies:
            if _ends_out_of_scope(policy):
                count += _left_or_back(unit, package, policy)
    return count


def _left_or_back(unit: Unit, package: CompiledPackage, policy: CompiledPolicy) -> int:
    query = AssignmentQuery(
        package=package.id, policy=policy.id, states=CURRENT_STATES, size=EVERYTHING
    )
    differing = {one.target for _, one in unit.tx.assignments(query) if _differs(unit, one)}
    unit.tx.schedule(_due(WorkKind.LOOK_AT_SCOPE, target, unit) for target in sorted(differing))
    return len(differing)


def _ends_out_of_scope(policy: CompiledPolicy) -> bool:
    automatic = policy.scope_kind is ScopeKind.AUTOMATIC and policy.policy.remove_when_unfit
    return automatic or policy.policy.revoke_when_out_of_scope


def _binds(unit: Unit, assignment: Assignment) -> bool:
    package = unit.snapshot.packages.get(assignment.package)
    policy = package.by_id.get(assignment.policy) if package is not None else None
    return policy is not None and _ends_out_of_scope(policy)


def _differs(unit: Unit, assignment: Assignment) -> bool:
    return fits(unit, assignment) == (assignment.left_scope_at is not None)


def look_at_scope(unit: Unit, action: DueAction) -> bool:
    """Begin or end the grace of access whose holder left, or came back to, a scope (S-37)."""
    looked = False
    for assignment in unit.current(action.case.partition(":")[2]):
        if not _binds(unit, assignment) or not _differs(unit, assignment):
            continue
        looked = True
        if assignment.left_scope_at is None:
            _left(unit, assignment)
        else:
            _came_back(unit, assignment)
    return looked


def _left(unit: Unit, assignment: Assignment) -> None:
    policy = unit.snapshot.packages[assignment.package].by_id[assignment.policy].policy
    changed: Assignment = unit.change(assignment, left_scope_at=unit.at)
    at = unit.at + policy.out_of_scope_grace
    rule = next((one.rule for one in changed.plan if one.kind.value == "REMOVE_OUT_OF_SCOPE"), "")
    unit.schedule(
        DueAction(
            id=f"{changed.id}/{changed.version}/REMOVE_OUT_OF_SCOPE",
            kind=WorkKind.REMOVE_OUT_OF_SCOPE,
            due_at=at,
            planned_at=at,
            case=user_case(changed.target),
            request=changed.request,
            assignment=changed.id,
            rule=rule,
        )
    )


def _came_back(unit: Unit, assignment: Assignment) -> None:
    """Void the removal of somebody who fits again in the grace (S-106)."""
    unit.void(
        one
        for one in unit.tx.waiting(unit.case)
        if one.assignment == assignment.id and one.kind is WorkKind.REMOVE_OUT_OF_SCOPE
    )
    unit.change(assignment, left_scope_at=None)


def _deleted(unit: Unit, assignment: Assignment, user: User) -> int:
    """End the access of a deleted user once they cannot be restored any more (S-107)."""
    since = user.deleted_at or unit.at
    at = since + assignment.terms.restore_of_deleted_users
    payload = json.dumps(
        {"cause": EndCause.SUBJECT_DELETED.value, "reason": "SUBJECT_DELETED"}, sort_keys=True
    )
    unit.tx.schedule(
        [
            DueAction(
                id=f"{assignment.id}/SUBJECT_DELETED/{_spelled(user.deleted_at)}",
                kind=WorkKind.END_OF_DELETED,
                due_at=at,
                planned_at=at,
                case=user_case(assignment.target),
                request=assignment.request,
                assignment=assignment.id,
                payload=payload,
            )
        ]
    )
    return 1


def _spelled(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()


def end_of_deleted(unit: Unit, action: DueAction) -> bool:
    """End access of a user who is deleted still; False if they were restored (S-107)."""
    from ostiary.operations import ending

    assignment = unit.assignment(action.assignment)
    user = unit.user(assignment.target)
    if user is not None and user.state is not AccountState.DELETED:
        return False
    return ending.end_by(unit, action)


def _due(kind: WorkKind, user: str, unit: Unit, *, target: str = "") -> DueAction:
    return DueAction(
        id=f"{user_case(user)}/{kind.value}/{target}/{unit.now.isoformat()}",
        kind=kind,
        due_at=unit.now,
        planned_at=unit.now,
        case=user_case(user),
        target=target,
    )
