"""The command `ostiary`. What a command needs is imported when it runs, so that help comes at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    name="ostiary",
    help="Decides who may have which access package, who must approve it, and what happens when.",
    epilog="Exit codes: 0 done, 1 something given is wrong, 2 wrong usage, 3 no answer from a server,"
    " 4 Ostiary failed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_FOLDER = {"exists": True, "file_okay": False, "readable": True}

File = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE|-",
        help="One EvaluateRequest in protobuf JSON, or YAML of the same shape; - is standard input.",
    ),
]
Tenant = Annotated[
    Path | None, typer.Option(help="The folder with the tenant's definitions.", **_FOLDER)
]
Rules = Annotated[
    Path | None, typer.Option(help="The folder of the rule pack; default: the shipped one.", **_FOLDER)
]
Profile = Annotated[
    str | None, typer.Option(help="The profile to use instead of the one that the tenant names.")
]
Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ask this server instead of a folder.")
]
Package = Annotated[
    str | None, typer.Option(help="The access package, by id or resource name.")
]
Requestor = Annotated[str | None, typer.Option(help="Who is to have it: a user of the directory.")]
Policy = Annotated[str | None, typer.Option(help="The assignment policy that is asked for.")]
Justification = Annotated[str | None, typer.Option(help="Why the person wants it.")]
At = Annotated[
    str | None,
    typer.Option(metavar="INSTANT", help="Decide for 2031-03-10T10:00Z, say; default: now."),
]
Type = Annotated[
    Literal["user-add", "on-behalf", "admin-add"] | None,
    typer.Option(help="Who asks: the person, their manager, or staff."),
]
Submitter = Annotated[str | None, typer.Option(help="Who asks, if not the person.")]
Submission = Annotated[
    bool, typer.Option("--submission", help="Check it as it is submitted, not as a question.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs and nothing else.")]
ExitCode = Annotated[
    bool,
    typer.Option("--exit-code", help="Exit 10 NEEDS_APPROVAL, 11 NEEDS_CHOICE, 12 DENY, 13 INDETERMINATE."),
]
TimeOut = Annotated[float, typer.Option(min=0.001, help="Seconds to wait for the server.")]


def _version(*, value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"ostiary {version('ostiary')}")
        raise typer.Exit


@app.callback()
def ostiary(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Decides who may have which access package, who must approve it, and what happens when."""


def main() -> None:
    """Run the command and exit with its code."""
    app()
