"""`ostiary replay`: a log of decisions asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ostiary.cli.ending import ending

_FOLDER: dict[str, Any] = {"exists": True, "file_okay": False, "readable": True}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(replay)


def replay(  # noqa: PLR0913  # one parameter an option
    log: Annotated[
        str, typer.Argument(metavar="LOG", help="The log: a file, or `store` with --store.")
    ],
    *,
    tenant: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="The tenant that decided; several for several revisions.", **_FOLDER
        ),
    ] = None,
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="The rules that decided; default: the shipped ones.", **_FOLDER
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Take the log, revisions of rules and the tenant from this store."
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use this profile, not the tenant's own.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Tell what this would decide otherwise: a folder, or git:REV[:PATH].",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="With --against: exit with 1 if anything differs.")
    ] = False,
) -> None:
    """Ask a log of decisions again: it must reproduce; or tell what a candidate does otherwise."""
    with ending():
        from ostiary.cli import replaying

        told = replaying.Told(
            log=log,
            tenants=tuple(tenant or ()),
            rules=tuple(rules or ()),
            store=store,
            profile=profile,
            against=against,
        )
        raise typer.Exit(replaying.replay(told, as_json=json, exit_code=exit_code))
