"""Gates 6 and 9: which policies admit the person, which are offered, which is in force."""

from __future__ import annotations

from typing import NamedTuple

from ostiary.domain.people import PersonType
from ostiary.domain.policy import AssignmentPolicy, ScopeKind
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tenant import Overlap
from tests.oracle.case import Case
from tests.oracle.expected import ExpectedReason, reason
from tests.oracle.scope import Admission, Admitted, Missing, Refused, admission, told


class Choice(NamedTuple):
    """What there is to choose from, and what was chosen."""

    admissions: list[tuple[AssignmentPolicy, Admission]]
    offered: tuple[AssignmentPolicy, ...]
    selected: AssignmentPolicy | None
    required: bool

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the offered policies, in order."""
        return tuple(policy.id for policy in self.offered)


def choose(case: Case) -> Choice:
    """Offered is what admits the person, less what a better tier holds back (S-53, S-55)."""
    admissions = [(policy, admission(case, policy)) for policy in asked_about(case)]
    admitting = [policy for policy, found in admissions if isinstance(found, Admitted)]
    offered = best_tier(case, admitting)
    named = case.request.policy
    in_force = [policy for policy in offered if named in {None, policy.id}]
    return Choice(
        admissions=admissions,
        offered=tuple(offered),
        selected=in_force[0] if len(in_force) == 1 else None,
        required=named is None and len(offered) > 1,
    )


def asked_about(case: Case) -> list[AssignmentPolicy]:
    """All policies of the package; for a direct assignment the named one alone (S-44)."""
    named = [policy for policy in case.policies if policy.id == case.request.policy]
    return named if case.direct and named else case.policies


def best_tier(case: Case, admitting: list[AssignmentPolicy]) -> list[AssignmentPolicy]:
    """Where the profile has tiers, the best one that admits; staff is not held back (S-55)."""
    if case.direct or case.tenant.profile.overlap is Overlap.CHOOSE:
        return admitting
    for tier in case.tenant.profile.tiers:
        of_tier = [policy for policy in admitting if policy.scope.kind in tier]
        if of_tier:
            return of_tier
    return admitting


def gate_six(case: Case, choice: Choice) -> list[ExpectedReason]:
    """At least one policy admits the person, and none hangs on an unknown fact."""
    for policy, found in choice.admissions:
        if isinstance(found, Missing):
            return [reason(Code.FACT_MISSING, policy.id, fact=found.fact)]
    if choice.offered:
        return []
    refusals = [
        (policy, found) for policy, found in choice.admissions if isinstance(found, Refused)
    ]
    each = [told(case, policy, found) for policy, found in refusals]
    return [headline([found for _, found in refusals]), *each]


def headline(refusals: list[Refused]) -> ExpectedReason:
    """The one reason that stands for all policies (S-41)."""
    codes = {refused.code for refused in refusals}
    for code in (Code.END_PASSED, Code.FORBIDDEN):
        if code in codes:
            return reason(code)
    if codes & {Code.NOT_IN_SCOPE, Code.CATALOG_NOT_EXTERNAL}:
        return reason(Code.NOT_IN_SCOPE, cause=most_telling(refusals).value)
    for code in (Code.ADMIN_ONLY, Code.POLICY_DISABLED):
        if code in codes:
            return reason(code)
    return reason(Code.NO_POLICY)


def most_telling(refusals: list[Refused]) -> Cause:
    """Of several causes the one that tells most (S-42)."""
    causes = {refused.cause for refused in refusals}
    return [cause for cause in Cause if cause in causes or cause is Cause.NO_MATCH][-1]


def gate_nine(case: Case, choice: Choice) -> list[ExpectedReason]:
    """What is wrong with the policy that was named (S-54)."""
    named = case.request.policy
    if named is None or choice.selected is not None:
        return []
    for policy, found in choice.admissions:
        if policy.id != named:
            continue
        if isinstance(found, Refused):
            return [named_refusal(case, policy, found)]
        return [reason(Code.POLICY_NOT_OFFERED, policy.id, offered=",".join(choice.ids))]
    return [reason(Code.INVALID_MODEL, field="policy")]


def named_refusal(case: Case, policy: AssignmentPolicy, refused: Refused) -> ExpectedReason:
    """The policy's own reason; a catalog closed to guests puts them out of scope (S-43)."""
    if refused.code is Code.CATALOG_NOT_EXTERNAL:
        return reason(Code.NOT_IN_SCOPE, policy.id, cause=Cause.NO_MATCH.value)
    return told(case, policy, refused)


def is_visible(case: Case, choice: Choice, subject: list[ExpectedReason]) -> bool:
    """Gates 3 to 6 passed and not hidden; or out of scope, but shown all the same (S-49, S-51).

    A catalog that is closed to the person stays out of their list, even where staff may assign.
    """
    closed = case.person.type is PersonType.EXTERNAL and not case.catalog.external
    if subject or closed or case.package.hidden:
        return False
    found = gate_six(case, choice)
    if not found:
        return True
    near = found[0].code in {Code.NOT_IN_SCOPE, Code.END_PASSED, Code.FORBIDDEN}
    return near and is_showcase(case)


def is_showcase(case: Case) -> bool:
    """A package for specific subjects shows itself to members outside the scope (S-51)."""
    return (
        case.tenant.profile.show_out_of_scope
        and case.person.type is PersonType.MEMBER
        and any(
            policy.enabled and policy.scope.kind is ScopeKind.SPECIFIC_SUBJECTS
            for policy in case.package.policies
        )
    )
