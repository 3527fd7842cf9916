"""`ostiary test --coverage`: what the tests looked at, what they did not, and tests of the rest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ostiary.adapters.clock import SystemClock
from ostiary.analysis import new_suites
from ostiary.analysis.coverage.counting import Counting, Covered, Earlier, read_whole
from ostiary.analysis.suites.bench import Bench
from ostiary.analysis.suites.report import SuitesReport
from ostiary.cli import sources
from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.show_coverage import show_pack, show_tenant
from ostiary.cli.terminal import console
from ostiary.cli.written import writing
from ostiary.domain.errors import DefinitionError
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.holdings import Kind
from ostiary.rulebook.pack import Pack
from ostiary.rulebook.suite_file import Suite


class CoverageWish(msgspec.Struct, frozen=True):
    """What is to be counted, and what is to come of it."""

    fail_under: float | None = None
    changed_since: str | None = None  # a git revision
    write_missing: bool = False
    rules_only: bool = False


class _AtRevision(Earlier):
    """What folders held at a git revision; CommandError if they did not."""

    def __init__(self, revision: str) -> None:
        self._revision = revision

    def _name(self, folder: Path) -> str:
        return f"{sources.GIT}{self._revision}:{os.path.relpath(folder)}"

    def pack(self, folder: Path) -> Pack:
        with sources.opened(self._name(folder)) as source:
            if source.rules is None:
                message = f"{source.name}: was no rule pack then"
                raise CommandError(Exit.USAGE, (message,))
            return read_whole(source.rules)

    def tenant(self, folder: Path) -> Tenant:
        with sources.opened(self._name(folder)) as source:
            return source.load_tenant().tenant


def counted(
    paths: Sequence[Path],
    suites: Sequence[Suite],
    bench: Bench,
    report: SuitesReport,
    wish: CoverageWish,
) -> list[Covered]:
    """Count what is named or tested; CommandError says what is wrong with it."""
    counting = Counting(
        filter(Path.is_dir, paths),
        suites,
        bench,
        report,
        now=SystemClock().now(),
        rules_only=wish.rules_only,
        earlier=None if wish.changed_since is None else _AtRevision(wish.changed_since),
    )
    try:
        found = list(counting.counted())
    except DefinitionError as error:
        raise faulty(error.faults) from None
    if not found:
        raise CommandError(Exit.USAGE, ("--coverage: nothing here is a rule pack or a tenant",))
    return found


def print_coverage(found: Sequence[Covered], wish: CoverageWish) -> None:
    """Print what was counted, folder by folder."""
    screen = console()
    for one in found:
        if one.pack is not None and one.rules is not None:
            since = wish.changed_since
            show_pack(screen, one.rules, one.pack, since, rules_only=wish.rules_only)
        elif one.tenant is not None:
            show_tenant(screen, one.folder, one.tenant, one.questions, wish.changed_since)


def write_missing(
    found: Sequence[Covered], suites: Sequence[Suite], bench: Bench
) -> list[tuple[Path, int]]:
    """Write the missing tests into new files; give each with the number of its tests."""
    written = []
    for one in found:
        of = bench.rules_of if one.kind is Kind.PACK else bench.tenant_of
        room = new_suites.beside(one.folder, suites, of)
        for suite in one.new:
            with writing(room / f"{suite.name}_test.yaml"):
                path = new_suites.write_new(suite, room, one.folder, one.kind)
            written.append((path, suite.tests))
    return written
