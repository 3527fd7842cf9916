"""Whether somebody still fits the policy under which they hold access (S-37, S-101, S-109)."""

from __future__ import annotations

from ostiary.decide.scope import admit
from ostiary.domain.assignment import Assignment
from ostiary.domain.errors import UserNotFoundError
from ostiary.domain.policy import ScopeKind
from ostiary.domain.reasons import Code
from ostiary.domain.request import RequestType
from ostiary.operations.unit import Unit


def fits(unit: Unit, assignment: Assignment) -> bool:
    """Tell whether the holder is in the scope of the policy as it is now.

    Nobody leaves the scope NONE, in which nobody is; a policy that is gone has no scope to fit.
    """
    package = unit.snapshot.packages.get(assignment.package)
    policy = package.by_id.get(assignment.policy) if package is not None else None
    if policy is None:
        return False
    if policy.scope_kind is ScopeKind.NONE:
        return True
    try:
        subject = unit.subject(assignment.target, None, direct=False)
    except UserNotFoundError:
        return False
    direct = RequestType.ADMIN_ADD.value
    rows, _, _ = admit((policy,), subject, direct, unit.at, unit.snapshot.rules.scope)
    answer = rows[0].answers[0]
    # A policy that is switched off or over takes no new requests; nobody leaves it by that (S-28).
    return answer.word == "in" or answer.reason in (Code.POLICY_DISABLED, Code.END_PASSED)
