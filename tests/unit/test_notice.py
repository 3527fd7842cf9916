"""A notice to several people becomes one for each (S-137)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from ostiary.domain.notice import Notice, NoticeKind, split

NOTICE = Notice(
    id="n1",
    kind=NoticeKind.ACTION_NEEDED,
    to=("fran", "dana", "fran"),
    at=datetime(2031, 3, 10, tzinfo=UTC),
    package="sales",
)


def test_each_person_gets_a_notice_of_their_own_once() -> None:
    """S-137: whoever was told is not told again because somebody else could not be."""
    assert split(NOTICE) == (
        msgspec.structs.replace(NOTICE, id="n1/fran", to=("fran",)),
        msgspec.structs.replace(NOTICE, id="n1/dana", to=("dana",)),
    )


def test_nobody_else_is_told_the_address_of_an_external_person() -> None:
    """S-137."""
    both = msgspec.structs.replace(
        NOTICE, to=("fran", "priya"), addresses=(("priya", "priya@tailwind.example"),)
    )
    assert [one.addresses for one in split(both)] == [(), both.addresses]
    assert both.address_of("priya") == "priya@tailwind.example"
    assert both.address_of("fran") is None


def test_a_notice_to_nobody_becomes_none() -> None:
    assert split(msgspec.structs.replace(NOTICE, to=())) == ()
