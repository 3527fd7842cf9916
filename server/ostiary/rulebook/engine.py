"""The parent's side of the engine: one worker process, a deadline, and no trust in its answers."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ostiary.domain.errors import EngineFailedError
from ostiary.rulebook.compiler import CompiledPhase

# -P: the folder that the server was started in must not supply modules
WORKER_COMMAND = (sys.executable, "-P", "-m", "ostiary.rulebook.engine_worker")
# A state of the engine is 0.6 MB; glibc would give it back to the kernel after each cell.
WORKER_ENVIRONMENT = {"MALLOC_TOP_PAD_": "16777216"}

LARGEST_FRAME = 16 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_ENDING = 2.0  # seconds in which a process that was told to end, or was killed, is gone


class Chunk(msgspec.Struct, frozen=True):
    """What fired in some cells: a position in `sets` for each, from the cell `first` on."""

    first: int
    sets: list[list[int]]
    cells: list[int]


class _Answer(msgspec.Struct, frozen=True):
    loaded: str | None = None
    error: str | None = None
    first: int | None = None
    sets: list[list[int]] | None = None
    cells: list[int] | None = None


_decoder = msgspec.json.Decoder(_Answer)


class Deadline:
    """A point in time that work must be done by."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Give the seconds that are left, 0 if none."""
        return max(0.0, self._end - time.monotonic())


class EngineWorker:
    """A worker process; whatever goes wrong ends it and raises EngineFailedError."""

    def __init__(self, command: Sequence[str] = WORKER_COMMAND) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **WORKER_ENVIRONMENT},
                bufsize=0,
                start_new_session=True,  # Ctrl-C at the terminal is for the server
            )
        except OSError as error:
            reason = error.strerror or str(error)
            raise EngineFailedError(f"the rule engine could not be started: {reason}") from error
        assert self._process.stdin is not None  # noqa: S101  # PIPE was asked for
        assert self._process.stdout is not None  # noqa: S101
        self._open = True
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self.loaded: dict[str, CompiledPhase] = {}

    @property
    def pid(self) -> int:
        """Give the id of the process."""
        return self._process.pid

    def load(self, phase: CompiledPhase, deadline: Deadline) -> None:
        """Give the worker the rules of a phase."""
        load = {
            "name": phase.name,
            "ruleset": phase.ruleset,
            "owners": phase.owners,
            "facts": phase.facts,
        }
        with self._ended_by_failure():
            self._send({"load": load}, deadline)
            answer = self._receive(deadline)
            if answer.loaded != phase.name:
                raise EngineFailedError("the rule engine sent something that is no answer")
        self.loaded[phase.name] = phase

    def fire(self, phase: str, first: int, count: int, deadline: Deadline) -> Iterator[Chunk]:
        """Give what fires in each cell of a range, chunk by chunk."""
        rules = self.loaded[phase].rules
        with self._ended_by_failure():
            self._send({"fire": {"name": phase, "first": first, "count": count}}, deadline)
            end = first + count
            while first < end:
                chunk = _checked(self._receive(deadline), first, end, rules)
                yield chunk
                first += len(chunk.cells)

    def close(self) -> None:
        """End the process; it is gone afterwards."""
        self._close_pipes()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING / 4)
        self._kill()

    def abandon(self) -> None:
        """Forget a process that belongs to the process which this one was forked from."""
        self._close_pipes()
        self._process.returncode = 0

    @contextlib.contextmanager
    def _ended_by_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._kill()
            self._close_pipes()
            raise

    def _close_pipes(self) -> None:
        self._open = False
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING)

    def _send(self, request: dict[str, Any], deadline: Deadline) -> None:
        # should this process be killed, the worker ends by itself soon after the deadline
        content = msgspec.json.encode({**request, "alarm": deadline.left + 5.0})
        rest = memoryview(_LENGTH.pack(len(content)) + content)
        while rest:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:
                continue
            except OSError:
                raise EngineFailedError(self._obituary()) from None

    def _receive(self, deadline: Deadline) -> _Answer:
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > LARGEST_FRAME:
            raise EngineFailedError("the rule engine sent something that is no answer")
        try:
            answer = _decoder.decode(self._read(length, deadline))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise EngineFailedError("the rule engine sent something that is no answer") from None
        if answer.error is not None:
            raise EngineFailedError(f"the rule engine failed: {answer.error}")
        return answer

    def _read(self, count: int, deadline: Deadline) -> bytes:
        content = bytearray()
        while len(content) < count:
            self._wait(self._out, select.POLLIN, deadline)
            try:
                read = os.read(self._out, count - len(content))
            except BlockingIOError:
                continue
            if not read:
                raise EngineFailedError(self._obituary())
            content += read
        return bytes(content)

    def _wait(self, descriptor: int, event: int, deadline: Deadline) -> None:
        """Wait until the pipe is ready; what may be done at once is done even at the deadline."""
        if not self._open:  # the number of the pipe may be somebody else's file by now
            raise EngineFailedError("the rule engine has been ended")
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(deadline.left * 1_000):
            raise EngineFailedError(
                f"the rule engine did not answer within {deadline.seconds:g} s and was ended"
            )

    def _obituary(self) -> str:
        try:
            code = self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            return "the rule engine closed its pipe without an answer and was ended"
        if code < 0:
            with contextlib.suppress(ValueError):
                return f"the rule engine crashed with {signal.Signals(-code).name}"
        return f"the rule engine ended with exit code {code} before it had answered"


def _checked(answer: _Answer, first: int, end: int, rules: int) -> Chunk:
    """Give an answer as a chunk if it can be one: nothing missing, no rule that does not exist."""
    sets, cells = answer.sets, answer.cells
    if answer.first == first and sets is not None and cells and first + len(cells) <= end:
        numbers = [number for fired in sets for number in fired]
        known = not numbers or 0 <= min(numbers) <= max(numbers) < rules
        if known and 0 <= min(cells) <= max(cells) < len(sets):
            return Chunk(first, sets, cells)
    raise EngineFailedError("the rule engine sent something that is no answer")
