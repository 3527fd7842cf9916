"""The lines of a decision log: JSON, each with a checksum, each bound to the one before.

A log begins anew with each process that writes it: a line that says so, then one line for each
decision. `sum` is a checksum of everything before it in its line, `before` the sum of the line
before, so that a changed byte, a line that is gone and lines that changed places are all found.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from ostiary.domain.decision import Revision
from ostiary.domain.request import EvaluationRequest, Holdings

VERSION: Final = 1
LONGEST_LINE = 32 * 1024 * 1024  # bytes; the largest question and answer together are smaller

_SUM_BYTES = 16
_SUM = re.compile(rb',"sum":"[0-9a-f]{32}"}')
_END = re.compile(rb',"sum":"([0-9a-f]{32})"}\n?\Z')


class Begin(msgspec.Struct, frozen=True, kw_only=True, tag="begin", tag_field="line"):
    """The first line that a process writes."""

    version: int
    run: str  # the process, by a name that no other has
    at: datetime
    tenant: str  # the id of the tenant
    sample: float  # which part of all decisions is logged
    # What a process that was killed left of a line, by its SHA-256; empty: nothing.
    torn: str = ""
    before: str = ""
    sum: str = ""


class Given(msgspec.Struct, frozen=True):
    """What the store had recorded of the person, where the question did not say it."""

    holdings: Holdings
    counters: Mapping[str, int]


class Decided(msgspec.Struct, frozen=True, kw_only=True, tag="decision", tag_field="line"):
    """One decision: the question and the answer as they went over the wire."""

    run: str
    number: int  # of the run, from 1
    at: Annotated[datetime, msgspec.Meta(tz=True)]  # the server's time when it was asked
    rules: str
    tenant: str  # the digest
    profile: str
    profile_version: str
    ask: str  # a serialised EvaluateRequest in base64
    answer: str  # a serialised Decision in base64
    given: Given | None = None
    before: str = ""
    sum: str = ""

    @property
    def question(self) -> bytes:
        """Give the serialised EvaluateRequest; raises ValueError if it is not base64."""
        return _decoded(self.ask)

    @property
    def decision(self) -> bytes:
        """Give the serialised Decision; raises ValueError if it is not base64."""
        return _decoded(self.answer)

    @property
    def revision(self) -> Revision:
        """Give the revision that decided."""
        return Revision(self.rules, self.tenant, self.profile, self.profile_version)


Line = Begin | Decided
_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


def place_of(text: bytes) -> tuple[str, int]:
    """Give the run of a line and its number in it, 0 of the first; raises ValueError."""
    line = _decode(text)
    return line.run, line.number if isinstance(line, Decided) else 0


class Chain:
    """Writes lines one after another; not shared between threads."""

    def __init__(self, run: str, last: str = "") -> None:
        """Take the name of the run, and the sum of the last line that is there already."""
        self._run = run
        self._last = last
        self._number = 0

    def begin(self, at: datetime, *, tenant: str, sample: float, torn: str = "") -> bytes:
        """Give the first line."""
        begin = Begin(
            version=VERSION, run=self._run, at=at, tenant=tenant, sample=sample, torn=torn
        )
        body = _encode(msgspec.structs.replace(begin, before=self._last))
        return self._summed(body[: body.rindex(b',"sum":')])

    def decided(
        self,
        *,
        ask: bytes,
        at: datetime,
        answer: bytes,
        revision: bytes,
        given: EvaluationRequest | None,
    ) -> bytes:
        """Give the line of a decision; `revision` is what `revision_piece` gives."""
        self._number += 1
        told = b"null"
        if given is not None:
            told = _encode(Given(given.holdings, dict(given.counters)))
        return self._summed(
            b'{"line":"decision","run":"%b","number":%d,"at":"%s",%b,"ask":"%b","answer":"%b","given":%b,'
            b'"before":"%b"'
            % (
                self._run.encode(),
                self._number,
                at.astimezone(UTC).isoformat().encode(),
                revision,
                base64.b64encode(ask),
                base64.b64encode(answer),
                told,
                self._last.encode(),
            )
        )

    def _summed(self, body: bytes) -> bytes:
        self._last = _sum(body)
        return b'%b,"sum":"%b"}\n' % (body, self._last.encode())


def revision_piece(revision: Revision) -> bytes:
    """Give the part of a line that names the revision."""
    fields = {
        "rules": revision.rules,
        "tenant": revision.tenant,
        "profile": revision.profile,
        "profile_version": revision.profile_version,
    }
    return _encode(fields)[1:-1]


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give the lines of a file in pieces, each with its end; of one that is too long, a part."""
    begun, passing_over = bytearray(), False
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for end in whole:
            if not passing_over:
                yield bytes(begun + end + b"\n")[:LONGEST_LINE]
            begun.clear()
            passing_over = False
        if not passing_over:
            begun += rest
            if len(begun) >= LONGEST_LINE:
                yield bytes(begun[:LONGEST_LINE])
                begun.clear()
                passing_over = True
    if begun:
        yield bytes(begun)


class Flaw(msgspec.Struct, frozen=True):
    """Something that is wrong with a log."""

    number: int  # of the line, from 1
    code: str
    message: str


class Read(msgspec.Struct, frozen=True):
    """One line as it was read."""

    number: int
    line: Line | None  # None: it cannot be read, and a flaw says why
    flaws: tuple[Flaw, ...] = ()
    torn: bool = False  # left over by a process that was killed: no decision was given with it
    run: Begin | None = None  # what the run said of itself


def read_lines(raw: Iterable[bytes], *, one_run: bool = False) -> Iterator[Read]:
    """Read the lines of a log with everything that is wrong with them; raises nothing.

    The lines of one file, in order, each with its line end, a line that is too long in part only;
    or those of one run in a store, which is bound to nothing before it.
    """
    last, run, number = "", None, 0
    pending: tuple[int, bytes, Read] | None = None  # what may turn out to be torn
    for count, text in enumerate(raw, 1):
        read, stated = _read(count, text)
        line = read.line
        if pending is not None:
            begins = isinstance(line, Begin) and line.torn == torn_digest(pending[1])
            yield _as_torn(pending[2]) if begins else pending[2]
            pending = None
        if line is None:
            pending = count, text, msgspec.structs.replace(read, run=run)
            # The line after it is bound to what it says of itself, if it can be seen.
            last = stated or last
            number += 1
            continue
        flaws = list(read.flaws)
        if line.before != last and not (one_run and count == 1):
            message = "is not bound to the line before: lines are gone, or changed places"
            flaws.append(Flaw(count, "CHAIN_BROKEN", message))
        last = line.sum
        if isinstance(line, Begin):
            run, number = line, 0
            if line.version != VERSION:
                flaws.append(Flaw(count, "VERSION", f"is of version {line.version}"))
        else:
            number += 1
            if run is None:
                flaws.append(Flaw(count, "NO_BEGINNING", "the log does not begin here"))
            if (line.number, line.run) != (number, run.run if run else line.run) and not flaws:
                flaws.append(Flaw(count, "CHAIN_BROKEN", f"is number {line.number} of its run"))
            number = line.number
        yield Read(count, line, tuple(flaws), run=run)
    if pending is not None:
        # The last line without its end is what a kill leaves.
        text = pending[1]
        whole = text.endswith(b"\n") or len(text) >= LONGEST_LINE
        left_over = not whole and _SUM.search(text) is None
        yield _as_torn(pending[2]) if left_over else pending[2]


def _as_torn(read: Read) -> Read:
    return Read(read.number, None, torn=True, run=read.run)


def torn_digest(text: bytes) -> str:
    """Give what the next run says of what was left of a line."""
    return hashlib.sha256(text.rstrip(b"\n")).hexdigest()


def last_sum(text: bytes) -> str | None:
    """Give the sum that a line says of itself, if it is whole and that is right."""
    end = _END.search(text)
    if end is None or _sum(text[: end.start()]).encode() != end[1]:
        return None
    return end[1].decode()


def _read(count: int, text: bytes) -> tuple[Read, str]:
    if len(text) >= LONGEST_LINE:
        message = f"is longer than {LONGEST_LINE // 1024 // 1024} MiB"
        return Read(count, None, (Flaw(count, "LINE_TOO_LONG", message),)), ""
    end = _END.search(text)
    stated = end[1].decode() if end is not None else ""
    if end is None:
        message = "does not end with a checksum"
        return Read(count, None, (Flaw(count, "NOT_A_LINE", message),)), ""
    if _sum(text[: end.start()]) != stated:
        message = "has been changed: its checksum is another"
        return Read(count, None, (Flaw(count, "CHANGED", message),)), stated
    try:
        line = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"is no line of a decision log: {error}"
        return Read(count, None, (Flaw(count, "NOT_A_LINE", message),)), stated
    return Read(count, line), stated


def _sum(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=_SUM_BYTES).hexdigest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
