"""`ostiary test --coverage`: what the tests looked at, what they did not, and tests of the rest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ostiary.adapters.clock import SystemClock
from ostiary.analysis.coverage.cases import NewSuite, suites_for_classes, suites_for_rules
from ostiary.analysis.coverage.changes import changed_since
from ostiary.analysis.coverage.pack import Look, PackCoverage, Wanted, cover_pack
from ostiary.analysis.coverage.questions import Questions, cases_of, questions_for
from ostiary.analysis.coverage.tenant import PolicyLook, Sight, TenantCoverage, cover_tenant
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import CaseReport, SuitesReport
from ostiary.cli import new_suites, sources
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import pack_folder, refusing
from ostiary.cli.holdings import Kind, holdings
from ostiary.cli.show_coverage import (
    pack_as_plain,
    show_pack,
    show_tenant,
    tenant_as_plain,
)
from ostiary.cli.terminal import console
from ostiary.domain.tables import Phase
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.reference import TooManyOutcomesError
from ostiary.rulebook.suite_file import CellTest, QuestionTest, StoryTest, Suite
from ostiary.rulebook.suite_text import write_suite
from ostiary.rulebook.tenant_files import load_tenant

_REMARKS = (
    "Written by `ostiary test --coverage --write-missing`: what is decided now.",
    "Read what you keep: a test that nobody has read holds mistakes in place, too.",
)
_NINE = time(9, tzinfo=UTC)  # of the day at which questions are asked if no test names an instant


class CoverageWish(msgspec.Struct, frozen=True):
    """What is to be counted, and what is to come of it."""

    fail_under: float | None = None
    changed_since: str | None = None  # a git revision
    write_missing: bool = False
    rules_only: bool = False


class Covered(msgspec.Struct, frozen=True):
    """What was counted of one folder."""

    folder: Path
    suites: Path  # where new suites go: beside those that there are
    rules: Pack | None = None
    pack: PackCoverage | None = None
    tenant: TenantCoverage | None = None
    questions: Questions | None = None
    new: tuple[NewSuite, ...] = ()

    def shares(self, *, rules_only: bool) -> list[float]:
        """Give what --fail-under asks of, in hundredths."""
        if self.pack is not None:
            found = [self.pack.fired.percent, self.pack.decided.percent]
            return found if rules_only else [*found, self.pack.classes.percent]
        if self.tenant is None:
            return []
        beyond = 0 if self.questions is None else len(self.questions.out_of_reach)
        share = self.tenant.of(*Sight)
        return [replace(share, of=share.of - beyond).percent]


class Coverage:
    """The coverage of the packs and tenants that suites test."""

    def __init__(
        self, paths: Sequence[Path], suites: Sequence[Suite], bench: Bench, report: SuitesReport
    ) -> None:
        self.paths = paths
        self.suites = suites
        self.bench = bench
        self.report = report

    def counted(self, wish: CoverageWish) -> list[Covered]:
        """Count every pack and tenant that is named or tested, in the order of their folders."""
        found = [self._pack(folder, wish) for folder in sorted(self._packs())]
        found += [self._tenant(folder, wish) for folder in sorted(self._tenants())]
        if not found:
            raise CommandError(Exit.USAGE, ("--coverage: nothing here is a rule pack or a tenant",))
        return found

    def _named(self, kind: Kind) -> set[Path]:
        folders = [path for path in self.paths if path.is_dir()]
        return {one.folder for path in folders for one in holdings(path) if one.kind is kind}

    def _packs(self) -> set[Path]:
        tested = {
            self.bench.rules_of(suite)
            for suite in self.suites
            if any(isinstance(one, CellTest) for one in suite.tests)
        }
        return _once([*self._named(Kind.PACK), *tested])

    def _tenants(self) -> set[Path]:
        tested = {
            self.bench.tenant_of(suite)
            for suite in self.suites
            if any(isinstance(one, QuestionTest | StoryTest) for one in suite.tests)
        }
        return _once([*self._named(Kind.TENANT), *(one for one in tested if one is not None)])

    def _pack(self, folder: Path, wish: CoverageWish) -> Covered:
        pack = _read(folder)
        only = None
        if wish.changed_since is not None:
            only = _changed(folder, pack, wish.changed_since)
        looks = list(self._looks(folder))
        coverage = cover_pack(pack, looks, only)
        beside = new_suites.beside(folder, self.suites, self.bench.rules_of)
        new = suites_for_rules(pack, coverage)
        if not wish.rules_only:
            new += suites_for_classes(pack, coverage)
        return Covered(folder, beside, rules=pack, pack=coverage, new=tuple(new))

    def _looks(self, folder: Path) -> Iterator[Look]:
        for one in self.report.tests:
            if _same(Path(one.rules), folder):
                for phase, cell in one.cells:
                    yield Look(_test(one), phase, cell)

    def _tenant(self, folder: Path, wish: CoverageWish) -> Covered:
        with refusing(folder):
            tenant = load_tenant(folder).tenant
        coverage = cover_tenant(tenant, self._policy_looks(folder))
        if wish.changed_since is not None:
            coverage = _only_changed(coverage, tenant, folder, wish.changed_since)
        rules = self._rules_for(folder)
        with refusing(rules):
            tables = self.bench.tables_in(rules)
        today = datetime.combine(SystemClock().now().date(), _NINE)
        at = max(self._instants(folder), default=today)
        questions = questions_for(tenant, build(tenant, tables), coverage, at)
        new: tuple[NewSuite, ...] = ()
        if questions.found:
            cases = cases_of(questions.found)
            text = write_suite(
                f"policies of {tenant.name} as no test has seen them", cases, remarks=_REMARKS
            )
            new = (NewSuite("policies", len(cases), text),)
        beside = new_suites.beside(folder, self.suites, self.bench.tenant_of)
        return Covered(folder, beside, tenant=coverage, questions=questions, new=new)

    def _policy_looks(self, folder: Path) -> Iterator[PolicyLook]:
        of = {suite.file: self.bench.tenant_of(suite) for suite in self.suites}
        for one in self.report.tests:
            there = of.get(one.file)
            if there is not None and _same(there, folder):
                for seen in one.touched:
                    for sight in seen.sights:
                        yield PolicyLook(_test(one), seen.package, seen.policy, Sight(sight))

    def _rules_for(self, folder: Path) -> Path:
        """Give the pack that a tenant is tested with: of its first suite, else the shipped one."""
        for suite in self.suites:
            there = self.bench.tenant_of(suite)
            if there is not None and _same(there, folder):
                return self.bench.rules_of(suite)
        return self.bench.candidate.rules or pack_folder(None)

    def _instants(self, folder: Path) -> Iterator[datetime]:
        for suite in self.suites:
            there = self.bench.tenant_of(suite)
            if there is not None and _same(there, folder):
                for one in suite.tests:
                    if isinstance(one, QuestionTest):
                        yield one.request.at


def print_coverage(found: Sequence[Covered], wish: CoverageWish) -> None:
    """Print what was counted, folder by folder."""
    screen = console()
    for one in found:
        if one.pack is not None and one.rules is not None:
            since = wish.changed_since
            show_pack(screen, one.rules, one.pack, since, rules_only=wish.rules_only)
        elif one.tenant is not None:
            show_tenant(screen, one.folder, one.tenant, one.questions, wish.changed_since)


def as_plain(found: Sequence[Covered]) -> list[dict[str, Any]]:
    """Give what was counted for programs."""
    plain = []
    for one in found:
        if one.pack is not None:
            plain.append(pack_as_plain(one.folder, one.pack, one.new))
        elif one.tenant is not None:
            plain.append(tenant_as_plain(one.folder, one.tenant, one.questions, one.new))
    return plain


def write_missing(found: Sequence[Covered]) -> list[tuple[Path, int]]:
    """Write the missing tests into new files; give each with the number of its tests."""
    written = []
    for one in found:
        for suite in one.new:
            kind = Kind.TENANT if one.pack is None else Kind.PACK
            path = new_suites.write_new(suite, one.suites, one.folder, kind)
            written.append((path, suite.tests))
    return written


def under(found: Sequence[Covered], wish: CoverageWish) -> list[str]:
    """Say what is below the percentage that was asked for."""
    if wish.fail_under is None:
        return []
    lowest = [(one, min(one.shares(rules_only=wish.rules_only), default=100.0)) for one in found]
    return [
        f"{one.folder}: {share:.1f} % is under {wish.fail_under:g} %"
        for one, share in lowest
        if share < wish.fail_under
    ]


def _read(folder: Path) -> Pack:
    faults = FaultList()
    with refusing(folder):
        pack = read_pack(folder, faults)
        faults.refuse_if_errors()
    assert pack is not None  # noqa: S101  # no pack without a fault
    return pack


def _changed(folder: Path, pack: Pack, revision: str) -> Mapping[Phase, Wanted]:
    with sources.opened(_at(folder, revision)) as source:
        if source.rules is None:
            message = f"{source.name}: was no rule pack then"
            raise CommandError(Exit.USAGE, (message,))
        old = _read(source.rules)
    try:
        return changed_since(old, pack)
    except TooManyOutcomesError:
        message = f"{folder}: the rules of then and now are too many to be compared together"
        raise CommandError(Exit.FAULTY, (message,)) from None


def _only_changed(
    coverage: TenantCoverage, tenant: Tenant, folder: Path, revision: str
) -> TenantCoverage:
    """Leave the policies that are not as they were, with their packages' settings aside."""
    with sources.opened(_at(folder, revision)) as source:
        old = source.load_tenant().tenant
    was, now = _policies(old), _policies(tenant)
    kept = tuple(
        one
        for one in coverage.policies
        if was.get((one.package, one.policy)) != now[one.package, one.policy]
    )
    return replace(coverage, policies=kept)


def _policies(tenant: Tenant) -> dict[tuple[str, str], object]:
    return {
        (package.id, policy.id): policy
        for catalog in tenant.catalogs
        for package in catalog.packages
        for policy in package.policies
    }


def _at(folder: Path, revision: str) -> str:
    return f"{sources.GIT}{revision}:{os.path.relpath(folder)}"


def _test(one: CaseReport) -> str:
    return f"{one.file}: {one.name}"


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _once(folders: Iterable[Path]) -> set[Path]:
    """Give each folder once, as it is named first."""
    found: dict[Path, Path] = {}
    for folder in folders:
        found.setdefault(folder.resolve(), folder)
    return set(found.values())
