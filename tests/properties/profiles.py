"""The two profiles and some overrides of them, under which random worlds live."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from ostiary.domain.tenant import Overlap, Profile
from ostiary.rulebook.profiles import load_profile

replace = msgspec.structs.replace
STANDARD: Final = load_profile("standard").profile
ENTRA: Final = load_profile("entra").profile
TIGHT: Final = {
    "assignments_per_package": 5,
    "assignments_per_tenant": 5,
    "requests_in_three_months": 5,
}

# Both as they are shipped and with overrides that a decision depends on (S-2).
PROFILES: Final[tuple[Profile, ...]] = (
    STANDARD,
    ENTRA,
    replace(STANDARD, limits={**STANDARD.limits, **TIGHT}, group_membership_transitive=False),
    replace(ENTRA, limits={**ENTRA.limits, **TIGHT}, show_out_of_scope=False),
    replace(
        STANDARD,
        overlap=Overlap.TIERS,
        expiry_reminders=(timedelta(days=7),),
        limits={**STANDARD.limits, "requests_in_three_months": 1},
    ),
    replace(
        ENTRA,
        overlap=Overlap.CHOOSE,
        guest_deletion_after_block=timedelta(0),
        group_membership_transitive=False,
    ),
)
