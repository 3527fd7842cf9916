"""The calendar of access reviews, stepped through one by one."""

from __future__ import annotations

import calendar
from datetime import datetime

from ostiary.domain.policy import ReviewSettings


def next_review(reviews: ReviewSettings, now: datetime) -> datetime:
    """The first instance that opens after now; each is counted from the first (S-122)."""
    number = 0
    while True:
        opening = nth_review(reviews, number)
        if opening > now:
            return opening
        number += 1


def nth_review(reviews: ReviewSettings, number: int) -> datetime:
    """The opening of an instance; months are clipped to their last day (S-4)."""
    recurrence = reviews.recurrence
    if recurrence.every is not None:
        return reviews.start + number * recurrence.every
    months = reviews.start.month - 1 + number * (recurrence.months or 0)
    year, month = reviews.start.year + months // 12, months % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return reviews.start.replace(year=year, month=month, day=min(reviews.start.day, last))
