"""Access reviews: one instance over the assignments of one policy (S-119 to S-124)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import ReviewSettings


class ReviewState(Enumeration):
    """An instance is decided while it is open; CLOSED is terminal."""

    OPEN = "open"
    CLOSED = "closed"


class ReviewVerdict(Enumeration):
    """What a reviewer says, or what the rule for silence came to."""

    NONE = "none"
    KEEP = "keep"
    REMOVE = "remove"


class ReviewItem(msgspec.Struct, frozen=True):
    """One assignment under review."""

    assignment: str
    target: str
    reviewers: tuple[str, ...]  # sorted; empty: nobody, the no-response rule decides
    recommendation: ReviewVerdict = ReviewVerdict.NONE
    out_of_scope: bool = False  # the holder no longer fits the policy (S-109)
    verdict: ReviewVerdict = ReviewVerdict.NONE
    decided_by: str = ""
    decided_at: datetime | None = None
    justification: str = ""
    applied: str = ""  # what became of it at the close: kept, removed, ended_before


class ReviewInstance(msgspec.Struct, frozen=True, kw_only=True):
    """One round of the access review of one policy."""

    id: str
    package: str
    policy: str
    catalog: str
    settings: ReviewSettings
    state: ReviewState
    opened_at: datetime
    remind_at: datetime
    closes_at: datetime
    items: tuple[ReviewItem, ...]
    reminded: bool = False
    closed_at: datetime | None = None
    version: int = 0
