"""Protobuf's wire format, as far as joining finished pieces needs it.

Fields of a message may be joined as bytes in any order. So what repeats is serialised once, and
an answer is put together from pieces: a tenth of the time that building message objects takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message

from ostiary.rpc.convert.times import EPOCH

Key = TypeVar("Key")

_LENGTH_DELIMITED = 2
_SECONDS_FIELD = b"\x08"
_NANOS_FIELD = b"\x10"
_REMEMBERED = 65_536
_FIVE_BYTES, _SIX_BYTES = 1 << 28, 1 << 35  # seconds from 1978 to 3058 take five bytes


def _encode(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_SHORT = tuple(map(_encode, range(1 << 14)))
_BITS = (1 << 14) - 1
_MORE = tuple(bytes((low & 0x7F | 0x80, low >> 7 | 0x80)) for low in range(1 << 14))  # goes on
_LAST = tuple(map(_encode, range(1 << 7)))


def varint(number: int) -> bytes:
    """Give a number that is not negative as protobuf writes it."""
    return _SHORT[number] if number < len(_SHORT) else _encode(number)


def tag(message: type[Message], field: str) -> bytes:
    """Give what stands before a text, bytes or message field."""
    return _encode(message.DESCRIPTOR.fields_by_name[field].number << 3 | _LENGTH_DELIMITED)


def part(tagged: bytes, body: bytes) -> bytes:
    """Give one field: its tag, the length of its content, its content."""
    return tagged + varint(len(body)) + body


def framed(*tags: bytes) -> Pieces[int]:
    """Give what stands before a content of some length that lies in messages within each other.

    The tags are those of the fields, from outside inwards.
    """

    def before(size: int) -> bytes:
        head = b""
        for tagged in reversed(tags):
            head = tagged + varint(len(head) + size) + head
        return head

    return Pieces(before)


def entries(data: bytes, tagged: bytes, most: int) -> list[bytes] | None:
    """Give the contents of a message that is one repeated field; None if it is anything else.

    Also None if it has more than so many entries, or one of 16,384 bytes or more: protobuf reads
    those.
    """
    found: list[bytes] = []
    at, end, mark = 0, len(data), tagged[0]
    try:
        while at < end:
            size = data[at + 1]
            if data[at] != mark or len(found) == most:
                return None
            at += 2
            if size > 0x7F:
                if data[at] > 0x7F:
                    return None
                size = size & 0x7F | data[at] << 7
                at += 1
            found.append(data[at : at + size])
            at += size
    except IndexError:
        return None
    return found if at == end else None


def timestamp(at: datetime) -> bytes:
    """Give the content of a google.protobuf.Timestamp from 1970 on."""
    since = at - EPOCH
    seconds = since.days * 86_400 + since.seconds
    if _FIVE_BYTES <= seconds < _SIX_BYTES:
        middle = _MORE[seconds >> 14 & _BITS]
        body = _SECONDS_FIELD + _MORE[seconds & _BITS] + middle + _LAST[seconds >> 28]
    else:
        body = _SECONDS_FIELD + _encode(seconds) if seconds else b""
    if since.microseconds:
        body += _NANOS_FIELD + _encode(since.microseconds * 1000)
    return body


class Pieces(dict[Key, bytes]):
    """Finished pieces by what they say; made when first asked for, and never too many of them."""

    def __init__(self, make: Callable[[Key], bytes], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, key: Key) -> bytes:
        if len(self) >= self._most:
            self.clear()
        piece = self[key] = self._make(key)
        return piece
