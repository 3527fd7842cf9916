"""Long work for those who write rules, in a thread of its own: how far it is, and what came of it.

What is found out is the work of `analysis`; here it is started, told and, when nobody waits for it
any more, ended.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
from pyroaring import FrozenBitMap

from ostiary.analysis.diff.differ import diff, world
from ostiary.analysis.diff.plain import as_plain as diff_as_plain
from ostiary.analysis.diff.plain import counts
from ostiary.analysis.diff.report import DiffReport
from ostiary.analysis.lint.run import lint
from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.analysis.proof.suites import as_plain, counterexamples
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.rpc.replaying import counted

MOST_NAMED = 1_000  # people of one change
MOST_AT_ONCE = 2  # in a process: what is decided beside them has its share of the processor, too
_SWITCH = 0.0002  # seconds after which work hands the interpreter over to whoever wants it
_EVERY = 0.2  # seconds between two words about progress
_LONGEST_NAME = 256

PROPERTIES: Mapping[str, Property] = {one.value: one for one in Property}
Progress = Callable[[int, int], None]


class Far(msgspec.Struct, frozen=True):
    """How far the work has come."""

    done: int
    total: int


class Outcome(msgspec.Struct, frozen=True):
    """What came of it; `details` is JSON."""

    passed: bool
    summary: str
    details: str
    new: Mapping[str, bytes] = {}  # files of suites that would see what was not seen


class _LeftError(Exception):
    """Nobody waits any more; never leaves this module."""


_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


@contextmanager
def _turn(left: threading.Event) -> Iterator[None]:
    """Wait until there is room; raises _LeftError if nobody waits that long."""
    while not _turns.acquire(timeout=_EVERY):
        if left.is_set():
            raise _LeftError
    try:
        yield
    finally:
        _turns.release()


class _Courtesy:
    """Has threads hand the interpreter over more often while long work is done.

    A decision takes a fraction of a millisecond; beside work that computes it would wait five for
    each time that its thread wakes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works = 0
        self._usual = 0.0

    def __enter__(self) -> None:
        with self._lock:
            self._works += 1
            if self._works == 1:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(_SWITCH)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._works -= 1
            if self._works == 0:
                sys.setswitchinterval(self._usual)


_courtesy = _Courtesy()


def carried_out(
    work: Callable[[Progress], Outcome],
    waited_for: Callable[[], bool],
    *,
    paced: bool = False,
) -> Iterator[Far | Outcome]:
    """Tell how far the work is, now and then, and last of all what came of it.

    Few works are done at once, the others wait for their turn; not those that are `paced` by who
    sends what they work on, who would hold a turn for as long as they like. Raises what the work
    raises. It ends at its next step when nobody waits.
    """
    told: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
    far: list[Far] = []
    left = threading.Event()

    def progress(done: int, total: int) -> None:
        if left.is_set():
            raise _LeftError
        far[:] = [Far(done, total)]

    def run() -> None:
        try:
            with nullcontext() if paced else _turn(left), _courtesy:
                told.put(work(progress))
        except _LeftError:
            pass
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            told.put(error)

    threading.Thread(target=run, name="analyses", daemon=True).start()
    try:
        while waited_for():
            try:
                outcome = told.get(timeout=_EVERY)
            except queue.Empty:
                yield from far[:1]
                continue
            if not isinstance(outcome, BaseException):
                yield outcome
            elif waited_for():  # else what was sent ended in the middle, as its sender left
                raise outcome
            return
    finally:
        left.set()


def compared(
    tenant: Tenant,
    old: Tables,
    new: Tables,
    at: datetime,
    progress: Progress,
    *,
    named: str,
    most: int = MOST_NAMED,
) -> Outcome:
    """Compare two packs over one tenant; `named` is what the new one is called.

    So many people at most are named of each change, as a tenant may have millions.
    """
    before = world(tenant, old)
    report = diff(before, world(tenant, new, beside=before), at, progress=progress)
    told = "nothing changes for anybody"
    if not report.empty:
        parts = ", ".join(_concerned(report))
        told = f"{counted(len(report.diffs), 'package')} differ; people: {parts}"
    plain = diff_as_plain(report, "active", named, most)
    return Outcome(report.empty, told, as_json(plain))


def _concerned(report: DiffReport) -> Iterator[str]:
    for kind, people, _ in counts(report):
        come = " and newcomers" if report.newcomers(people) else ""
        yield f"{kind.value} {report.known(people):,}{come}"


def proved(
    tenant: Tenant,
    old: Tables,
    new: Tables,
    properties: Iterable[Property],
    at: datetime,
    progress: Progress,
) -> Outcome:
    """Prove what a candidate must not do, beside what is in force."""
    report = prove(
        Definitions(tenant, new),
        Definitions(tenant, old),
        properties=tuple(properties) or tuple(Property),
        at=at,
        progress=progress,
    )
    verdicts = ", ".join(f"{one.property.value} {one.verdict.value}" for one in report.findings)
    suites = {f"{one.name}_test.yaml": one.text.encode() for one in counterexamples(report, tenant)}
    return Outcome(report.verdict is Verdict.PROVED, verdicts, as_json(as_plain(report)), suites)


def linted(
    tenant: Tenant, overrides: Mapping[str, Any], at: datetime, progress: Progress
) -> Outcome:
    """Look for likely mistakes in a tenant; `overrides` are those of its profile as written."""
    report = lint(tenant, now=at, overrides=overrides, progress=progress)
    count = len(report.findings)
    told = f"{counted(count, 'likely mistake')}" if count else "nothing was found"
    return Outcome(not count, told, as_json(report))


def as_json(report: object) -> str:
    """Give a report for programs."""
    return msgspec.json.encode(report, enc_hook=_plain_of).decode()


def _plain_of(value: object) -> object:
    if isinstance(value, FrozenBitMap):
        return list(value)
    if isinstance(value, Path):
        return value.as_posix()
    return str(value)
