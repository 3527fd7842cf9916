"""What the file of mail settings may hold: the section `mail`."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

from ostiary.domain.enumeration import Enumeration
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import Broken, Reader, Where
from ostiary.rulebook.records import (
    JsonSchema,
    Record,
    RecordShape,
    Shape,
    maybe,
    optional,
    required,
)
from ostiary.rulebook.shapes import Count, Matching, Text, Word, scalar_text, words_of
from ostiary.rulebook.source import Node
from ostiary.rulebook.time_shapes import Length

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_USER = re.compile(r"[!-~]{1,256}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)


class MailSecurity(Enumeration):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"  # begins in clear and must change to TLS before anything is said
    IMPLICIT = "implicit"  # TLS from the first byte
    NONE = "none"


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
        """Give the pattern."""
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
    security = optional(
        Word(words_of(MailSecurity)), MailSecurity.STARTTLS, "starttls, implicit or none."
    )
    ca_file = maybe(Text("description"), "Certificates to trust, in place of the machine's.")
    user = maybe(
        Matching(_USER, "a name of visible ASCII signs"), "Whom to sign in as; nobody if left out."
    )
    password_file = maybe(Text("description"), "The file that holds the password.")
    password_variable = maybe(
        Matching(_VARIABLE, "the name of a variable"), "The variable that holds the password."
    )
    from_ = required(Text("description"), "Whom mail comes from.")
    reply_to = maybe(Text("description"), "Where replies go.")
    portal = maybe(BaseUrl(), "What links begin with; no links if left out.")
    organization = optional(Text("name"), "", "Who sends this, at the end of each mail.")
    templates = maybe(Text("description"), "A folder of templates to use instead of ours.")
    time_out = optional(
        Length("minutes", "seconds"), timedelta(seconds=30), "How long one delivery may take."
    )


class MailFile(Record):
    """A file with the section `mail`."""

    mail = required(RecordShape(MailText), "How mail is sent.")
