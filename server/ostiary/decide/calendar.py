"""Calendar arithmetic: exact days, clipped months, and the instances of a recurrence (S-4)."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

from ostiary.domain.policy import Recurrence


def add_months(instant: datetime, months: int) -> datetime:
    """Step by calendar months, clipped to the last day of the month (S-4)."""
    index = instant.year * 12 + instant.month - 1 + months
    year, month = divmod(index, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def next_instance(start: datetime, recurrence: Recurrence, after: datetime) -> datetime:
    """Give the first instance of a recurrence that lies strictly after an instant (S-122)."""
    if recurrence.every is not None:
        return next_after(start, recurrence.every, after)
    return next_month_after(start, recurrence.months or 1, after)


def next_after(start: datetime, every: timedelta, after: datetime) -> datetime:
    """Give the first of steps of one length that lies strictly after an instant."""
    if start > after:
        return start
    return start + ((after - start) // every + 1) * every


def next_month_after(start: datetime, step: int, after: datetime) -> datetime:
    """Give the first of steps by so many months that lies strictly after an instant (S-4)."""
    if start > after:
        return start
    elapsed = (after.year - start.year) * 12 + after.month - start.month
    count = max(elapsed // step, 0)
    # Each instance counts from the start: a clipped month must not shorten those after it.
    while (instance := add_months(start, count * step)) <= after:
        count += 1
    return instance
