"""What the tests of folders looked at and what they did not, pack by pack and tenant by tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from ostiary.analysis.coverage.cases import NewSuite, suites_for_classes, suites_for_rules
from ostiary.analysis.coverage.changes import changed_since
from ostiary.analysis.coverage.pack import Look, PackCoverage, Wanted, cover_pack
from ostiary.analysis.coverage.questions import Questions, cases_of, questions_for
from ostiary.analysis.coverage.tenant import PolicyLook, Sight, TenantCoverage, cover_tenant
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import CaseReport, SuitesReport
from ostiary.domain.errors import DefinitionError, Fault
from ostiary.domain.tables import Phase
from ostiary.domain.tenant import Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.holdings import Kind, holdings
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.pack_codes import PackCode
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.places import as_reached
from ostiary.rulebook.placing import placing
from ostiary.rulebook.reference import MOST_OUTCOMES, TooManyOutcomesError
from ostiary.rulebook.suite_file import CellTest, QuestionTest, StoryTest, Suite
from ostiary.rulebook.suite_text import write_suite
from ostiary.rulebook.tabulate import standard_pack_dir
from ostiary.rulebook.tenant_files import load_tenant

_REMARKS = (
    "Written by `ostiary test --coverage --write-missing`: what is decided now.",
    "Read what you keep: a test that nobody has read holds mistakes in place, too.",
)
_NINE = time(9, tzinfo=UTC)  # of the day at which questions are asked if no test names an instant


class Earlier(Protocol):
    """What folders held before, where only what has changed since counts; None: nobody knows."""

    def pack(self, folder: Path) -> Pack | None:
        """Give the rule pack that a folder was."""

    def tenant(self, folder: Path) -> Tenant | None:
        """Give the tenant that a folder was."""


class Covered(msgspec.Struct, frozen=True):
    """What was counted of one folder."""

    folder: Path
    rules: Pack | None = None
    pack: PackCoverage | None = None
    tenant: TenantCoverage | None = None
    questions: Questions | None = None
    new: tuple[NewSuite, ...] = ()

    @property
    def kind(self) -> Kind:
        """Tell what the folder is."""
        return Kind.TENANT if self.pack is None else Kind.PACK

    def shares(self, *, rules_only: bool = False) -> list[float]:
        """Give what a least percentage is asked of, in hundredths."""
        if self.pack is not None:
            found = [self.pack.fired.percent, self.pack.decided.percent]
            return found if rules_only else [*found, self.pack.classes.percent]
        if self.tenant is None:
            return []
        beyond = 0 if self.questions is None else len(self.questions.out_of_reach)
        share = self.tenant.of(*Sight)
        return [replace(share, of=share.of - beyond).percent]


def under(found: Iterable[Covered], least: float | None, *, rules_only: bool = False) -> list[str]:
    """Say what is below a percentage; nothing if none is asked for."""
    if least is None:
        return []
    lowest = [(one.folder, min(one.shares(rules_only=rules_only), default=100.0)) for one in found]
    return [
        f"{folder}: {share:.1f} % is under {least:g} %" for folder, share in lowest if share < least
    ]


class Counting:
    """Counts the coverage of the packs and tenants that suites test."""

    def __init__(  # noqa: PLR0913  # what is counted, and how
        self,
        folders: Iterable[Path],
        suites: Sequence[Suite],
        bench: Bench,
        report: SuitesReport,
        *,
        now: datetime,
        rules_only: bool = False,
        earlier: Earlier | None = None,
        progress: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        """Take the folders that are looked through, and the report of all tests of the suites.

        The day of `now` is that of new questions where no test names an instant; `progress` hears
        of how many packages of a tenant questions were looked for.
        """
        self.folders = tuple(folders)
        self.suites = suites
        self.bench = bench
        self.report = report
        self._now = now
        self._rules_only = rules_only
        self._earlier = earlier
        self._progress = progress

    def counted(self) -> Iterator[Covered]:
        """Count every pack and tenant that is there or tested, in the order of their folders.

        Raises DefinitionError with the places of what is wrong in one of them.
        """
        for folder in sorted(self._packs()):
            try:
                yield self._pack(folder)
            except TooManyOutcomesError:
                text = f"the rules of a phase fire in more than {MOST_OUTCOMES:,} combinations"
                fault = Fault(folder.as_posix(), 1, 1, PackCode.LIMIT, text)
                raise DefinitionError([fault]) from None
        for folder in sorted(self._tenants()):
            yield self._tenant(folder)

    def _named(self, kind: Kind) -> set[Path]:
        return {one.folder for path in self.folders for one in holdings(path) if one.kind is kind}

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

    def _pack(self, folder: Path) -> Covered:
        pack = read_whole(folder)
        old = None if self._earlier is None else self._earlier.pack(folder)
        only = None if old is None else _changed(folder, old, pack)
        coverage = cover_pack(pack, self._looks(folder), only)
        new = suites_for_rules(pack, coverage)
        if not self._rules_only:
            new += suites_for_classes(pack, coverage)
        return Covered(folder, rules=pack, pack=coverage, new=tuple(new))

    def _looks(self, folder: Path) -> Iterator[Look]:
        for one in self.report.tests:
            if _same(Path(one.rules), folder):
                for phase, cell in one.cells:
                    yield Look(_test(one), phase, cell)

    def _tenant(self, folder: Path) -> Covered:
        with placing(folder):
            tenant = load_tenant(folder).tenant
        coverage = cover_tenant(tenant, self._policy_looks(folder))
        old = None if self._earlier is None else self._earlier.tenant(folder)
        if old is not None:
            coverage = _only_changed(coverage, tenant, old)
        rules = self._rules_for(folder)
        with placing(rules):
            tables = self.bench.tables_in(rules)
        today = datetime.combine(self._now.date(), _NINE)
        at = max(self._instants(folder), default=today)
        questions = questions_for(
            tenant, build(tenant, tables), coverage, at, progress=self._progress
        )
        new: tuple[NewSuite, ...] = ()
        if questions.found:
            cases = cases_of(questions.found)
            text = write_suite(
                f"policies of {tenant.name} as no test has seen them", cases, remarks=_REMARKS
            )
            new = (NewSuite("policies", len(cases), text),)
        return Covered(folder, tenant=coverage, questions=questions, new=new)

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
        return self.bench.candidate.rules or as_reached(standard_pack_dir())

    def _instants(self, folder: Path) -> Iterator[datetime]:
        for suite in self.suites:
            there = self.bench.tenant_of(suite)
            if there is not None and _same(there, folder):
                for one in suite.tests:
                    if isinstance(one, QuestionTest):
                        yield one.request.at


def read_whole(folder: Path) -> Pack:
    """Give the rule pack of a folder, not worked out; raises DefinitionError with places."""
    faults = FaultList()
    with placing(folder):
        pack = read_pack(folder, faults)
        faults.refuse_if_errors()
    assert pack is not None  # noqa: S101  # no pack without a fault
    return pack


def _changed(folder: Path, old: Pack, pack: Pack) -> Mapping[Phase, Wanted]:
    try:
        return changed_since(old, pack)
    except TooManyOutcomesError:
        text = "the rules of then and now are too many to be compared together"
        fault = Fault(folder.as_posix(), 1, 1, PackCode.LIMIT, text)
        raise DefinitionError([fault]) from None


def _only_changed(coverage: TenantCoverage, tenant: Tenant, old: Tenant) -> TenantCoverage:
    """Leave the policies that are not as they were, with their packages' settings aside."""
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
