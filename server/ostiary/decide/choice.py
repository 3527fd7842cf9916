"""Gate 9: which policies are offered, and which one is in force (S-53 to S-55)."""

from __future__ import annotations

from ostiary.decide.model import CompiledPolicy
from ostiary.domain.tenant import Overlap, Profile


def offered_policies(
    fitting: list[CompiledPolicy], profile: Profile, *, direct: bool
) -> list[CompiledPolicy]:
    """Give the policies that the person may use: all that fit, or those of the best tier."""
    # Staff name the policy they assign under; tiers bind only what requestors are offered (S-44).
    if len(fitting) < 2 or direct or profile.overlap is Overlap.CHOOSE:
        return fitting
    best = min(policy.tier for policy in fitting)
    return [policy for policy in fitting if policy.tier == best]
