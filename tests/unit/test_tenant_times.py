"""Durations, dates and instants in definitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostiary.rulebook.times import (
    EARLIEST,
    LATEST,
    parse_duration,
    parse_end,
    parse_instant,
    spell_duration,
)

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "exact", "months"),
    [
        ("P30D", 30 * DAY, 0),
        ("P2W", 14 * DAY, 0),
        ("P1W2D", 9 * DAY, 0),
        ("PT12H", DAY / 2, 0),
        ("PT90M", timedelta(minutes=90), 0),
        ("P1DT1H1M1S", timedelta(days=1, hours=1, minutes=1, seconds=1), 0),
        ("P3M", timedelta(0), 3),
        ("P1Y", timedelta(0), 12),
        ("P1Y6M", timedelta(0), 18),
        ("P1M1D", DAY, 1),
        ("P0D", timedelta(0), 0),
        ("P0030D", 30 * DAY, 0),
    ],
    ids=lambda value: f"S-4 {value}",
)
def test_durations(text: str, exact: timedelta, months: int) -> None:
    found = parse_duration(text)
    assert (found.exact, found.months) == (exact, months)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        *[(text, "is not a duration; write it like P30D, P2W or PT12H") for text in (
            "", "P", "PT", "P30", "30D", "p30d", "P30d", "P1.5D", "P1,5D", "P30D ", " P30D", "P1DT",
            "PT1D", "P1H", "P1D1W", "+P1D", "P-1D", "P\u0661D", "P30D\n", "30 days", "-30D",
        )],
        ("-P30D", "is negative"),
        ("P99999999D", "is longer than anything here can last"),
    ],
    ids=lambda value: f"S-98 {value!r}",
)  # fmt: skip
def test_what_is_no_duration(text: str, want: str) -> None:
    with pytest.raises(ValueError, match="^" + want.replace("|", "\\|") + "$"):
        parse_duration(text)


@given(st.integers(0, 3660 * 24 * 60).map(lambda count: timedelta(minutes=count)))
def test_durations_are_spelled_as_they_are_read(length: timedelta) -> None:
    assert parse_duration(spell_duration(length)).exact == length


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        pytest.param(
            "2031-06-30", datetime(2031, 6, 30, tzinfo=UTC), datetime(2031, 7, 1, tzinfo=UTC),
            id="S-6 a bare date",
        ),
        pytest.param(
            "2028-02-29", datetime(2028, 2, 29, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC),
            id="S-6 a leap day",
        ),
        pytest.param(
            "2031-06-30T18:00Z", *[datetime(2031, 6, 30, 18, tzinfo=UTC)] * 2, id="S-4 an instant"
        ),
        pytest.param(
            "2031-06-30T18:00:01.5+05:30", *[datetime(2031, 6, 30, 12, 30, 1, 500_000, UTC)] * 2,
            id="S-4 an instant elsewhere",
        ),
        pytest.param("1970-01-01T00:00Z", EARLIEST, EARLIEST, id="the earliest"),
        pytest.param("8999-12-31T23:59:59Z", LATEST, LATEST, id="the latest"),
    ],
)  # fmt: skip
def test_moments(text: str, start: datetime, end: datetime) -> None:
    assert (parse_instant(text), parse_end(text)) == (start, end)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2031-6-30", "is no date or instant"),
        ("2031-06-30 18:00Z", "is no date or instant"),
        ("20310630", "is no date or instant"),
        ("2031-W26-1", "is no date or instant"),
        ("today", "is no date or instant"),
        ("2031-06-30T18:00", "has no time zone; end it with Z for UTC"),
        ("2031-06-31", "is not a day of the calendar"),
        ("2031-02-29", "is not a day of the calendar"),
        ("2031-06-30T24:01Z", "is not an instant of the calendar"),
        ("2031-06-30T23:59:60Z", "is not an instant of the calendar"),
        ("0001-01-01T00:00+23:59", "is not an instant of the calendar"),
        ("1969-12-31", "lies outside the years 1970 to 8999"),
        ("9000-01-01", "lies outside the years 1970 to 8999"),
        ("9999-12-31T23:59-23:59", "is not an instant of the calendar"),
    ],
    ids=lambda value: f"S-98 {value}",
)
def test_what_is_no_moment(text: str, want: str) -> None:
    with pytest.raises(ValueError, match=want):
        parse_instant(text)
