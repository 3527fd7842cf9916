"""Lists as tables: one line an object, its id first, so that the next command can name it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ostiary.cli.labels import Labels
from ostiary.cli.life import words
from ostiary.cli.life.request_story import package_of
from ostiary.cli.phrases import instant
from ostiary.cli.terminal import DIM, grid, show, styled
from ostiary.v1 import access_request_pb2, access_review_pb2, assignment_pb2, work_pb2

Row = Sequence[str | Text]


def _print(screen: Console, columns: Sequence[str], rows: Iterable[Row], nothing: str) -> None:
    """Print a table; the first column never breaks, so that it can be copied."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=DIM)
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0 or name in _WHOLE, overflow="fold")
    for row in rows:
        table.add_row(*(styled(one) if isinstance(one, str) else one for one in row))
    if not table.row_count:
        screen.print(styled(nothing))
        return
    screen.print(table)


_WHOLE = frozenset({"submitted", "until", "opened", "closes", "due"})


def show_requests(screen: Console, requests: Iterable[access_request_pb2.AccessRequest]) -> None:
    """Print requests, one a line."""
    columns = ("request", "state", "person", "package", "submitted")
    rows = (
        (
            one.id,
            words.request_state(one),
            one.requestor,
            package_of(one),
            instant(one.submit_time),
        )
        for one in requests
    )
    _print(screen, columns, rows, "no requests")


def show_assignments(screen: Console, assignments: Iterable[assignment_pb2.Assignment]) -> None:
    """Print assignments, one a line."""
    columns = ("assignment", "state", "holder", "package", "until")
    rows = (
        (
            one.id,
            words.assignment_state(one.state),
            one.holder,
            package_of(one),
            instant(one.end_time) if one.HasField("end_time") else "no end",
        )
        for one in assignments
    )
    _print(screen, columns, rows, "no assignments")


def show_reviews(screen: Console, reviews: Iterable[access_review_pb2.AccessReview]) -> None:
    """Print access reviews, one a line."""
    columns = ("review", "state", "package", "policy", "decided", "closes")
    rows = (
        (
            one.id,
            words.review_state(one.state),
            one.access_package,
            one.policy,
            f"{one.decided_count} of {one.item_count}",
            instant(one.close_time),
        )
        for one in reviews
    )
    _print(screen, columns, rows, "no access reviews")


def show_work(screen: Console, work: Sequence[work_pb2.WorkItem], labels: Labels) -> None:
    """Print work, each with the id that the command `retry` takes, and why it failed."""
    if not work:
        screen.print(styled("no work"))
    for item in work:
        tried = f", tried {item.attempts} times" if item.attempts > 1 else ""
        what = styled(f"{words.work(item, labels)}, for {item.case}{tried}")
        table = grid("fixed", "fixed", "flow")
        table.add_row(styled(instant(item.due_time)), words.work_state(item.state), what)
        show(screen, table, indent=0)
        show_whole(screen, item.id)
        if item.failure:
            screen.print(styled(f"  {item.failure}", words.BAD))


def show_whole(screen: Console, text: str) -> None:
    """Print a line that is to be copied, whole even where it is longer than the window."""
    screen.print(styled(f"  {text}", DIM), soft_wrap=True)
