"""Real mail servers for tests: one that speaks SMTP well, and one that says what it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import msgspec
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


class Received(msgspec.Struct, frozen=True):
    """A message as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    secure: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        return message_from_bytes(self.content, policy=default)


class MailServer:
    """Takes mail; `refusals` answers a recipient, `after_data` a message, in place of 250."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.refusals: dict[str, list[str]] = {}
        self.after_data: list[str] = []
        self.passwords: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd looks for
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        waiting = self.refusals.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 fine"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        if self.after_data:
            return self.after_data.pop(0)
        user: Any = session.auth_data  # as `authenticate` gave it
        self.received.append(
            Received(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                cast("bytes", envelope.content),
                session.ssl is not None or server._over_ssl,
                (user or b"").decode(),
            )
        )
        return "250 taken"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any
    ) -> AuthResult:
        """Check a password."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        right = self.passwords.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=right, handled=False, auth_data=data.login)


@contextmanager
def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    passwords: dict[str, str] | None = None,
    smtputf8: bool = False,
) -> Iterator[tuple[MailServer, int]]:
    """A running server with its port; with passwords, whoever sends must sign in."""
    server = MailServer()
    server.passwords = passwords or {}
    port = free_port()

    class Listening(Controller):
        def factory(self) -> SMTP:
            with warnings.catch_warnings():  # it does not count TLS from the first byte as TLS
                warnings.simplefilter("ignore", UserWarning)
                return SMTP(
                    self.handler,
                    hostname="mail.example",
                    tls_context=starttls,
                    require_starttls=starttls is not None,
                    auth_required=bool(passwords),
                    auth_require_tls=implicit is None,
                    authenticator=server.authenticate,
                    enable_SMTPUTF8=smtputf8,
                )

    controller = Listening(server, hostname=HOST, port=port, ssl_context=implicit)
    controller.start()
    try:
        yield server, port
    finally:
        controller.stop()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def scripted_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that has the same talk with everybody who connects, and then hangs up."""
    with socket.create_server((HOST, 0)) as listening:
        listening.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    peer, _ = listening.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(5)
                    try:
                        talk(peer)
                    except OSError:
                        continue  # the other side had enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join(10)
