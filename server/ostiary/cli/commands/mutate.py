"""`ostiary mutate`: mistakes made on purpose, and whether the tests see them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostiary.cli.ending import ending


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(mutate)


def mutate(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Rule packs and tenants, or folders that hold some."),
    ],
    *,
    suites: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Suites that stand elsewhere; those below PATH count."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Only mutants whose id holds this text."),
    ] = None,
    fail_over: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, help="Exit with 1 if more than N survive that nobody explains."
        ),
    ] = None,
    write_missing: Annotated[
        bool,
        typer.Option("--write-missing", help="Write tests that see the survivors, in new files."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Make mistakes in rules and policies one by one, and list those that no test would see."""
    with ending():
        from ostiary.cli import mutating

        wish = mutating.Wish(tuple(suites or ()), only, fail_over, write_missing)
        raise typer.Exit(mutating.mutate(paths, wish, as_json=json))
