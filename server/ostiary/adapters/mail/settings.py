"""How mail is sent, as an operator writes it: the section `mail` of a YAML file."""

from __future__ import annotations

import ssl
from datetime import timedelta
from email.headerregistry import Address
from pathlib import Path

import msgspec

from ostiary.adapters.connectors.secret import Secret, SecretUnavailableError
from ostiary.adapters.mail.address import parse_address
from ostiary.adapters.mail.rendering import Templates
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.mail_model import MailFile, MailSecurity, MailText
from ostiary.rulebook.reader import BROKEN, Broken, Reader
from ostiary.rulebook.records import Check, RecordShape, run_checks
from ostiary.rulebook.source import load

_TEXT_LIMITS = {"name": 256, "description": 4_096}
_LARGEST_FILE = 1024 * 1024
_LARGEST_PORT = 65_535


_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.IMPLICIT: 465, MailSecurity.NONE: 25}


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the postman needs to know."""

    host: str
    port: int
    security: MailSecurity = MailSecurity.STARTTLS
    ca_file: Path | None = None  # None: the certificates that the machine trusts
    user: str = ""  # empty: without signing in
    password: Secret | None = None
    sender: Address
    reply_to: Address | None = None
    portal: str = ""  # base URL of links, without a slash at its end; empty: no links
    organization: str = ""
    templates: Path | None = None  # a folder whose templates take the place of ours
    time_out: timedelta = timedelta(seconds=30)  # of one delivery as a whole


def load_mail_settings(file: Path) -> MailSettings:
    """Give the settings of a file; DefinitionError holds every fault, those of templates included.

    Paths in the file begin at its folder.
    """
    faults = FaultList()
    reader = Reader(faults, _TEXT_LIMITS)
    root = load(file, file.as_posix(), faults, largest=_LARGEST_FILE)
    read = BROKEN if root is None else RecordShape(MailFile).read(root, None, reader)
    text = BROKEN if isinstance(read, Broken) else read.values.get("mail", BROKEN)
    if isinstance(text, MailText):
        run_checks(_Checks(text, reader, file.parent).all())
    faults.refuse_if_errors()
    assert isinstance(text, MailText)  # noqa: S101  # for the types: else there was a fault
    return _settings(text, file.parent)


def _settings(text: MailText, folder: Path) -> MailSettings:
    sender = parse_address(text.from_)
    assert sender is not None  # noqa: S101  # as above
    return MailSettings(
        host=text.host,
        port=_PORTS[text.security] if text.port is None else text.port,
        security=text.security,
        ca_file=_below(folder, text.ca_file),
        user=text.user or "",
        password=_password(text, folder),
        sender=sender,
        reply_to=None if text.reply_to is None else parse_address(text.reply_to),
        portal=text.portal or "",
        organization=text.organization,
        templates=_below(folder, text.templates),
        time_out=text.time_out,
    )


def _password(text: MailText, folder: Path) -> Secret | None:
    if text.password_file is None and text.password_variable is None:
        return None
    return Secret(_below(folder, text.password_file), text.password_variable or "")


def _below(folder: Path, path: str | None) -> Path | None:
    return None if path is None else folder / path


class _Checks:
    """What the fields say together, and the files that they name."""

    def __init__(self, text: MailText, reader: Reader, folder: Path) -> None:
        self.text = text
        self.reader = reader
        self.folder = folder

    def all(self) -> tuple[Check, ...]:
        """Give the checks."""
        addresses = (self.sender, self.reply_to)
        secrets = (self.place, self.user, self.password)
        return (self.port, self.ca_file, *secrets, *addresses, self.templates)

    def sender(self) -> None:
        """Mail comes from an address."""
        self._address("from", self.text.from_)

    def reply_to(self) -> None:
        """Replies go to an address."""
        if self.text.reply_to is not None:
            self._address("reply_to", self.text.reply_to)

    def _address(self, name: str, text: str) -> None:
        if parse_address(text) is None:
            wanted = "a mail address such as `Access <access@acme.example>`"
            self._fault(name, f"must be {wanted}, not {quoted(text)}")

    def port(self) -> None:
        """A port is a number of 16 bits."""
        port = self.text.port
        if port is not None and not 1 <= port <= _LARGEST_PORT:
            self._fault("port", f"must be a number from 1 to {_LARGEST_PORT:,}, not `{port}`")

    def ca_file(self) -> None:
        """Certificates are there, and used."""
        path = _below(self.folder, self.text.ca_file)
        if path is None:
            return
        try:
            ssl.create_default_context(cafile=path)
        except (OSError, ssl.SSLError):
            self._fault("ca_file", f"no certificates can be read from {quoted(path.as_posix())}")
        if self.text.security is MailSecurity.NONE:
            self._fault("ca_file", "says nothing with security none")

    def place(self) -> None:
        """A password comes from one place, and is somebody's."""
        places = [n for n in ("password_file", "password_variable") if self.text.has(n)]
        if not self.text.has("user"):
            for name in places:
                self._fault(name, "says nothing without a `user`")
        elif not places:
            self._fault("user", "needs a `password_file` or a `password_variable`")
        elif len(places) > 1:
            self._fault("password_variable", "there is a `password_file` already")

    def user(self) -> None:
        """No password is shown to whoever listens."""
        if self.text.user is not None and self.text.security is MailSecurity.NONE:
            self._fault("user", "no password is sent over a connection without TLS")

    def password(self) -> None:
        """The password can be read."""
        password = _password(self.text, self.folder)
        if password is None:
            return
        try:
            password.read()
        except SecretUnavailableError as error:
            name = "password_variable" if password.file is None else "password_file"
            self._fault(name, f"no password: {error}")

    def templates(self) -> None:
        """The templates can be rendered."""
        path = _below(self.folder, self.text.templates)
        if path is None:
            return
        if not path.is_dir():
            self._fault("templates", f"there is no such folder: `{path}`")
            return
        for place, message in Templates(path).faults():
            self.reader.faults.add(place, FaultCode.INVALID_MODEL.value, message)

    def _fault(self, name: str, message: str) -> None:
        text = self.text
        self.reader.fault(text.at(name), text.to(name), FaultCode.INVALID_MODEL, message)
