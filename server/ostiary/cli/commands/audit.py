"""`ostiary audit`: what happened, and why somebody has or has not what they should have."""

from __future__ import annotations

from typing import Annotated

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    asks(app)(audit)


def audit(  # noqa: PLR0913  # one parameter an option
    ask: Ask,
    *,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter", metavar="TEXT", help="Only events whose name holds this, in any case."
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="USER", help="Only what is about this person.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="WHO", help="Only what they did: a user, system.")
    ] = None,
    request: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what is about this request.")
    ] = None,
    assignment: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what is about this assignment.")
    ] = None,
    package: shared.Package = None,
    policy: shared.OfPolicy = None,
    catalog: shared.Catalog = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="From then on: 2031-03-10, or 36h for so long ago."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Before then, written like --since.")
    ] = None,
    newest_first: Annotated[
        bool, typer.Option("--newest-first", help="The last event first.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on telling what happens, until Ctrl-C.")
    ] = False,
    limit: shared.Limit = 1000,
    all_: shared.All = False,
) -> None:
    """Tell what happened; with --target and --package also whether they have it, and why not."""
    with ask.remote() as remote:
        from ostiary.cli.life import auditing

        fields = {
            "display_name_contains": filter_,
            "subject": target,
            "actor": actor,
            "request": request,
            "assignment": assignment,
            "access_package": package,
            "policy": policy,
            "catalog": catalog,
        }
        asked = auditing.Asked(
            fields, since, until, newest_first=newest_first, most=None if all_ else limit
        )
        if follow:
            auditing.follow(remote, asked)
        else:
            auditing.audit(remote, asked)
