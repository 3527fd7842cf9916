"""`ostiary rules`: revisions of rule packs, and which of them is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks, group

app = group("rules", "Revisions of rule packs: keep them, put one in force, go back.")

_FOLDER: dict[str, Any] = {"exists": True, "file_okay": False, "readable": True}

Store = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="Look into this store, without a server: sqlite:///FILE, postgresql://…"
    ),
]
Revision = Annotated[
    str,
    typer.Argument(metavar="REVISION", help="The digest, its first digits (8 or more), or active."),
]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What others should know.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would happen and change nothing.")
]


@asks(app, "list")
def list_(
    ask: Ask, *, store: Store = None, limit: shared.Limit = 50, all_: shared.All = False
) -> None:
    """List the revisions that are kept, the newest first."""
    with ask.somewhere(store) as place:
        from ostiary.cli import ruling

        ruling.list_(place, None if all_ else limit)


@asks(app)
def history(
    ask: Ask, *, store: Store = None, limit: shared.Limit = 50, all_: shared.All = False
) -> None:
    """List what was put in force, the last first."""
    with ask.somewhere(store) as place:
        from ostiary.cli import ruling

        ruling.history(place, None if all_ else limit)


@asks(app)
def show(
    ask: Ask,
    revision: Revision = "active",
    *,
    store: Store = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the files into this folder.")
    ] = None,
) -> None:
    """Show a revision with its files; without a name, the one in force."""
    with ask.somewhere(store) as place:
        from ostiary.cli import ruling

        ruling.show(place, revision, out)


@asks(app)
def upload(
    ask: Ask,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder of the rule pack.", **_FOLDER)
    ],
    *,
    store: Store = None,
    note: Note = None,
    dry_run: DryRun = False,
    request_id: shared.RequestId = None,
) -> None:
    """Keep a rule pack as a revision, if nothing is wrong with it; nothing is in force by that."""
    with ask.somewhere(store, missing="imagined" if dry_run else "made") as place:
        from ostiary.cli import ruling

        raise typer.Exit(
            ruling.upload(place, folder, note=note, dry_run=dry_run, request_id=request_id)
        )


@asks(app)
def activate(
    ask: Ask,
    revision: Revision,
    *,
    store: Store = None,
    note: Note = None,
    etag: shared.Etag = None,
    dry_run: DryRun = False,
    request_id: shared.RequestId = None,
) -> None:
    """Put a revision in force."""
    with ask.somewhere(store) as place:
        from ostiary.cli import ruling

        asked = ruling.Change(note=note, etag=etag, dry_run=dry_run, request_id=request_id)
        ruling.activate(place, revision, asked)


@asks(app)
def rollback(
    ask: Ask,
    *,
    store: Store = None,
    note: Note = None,
    etag: shared.Etag = None,
    dry_run: DryRun = False,
    request_id: shared.RequestId = None,
) -> None:
    """Go back to the revision that was in force before."""
    with ask.somewhere(store) as place:
        from ostiary.cli import ruling

        asked = ruling.Change(note=note, etag=etag, dry_run=dry_run, request_id=request_id)
        ruling.rollback(place, asked)


@asks(app)
def status(ask: Ask) -> None:
    """Show what a server decides by, and what it refused last."""
    with ask.somewhere(None) as place:
        from ostiary.cli import ruling

        ruling.status(place)


@asks(app)
def shadow(
    ask: Ask,
    revision: Annotated[
        str | None,
        typer.Argument(metavar="REVISION", help="Begin with this one; default: tell what is seen."),
    ] = None,
    *,
    end: Annotated[
        bool, typer.Option("--end", help="Have nothing decide beside any more.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything differs.")
    ] = False,
) -> None:
    """Have a revision decide beside what is in force, or tell what it would decide otherwise."""
    with ask.somewhere(None) as place:
        from ostiary.cli import ruling

        raise typer.Exit(ruling.shadow(place, revision, end=end, exit_code=exit_code))


@asks(app)
def watch(ask: Ask) -> None:
    """Tell what is in force, and then each activation as it happens, until Ctrl-C."""
    with ask.remote() as remote:
        from ostiary.cli import ruling

        ruling.watch(remote)
