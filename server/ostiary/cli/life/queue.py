"""What waits for a person's decision, with everything that they need to decide (S-79)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console

from ostiary.cli.life import words
from ostiary.cli.life.request_story import package_of, show_hint
from ostiary.cli.terminal import BOLD, DIM, grid, show, styled
from ostiary.v1 import access_request_pb2 as requests


def show_queue(
    screen: Console, waiting: Sequence[requests.AccessRequest], approver: str, now: datetime
) -> None:
    """Print the requests that wait for somebody, each with its deadline."""
    if not waiting:
        screen.print(styled(f"nothing waits for {approver}"))
        return
    count = "1 request waits" if len(waiting) == 1 else f"{len(waiting)} requests wait"
    screen.print(styled(f"{count} for {approver}", BOLD))
    for request in waiting:
        screen.print()
        screen.print(styled(f'{request.requestor} and "{package_of(request)}"', BOLD))
        table = grid("fixed", "flow")
        for name, text in _facts(request, now):
            table.add_row(styled(name, DIM), styled(text))
        show(screen, table)
    show_hint(screen, "ostiary request approve REQUEST, or deny REQUEST --justification TEXT")


def _facts(request: requests.AccessRequest, now: datetime) -> Iterator[tuple[str, str]]:
    yield "request", f"{request.id}, {words.KINDS.get(request.kind, 'of an unknown kind')}"
    if request.submitter not in ("", request.requestor):
        yield "asked by", request.submitter
    yield "policy", request.policy_display_name or request.policy
    if request.justification:
        yield "says", f'"{request.justification}"'
    for answer in request.answers:
        yield "answer", f"{answer.question}: {', '.join(answer.values)}"
    if request.HasField("schedule"):
        yield "wants it", words.schedule(request.schedule)
    for note in request.notes:
        yield "note", note
    for stage in request.stages:
        if stage.decision_justification:
            yield (
                "stage " + str(stage.number),
                f'{stage.decided_by}: "{stage.decision_justification}"',
            )
        if stage.number == request.open_stage:
            which = f"stage {stage.number} of {len(request.stages)}"
            far = words.distance(stage.deny_time, now)
            reason = ", with a reason" if stage.justification_required else ""
            yield "decide", f"{which} before {words.utc(stage.deny_time)} ({far}){reason}"
