"""The audit log: one event for every change, under the names of section 17 (S-134)."""

from __future__ import annotations

from datetime import datetime

import msgspec

CATEGORY = "EntitlementManagement"


class Change(msgspec.Struct, frozen=True):
    """One field before and after."""

    field: str
    before: str
    after: str


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `sequence` is given by the store and counts up without repeating."""

    sequence: int = 0
    at: datetime
    name: str  # a display name of section 17
    actor: str  # id of a person or service, or `system`
    target: str = ""  # id of the person it is about
    request: str = ""
    assignment: str = ""
    package: str = ""
    policy: str = ""
    catalog: str = ""
    object: str = ""  # resource name of a definition that changed, `resource/role` of a grant, …
    reason: str = ""  # a code of section 19
    details: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    revision: str = ""  # of the tenant's data
