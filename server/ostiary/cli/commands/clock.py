"""`ostiary clock`: the time of a server whose clock can be moved."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("clock", "The clock of a server that was started with a movable one.")


@asks(app)
def show(ask: Ask) -> None:
    """Show the server's time and when something is due next."""
    with ask.remote() as remote:
        from ostiary.cli.life import clock

        clock.show(remote)


@asks(app)
def advance(
    ask: Ask,
    when: Annotated[
        str,
        typer.Argument(metavar="WHEN", help="How far, e.g. 30d, or up to when, e.g. 2031-04-01."),
    ],
    *,
    request_id: shared.RequestId = None,
) -> None:
    """Move the clock forward; all that becomes due on the way is done before this ends."""
    with ask.remote() as remote:
        from ostiary.cli.life import clock

        clock.advance(remote, when, request_id)
