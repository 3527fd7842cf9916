"""The two profiles and some overrides of them, under which random worlds live."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import msgspec

from ostiary.domain.policy import ScopeKind
from ostiary.domain.tenant import Overlap, Profile

TIERS = (
    (ScopeKind.SPECIFIC_SUBJECTS, ScopeKind.SPECIFIC_ORGANIZATIONS),
    (ScopeKind.ALL_MEMBERS,),
    (ScopeKind.ALL_DIRECTORY_USERS,),
    (ScopeKind.ALL_CONFIGURED_ORGANIZATIONS, ScopeKind.ALL_EXTERNAL),
)

STANDARD = Profile(
    name="standard",
    version="1",
    overlap=Overlap.CHOOSE,
    tiers=TIERS,
    all_external_scope=False,
    manager_for_external=True,
    manager_needs_fallback=False,
    repeated_relation=True,
    directory_roles=False,
    any_site=False,
    show_out_of_scope=False,
    default_duration=timedelta(days=30),
    longest_duration=timedelta(days=3660),
    default_stage_time_out=timedelta(days=30),
    shortest_time_out_with_escalation=timedelta(days=4),
    shortest_escalation=timedelta(days=1),
    default_review_recurrence=timedelta(days=90),
    quarterly_in_calendar_months=False,
    review_window=timedelta(days=25),
    longest_extension_wait=timedelta(days=14),
    expiry_reminders=(timedelta(days=14), timedelta(days=1)),
    guest_deletion_after_block=timedelta(days=30),
    group_membership_transitive=True,
    text_limits={"name": 256, "description": 4096, "answer": 10000},
    limits={"approval_stages": 2, "assignments_per_package": None},
)

ENTRA = msgspec.structs.replace(
    STANDARD,
    name="entra",
    overlap=Overlap.TIERS,
    all_external_scope=True,
    manager_for_external=False,
    manager_needs_fallback=True,
    repeated_relation=False,
    directory_roles=True,
    any_site=True,
    show_out_of_scope=True,
    default_duration=timedelta(days=365),
    default_stage_time_out=timedelta(days=14),
    default_review_recurrence=None,
    quarterly_in_calendar_months=True,
    limits={
        "approval_stages": 3,
        "assignments_per_tenant": 300_000,
        "requests_in_three_months": 200_000,
    },
)


@cache
def profile_variants() -> tuple[Profile, ...]:
    """Both profiles as they are and with overrides that a decision depends on (S-2)."""
    tight = {
        "assignments_per_package": 5,
        "assignments_per_tenant": 5,
        "requests_in_three_months": 5,
    }
    replace = msgspec.structs.replace
    return (
        STANDARD,
        ENTRA,
        replace(STANDARD, limits={**STANDARD.limits, **tight}, group_membership_transitive=False),
        replace(ENTRA, limits={**ENTRA.limits, **tight}, show_out_of_scope=False),
        replace(STANDARD, overlap=Overlap.TIERS, expiry_reminders=(timedelta(days=7),)),
        replace(
            ENTRA,
            overlap=Overlap.CHOOSE,
            guest_deletion_after_block=timedelta(0),
            group_membership_transitive=False,
        ),
    )
