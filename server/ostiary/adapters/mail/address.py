"""Mail addresses and the texts beside them, made harmless for headers and for readers."""

from __future__ import annotations

import re
import unicodedata
from email.errors import HeaderParseError
from email.headerregistry import Address

# Plain addresses only: quoted local parts and address literals are refused, as no person has one.
_ATOM = r"[^\s@<>()\[\]\\,:;\"]"
_ADDRESS = re.compile(rf"({_ATOM}{{1,64}})@({_ATOM}{{1,253}})")
_WITH_NAME = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<mail>[^<>]*)>")

# Signs that turn the direction of what is shown, or show as nothing: names could lie with them.
_DECEIVING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def address_of(mail: str, name: str = "") -> Address | None:
    """Give an address for a header, with its domain in ASCII; None if it is no plain address."""
    match = _ADDRESS.fullmatch(mail)
    if match is None or not mail.isprintable():
        return None
    local, domain = match.groups()
    try:
        return Address(one_line(name), local, domain.encode("idna").decode("ascii"))
    except (UnicodeError, HeaderParseError, ValueError, IndexError):
        return None  # the IDNA codec and the header parser have their own ways to refuse


def parse_address(text: str) -> Address | None:
    """Give the address that a person wrote as `mail` or as `Name <mail>`."""
    match = _WITH_NAME.fullmatch(text.strip())
    if match is None:
        return address_of(text.strip())
    return address_of(match["mail"], match["name"].strip('" '))


def one_line(text: str) -> str:
    """Give a text as a single line of visible signs, as headers, names and rows need it."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Give a text without control characters but line breaks, and without deceiving signs."""
    lines = _DECEIVING.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(sign for sign in lines if sign == "\n" or not _is_control(sign))


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
