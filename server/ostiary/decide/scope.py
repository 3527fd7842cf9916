"""Gate 6: which policies of a package have the person in their scope (S-33 to S-44)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.decide.attributes import holds
from ostiary.decide.lookup import PhaseLookup
from ostiary.decide.model import CompiledPackage, CompiledPolicy
from ostiary.decide.subject import Subject
from ostiary.domain.decision import Reason
from ostiary.domain.people import Unknown
from ostiary.domain.policy import ScopeKind
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Row

_ALL_CONFIGURED = ScopeKind.ALL_CONFIGURED_ORGANIZATIONS
_CAUSE_ORDER = {cause: order for order, cause in enumerate(Cause)}
_AUTOMATIC = ScopeKind.AUTOMATIC
_SPECIFIC_ORGANIZATIONS = ScopeKind.SPECIFIC_ORGANIZATIONS


class Admission(msgspec.Struct, frozen=True, gc=False):
    """What the rules say about one policy and one person."""

    policy: CompiledPolicy
    row: Row


def admit(
    policies: tuple[CompiledPolicy, ...],
    subject: Subject,
    route: str,
    at: datetime,
    lookup: PhaseLookup,
) -> tuple[list[Row], list[CompiledPolicy], bool]:
    """Ask the rules about each policy, in order.

    Gives what they say of each, the policies that admit the person, and whether any was left
    undecided.
    """
    offsets, row_of, keys = lookup.offsets, lookup.row, subject.keys
    organization = offsets["organization"]
    shared, member = offsets["person"][subject.person], subject.person == "member"
    if member:
        shared += organization["none"]
    if lookup.predicates:
        shared += lookup.own(subject)
    no = offsets["targeted"]["no"]
    known = subject.groups_known and subject.home_known
    rows, fitting, undecided = [], [], False
    for policy in policies:
        cell = policy.scope_cells[route] + shared
        if keys.isdisjoint(policy.keys):
            if known and policy.keys:
                cell += no
            else:
                cell += offsets["targeted"][_untargeted_word(policy, subject)]
        if not member:
            cell += organization[organization_word(policy, subject)]
        if policy.fixed_end is not None and policy.fixed_end <= at:
            cell += offsets["end_date"]["passed"]
        row = row_of(cell)
        rows.append(row)
        word = row.answers[0].word
        if word == "in":
            fitting.append(policy)
        elif word == "unknown":
            undecided = True
    return rows, fitting, undecided


def _untargeted_word(policy: CompiledPolicy, subject: Subject) -> str:
    """Tell how a scope that names no key of the person stands to them; a rule may still fit."""
    if policy.keys:
        if not subject.groups_known and policy.group_ids:
            return "unknown"
        if not subject.home_known and policy.organization_ids:
            return "unknown"
        return "no"
    if policy.scope_kind is not _AUTOMATIC or (rule := policy.policy.scope.rule) is None:
        return "no"
    held = holds(rule, None if isinstance(subject.attributes, Unknown) else subject.attributes)
    if held is None and not isinstance(subject.attributes, Unknown):
        return "no"  # the directory knows the person: what it does not say is absent
    return "unknown" if held is None else "yes" if held else "no"


def organization_word(policy: CompiledPolicy, subject: Subject) -> str:
    """Tell how an external person's organization stands to this policy (S-112)."""
    if subject.listed != "clear":
        return subject.listed
    kind = policy.scope_kind
    if kind is not _ALL_CONFIGURED and kind is not _SPECIFIC_ORGANIZATIONS:
        return subject.belonging
    if not subject.home_known:
        return "unknown"
    if kind is _ALL_CONFIGURED:
        if subject.belonging == "none" and _resembles(subject, policy):
            return "mismatch"
        return subject.belonging
    return "mismatch" if _resembles(subject, policy) else subject.belonging


def _resembles(subject: Subject, policy: CompiledPolicy) -> bool:
    return not subject.lookalikes.isdisjoint(policy.organization_ids)


def gate_word(rows: list[Row], offered: int, *, undecided: bool) -> str:
    """Sum up gate 6 in the word that the selection rules know it by (S-41)."""
    if undecided:
        return "unknown"
    if offered:
        return "one" if offered == 1 else "several"
    codes = {row.answers[0].reason for row in rows}
    if Code.END_PASSED in codes:
        return "end_passed"
    if Code.FORBIDDEN in codes:
        return "on_behalf_off"
    if Code.NOT_IN_SCOPE in codes or Code.CATALOG_NOT_EXTERNAL in codes:
        return "not_in_scope"
    if Code.ADMIN_ONLY in codes:
        return "admin_only"
    return "policy_disabled" if rows else "no_policy"


_NAMED_WORDS = {
    Code.NOT_IN_SCOPE: "not_in_scope",
    Code.CATALOG_NOT_EXTERNAL: "not_in_scope",
    Code.ADMIN_ONLY: "admin_only",
    Code.POLICY_DISABLED: "policy_disabled",
    Code.END_PASSED: "end_passed",
    Code.FORBIDDEN: "on_behalf_off",
}


def named_word(
    package: CompiledPackage, named: str, found: list[Admission], offered: tuple[str, ...]
) -> str:
    """Tell how the policy that the caller named stands to the person (S-54)."""
    if named in offered:
        return "offered"
    if named not in package.by_id:
        return "other_package"
    conclusion = next(one.row.answers[0] for one in found if one.policy.id == named)
    if conclusion.word == "in":
        return "held_back"
    return _NAMED_WORDS[conclusion.reason] if conclusion.reason is not None else "unknown"


def refusal(one: Admission, subject: Subject) -> Reason:
    """Say why one policy does not admit the person, with what was compared (S-113)."""
    conclusion = one.row.answers[0]
    if conclusion.fact is not None:
        return Reason(
            Code.FACT_MISSING, policy=one.policy.id, parameters=(("fact", conclusion.fact),)
        )
    # A rule that says `out` without a reason is refused when its pack is loaded.
    code = conclusion.reason or Code.NOT_IN_SCOPE
    return Reason(code, policy=one.policy.id, parameters=_cause_parameters(one, subject))


def headline_cause(found: list[Admission]) -> tuple[tuple[str, str], ...]:
    """Give the most telling cause among all policies; their details follow, each its own (R3)."""
    cause = max((one.row.answers[0].cause for one in found), key=_telling, default=None)
    return (("cause", (cause or Cause.NO_MATCH).value),)


def _telling(cause: Cause | None) -> int:
    return -1 if cause is None else _CAUSE_ORDER[cause]


def _cause_parameters(one: Admission, subject: Subject) -> tuple[tuple[str, str], ...]:
    cause = one.row.answers[0].cause
    if cause is None:
        return ()
    parameters = {"cause": cause.value}
    if cause is Cause.AUTHENTICATION_MISMATCH:
        parameters.update(_compared(one.policy, subject))
    return tuple(sorted(parameters.items()))


def _compared(policy: CompiledPolicy, subject: Subject) -> dict[str, str]:
    named = subject.lookalikes.intersection(policy.organization_ids)
    entries = (policy.compared[name] for name in named)
    shown = {"compared": ",".join(sorted({value for values in entries for value in values}))}
    if subject.home is not None and subject.home.tenant_id:
        shown["presented_tenant"] = subject.home.tenant_id
    if subject.presented_domain:
        shown["presented_domain"] = subject.presented_domain
    return shown
