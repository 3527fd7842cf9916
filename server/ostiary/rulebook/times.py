"""Durations, dates and instants as definitions write them: ISO 8601, strictly."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import msgspec

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(8999, 12, 31, 23, 59, 59, tzinfo=UTC)

_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII,
)
_MOST_DIGITS = 7
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?P<zone>Z|[+-]\d\d:\d\d)?", re.ASCII
)


class Span(msgspec.Struct, frozen=True, gc=False):
    """A length of time: an exact part and calendar months."""

    exact: timedelta = timedelta(0)
    months: int = 0
    units: frozenset[str] = frozenset()  # those that were written, e.g. days


def parse_duration(text: str) -> Span:
    """Give the length that an ISO 8601 duration stands for; ValueError says what is wrong."""
    if text.startswith("-P"):
        raise ValueError("is negative")
    match = _DURATION.fullmatch(text)
    if match is None or text == "P":
        raise ValueError("is not a duration; write it like P30D, P2W or PT12H")
    stated = {unit: number for unit, number in match.groupdict().items() if number is not None}
    if any(len(number) > _MOST_DIGITS for number in stated.values()):
        raise ValueError("is longer than anything here can last")
    count = {unit: int(number) for unit, number in stated.items()}
    months = 12 * count.pop("years", 0) + count.pop("months", 0)
    return Span(timedelta(**count), months, frozenset(stated))


def spell_duration(length: timedelta) -> str:
    """Give a length of time as people write it in definitions: P30D, PT36H."""
    seconds = int(length.total_seconds())
    if seconds % 86_400 == 0:
        return f"P{seconds // 86_400}D"
    for unit, size in (("H", 3_600), ("M", 60)):
        if seconds % size == 0:
            return f"PT{seconds // size}{unit}"
    return f"PT{seconds}S"


def parse_instant(text: str) -> datetime:
    """Give the instant in UTC; a bare date is its first moment."""
    if _DATE.fullmatch(text):
        moment = datetime.combine(_date(text), datetime.min.time(), UTC)
    else:
        moment = _instant(text)
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("lies outside the years 1970 to 8999")
    return moment


def parse_end(text: str) -> datetime:
    """Give the instant at which an end is reached; a bare date ends at the next midnight (S-6)."""
    moment = parse_instant(text)
    return moment + timedelta(days=1) if _DATE.fullmatch(text) else moment


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


def _instant(text: str) -> datetime:
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError("is no date or instant; write it like 2031-06-30 or 2031-06-30T18:00Z")
    if match["zone"] is None:
        raise ValueError("has no time zone; end it with Z for UTC")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not an instant of the calendar") from None
