"""How mail is sent, as an operator writes it: the section `mail` of a YAML file."""

from __future__ import annotations

import re
from datetime import timedelta
from email.headerregistry import Address
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ostiary.adapters.connectors.secret import Secret, SecretUnavailableError
from ostiary.adapters.mail.address import parse_address
from ostiary.adapters.mail.rendering import Templates
from ostiary.domain.enumeration import Enumeration
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import (
    Check,
    JsonSchema,
    Record,
    RecordShape,
    Shape,
    maybe,
    optional,
    required,
    run_checks,
)
from ostiary.rulebook.shapes import Count, Matching, Text, Word, scalar_text, words_of
from ostiary.rulebook.source import Node, load
from ostiary.rulebook.time_shapes import Length

_TEXT_LIMITS = {"name": 256, "description": 4_096}
_LARGEST_FILE = 1024 * 1024
_LARGEST_PORT = 65_535
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_USER = re.compile(r"[!-~]{1,256}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)


class Security(Enumeration):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"  # begins in clear and must change to TLS before anything is said
    IMPLICIT = "implicit"  # TLS from the first byte
    NONE = "none"


_PORTS = {Security.STARTTLS: 587, Security.IMPLICIT: 465, Security.NONE: 25}


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the postman needs to know."""

    host: str
    port: int
    security: Security = Security.STARTTLS
    ca_file: Path | None = None  # None: the certificates that the machine trusts
    user: str = ""  # empty: without signing in
    password: Secret | None = None
    sender: Address
    reply_to: Address | None = None
    portal: str = ""  # base URL of links, without a slash at its end; empty: no links
    organization: str = ""
    templates: Path | None = None  # a folder whose templates take the place of ours
    time_out: timedelta = timedelta(seconds=30)  # of one delivery as a whole


class AddressShape(Shape[Address]):
    """A mail address, with or without a name."""

    def read(self, node: Node, where: Where, reader: Reader) -> Address | Broken:
        """Give the address."""
        wanted = "a mail address such as `Access <access@acme.example>`"
        text = scalar_text(node, where, reader, wanted)
        if isinstance(text, Broken):
            return text
        address = parse_address(text)
        if address is None:
            return reader.invalid(node, where, f"must be {wanted}, not {quoted(text)}")
        return address

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the type."""
        return {"type": "string"}


class BaseUrl(Shape[str]):
    """An address that links begin with."""

    def read(self, node: Node, where: Where, reader: Reader) -> str | Broken:
        """Give the URL without a slash at its end."""
        wanted = "a URL such as `https://access.acme.example`"
        text = scalar_text(node, where, reader, wanted)
        if isinstance(text, Broken):
            return text
        if not _is_base_url(text):
            return reader.invalid(node, where, f"must be {wanted}, not {quoted(text)}")
        return text.rstrip("/")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the type."""
        return {"type": "string", "pattern": "^https?://"}


def _is_base_url(text: str) -> bool:
    if not text.isprintable() or any(sign in text for sign in " \"'<>?#"):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class MailText(Record):
    """How mail is sent."""

    host = required(Matching(_HOST, "the name or address of a host"), "The mail server.")
    port = maybe(Count(), "Its port; 587 with starttls, 465 with implicit, 25 with none.")
    security = optional(Word(words_of(Security)), Security.STARTTLS, "starttls, implicit or none.")
    ca_file = maybe(Text("description"), "Certificates to trust, in place of the machine's.")
    user = maybe(
        Matching(_USER, "a name of visible ASCII signs"), "Whom to sign in as; nobody if left out."
    )
    password_file = maybe(Text("description"), "The file that holds the password.")
    password_variable = maybe(
        Matching(_VARIABLE, "the name of a variable"), "The variable that holds the password."
    )
    from_ = required(AddressShape(), "Whom mail comes from.")
    reply_to = maybe(AddressShape(), "Where replies go.")
    portal = maybe(BaseUrl(), "What links begin with; no links if left out.")
    organization = optional(Text("name"), "", "Who sends this, at the end of each mail.")
    templates = maybe(Text("description"), "A folder of templates to use instead of ours.")
    time_out = optional(
        Length("minutes", "seconds"), timedelta(seconds=30), "How long one delivery may take."
    )


class MailFile(Record):
    """A file with the section `mail`."""

    mail = required(RecordShape(MailText), "How mail is sent.")


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
    return MailSettings(
        host=text.host,
        port=_PORTS[text.security] if text.port is None else text.port,
        security=text.security,
        ca_file=_below(folder, text.ca_file),
        user=text.user or "",
        password=_password(text, folder),
        sender=text.from_,
        reply_to=text.reply_to,
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
        return (self.port, self.ca_file, self.place, self.user, self.password, self.templates)

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
        if not path.is_file():
            self._fault("ca_file", f"there is no such file: `{path}`")
        if self.text.security is Security.NONE:
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
        if self.text.user is not None and self.text.security is Security.NONE:
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
