"""Approvals that somebody else may give in an approver's place (S-80)."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Delegation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The one delegate of an approver, for approvals that are assigned while it lasts."""

    approver: str
    delegate: str
    starts_at: datetime
    ends_at: datetime | None = None  # None: until it is taken back

    def holds(self, at: datetime) -> bool:
        """Tell whether it lasts at an instant; it is over at its end (S-5)."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
