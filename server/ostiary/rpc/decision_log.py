"""The decision log: every decision, or a sample of them, before its caller has it.

A line is written by the thread that answers, so that a process that is killed has given no decision
that is not in its log: at most the line it was writing is torn. What cannot be written is waited
for, or goes to another file, as the operator chose; nothing is ever left out.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ostiary.decide.model import Snapshot
from ostiary.domain.decision import Revision
from ostiary.domain.errors import LogUnavailableError
from ostiary.domain.request import EvaluationRequest
from ostiary.rpc.decision_lines import (
    LONGEST_LINE,
    Chain,
    last_sum,
    revision_piece,
    torn_digest,
)

_log = logging.getLogger(__name__)

_ALL = 2**32
_PAUSE = 0.2  # seconds between two attempts to write what could not be written
_SLOW = 0.25  # seconds after which a write counts as slow
_ELSEWHERE = 5.0  # seconds for which lines go to the spill file after a slow write
_TOLD_EVERY = 30.0  # seconds between two complaints
_TAIL = 64 * 1024

Revisions = dict[Revision, bytes]


class Sink(Protocol):
    """Where lines go; raises OSError if one cannot be written just now."""

    def write(self, line: Callable[[Chain], bytes]) -> None:
        """Write one line, whole or not at all."""

    def close(self) -> None:
        """Let go of what is open."""


class FileSink:
    """A file to which lines are appended; opened anew after each failure."""

    def __init__(
        self, path: Path, begin: Callable[[Chain, str], bytes], run: Callable[[], str]
    ) -> None:
        """Take what gives the first line, from the chain and the digest of what was torn.

        `run` gives a name that nobody has: each opening of the file is a run of its own.
        """
        self._path = path
        self._begin = begin
        self._run = run
        self._file: int | None = None
        self._chain = Chain("")
        self._first = b""

    def write(self, line: Callable[[Chain], bytes]) -> None:
        """Append one line."""
        file = self._opened()
        try:
            _write_whole(file, line(self._chain))
        except BaseException:
            self.close()  # part of the line may be there: it is torn, and a new run says so
            raise

    def _opened(self) -> int:
        if self._file is not None:
            return self._file
        file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            last, torn = _left(file)
            self._chain = Chain(self._run(), last)
            self._first = self._begin(self._chain, torn)
            _write_whole(file, b"\n" + self._first if _unended(file) else self._first)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        return file

    def write_and_give(self, line: Callable[[Chain], bytes]) -> tuple[bytes, ...]:
        """Append one line; give what was written, which begins with the first line of a run."""
        began = self._file is None
        self._opened()
        written: list[bytes] = []

        def kept(chain: Chain) -> bytes:
            written.append(line(chain))
            return written[0]

        self.write(kept)
        return (self._first, *written) if began else tuple(written)

    def empty(self) -> None:
        """Forget everything that was written; what follows is bound to it all the same."""
        if self._file is not None:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _write_whole(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


def _unended(file: int) -> bool:
    size = os.fstat(file).st_size
    return bool(size) and os.pread(file, 1, size - 1) != b"\n"


def _left(file: int) -> tuple[str, str]:
    """Give the sum of the last whole line of a file, and the digest of what was torn after it."""
    lines = _last_lines(file)
    torn = ""
    if lines and not lines[-1].endswith(b"\n") and last_sum(lines[-1]) is None:
        torn = torn_digest(lines.pop())
    while lines:
        found = last_sum(lines.pop())
        if found is not None:
            return found, torn
    return "", torn


def _last_lines(file: int) -> list[bytes]:
    """Give the last lines of a file, two whole ones at least if there are so many."""
    size = os.fstat(file).st_size
    length = min(size, _TAIL)
    while True:
        tail = os.pread(file, length, size - length)
        if length == size:
            return tail.splitlines(keepends=True)
        if tail.count(b"\n") >= 3 or length > 4 * LONGEST_LINE:
            return tail.splitlines(keepends=True)[1:]
        length = min(size, 2 * length)


class DecisionLog:
    """Observes desks; may be shared by all threads of a process."""

    def __init__(
        self,
        sink: Sink,
        *,
        sample: float = 1.0,
        spill: Sink | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where lines go, and where they go when that is slow or fails; None: it is waited.

        `sample` is the part of decisions that is logged, from 0 to 1. Which ones follows from the
        question and the instant alone.
        """
        self._sink = sink
        self._spill = spill
        self._most = round(sample * _ALL)
        self._clock = clock
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._elsewhere_until = 0.0
        self._complained = -_TOLD_EVERY
        self._revisions: Revisions = {}
        self.tenant = ""  # the id of the tenant, for the first line
        self.logged = 0
        self.spilled = 0

    def answered(
        self,
        question: bytes,
        now: datetime,
        given: EvaluationRequest | None,
        decision: bytes,
        snapshot: Snapshot,
    ) -> None:
        """Log a decision, if it belongs to the sample; raises LogUnavailableError when stopping."""
        if self._most < _ALL and _number(question, now) >= self._most:
            return
        self.tenant = snapshot.tenant_id
        revision = self._revision(snapshot.revision)

        def line(chain: Chain) -> bytes:
            return chain.decided(
                ask=question, at=now, answer=decision, revision=revision, given=given
            )

        with self._writing:
            self._write(line)

    def _revision(self, revision: Revision) -> bytes:
        known = self._revisions.get(revision)
        if known is None:
            self._revisions.clear()  # few are in use at a time
            known = self._revisions[revision] = revision_piece(revision)
        return known

    def _write(self, line: Callable[[Chain], bytes]) -> None:
        while True:
            here = self._spill is None or self._clock() >= self._elsewhere_until
            if here and self._tried(self._sink, line):
                self.logged += 1
                return
            if self._spill is not None and self._tried(self._spill, line):
                self.spilled += 1
                return
            if self._stopping.wait(_PAUSE):
                raise LogUnavailableError("the decision log cannot be written")

    def _tried(self, sink: Sink, line: Callable[[Chain], bytes]) -> bool:
        begun = self._clock()
        try:
            sink.write(line)
        except OSError as error:
            self._complain("cannot be written: %s", error)
            self._elsewhere_until = self._clock() + _ELSEWHERE
            return False
        if sink is self._sink and self._spill is not None and self._clock() - begun > _SLOW:
            self._complain("is slow, and lines go to the spill file for %d s", int(_ELSEWHERE))
            self._elsewhere_until = self._clock() + _ELSEWHERE
        return True

    def _complain(self, text: str, *about: object) -> None:
        if self._clock() - self._complained >= _TOLD_EVERY:
            self._complained = self._clock()
            _log.warning("the decision log " + text, *about)

    def close(self) -> None:
        """Wait for nothing any more, and close the files."""
        self._stopping.set()
        with self._writing:
            self._sink.close()
            if self._spill is not None:
                self._spill.close()


def _number(question: bytes, now: datetime) -> int:
    """Give a number below 2^32 that follows from a question and its instant."""
    micros = now.microsecond | (int(now.timestamp()) << 20)
    return zlib.crc32(micros.to_bytes(8, "little", signed=True), zlib.crc32(question))
