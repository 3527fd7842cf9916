"""The reasons of a decision: the headline first, then whatever a reader needs beside it (S-138)."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.decide.approvers import Staffing
from ostiary.decide.model import CompiledPackage, CompiledPolicy
from ostiary.decide.ports import Directory
from ostiary.decide.scope import Admission, headline_cause, refusal
from ostiary.decide.subject import Subject
from ostiary.domain.decision import DiscardedApprover, Origin, Reason
from ostiary.domain.people import OrganizationState
from ostiary.domain.policy import ScopeKind
from ostiary.domain.reasons import Code, Severity
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
    parameters = headline_cause(found, subject) if code is Code.NOT_IN_SCOPE else ()
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
    if code is Code.INVALID_MODEL:
        return Reason(code, policy=named, parameters=(("field", "policy"),))
    if code is Code.POLICY_NOT_OFFERED:
        return Reason(code, policy=named, parameters=(("offered", ",".join(offered)),))
    one = next(one for one in found if one.policy.id == named)
    return refusal(one, subject)


def unstaffed(policy: str, staffings: list[Staffing]) -> tuple[Reason, ...]:
    """Name each stage that nobody can decide, and everybody looked at in vain (S-72)."""
    nobody = [one for one in staffings if one.word == "nobody"]
    headlines = (
        Reason(Code.NO_APPROVER, policy=policy, parameters=(("stage", _number(one)),))
        for one in nobody
    )
    looked_at = (
        approver_unusable(policy, _number(one), who) for one in nobody for who in one.discarded
    )
    return (*headlines, *looked_at)


def approver_unusable(policy: str, stage: str, who: DiscardedApprover) -> Reason:
    """Say that somebody who was looked at cannot decide, and why."""
    parameters = [("kind", who.kind.value), ("stage", stage), ("why", who.why.value)]
    if who.person is not None:
        parameters.insert(1, ("person", who.person))
    return Reason(
        Code.APPROVER_UNUSABLE,
        severity=Severity.INFO,
        policy=policy,
        parameters=tuple(parameters),
    )


def scope_matched(compiled: CompiledPolicy, subject: Subject, directory: Directory) -> Reason:
    """Say which entry of the scope admits the person, with the path to it (S-34)."""
    return Reason(
        Code.SCOPE_MATCHED,
        severity=Severity.INFO,
        policy=compiled.id,
        evidence=_evidence(compiled, subject, directory),
    )


def _evidence(compiled: CompiledPolicy, subject: Subject, directory: Directory) -> tuple[str, ...]:
    scope = compiled.policy.scope
    if scope.kind is ScopeKind.SPECIFIC_SUBJECTS:
        if subject.id in scope.users:
            return (f"user:{subject.id}",)
        return directory.path(subject.groups, compiled.group_ids)
    if scope.kind is ScopeKind.SPECIFIC_ORGANIZATIONS:
        listed = (name for name in subject.organizations if name in scope.organizations)
        return (f"organization:{next(listed)}",)
    if scope.kind is ScopeKind.ALL_CONFIGURED_ORGANIZATIONS:
        configured = (
            name
            for name in subject.organizations
            if directory.organization(name).state is OrganizationState.CONFIGURED
        )
        return (f"organization:{next(configured)}",)
    return ()


def approvals(policy: CompiledPolicy, staffings: list[Staffing]) -> Iterator[Reason]:
    """Tell what approval is needed and where stand-ins or nobody joined."""
    if not staffings:
        yield Reason(Code.AUTO_APPROVED, severity=Severity.INFO, policy=policy.id)
        return
    yield Reason(
        Code.APPROVAL_REQUIRED,
        severity=Severity.INFO,
        policy=policy.id,
        parameters=(("stages", str(len(staffings))),),
    )
    for one in staffings:
        if one.origin is Origin.FALLBACK:
            yield _of_stage(Code.FALLBACK_USED, policy, one)
    for one in staffings:
        for who in one.discarded:
            yield approver_unusable(policy.id, _number(one), who)
    for one in staffings:
        if one.compiled.stage.escalate_after is not None and not one.alternates.usable:
            yield _of_stage(Code.ESCALATION_EMPTY, policy, one)


def _of_stage(code: Code, policy: CompiledPolicy, one: Staffing) -> Reason:
    return Reason(
        code,
        severity=Severity.INFO,
        policy=policy.id,
        parameters=(("stage", _number(one)),),
    )


def _number(one: Staffing) -> str:
    return str(one.compiled.number)


def empty_package(package: CompiledPackage) -> tuple[Reason, ...]:
    """Warn that the package delivers nothing (S-20)."""
    if package.entries:
        return ()
    return (Reason(Code.EMPTY_PACKAGE, severity=Severity.WARNING),)
