"""The server that a command asks, and who asks it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import grpc
import msgspec
from google.protobuf.message import Message

from ostiary.adapters.clock import SystemClock
from ostiary.cli.asking import keep_proxies_off, valid_address
from ostiary.cli.life import spelling
from ostiary.cli.life.refusals import Refusals
from ostiary.cli.message_json import message_json
from ostiary.client import CallError, Services
from ostiary.v1 import clock_service_pb2

Response = TypeVar("Response")
Page = TypeVar("Page", bound=Message)


class Options(msgspec.Struct, frozen=True):
    """Whom to ask and how, as the options say."""

    server: str
    caller: str | None = None
    roles: tuple[str, ...] = ()
    seconds: float = 10.0
    as_json: bool = False


class Remote:
    """Asks the server; every failure ends the command in words of the person who typed it."""

    def __init__(self, services: Services, options: Options) -> None:
        self.services = services
        self.options = options
        self.refusals = Refusals(options.server, options.caller or "")

    def call(self, method: Callable[..., Response], request: Message) -> Response:
        """Give the answer of a method; CommandError says why there is none."""
        try:
            return self.services.call(method, request)
        except CallError as error:
            raise self.refusals.ending(error, request) from None

    def attempt(self, method: Callable[..., Response], request: Message) -> Response | None:
        """Give the answer of a method, or None where the caller may not ask or nobody answers it.

        For what makes a story fuller and is no reason to end without it.
        """
        try:
            return self.services.call(method, request)
        except CallError as error:
            if error.code in _LEFT_OUT:
                return None
            raise self.refusals.ending(error, request) from None

    def listed(
        self, method: Callable[..., Page], request: Message, items: str, most: int | None
    ) -> Page:
        """Give up to `most` items of all pages as one page; None: all.

        If more are left, the page's token says so.
        """
        asked: Any = type(request)()
        asked.CopyFrom(request)
        whole: Any = None
        while True:
            have = 0 if whole is None else len(getattr(whole, items))
            asked.page_size = _LARGEST_PAGE if most is None else min(most - have, _LARGEST_PAGE)
            page: Any = self.call(method, asked)
            if whole is None:
                whole = page
            else:
                getattr(whole, items).extend(getattr(page, items))
                whole.next_page_token = page.next_page_token
            asked.page_token = page.next_page_token
            full = most is not None and len(getattr(whole, items)) >= most
            if full or not page.next_page_token:
                break
        return whole  # type: ignore[no-any-return]  # a page like those that it was made of

    def tell_more(self, page: Message, items: str) -> None:
        """Say on standard error that a list was cut off, if it was."""
        whole: Any = page
        if whole.next_page_token:
            sys.stdout.flush()
            count = len(getattr(whole, items))
            print(f"the first {count}; more follow: --limit N or --all", file=sys.stderr)

    def now(self) -> datetime:
        """Give the server's time where its clock can be moved, else that of this machine."""
        told = self.attempt(self.services.clock.GetTime, clock_service_pb2.GetTimeRequest())
        return SystemClock().now() if told is None else told.time.ToDatetime(UTC)

    def print_json(self, message: Message) -> None:
        """Print a message in the JSON of the contract."""
        sys.stdout.buffer.write(f"{message_json(message)}\n".encode())
        sys.stdout.flush()

    def me(self) -> str:
        """Give the id of the user who asks; CommandError if that is nobody."""
        kind, _, name = (self.options.caller or "").partition(":")
        if kind != "user":
            raise spelling.wrong("--as", "say who asks, as user:ID")
        return name


_LARGEST_PAGE = 1000
_LEFT_OUT = frozenset(
    {
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.NOT_FOUND,
    }
)


@contextmanager
def asking(options: Options) -> Iterator[Remote]:
    """Open the connection to the server that the options name."""
    valid_address(options.server)
    if options.caller is not None:
        spelling.caller("--as", options.caller)
    keep_proxies_off(options.server)
    with Services(
        options.server,
        caller=options.caller or "",
        roles=options.roles,
        timeout=options.seconds,
    ) as services:
        yield Remote(services, options)
