"""`ostiary diff`: who gains, who loses, and what else is different for whom."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.ending import ending


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(diff)


def diff(  # noqa: PLR0913  # one parameter an option
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help="As it was: a folder with a tenant, a rule pack or both, git:REV[:PATH], or"
            " server:HOST:PORT[@REVISION].",
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="As it would be, named like OLD.")],
    *,
    directory: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="People and groups for both sides; the tenant, if neither side holds one.",
        ),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="The rule pack for a side that holds none; default: the shipped one.",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use this profile, not the tenant's own.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="Ask for, say, 2031-03-10T10:00Z; default: now."),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this access package; repeatable."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="KIND,…", help="Only these kinds: gains,losses,approvers,…"),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line for each person and change."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page for people to read.")
    ] = None,
    caller: shared.Caller = None,
    roles: shared.Roles = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything differs.")
    ] = False,
) -> None:
    """Compare two tenants, rule packs or both for everybody: who gains, who loses, what differs."""
    with ending():
        from ostiary.cli.diffing import command
        from ostiary.cli.sources import Access

        asked = command.Asked(
            old=old,
            new=new,
            directory=directory,
            rules=rules,
            profile=profile,
            at=at,
            packages=frozenset(package or ()),
            only=only,
            csv=csv,
            html=html,
            as_json=json,
            access=Access(caller, None if roles is None else tuple(roles)),
        )
        found = command.run(asked)
        if exit_code and found:
            raise typer.Exit(1)
