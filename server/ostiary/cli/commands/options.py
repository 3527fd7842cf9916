"""Options that the commands about the life of requests share, and the way they are added."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from ostiary.cli.ending import ending

if TYPE_CHECKING:
    from ostiary.cli.life.remote import Options, Remote
    from ostiary.cli.ruling import Place
    from ostiary.cli.stores import Missing

DEFAULT_SERVER = "127.0.0.1:50051"

Server = Annotated[
    str,
    typer.Option(metavar="HOST:PORT", envvar="OSTIARY_SERVER", help="The server to ask."),
]
Caller = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="user:ID|service:ID",
        envvar="OSTIARY_CALLER",
        help="Who asks; for servers that believe it.",
    ),
]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        metavar="ROLE",
        envvar="OSTIARY_ROLES",
        help="A role in the whole tenant to ask with, e.g. administrator; for such servers too.",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the answer as protobuf JSON, nothing else.")
]
Timeout = Annotated[
    float,
    typer.Option(
        metavar="SECONDS", min=0.001, max=86_400.0, help="How long to wait for the server."
    ),
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="The most to list.")]
All = Annotated[bool, typer.Option("--all", help="List everything.")]

Justification = Annotated[str | None, typer.Option(metavar="TEXT", help="Why; others read it.")]
Policy = Annotated[str | None, typer.Option(metavar="ID", help="The assignment policy.")]
Package = Annotated[str | None, typer.Option(metavar="ID", help="Only of this access package.")]
OfPolicy = Annotated[
    str | None, typer.Option("--policy", metavar="ID", help="Only of this assignment policy.")
]
Catalog = Annotated[str | None, typer.Option(metavar="ID", help="Only of this catalog.")]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer", metavar="QUESTION=VALUE", help="An answer to a question of the policy."
    ),
]
Start = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="When it is to start, e.g. 2031-04-01.")
]
End = Annotated[
    str | None, typer.Option(metavar="INSTANT", help="When it is to end; a day ends at midnight.")
]
Duration = Annotated[
    str | None, typer.Option(metavar="LENGTH", help="How long it is to last, e.g. 30d or 12h.")
]
Mail = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Of a person from outside: the mail address.")
]
Home = Annotated[
    str | None,
    typer.Option(
        metavar="KIND:WHERE",
        help="Of a person from outside: how they sign in, e.g. tenant:ID or domain:DOMAIN.",
    ),
]
RequestId = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Your own id of this write: sent again, it is done once."),
]
Etag = Annotated[str | None, typer.Option(metavar="ETAG", help="Only if it has not changed since.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be decided and change nothing.")
]


class Ask:
    """Whom a command asks and how, as the options say."""

    def __init__(
        self, server: str, caller: str | None, role: list[str] | None, timeout: float, *, json: bool
    ) -> None:
        self._server = server
        self._caller = caller
        self._roles = [part.strip() for text in role or () for part in text.split(",")]
        self._timeout = timeout
        self.json = json

    @contextmanager
    def remote(self) -> Iterator[Remote]:
        """Open the connection; whatever goes wrong while it is open ends the command in words."""
        with ending():
            from ostiary.cli.life.remote import asking

            with asking(self._options()) as remote:
                yield remote

    @contextmanager
    def somewhere(self, store: str | None, *, missing: Missing = "refused") -> Iterator[Place]:
        """Open the store that is named, or else the connection, for commands about rules.

        `missing` says what becomes of a store that is not there.
        """
        with ending():
            from ostiary.cli.ruling import somewhere

            with somewhere(self._options(), store, missing=missing) as place:
                yield place

    def _options(self) -> Options:
        from ostiary.cli.life.remote import Options

        return Options(
            server=self._server,
            caller=self._caller,
            roles=tuple(filter(None, self._roles)),
            seconds=self._timeout,
            as_json=self.json,
        )


def _shared(
    *,
    server: Server = DEFAULT_SERVER,
    caller: Caller = None,
    role: Roles = None,
    json: Json = False,
    timeout: Timeout = 10.0,
) -> Ask:
    return Ask(server, caller, role, timeout, json=json)


def asks(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], None]:
    """Add a command that asks a server: its own options, then those that all such commands have.

    The function takes an Ask first, which is made of the shared options.
    """

    def add(work: Callable[..., None]) -> None:
        own = list(inspect.signature(work).parameters.values())[1:]
        shared = list(inspect.signature(_shared).parameters.values())
        names = [one.name for one in shared]

        def command(*given: Any, **said: Any) -> None:
            ask = _shared(**{name: said.pop(name) for name in names})
            work(ask, *given, **said)

        hints = get_type_hints(_shared, include_extras=True)
        hints.update(get_type_hints(work, include_extras=True))
        signature = inspect.Signature(
            [one.replace(annotation=hints[one.name]) for one in (*own, *shared)]
        )
        command.__signature__ = signature  # type: ignore[attr-defined]  # typer reads it
        command.__annotations__ = hints
        command.__doc__ = work.__doc__
        command.__name__ = work.__name__
        app.command(name)(command)

    return add


def group(name: str, about: str, **more: Any) -> typer.Typer:
    """Give a group of commands that looks like the others."""
    return typer.Typer(
        name=name,
        help=about,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        **more,
    )
