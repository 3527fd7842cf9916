"""The reasons of a decision: the headline first, then whatever a reader needs beside it (S-138)."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.decide.approvers import StaffedStage, Staffing, said
from ostiary.decide.model import CompiledPackage, CompiledPolicy
from ostiary.decide.ports import Directory
from ostiary.decide.scope import Admission, headline_cause, refusal
from ostiary.decide.subject import Subject
from ostiary.domain.decision import Reason
from ostiary.domain.people import OrganizationState
from ostiary.domain.policy import ScopeKind
from ostiary.domain.reasons import Cause, Code, Severity
from ostiary.domain.tables import Conclusion

_GATE_SIX = frozenset(
    {
        Code.NOT_IN_SCOPE,
        Code.ADMIN_ONLY,
        Code.POLICY_DISABLED,
        Code.NO_POLICY,
        Code.END_PASSED,
        Code.FORBIDDEN,
    }
)

# Looking a member of an enumeration up costs more than the comparison.
_SPECIFIC_SUBJECTS = ScopeKind.SPECIFIC_SUBJECTS
_SPECIFIC_ORGANIZATIONS = ScopeKind.SPECIFIC_ORGANIZATIONS
_ALL_CONFIGURED = ScopeKind.ALL_CONFIGURED_ORGANIZATIONS
_SCOPE_MATCHED, _INFO = Code.SCOPE_MATCHED, Severity.INFO


def fact_missing(fact: str, policy: str | None = None) -> Reason:
    """Say that a fact was needed and nobody told it."""
    return Reason(Code.FACT_MISSING, policy=policy, parameters=(("fact", fact),))


def closed(conclusion: Conclusion, found: list[Admission], subject: Subject) -> tuple[Reason, ...]:
    """Give the reasons of a request stopped by gates 3 to 6; at gate 6 of every policy (S-41)."""
    code = conclusion.reason
    if code is None:
        unknown = (one for one in found if one.row.answers[0].fact is not None)
        first = next(unknown, None) if conclusion.fact == "scope" else None
        if first is not None:
            return (fact_missing(first.row.answers[0].fact or "scope", first.policy.id),)
        return (fact_missing(conclusion.fact or "facts"),)
    if code not in _GATE_SIX:
        return (Reason(code),)
    parameters = headline_cause(found) if code is Code.NOT_IN_SCOPE else ()
    headline = Reason(code, parameters=parameters)
    return (headline, *(refusal(one, subject) for one in found))


def refused_choice(
    conclusion: Conclusion,
    named: str,
    found: list[Admission],
    offered: tuple[str, ...],
    subject: Subject,
) -> Reason:
    """Say why the policy that the caller named is not in force (S-54)."""
    code = conclusion.reason
    if code is None or code is Code.INVALID_MODEL:
        return Reason(Code.INVALID_MODEL, parameters=(("field", "policy"),))
    if code is Code.POLICY_NOT_OFFERED:
        return Reason(code, policy=named, parameters=(("offered", ",".join(offered)),))
    one = next(one for one in found if one.policy.id == named)
    details = refusal(one, subject).parameters
    if code is Code.NOT_IN_SCOPE and not details:
        details = (("cause", Cause.NO_MATCH.value),)
    return Reason(code, policy=named, parameters=details)


def unstaffed(policy: str, staffing: Staffing) -> tuple[Reason, ...]:
    """Name each stage that nobody can decide, and everybody looked at in vain (S-72)."""
    nobody = (one for one in staffing.stages if one.word == "nobody")
    return tuple(reason for one in nobody for reason in _of_nobody(policy, one))


def _of_nobody(policy: str, one: StaffedStage) -> Iterator[Reason]:
    number = ("stage", str(one.compiled.number))
    yield Reason(Code.NO_APPROVER, policy=policy, parameters=(number,))
    told = said(policy, one)
    yield from (reason for reason in told if reason.code is Code.APPROVER_UNUSABLE)


def approvers_told(policy: str, staffing: Staffing) -> tuple[Reason, ...]:
    """Tell of stand-ins, of people who cannot decide and of empty escalation, by stage."""
    return tuple(reason for one in staffing.stages for reason in said(policy, one))


def scope_matched(compiled: CompiledPolicy, subject: Subject, directory: Directory) -> Reason:
    """Say which entry of the scope admits the person, with the path to it (S-34)."""
    if compiled.scope_kind is _SPECIFIC_SUBJECTS:
        evidence = _membership(compiled, subject, directory)
    else:
        evidence = _belonging(compiled, subject, directory)
    if not evidence:
        return compiled.matched_reason
    return Reason(_SCOPE_MATCHED, _INFO, compiled.id, (), evidence)


def _membership(
    compiled: CompiledPolicy, subject: Subject, directory: Directory
) -> tuple[str, ...]:
    if subject.id in compiled.user_ids:
        return (f"user:{subject.id}",)
    keys, direct, first = compiled.keys, subject.direct_groups, None
    # Whichever is shorter is walked: a scope may name thousands, a person be in hundreds.
    for key in keys if len(keys) <= len(direct) else direct:
        if key in direct and key in keys and (first is None or direct[key] < first):
            first = direct[key]
    if first is not None:
        return (first,)
    return directory.path(subject.groups, frozenset(compiled.group_ids))


def _belonging(compiled: CompiledPolicy, subject: Subject, directory: Directory) -> tuple[str, ...]:
    kind = compiled.scope_kind
    if kind is _SPECIFIC_ORGANIZATIONS:
        listed = (name for name in subject.organizations if name in compiled.organization_ids)
        return (f"organization:{next(listed)}",)
    if kind is _ALL_CONFIGURED:
        configured = (
            name
            for name in subject.organizations
            if directory.organization(name).state is OrganizationState.CONFIGURED
        )
        return (f"organization:{next(configured)}",)
    return ()


def empty_package(package: CompiledPackage) -> tuple[Reason, ...]:
    """Warn that the package delivers nothing (S-20)."""
    if package.traits.entries:
        return ()
    return (Reason(Code.EMPTY_PACKAGE, severity=Severity.WARNING),)
