"""How long a delivery takes, as `ostiary assignment show` tells it (S-92)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from ostiary.cli.life.assignment_story import AssignmentStory, show_assignment
from ostiary.cli.life.words import stamp
from ostiary.v1 import assignment_pb2

BEGUN = datetime(2031, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended", "late", "want"),
    [
        pytest.param(timedelta(0), False, "took less than a second", id="at once"),
        pytest.param(timedelta(seconds=63), False, "took 1 min 3 s", id="as usual"),
        pytest.param(
            timedelta(hours=2),
            True,
            "took 2 h, longer than usual (PROVISIONING_LATE)",
            id="late",
        ),
        pytest.param(None, False, "under way for 30 min", id="not yet"),
        pytest.param(
            None,
            True,
            "under way for 30 min, longer than usual (PROVISIONING_LATE)",
            id="not yet and late",
        ),
    ],
)
def test_the_delay_of_a_delivery_is_shown(ended: timedelta | None, late: bool, want: str) -> None:
    assignment = assignment_pb2.Assignment(
        id="a-1",
        holder="emil",
        late=late,
        delivery_open_time=BEGUN,
        delivery_close_time=None if ended is None else stamp(BEGUN + ended),
    )
    story = AssignmentStory(assignment, BEGUN + timedelta(minutes=30))
    screen = Console(width=120, file=io.StringIO())
    with screen.capture() as shown:
        show_assignment(screen, story)
    assert f"  delivery    {want}" in [line.rstrip() for line in shown.get().splitlines()]
