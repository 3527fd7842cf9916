"""When access starts and ends, and what an extension makes of it (S-98 to S-103)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ostiary.domain.policy import AssignmentPolicy, ExpirationKind
from ostiary.domain.request import Schedule


def start_of(approved_at: datetime, schedule: Schedule | None) -> datetime:
    """Give when access starts: at the approval, or at the start asked for if that is later."""
    asked = schedule.start if schedule is not None else None
    return approved_at if asked is None else max(approved_at, asked)


def end_of(
    policy: AssignmentPolicy, starts_at: datetime, schedule: Schedule | None
) -> datetime | None:
    """Give when access ends; None: never (S-99)."""
    if schedule is not None and schedule.end is not None:
        return schedule.end
    after = schedule.duration if schedule is not None else None
    expiration = policy.expiration
    if after is None and expiration.kind is ExpirationKind.DATE:
        return expiration.at
    if after is None and expiration.kind is ExpirationKind.DURATION:
        after = expiration.after
    return None if after is None else starts_at + after


def extended_end(
    policy: AssignmentPolicy,
    old_end: datetime | None,
    granted_at: datetime,
    asked: datetime | None,
) -> datetime | None:
    """Give the end after an extension granted at an instant; None: the policy has no end (S-101).

    Never before the old end, never after the fixed date; a holder may name an earlier end than
    the policy's, which is checked at submission.
    """
    expiration = policy.expiration
    if expiration.kind is ExpirationKind.NEVER or old_end is None:
        latest = None
    elif expiration.kind is ExpirationKind.DATE:
        latest = expiration.at
    else:
        latest = granted_at + (expiration.after or timedelta(0))
    if latest is None:
        return None if asked is None or old_end is None else max(asked, old_end)
    end = latest if asked is None else min(asked, latest)
    return end if old_end is None else max(end, old_end)


def within_policy(policy: AssignmentPolicy, now: datetime, asked: datetime) -> bool:
    """Tell whether an end asked for with an extension stays within the policy; equal is fine."""
    expiration = policy.expiration
    if expiration.kind is ExpirationKind.DATE and expiration.at is not None:
        return asked <= expiration.at
    if expiration.kind is ExpirationKind.DURATION and expiration.after is not None:
        return asked <= now + expiration.after
    return True
