"""`ostiary mutate`: the mutants of packs and tenants, tried, counted and shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.analysis.mutation.mutating import mutated, over, passing
from ostiary.analysis.mutation.plain import as_plain
from ostiary.analysis.mutation.report import MutationReport
from ostiary.analysis.mutation.suite_tests import Ran
from ostiary.analysis.new_suites import beside, write_new
from ostiary.analysis.suites.bench import Bench, Candidate
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import missing_folder, refusing
from ostiary.cli.plain import clean
from ostiary.cli.show_mutants import show_mutants
from ostiary.cli.suites import bar, bench_of, load_suites, ran
from ostiary.cli.terminal import console
from ostiary.cli.written import told, writing
from ostiary.domain.errors import SuitesFailingError
from ostiary.rulebook.holdings import Holding, holdings
from ostiary.rulebook.suite_file import Suite

_MOST_TOLD = 10  # tests that do not pass


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
    if wish.only is not None and not any(one.operators for one in reports):
        text = f"no mutant has anything like `{wish.only}` in its id"
        raise CommandError(Exit.USAGE, (text,))
    if as_json:
        print(json.dumps([as_plain(one) for one in reports], indent=2, ensure_ascii=False))
    else:
        screen = console()
        for report in reports:
            show_mutants(screen, report)
    sys.stdout.flush()
    for one, report, room in zip(found, reports, rooms, strict=True):
        for suite in report.new if wish.write_missing else ():
            with writing(room / f"{suite.name}_test.yaml"):
                path = write_new(suite, room, one.folder, one.kind)
            print(clean(told(path, suite.tests)), file=sys.stderr)
    return _ended(reports, wish)


def _holdings(paths: Sequence[Path]) -> list[Holding]:
    missing = [path for path in paths if not path.is_dir()]
    if missing:
        raise CommandError(Exit.USAGE, map(missing_folder, missing))
    found = [one for path in paths for one in holdings(path)]
    if not found:
        listed = ", ".join(map(str, paths))
        raise CommandError(Exit.USAGE, (f"{listed}: holds neither a rule pack nor a tenant",))
    return found


def _passing(suites: Sequence[Suite], bench: Bench) -> list[Ran]:
    try:
        return passing(suites, ran(suites, bench))
    except SuitesFailingError as error:
        listed = map(clean, error.tests[:_MOST_TOLD])
        raise CommandError(Exit.FAULTY, (str(error), *listed)) from None


def _report(one: Holding, bench: Bench, tests: Sequence[Ran], wish: Wish) -> MutationReport:
    with refusing(one.folder), bar("mutants") as progress:
        return mutated(one, bench, tests, only=wish.only, progress=progress)


def _ended(reports: Sequence[MutationReport], wish: Wish) -> Exit:
    code = Exit.DONE
    for fault in (fault for one in reports for fault in one.stale):
        print(clean(str(fault)), file=sys.stderr)
        code = Exit.FAULTY
    text = over(reports, wish.fail_over)
    if text:
        print(clean(text), file=sys.stderr)
        code = Exit.FAULTY
    return code
