"""Decisions that are logged, without a server: a desk that is observed, and its log."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from ostiary.rpc.decision_lines import Chain, Read, read_lines
from ostiary.rpc.decision_log import DecisionLog, FileSink, Sink
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.observed_desk import Observer
from ostiary.running.desks import desk_of
from ostiary.v1 import decision_service_pb2
from tests.contract.lent import NOW

TENANT = "harbour"
_NUMBERS = itertools.count(1)


def file_sink(path: Path, at: datetime = NOW) -> FileSink:
    """A file of a log."""

    def begin(chain: Chain, torn: str) -> bytes:
        return chain.begin(at, tenant=TENANT, sample=1.0, torn=torn)

    return FileSink(path, begin, lambda: f"run{next(_NUMBERS)}")


def observed(harbour: LoadedDesk, *observers: Observer) -> Callable[..., bytes]:
    """What answers one question at a desk that is observed."""
    desk = desk_of(harbour.desk.snapshot, harbour.tables, observers=observers)

    def ask(who: str = "anna", package: str = "crane", at: datetime = NOW) -> bytes:
        asked = decision_service_pb2.EvaluateRequest(access_package=package, requestor_id=who)
        return desk.evaluate(asked.SerializeToString(), at)

    return ask


def logged(harbour: LoadedDesk, path: Path, count: int = 3) -> list[bytes]:
    """The lines of a log of so many decisions: the first says that it begins."""
    log = DecisionLog(file_sink(path))
    ask = observed(harbour, log)
    for number in range(count):
        ask(package=("crane", "berth", "asking")[number % 3])
    log.close()
    return path.read_bytes().splitlines(keepends=True)


def read(path: Path) -> list[Read]:
    """A log as it is read."""
    with path.open("rb") as file:
        return list(read_lines(file))


class Failing:
    """A sink whose writes fail, or take long, as long as they are told to."""

    def __init__(self, inner: Sink, clock: Callable[[float], None] = lambda _: None) -> None:
        self._inner = inner
        self._clock = clock
        self.fails = False
        self.takes = 0.0
        self.tried = 0

    def write(self, line: Callable[[Chain], bytes]) -> None:
        """Write, or fail."""
        self.tried += 1
        self._clock(self.takes)
        if self.fails:
            raise OSError(28, "No space left on device")
        self._inner.write(line)

    def close(self) -> None:
        """Close the file."""
        self._inner.close()


def texts(reads: list[Read]) -> Iterator[str]:
    """The codes of everything that is wrong, with the numbers of the lines."""
    for one in reads:
        for flaw in one.flaws:
            yield f"{flaw.number} {flaw.code}"
