"""Delivers notices by SMTP, each to one person, each over a connection of its own."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Any

from ostiary.adapters.connectors.secret import SecretUnavailableError
from ostiary.adapters.mail.address import address_of, one_line
from ostiary.adapters.mail.facts import facts_of
from ostiary.adapters.mail.message import message_of
from ostiary.adapters.mail.recipient import Directory, Recipient, why_not
from ostiary.adapters.mail.rendering import TemplateFailedError, Templates
from ostiary.adapters.mail.settings import MailSettings
from ostiary.domain.errors import StoreUnavailableError
from ostiary.domain.notice import Notice
from ostiary.domain.people import AccountState
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.rulebook.mail_model import MailSecurity

_LONGEST_TEXT = 400


class SmtpPostman:
    """The port `Postman` over SMTP (S-79, S-137); any number of threads may use it."""

    carries_secrets = True

    def __init__(self, settings: MailSettings, directory: Directory) -> None:
        self.settings = settings
        self.directory = directory
        self.templates = Templates(settings.templates)

    def deliver(self, notice: Notice, *, key: str, secret: str = "") -> Delivered:
        """Tell the person of a notice.

        Somebody who cannot be told is no failure: the answer's text says who and why. What the
        server refuses with 4xx, and whatever is wrong with the connection or with signing in, is
        worth another try; a recipient, sender or text refused with 5xx is not.
        """
        if len(notice.to) != 1:
            text = f"a notice goes to one person, not to {len(notice.to)}: split it first"
            return Delivered(Delivery.FAILED, text=text)
        (person,) = notice.to
        try:
            recipient = self._recipient(notice, person)
            skipped = why_not(recipient, notice.kind)
            if recipient is None or skipped:
                return _not_told(person, skipped)
            message = self._message(notice, recipient, key, secret)
        except StoreUnavailableError as error:
            return _retry(f"the directory cannot be read: {error}")
        except TemplateFailedError as error:
            return Delivered(Delivery.FAILED, text=_short(str(error)))
        if message is None:
            return _not_told(person, "the mail address is not one that mail can be sent to")
        return self._send(message, recipient)

    def close(self) -> None:
        """Do nothing: no connection outlives its delivery."""

    def _message(
        self, notice: Notice, recipient: Recipient, key: str, secret: str
    ) -> EmailMessage | None:
        to = address_of(recipient.mail or "", recipient.name)
        if to is None:
            return None
        facts = facts_of(
            notice,
            recipient=recipient.id,
            name_of=self._name_of,
            portal=self.settings.portal,
            organization=self.settings.organization,
            secret=secret,
        )
        return message_of(
            self.templates.letter(notice.kind, facts),
            sender=self.settings.sender,
            to=to,
            reply_to=self.settings.reply_to,
            at=notice.at,
            key=key,
            kind=notice.kind.value,
        )

    def _recipient(self, notice: Notice, person: str) -> Recipient | None:
        """Give a person as the directory knows them, or as they were when they asked from outside.

        What is left of a guest who was deleted is not in the way of one who comes back (S-107): a
        notice bears an address only if the directory had no object of the person when it was made.
        """
        known = self.directory(person)
        mail = notice.address_of(person)
        if mail and (known is None or known.state is AccountState.DELETED):
            return Recipient(person, mail=mail)
        return known

    def _name_of(self, person: str) -> str:
        found = self.directory(person)
        return "" if found is None else found.name

    def _send(self, message: EmailMessage, recipient: Recipient) -> Delivered:
        try:
            with self._connection() as connection:
                return _hand_over(connection, message, recipient)
        except SecretUnavailableError as error:
            return _retry(f"no password for the mail server: {error}")
        except smtplib.SMTPResponseException as error:
            return _retry(f"the mail server does not let us in: {_reply(error)}")
        except smtplib.SMTPNotSupportedError as error:
            return _retry(f"the mail server does not offer what is set: {_words(error)}")
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason or str(error)
            return _retry(f"no secure connection to the mail server: {why}")
        except (OSError, smtplib.SMTPException) as error:
            return _retry(f"the mail server cannot be reached: {_words(error)}")

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is secured and signed in."""
        connection = _open(self.settings)
        try:
            connection.ehlo_or_helo_if_needed()
            if self.settings.security is MailSecurity.STARTTLS:
                connection.starttls(context=_context(self.settings))
                connection.ehlo_or_helo_if_needed()
            if self.settings.user and self.settings.password is not None:
                connection.login(self.settings.user, self.settings.password.read())
            yield connection
            # The message is delivered or refused by now, whatever the server says to this.
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
        finally:
            connection.close()


class _Limited(smtplib.SMTP):
    """A connection that is cut when its time is up; a socket's time-out begins anew each time."""

    def __init__(self, host: str, port: int, *, timeout: float, **options: Any) -> None:
        self._timer = threading.Timer(timeout, self._cut)
        self._timer.daemon = True
        self._timer.start()
        try:
            super().__init__(host, port, timeout=timeout, **options)
        except BaseException:
            self.close()
            raise

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):  # it is over already
                self.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self._timer.cancel()
        super().close()


class _LimitedTls(_Limited, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


def _open(settings: MailSettings) -> smtplib.SMTP:
    seconds = settings.time_out.total_seconds()
    # Said in EHLO; asking the machine for its full name can wait for a name server.
    us = settings.sender.domain
    if settings.security is MailSecurity.IMPLICIT:
        return _LimitedTls(
            settings.host,
            settings.port,
            local_hostname=us,
            timeout=seconds,
            context=_context(settings),
        )
    return _Limited(settings.host, settings.port, local_hostname=us, timeout=seconds)


def _context(settings: MailSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _hand_over(connection: smtplib.SMTP, message: EmailMessage, recipient: Recipient) -> Delivered:
    """Hand the message over; what is refused here is about this message or this recipient."""
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, reply),) = error.recipients.values()
        return _refused(recipient, smtplib.SMTPResponseException(code, reply))
    except smtplib.SMTPNotSupportedError:
        text = "the mail server does not take addresses beyond ASCII"
        return Delivered(Delivery.FAILED, text=f"{recipient.id}: {text}")
    except smtplib.SMTPResponseException as error:
        return _refused(recipient, error)
    return Delivered(Delivery.DONE)


def _refused(recipient: Recipient, error: smtplib.SMTPResponseException) -> Delivered:
    text = f"{recipient.id}: the mail server answered {_reply(error)}"
    # A reply that is no reply (code -1, or smtplib's own text) says nothing about the message.
    from_server = isinstance(error.smtp_error, bytes)
    permanent = from_server and 500 <= error.smtp_code < 600
    return Delivered(Delivery.FAILED if permanent else Delivery.RETRY, text=_short(text))


def _reply(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{error.smtp_code} {one_line(text)}"


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return one_line(text) or type(error).__name__


def _not_told(person: str, reason: str) -> Delivered:
    return Delivered(Delivery.DONE, text=_short(f"not told: {person}: {reason}"))


def _retry(text: str) -> Delivered:
    return Delivered(Delivery.RETRY, text=_short(text))


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 1] + "…"
