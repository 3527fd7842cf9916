"""`ostiary test`: the suites of rule authors, run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ostiary.cli.ending import ending


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test")(run)


def run(  # noqa: PLR0913  # one parameter an option
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH", help="Suites, or folders with files ending in _test.yaml."),
    ],
    *,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="TEXT",
            help="Only tests whose name or suite holds this, in any case.",
        ),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first test that does not pass.")
    ] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the tests and run none.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the tests that pass, too.")
    ] = False,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Run with this rule pack, whatever the suites say.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    tenant: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Run on this tenant, whatever the suites say.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Run under this profile.")
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a report that CI reads, as JUnit XML."),
    ] = None,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Tell what the tests looked at, and what they did not."),
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT",
            min=0,
            max=100,
            help="Exit with 1 if less is looked at of rules, cells or policies.",
        ),
    ] = None,
    changed_since: Annotated[
        str | None,
        typer.Option(metavar="REV", help="Count only what differs from this git revision."),
    ] = None,
    write_missing: Annotated[
        bool,
        typer.Option(
            "--write-missing", help="Write tests of what was not looked at, in new files."
        ),
    ] = False,
    rules_only: Annotated[
        bool,
        typer.Option("--rules-only", help="Count rules, and leave classes of cells out."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Run the suites of tests below some paths; exit code 1 unless every test passes."""
    with ending():
        from ostiary.analysis.suites.bench import Candidate
        from ostiary.cli import covering, suites

        wanted = write_missing or rules_only or fail_under is not None or changed_since is not None
        if list_:
            raise typer.Exit(suites.list_tests(paths, filter_, as_json=json))
        wish = suites.Wish(
            candidate=Candidate(rules=rules, tenant=tenant, profile=profile),
            filter=filter_,
            fail_fast=fail_fast,
            verbose=verbose,
            junit=junit,
            as_json=json,
            coverage=covering.CoverageWish(
                fail_under=fail_under,
                changed_since=changed_since,
                write_missing=write_missing,
                rules_only=rules_only,
            )
            if coverage or wanted
            else None,
        )
        raise typer.Exit(suites.run(paths, wish))
