"""`ostiary mutate`: the mutants of packs and tenants, tried, counted and shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ostiary.analysis.mutation.pack_mutation import mutate_pack
from ostiary.analysis.mutation.report import MutationReport
from ostiary.analysis.mutation.suite_tests import Ran, SuiteTests
from ostiary.analysis.mutation.tenant_mutation import mutate_tenant
from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.analysis.suites.report import Status
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import refusing
from ostiary.cli.holdings import Holding, Kind, holdings
from ostiary.cli.new_suites import beside, told, write_new
from ostiary.cli.plain import clean
from ostiary.cli.show_mutants import as_plain, show_mutants
from ostiary.cli.suites import bar, bench_of, load_suites, ran
from ostiary.cli.terminal import console
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.mutants_file import read_accepted
from ostiary.rulebook.pack_reader import read_pack
from ostiary.rulebook.suite_file import Suite
from ostiary.rulebook.tenant_files import load_tenant


class Wish(msgspec.Struct, frozen=True):
    """What the command was told beside the paths."""

    suites: tuple[Path, ...] = ()
    only: str | None = None  # a part of the ids of mutants
    fail_over: int | None = None
    write_missing: bool = False


def mutate(paths: Sequence[Path], wish: Wish, *, as_json: bool) -> Exit:
    """Try the mutants of everything below the paths and print what came of them.

    FAULTY if an entry of `mutants.yaml` is stale, or more survive than may.
    """
    found = _holdings(paths)
    suites = load_suites([*paths, *wish.suites], may_be_none=True)
    with bench_of(suites, Candidate()) as bench:
        tests = _passing(suites, bench)
        reports = [_report(one, bench, tests, wish) for one in found]
        rooms = [beside(one.folder, suites, bench.rules_of) for one in found]
    if as_json:
        print(json.dumps([as_plain(one) for one in reports], indent=2, ensure_ascii=False))
    else:
        screen = console()
        for report in reports:
            show_mutants(screen, report)
    sys.stdout.flush()
    for one, report, room in zip(found, reports, rooms, strict=True):
        for suite in report.new if wish.write_missing else ():
            path = write_new(suite, room, one.folder, one.kind)
            print(clean(told(path, suite.tests)), file=sys.stderr)
    return _ended(reports, wish)


def _holdings(paths: Sequence[Path]) -> list[Holding]:
    missing = [path for path in paths if not path.is_dir()]
    if missing:
        raise CommandError(Exit.USAGE, (f"no such folder: {path}" for path in missing))
    found = [one for path in paths for one in holdings(path)]
    if not found:
        listed = ", ".join(map(str, paths))
        raise CommandError(Exit.USAGE, (f"{listed}: holds neither a rule pack nor a tenant",))
    return found


def _passing(suites: Sequence[Suite], bench: Bench) -> list[Ran]:
    """Give the tests with their reports; CommandError if one does not pass as things are."""
    report = ran(suites, bench)
    tests = [(suite, test) for suite in suites for test in suite.tests]
    failed = [one for one in report.tests if one.status is not Status.PASSED]
    if failed:
        listed = [f"{one.place.file}:{one.place.line}: {one.name}" for one in failed[:10]]
        text = "mutants mean something only where every test passes; these do not:"
        raise CommandError(Exit.FAULTY, (text, *map(clean, listed)))
    return [(suite, test, one) for (suite, test), one in zip(tests, report.tests, strict=True)]


def _report(one: Holding, bench: Bench, tests: Sequence[Ran], wish: Wish) -> MutationReport:
    if one.kind is Kind.TENANT:
        return _report_tenant(one.folder, bench, tests, wish)
    with refusing(one.folder):
        accepted = read_accepted(one.folder)
        faults = FaultList()
        pack = read_pack(one.folder, faults)
        faults.refuse_if_errors()
    assert pack is not None  # noqa: S101  # no pack without a fault
    asked = SuiteTests(bench, _known(one.folder, bench, tests), tests)
    with bar("mutants") as progress:
        return mutate_pack(pack, asked, accepted, only=wish.only, progress=progress)


def _report_tenant(folder: Path, bench: Bench, tests: Sequence[Ran], wish: Wish) -> MutationReport:
    with refusing(folder):
        accepted = read_accepted(folder)
        tenant = load_tenant(folder).tenant
    with bar("mutants") as progress:
        return mutate_tenant(
            folder, tenant, bench, tests, accepted, only=wish.only, progress=progress
        )


def _known(folder: Path, bench: Bench, tests: Sequence[Ran]) -> Path:
    """Give a folder as the suites call it."""
    for suite, _, _ in tests:
        if bench.rules_of(suite).resolve() == folder.resolve():
            return bench.rules_of(suite)
    return folder


def _ended(reports: Sequence[MutationReport], wish: Wish) -> Exit:
    code = Exit.DONE
    for fault in (fault for one in reports for fault in one.stale):
        print(clean(str(fault)), file=sys.stderr)
        code = Exit.FAULTY
    for text in _over(reports, wish.fail_over):
        print(clean(text), file=sys.stderr)
        code = Exit.FAULTY
    return code


def _over(reports: Sequence[MutationReport], most: int | None) -> Iterator[str]:
    survivors = sum(len(one.unexplained) for one in reports)
    if most is not None and survivors > most:
        yield f"{survivors} unexplained survivors, more than {most}"
