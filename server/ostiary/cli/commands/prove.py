"""`ostiary prove`: what is true of everybody who could ever ask, or for whom it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostiary.cli.ending import ending


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prove)


def prove(  # noqa: PLR0913  # one parameter an option
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help="The definitions, the rules, or both: DIR or git:REV."),
    ],
    *,
    against: Annotated[
        str | None,
        typer.Option(metavar="OLD", help="What is to be compared with: DIR or git:REV[:PATH]."),
    ] = None,
    properties: Annotated[
        list[str] | None,
        typer.Option(
            "--property", metavar="NAME", help="Only this property; may be given more than once."
        ),
    ] = None,
    tenant: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The tenant, where NEW or OLD is a rule pack alone.",
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="The rule pack, where NEW or OLD holds none; default: the shipped one.",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use this profile, not the tenant's own.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="From then on: 2031-03-10T10:00Z; default: now."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write counterexamples as suites of tests to DIR."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Prove for everybody who could ever ask that nobody gets in anew, waits for ever and so on."""
    with ending():
        from ostiary.cli import proving

        asked = proving.Asked(
            new, against, tuple(properties or ()), tenant, rules, profile, at, write
        )
        raise typer.Exit(proving.prove(asked, as_json=json))
