"""Instants and durations of the contract, checked; those of the domain, as bytes of the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.rpc.violations import Violations

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_A_DAY = 86_400
_END = int((datetime(9000, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
_LONGEST = 36_525 * _SECONDS_A_DAY
_NANOS = 1_000_000_000


def instant(stamp: Timestamp, field: str, violations: Violations) -> datetime | None:
    """Give the instant of a timestamp, cut to the microsecond; None if it is out of range."""
    seconds, nanos = stamp.seconds, stamp.nanos
    if not (0 <= seconds < _END and 0 <= nanos < _NANOS):
        violations.add(field, "must lie between 1970-01-01 and the end of the year 8999")
        return None
    return EPOCH + timedelta(0, seconds, nanos // 1000)


def duration(value: Duration, field: str, violations: Violations) -> timedelta | None:
    """Give the length of a duration, cut to the microsecond; None if it is out of range."""
    seconds, nanos = value.seconds, value.nanos
    if abs(seconds) >= _LONGEST:
        violations.add(field, "must be shorter than 100 years")
        return None
    if abs(nanos) >= _NANOS or seconds * nanos < 0:
        violations.add(field, "has nanoseconds that do not go with its seconds")
        return None
    return timedelta(0, seconds, int(nanos / 1000))


def seconds_and_nanos(value: timedelta) -> tuple[int, int]:
    """Give a duration as the contract splits it: both parts have one sign."""
    seconds = value.days * _SECONDS_A_DAY + value.seconds
    nanos = value.microseconds * 1000
    if seconds < 0 < nanos:
        return seconds + 1, nanos - _NANOS
    return seconds, nanos
