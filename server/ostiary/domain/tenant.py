"""A tenant as a whole: its profile, settings, directory and definitions."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from ostiary.domain.catalog import Catalog
from ostiary.domain.people import ConnectedOrganization, Group, RiskLevel, User
from ostiary.domain.policy import Approver, ScopeKind


class Overlap(enum.Enum):
    """What happens when several policies fit (S-55)."""

    CHOOSE = "choose"
    TIERS = "tiers"


class GuestCleanup(enum.Enum):
    """What happens to a governed guest after the last assignment (S-116)."""

    NONE = "none"
    BLOCK = "block"
    BLOCK_AND_DELETE = "block_and_delete"
    DELETE = "delete"


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every switch and number of one profile, after the tenant's overrides (S-2)."""

    name: str
    version: str
    overlap: Overlap
    tiers: tuple[tuple[ScopeKind, ...], ...]  # best first; used when overlap is TIERS
    all_external_scope: bool
    manager_for_external: bool
    manager_needs_fallback: bool
    repeated_relation: bool  # a manager or sponsor kind may stand in more than one stage
    directory_roles: bool
    any_site: bool
    show_out_of_scope: bool  # S-51
    default_duration: timedelta
    longest_duration: timedelta
    default_stage_time_out: timedelta
    shortest_time_out_with_escalation: timedelta
    shortest_escalation: timedelta
    default_review_recurrence: timedelta | None  # None: must be stated
    quarterly_in_calendar_months: bool
    review_window: timedelta
    longest_extension_wait: timedelta
    expiry_reminders: tuple[timedelta, ...]  # before the end
    guest_deletion_after_block: timedelta
    restore_of_deleted_users: timedelta  # S-107
    delivery_late_after: timedelta  # S-92
    delivery_retry_window: timedelta
    reprocess_window: timedelta  # S-94
    delete_package_with_assignments: bool  # S-108
    propose_organizations: bool  # S-110
    decide_by_mail: bool  # S-79
    approval_delegation: bool  # S-80
    risk_stage: bool  # S-81
    risk_stage_time_out: timedelta
    dynamic_stage: bool  # S-82
    revoke_approval: bool  # S-83
    group_membership_transitive: bool
    text_limits: Mapping[str, int]  # name, description, answer
    limits: Mapping[str, int | None]  # names of section 18; None: not limited


class RiskStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the security administrators look at before anybody else does (S-81)."""

    threshold: RiskLevel
    approvers: tuple[Approver, ...]  # users and groups


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator sets for the whole tenant."""

    guest_cleanup: GuestCleanup = GuestCleanup.BLOCK_AND_DELETE
    allowed_domains: tuple[str, ...] | None = None  # None: no allow-list (S-111)
    blocked_domains: tuple[str, ...] = ()
    keep_audit_for: timedelta | None = None  # None: without limit (S-136)
    keep_requests_for: timedelta | None = None  # after their completion; None: always (S-87)
    risk_stage: RiskStage | None = None  # only where the profile has it


class Tenant(msgspec.Struct, frozen=True):
    """One tenant, checked and ready to be indexed; lists are in the order of ids."""

    id: str
    name: str
    profile: Profile
    settings: Settings = Settings()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    organizations: tuple[ConnectedOrganization, ...] = ()
    catalogs: tuple[Catalog, ...] = ()
    digest: str = ""  # of the content, whatever the order of files (S-46)
