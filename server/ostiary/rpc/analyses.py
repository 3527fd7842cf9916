"""Long work for those who write rules, in a thread of its own: how far it is, and what came of it.

What is found out is the work of `analysis`; here it is started, told and, when nobody waits for it
any more, ended.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from pyroaring import FrozenBitMap

from ostiary.analysis.diff.differ import diff, world
from ostiary.analysis.diff.report import DiffReport, Kind
from ostiary.analysis.lint.run import lint
from ostiary.analysis.proof.possible import Definitions
from ostiary.analysis.proof.prove import prove
from ostiary.analysis.proof.report import Property, Verdict
from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.report import Status
from ostiary.analysis.suites.runner import run_suites
from ostiary.domain.errors import DefinitionError, Fault, InvalidRequestError
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.folder_kinds import is_suite
from ostiary.rulebook.suite_file import Suite, load_suite

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


class _LeftError(Exception):
    """Nobody waits any more; never leaves this module."""


def carried_out(
    work: Callable[[Progress], Outcome], waited_for: Callable[[], bool]
) -> Iterator[Far | Outcome]:
    """Tell how far the work is, now and then, and last of all what came of it.

    Raises what the work raises. It ends at its next step when nobody waits.
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
                if far:
                    yield far[0]
                continue
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
            return
    finally:
        left.set()


def tested(files: Mapping[str, bytes], rules: Path | None, progress: Progress) -> Outcome:
    """Run the suites among files; raises DefinitionError, EngineFailedError."""
    with _laid_out(files) as folder, Bench(Candidate(rules=rules)) as bench:
        suites = _suites(folder)
        clock = time.monotonic
        report = run_suites(suites, bench, progress=progress, clock=clock)
        failed = len(report.tests) - report.count(Status.PASSED)
        told = f"{_counted(len(report.tests), 'test')}, {failed:,} not passed"
        details = _json(report).replace(f"{folder.as_posix()}/", "").replace(str(folder), ".")
    return Outcome(report.passed, told, details)


def _suites(folder: Path) -> list[Suite]:
    faults: list[Fault] = []
    suites: list[Suite] = []
    for path in sorted(folder.rglob("*")):
        if is_suite(path) and path.is_file():
            try:
                suites.append(load_suite(path))
            except DefinitionError as error:
                faults += error.faults
    if faults:
        inside = f"{folder.as_posix()}/"
        raise DefinitionError(
            msgspec.structs.replace(
                one,
                file=one.file.removeprefix(inside),
                message=one.message.replace(inside, ""),
            )
            for one in faults
        )
    if not suites:
        raise InvalidRequestError([("files", "hold no suite: no file ending in _test.yaml")])
    # INVARIANT: who sends files has nothing else of this machine read.
    named = {path for one in suites for path in (one.tenant, one.rules) if path is not None}
    if any(not path.resolve().is_relative_to(folder) for path in named):
        raise InvalidRequestError([("files", "a suite names a folder that was not sent")])
    return suites


@contextmanager
def _laid_out(files: Mapping[str, bytes]) -> Iterator[Path]:
    with TemporaryDirectory(prefix="ostiary-suites-") as room:
        folder = Path(room).resolve()
        for name, content in files.items():
            path = folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            except OSError:
                text = f"cannot be received: `{name}`"
                raise InvalidRequestError([("files", text)]) from None
        yield folder


def wrong_name(name: str) -> str:
    """Tell what is wrong with the name of a file that somebody sent; empty: nothing."""
    inside = PurePosixPath(name)
    plain = 0 < len(name) <= _LONGEST_NAME and name.isprintable() and "\\" not in name
    if not plain or inside.is_absolute() or inside.as_posix() != name or ".." in inside.parts:
        return "must be the name of a file below the folder"
    return ""


def compared(tenant: Tenant, old: Tables, new: Tables, at: datetime, progress: Progress) -> Outcome:
    """Compare two packs over one tenant."""
    before = world(tenant, old)
    report = diff(before, world(tenant, new, beside=before), at, progress=progress)
    people = {kind.value: len(report.concerned(kind)) for kind in Kind}
    parts = [f"{kind} {count:,}" for kind, count in people.items() if count]
    told = "nothing changes for anybody"
    if not report.empty:
        told = f"{_counted(len(report.diffs), 'package')} differ; people: {', '.join(parts)}"
    return Outcome(report.empty, told, _json(_plain(report, people)))


def _plain(report: DiffReport, people: Mapping[str, int]) -> dict[str, Any]:
    return {
        "old": report.old,
        "new": report.new,
        "at": report.at,
        "people": people,
        "looked_at": {"people": report.people, "packages": report.packages},
        "packages": [
            {
                "id": one.id,
                "name": one.name,
                "changes": [
                    {
                        "kind": change.kind,
                        "policy": change.policy,
                        "before": change.before,
                        "after": change.after,
                        "people": len(change.people),
                    }
                    for change in one.changes
                ],
            }
            for one in report.diffs
        ],
    }


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
    return Outcome(report.verdict is Verdict.PROVED, verdicts, _json(report))


def linted(tenant: Tenant, at: datetime, progress: Progress) -> Outcome:
    """Look for likely mistakes in a tenant."""
    report = lint(tenant, now=at, progress=progress)
    count = len(report.findings)
    told = f"{_counted(count, 'likely mistake')}" if count else "nothing was found"
    return Outcome(not count, told, _json(report))


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def _json(report: object) -> str:
    return msgspec.json.encode(report, enc_hook=_plain_of).decode()


def _plain_of(value: object) -> object:
    if isinstance(value, FrozenBitMap):
        return list(value)
    if isinstance(value, Path):
        return value.as_posix()
    return str(value)
