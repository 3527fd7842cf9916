"""The mutants of a rule pack or a tenant in a folder, tried against suites that pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ostiary.analysis.coverage.counting import read_whole
from ostiary.analysis.mutation.pack_mutation import mutate_pack
from ostiary.analysis.mutation.report import MutationReport
from ostiary.analysis.mutation.suite_tests import Ran, SuiteTests
from ostiary.analysis.mutation.tenant_mutation import mutate_tenant
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import Status, SuitesReport
from ostiary.domain.errors import SuitesFailingError
from ostiary.rulebook.holdings import Holding, Kind
from ostiary.rulebook.mutants_file import read_accepted
from ostiary.rulebook.placing import placing
from ostiary.rulebook.suite_file import Suite
from ostiary.rulebook.tenant_files import load_tenant


def passing(suites: Sequence[Suite], report: SuitesReport) -> list[Ran]:
    """Give the tests of suites with their reports; raises SuitesFailingError if one fails."""
    failed = [one for one in report.tests if one.status is not Status.PASSED]
    if failed:
        raise SuitesFailingError(
            [f"{one.place.file}:{one.place.line}: {one.name}" for one in failed]
        )
    tests = [(suite, test) for suite in suites for test in suite.tests]
    return [(suite, test, one) for (suite, test), one in zip(tests, report.tests, strict=True)]


def mutated(
    one: Holding,
    bench: Bench,
    tests: Sequence[Ran],
    *,
    only: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MutationReport:
    """Give what becomes of the mutants of a folder; with `only`, of those whose id holds it.

    Raises DefinitionError, with places.
    """
    folder = one.folder
    if one.kind is Kind.TENANT:
        with placing(folder):
            accepted = read_accepted(folder)
            tenant = load_tenant(folder).tenant
        return mutate_tenant(folder, tenant, bench, tests, accepted, only=only, progress=progress)
    with placing(folder):
        accepted = read_accepted(folder)
    pack = read_whole(folder)
    asked = SuiteTests(bench, _known(folder, bench, tests), tests)
    return mutate_pack(pack, asked, accepted, only=only, progress=progress)


def _known(folder: Path, bench: Bench, tests: Sequence[Ran]) -> Path:
    """Give a folder as the suites call it."""
    for suite, _, _ in tests:
        if bench.rules_of(suite).resolve() == folder.resolve():
            return bench.rules_of(suite)
    return folder


def over(reports: Sequence[MutationReport], most: int | None) -> str:
    """Say that more mutants survive unexplained than may; empty: they do not."""
    survivors = sum(len(one.unexplained) for one in reports)
    if most is None or survivors <= most:
        return ""
    return f"{survivors} unexplained survivors, more than {most}"
