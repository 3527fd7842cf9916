"""The clock of a server that was started with a movable one."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.life import spelling, words
from ostiary.cli.life.remote import Remote
from ostiary.cli.terminal import BOLD, console, grid, styled
from ostiary.cli.terminal import show as show_table
from ostiary.v1 import clock_service_pb2 as service

_NOT_MOVABLE = (
    "its clock is that of its machine; `ostiary serve --clock movable` has one that moves"
)


def show(remote: Remote) -> None:
    """Print the server's time."""
    remote.refusals.hint("UNIMPLEMENTED", _NOT_MOVABLE)
    told = remote.call(remote.services.clock.GetTime, service.GetTimeRequest())
    if remote.options.as_json:
        remote.print_json(told)
    else:
        _print(told.time, told.next_due_time if told.HasField("next_due_time") else None)


def advance(remote: Remote, when: str, request_id: str | None) -> None:
    """Move the clock by a length of time or up to an instant, and print what was done."""
    remote.refusals.hint("UNIMPLEMENTED", _NOT_MOVABLE)
    asked = service.AdvanceTimeRequest(request_id=request_id or "")
    if spelling.is_length(when):
        asked.by.FromTimedelta(spelling.length("WHEN", when))
    else:
        asked.to_time.FromDatetime(spelling.instant_or_so("WHEN", when))
    told = remote.call(remote.services.clock.AdvanceTime, asked)
    if remote.options.as_json:
        remote.print_json(told)
        return
    _print(told.time, told.next_due_time if told.HasField("next_due_time") else None)
    done = told.work_done
    said = "nothing was due" if not done else f"done on the way: {done}"
    console().print(styled(said))


def _print(time: Timestamp, due: Timestamp | None) -> None:
    screen = console()
    table = grid("fixed", "flow")
    table.add_row(styled("now"), styled(words.utc(time), BOLD))
    if due is not None:
        far = words.distance(due, words.moment(time))
        table.add_row(styled("next due"), styled(f"{words.utc(due)} ({far})"))
    show_table(screen, table, indent=0)
