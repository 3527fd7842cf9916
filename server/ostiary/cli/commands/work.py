"""`ostiary work`: carry out what is due, and look at it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ostiary.cli.commands import options as shared
from ostiary.cli.commands.options import Ask, asks
from ostiary.cli.ending import ending

_FILE: dict[str, Any] = {"exists": True, "dir_okay": False, "readable": True}

app = typer.Typer(
    name="work",
    help="Carry out what is due in a store until SIGTERM or Ctrl-C; `list` and `retry` ask a"
    " server about it.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Store = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="OSTIARY_STORE",
        help="Where requests are kept: sqlite:///FILE or postgresql://…",
    ),
]


@app.callback()
def work(
    context: typer.Context,
    *,
    store: Store = None,
    connectors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Which rights go to which system.", **_FILE)
    ] = None,
    mail: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="How notices are mailed; default: logged.", **_FILE),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="The rule pack; default: the shipped one.", file_okay=False
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Carry out what is due now, and end.")
    ] = False,
) -> None:
    """Add a worker to a store, beside any number of others."""
    if context.invoked_subcommand is not None:
        return
    with ending():
        if store is None:
            from ostiary.cli.exits import CommandError, Exit

            text = "whose work? name --store URL; `ostiary work list` asks a server what is due"
            raise CommandError(Exit.USAGE, (text,))
        from ostiary.cli import working
        from ostiary.rpc.serving import StoreOptions

        stored = StoreOptions(
            url=store,
            connectors=None if connectors is None else str(connectors),
            mail=None if mail is None else str(mail),
        )
        working.work(stored, rules, once=once)


def add_migrate(root: typer.Typer) -> None:
    """Add the command that brings a store's tables up to date."""

    @root.command()
    def migrate(
        *,
        store: Annotated[
            str,
            typer.Option(
                metavar="URL",
                envvar="OSTIARY_STORE",
                help="Where requests are kept: sqlite:///FILE or postgresql://…",
            ),
        ],
    ) -> None:
        """Bring the tables of a store up to date; serve and work do so too when they start."""
        with ending():
            from ostiary.cli import working

            working.migrate(store)


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
