"""Which policies no loader lets through, said of policies as they were read.

A mistake in the rest of a policy can make it so: a scope from outside has no sponsors any more, or
a manager no fallback. How long a time may be is left out: a second longer is a mistake on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.domain.policy import (
    ApprovalStage,
    ApproverKind,
    AssignmentPolicy,
    ScopeKind,
)
from ostiary.domain.tenant import Profile

_EXTERNAL_SCOPES = frozenset(
    {
        ScopeKind.SPECIFIC_ORGANIZATIONS,
        ScopeKind.ALL_CONFIGURED_ORGANIZATIONS,
        ScopeKind.ALL_EXTERNAL,
    }
)
_NAMING = frozenset({ScopeKind.SPECIFIC_SUBJECTS, ScopeKind.SPECIFIC_ORGANIZATIONS})
_SPONSORS = frozenset({ApproverKind.INTERNAL_SPONSORS, ApproverKind.EXTERNAL_SPONSORS})


def refusal(policy: AssignmentPolicy, profile: Profile) -> str:
    """Say why a policy would not be loaded under a profile; empty: it would."""
    return next(_refusals(policy, profile), "")


def _refusals(policy: AssignmentPolicy, profile: Profile) -> Iterator[str]:
    scope = policy.scope
    if scope.kind is ScopeKind.ALL_EXTERNAL and not profile.all_external_scope:
        yield f"S-110: profile {profile.name} refuses all_external"
    if scope.kind in _NAMING and not (scope.users or scope.groups or scope.organizations):
        yield "S-25: the scope names nobody"
    if (policy.approval_for_add or policy.approval_for_extension) != bool(policy.stages):
        yield "S-24: stages stand if and only if something needs approval"
    if scope.kind is ScopeKind.AUTOMATIC and policy.stages:
        yield "S-106: an automatic policy has no approval"
    if scope.kind is not ScopeKind.AUTOMATIC and policy.remove_when_unfit:
        yield "S-106: remove_when_unfit belongs to automatic policies"
    nobody_leaves = scope.kind in (ScopeKind.AUTOMATIC, ScopeKind.NONE)
    if nobody_leaves and policy.revoke_when_out_of_scope:
        yield f"S-37: nobody leaves the scope {scope.kind.value}"
    for stage in policy.stages:
        yield from _of_stage(stage, profile, external=scope.kind in _EXTERNAL_SCOPES)


def _of_stage(stage: ApprovalStage, profile: Profile, *, external: bool) -> Iterator[str]:
    everybody = (
        *stage.primary,
        *stage.fallback,
        *stage.alternates,
        *stage.alternate_fallback,
    )
    if not external and any(one.kind in _SPONSORS for one in everybody):
        yield "S-66: only people from outside have sponsors of an organization"
    if any(one.kind is ApproverKind.MANAGER for one in stage.primary):
        if external and not profile.manager_for_external:
            yield f"S-69: no manager for people from outside in profile {profile.name}"
        if not stage.fallback and profile.manager_needs_fallback:
            yield f"S-70: a manager needs a fallback in profile {profile.name}"
    if stage.alternates and stage.escalate_after is None:
        yield "S-68: nothing says when the alternates join"
    if stage.alternate_fallback and not stage.alternates:
        yield "S-68: there are no alternates to stand in for"
