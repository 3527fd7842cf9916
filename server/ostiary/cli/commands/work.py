"""`ostiary work`: carry out what is due, and look at it."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("work", "Carry out what is due (--store), or look at it on a server.")


@asks(app, "list")
def list_(
    ask: Ask,
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE", help="waiting, parked, done or void; default: waiting and parked."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="USER", help="Only what is about this person.")
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this request.")
    ] = None,
    assignment: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this assignment.")
    ] = None,
    limit: shared.Limit = 50,
    all_: shared.All = False,
) -> None:
    """List what is due and what was given up, in the order in which it was planned."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        said = {"subject": target, "request": request, "assignment": assignment}
        changing.work_list(remote, said, state or [], None if all_ else limit)


@asks(app)
def retry(
    ask: Ask,
    work: Annotated[str, typer.Argument(metavar="WORK", help="The id of the work.")],
    *,
    request_id: shared.RequestId = None,
) -> None:
    """Have work tried again that was given up."""
    with ask.remote() as remote:
        from ostiary.cli.life import changing

        changing.work_retry(remote, work, request_id)
