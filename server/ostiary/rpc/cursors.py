"""Page tokens of lists of records, and resume tokens: where to go on, and in which list.

A token is no secret and opens nothing; the checksum keeps a token of another list from silently
leaving records out. Positions of records never change, so a token is good for ever.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from ostiary.domain.errors import PageTokenError
from ostiary.rpc.violations import Violations

DEFAULT_PAGE = 50
LARGEST_PAGE = 1000
_CHECKSUM = 9
_CHANGING = ("page_token", "page_size")  # from page to page of one list
_WATCH = b"watch"

Item = TypeVar("Item")


class Paged(Protocol):
    """The question of a list."""

    page_size: int
    page_token: str


def size_of(request: Paged, violations: Violations) -> int:
    """Give how many records a page holds at most."""
    if request.page_size < 0:
        violations.add("page_size", "must not be negative")
    return min(request.page_size or DEFAULT_PAGE, LARGEST_PAGE)


def cut(found: Sequence[Item], size: int) -> tuple[Sequence[Item], bool]:
    """Give the records of a page out of one more than it holds, and whether more follow."""
    return found[:size], len(found) > size


def token(request: Message, cursor: str) -> str:
    """Give the token of the page after `cursor`."""
    return _packed(_question(request), cursor)


def opened(request: Message) -> str | None:
    """Give the cursor after which the page begins; None: it is the first."""
    text: str = request.page_token  # type: ignore[attr-defined]  # of the questions of lists
    return _unpacked(_question(request), text) if text else None


def position(request: Message) -> int | None:
    """Give the cursor of a list whose cursors are numbers."""
    cursor = opened(request)
    return None if cursor is None else _number(cursor)


def resume_token(sequence: int) -> str:
    """Give the token that goes on after an event of the audit log."""
    return _packed(_WATCH, str(sequence))


def resumed(text: str) -> int:
    """Give the sequence after which to go on; raises PageTokenError."""
    return _number(_unpacked(_WATCH, text))


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit():
        raise PageTokenError("the token is not one of this list")
    return int(cursor)


def _packed(question: bytes, cursor: str) -> str:
    body = cursor.encode()
    return base64.urlsafe_b64encode(_checksum(question, body) + body).decode()


def _unpacked(question: bytes, text: str) -> str:
    try:
        whole = base64.b64decode(text.encode("ascii"), b"-_", validate=True)
        checksum, body = whole[:_CHECKSUM], whole[_CHECKSUM:]
        cursor = body.decode()
    except (UnicodeError, binascii.Error) as error:
        raise PageTokenError("the token is not one of this server's") from error
    if checksum != _checksum(question, body):
        raise PageTokenError("the token belongs to another question")
    return cursor


def _question(request: Message) -> bytes:
    question = type(request)()
    question.CopyFrom(request)
    for field in _CHANGING:
        question.ClearField(field)
    name = request.DESCRIPTOR.full_name.encode()
    return name + b"\0" + question.SerializeToString(deterministic=True)


def _checksum(question: bytes, body: bytes) -> bytes:
    said = hashlib.blake2b(question, digest_size=_CHECKSUM)
    said.update(b"\0" + body)
    return said.digest()
