"""Long work on suites that somebody sent: run, counted by what they looked at, tried on mutants.

The files are laid out in a folder of their own that is gone when the work is done, and everything
that is told calls them by their names in it.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import msgspec

from ostiary.analysis.coverage.cases import NewSuite
from ostiary.analysis.coverage.counting import Counting, Covered, Earlier, read_whole, under
from ostiary.analysis.coverage.plain import as_plain as coverage_as_plain
from ostiary.analysis.mutation.mutating import mutated, over, passing
from ostiary.analysis.mutation.plain import as_plain as mutants_as_plain
from ostiary.analysis.mutation.report import MutationReport
from ostiary.analysis.new_suites import beside, write_new
from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.plain import as_plain
from ostiary.analysis.suites.report import Status, SuitesReport
from ostiary.analysis.suites.runner import run_suites
from ostiary.domain.errors import DefinitionError, InvalidRequestError, SuitesFailingError
from ostiary.rpc.analyses import Outcome, Progress
from ostiary.rpc.replaying import counted
from ostiary.rulebook.folder_kinds import MUTANTS_FILE
from ostiary.rulebook.holdings import Holding, Kind, holdings
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_files import Files, laid_out
from ostiary.rulebook.placing import placing
from ostiary.rulebook.suite_file import Suite
from ostiary.rulebook.suite_folders import load_all, suites_below

_LONGEST_NAME = 256
_SHOWN = 12  # digits of a revision


class Sent(msgspec.Struct, frozen=True):
    """Files that were sent, and what they are to be run with."""

    files: Mapping[str, bytes]
    rules: Files | None = None  # of a revision, in the place of the rules that suites name
    digest: str = ""  # of that revision


class CoverageWish(msgspec.Struct, frozen=True):
    """What is to be counted, and how much is enough."""

    fail_under: float | None = None
    rules_only: bool = False
    changed_since: Files | None = None  # the text of a rule pack


def wrong_name(name: str) -> str:
    """Tell what is wrong with the name of a file that somebody sent; empty: nothing."""
    inside = PurePosixPath(name)
    plain = 0 < len(name) <= _LONGEST_NAME and name.isprintable() and "\\" not in name
    if not plain or inside.is_absolute() or inside.as_posix() != name or ".." in inside.parts:
        return "must be the name of a file below the folder"
    return ""


def tested(sent: Sent, progress: Progress) -> Outcome:
    """Run the suites among files; raises DefinitionError."""
    with _room(sent) as room:
        report = room.run(room.suites(), progress)
        told = _told(report)
        return Outcome(report.passed, told, room.named(_json(as_plain(report))))


def covered(sent: Sent, wish: CoverageWish, now: datetime, progress: Progress) -> Outcome:
    """Count what the suites among files look at; raises DefinitionError."""
    with _room(sent) as room:
        room.load_packs()
        suites = room.suites(may_be_none=True)
        report = room.run(suites, progress)
        done = len(report.tests)
        with _pack_of(wish.changed_since) as old:
            counting = Counting(
                [room.folder],
                suites,
                room.bench,
                report,
                now=now,
                rules_only=wish.rules_only,
                earlier=None if old is None else _Before(old),
                progress=lambda some, of: progress(done + some, done + of),
            )
            found: list[Covered] = []
            for one in counting.counted():
                found.append(one)
                progress(done + len(found), done + len(found))
        if not found:
            raise _nothing_held()
        low = under(found, wish.fail_under, rules_only=wish.rules_only)
        plain = {**as_plain(report), "coverage": coverage_as_plain(found)}
        parts = low or [_share(one, rules_only=wish.rules_only) for one in found]
        return Outcome(
            passed=not low and (report.passed or not report.tests),
            summary=room.named("; ".join((_told(report), *parts))),
            details=room.named(_json(plain)),
            new=room.written([(one.folder, one.kind, one.new) for one in found], suites),
        )


def mutants(sent: Sent, only: str | None, fail_over: int | None, progress: Progress) -> Outcome:
    """Try the mutants of packs and tenants among files, or of a revision, against the suites.

    Raises DefinitionError, and SuitesFailingError if a test does not pass as things are.
    """
    with _room(sent) as room:
        found = room.holdings()
        room.load_packs()
        suites = room.suites(may_be_none=True)
        report = room.run(suites, progress)
        with room.naming():
            tests = passing(suites, report)
            reports = [
                mutated(one, room.bench, tests, only=only, progress=progress) for one in found
            ]
        return Outcome(
            passed=not over(reports, fail_over) and not any(one.stale for one in reports),
            summary=_told_of(reports, fail_over),
            details=room.named(_json([mutants_as_plain(one) for one in reports])),
            new=room.written(
                [
                    (one.folder, one.kind, made.new)
                    for one, made in zip(found, reports, strict=True)
                ],
                suites,
            ),
        )


class _Room:
    """The folder of one call with a bench over it."""

    def __init__(self, folder: Path, bench: Bench, sent: Sent) -> None:
        self.folder = folder
        self.bench = bench
        self._rules = bench.candidate.rules
        self._digest = sent.digest

    def suites(self, *, may_be_none: bool = False) -> list[Suite]:
        """Give the suites; raises InvalidRequestError if they reach for what was not sent."""
        suites = load_all(suites_below(self.folder))
        if not suites and not may_be_none:
            raise InvalidRequestError([("files", "hold no suite: no file ending in _test.yaml")])
        # INVARIANT: who sends files has nothing else of this machine read.
        named = {path for one in suites for path in (one.tenant, one.rules) if path is not None}
        if any(not path.resolve().is_relative_to(self.folder) for path in named):
            raise InvalidRequestError([("files", "a suite names a folder that was not sent")])
        return suites

    def holdings(self) -> list[Holding]:
        """Give what is mutated: every pack and tenant, of packs the revision if one is named."""
        found = holdings(self.folder)
        if self._rules is not None:
            found = [one for one in found if one.kind is Kind.TENANT]
            found.insert(0, Holding(self._rules, Kind.PACK))
            explained = self.folder / MUTANTS_FILE
            if explained.is_file():
                shutil.copy(explained, self._rules / MUTANTS_FILE)
        if not found:
            raise _nothing_held()
        return found

    def load_packs(self) -> None:
        """Have every pack worked out, tested or not: what is wrong with one is told by places."""
        for one in holdings(self.folder):
            if one.kind is Kind.PACK:
                with placing(one.folder):
                    self.bench.tables_in(one.folder)

    def run(self, suites: Sequence[Suite], progress: Progress) -> SuitesReport:
        """Run suites."""
        for suite in suites:
            with placing(self.bench.rules_of(suite)):
                self.bench.tables(suite)
        return run_suites(suites, self.bench, progress=progress, clock=time.monotonic)

    def named(self, text: str) -> str:
        """Give a text in which files have their names in the folder."""
        told = text.replace(f"{self.folder.as_posix()}/", "").replace(str(self.folder), ".")
        if self._rules is not None:
            told = told.replace(self._rules.as_posix(), self._digest[:_SHOWN])
        return told

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Have what is raised call files by their names in the folder."""
        try:
            yield
        except DefinitionError as error:
            raise DefinitionError(
                msgspec.structs.replace(
                    one, file=self.named(one.file), message=self.named(one.message)
                )
                for one in error.faults
            ) from None
        except SuitesFailingError as error:
            raise SuitesFailingError(list(map(self.named, error.tests))) from None

    def written(
        self,
        found: Sequence[tuple[Path, Kind, Sequence[NewSuite]]],
        suites: Sequence[Suite],
    ) -> dict[str, bytes]:
        """Give new suites as files, with names that none of the files has."""
        files: dict[str, bytes] = {}
        for folder, kind, new in found:
            of = self.bench.rules_of if kind is Kind.PACK else self.bench.tenant_of
            room = beside(folder, suites, of)
            # INVARIANT: nothing is written anywhere else.
            if not room.resolve().is_relative_to(self.folder):
                room = self.folder
            inside = folder.resolve().is_relative_to(self.folder)
            for one in new:
                # What was not sent is found by who keeps the suite, not by a path of this machine.
                path = write_new(one, room, folder if inside else room, kind)
                files[path.relative_to(self.folder).as_posix()] = path.read_bytes()
        return files


@contextmanager
def _room(sent: Sent) -> Iterator[_Room]:
    with ExitStack() as until:
        folder = until.enter_context(_folder_of(sent.files))
        rules = None
        if sent.rules is not None:
            rules = until.enter_context(laid_out(sent.rules)).resolve()
        bench = until.enter_context(Bench(Candidate(rules=rules)))
        room = _Room(folder, bench, sent)
        until.enter_context(room.naming())
        yield room


@contextmanager
def _folder_of(files: Mapping[str, bytes]) -> Iterator[Path]:
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


class _Before(Earlier):
    """A rule pack that every pack was before; of tenants nobody knows."""

    def __init__(self, old: Pack) -> None:
        self._old = old

    def pack(self, _: Path) -> Pack:
        return self._old

    def tenant(self, _: Path) -> None:
        return None


@contextmanager
def _pack_of(files: Files | None) -> Iterator[Pack | None]:
    if files is None:
        yield None
        return
    with laid_out(files) as folder:
        yield read_whole(folder)


def _nothing_held() -> InvalidRequestError:
    return InvalidRequestError([("files", "hold neither a rule pack nor a tenant")])


def _told(report: SuitesReport) -> str:
    failed = len(report.tests) - report.count(Status.PASSED)
    return f"{counted(len(report.tests), 'test')}, {failed:,} not passed"


def _share(one: Covered, *, rules_only: bool) -> str:
    """Say how much was looked at of a folder; 100 % is never less than all."""
    share = math.floor(min(one.shares(rules_only=rules_only), default=100.0) * 10) / 10
    return f"{one.folder}: {share:.1f} % looked at"


def _told_of(reports: Sequence[MutationReport], fail_over: int | None) -> str:
    tried = sum(sum(_fates(one)) for one in reports)
    survivors = sum(len(one.survivors) for one in reports)
    unexplained = sum(len(one.unexplained) for one in reports)
    told = f"{counted(tried, 'mutant')}, {survivors:,} survive, {unexplained:,} of them unexplained"
    stale = sum(len(one.stale) for one in reports)
    parts = [
        told,
        f"{counted(stale, 'stale explanation')}" if stale else "",
        over(reports, fail_over),
    ]
    return "; ".join(filter(None, parts))


def _fates(one: MutationReport) -> Iterator[int]:
    return (each.equal + each.refused + each.killed + each.survived for each in one.operators)


def _json(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False)
