"""The command itself: what the options name is loaded, compared and told."""

from __future__ import annotations

import difflib
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from ostiary.adapters.clock import SystemClock
from ostiary.analysis.diff.differ import World, diff, world
from ostiary.analysis.diff.report import DiffReport, Kind
from ostiary.cli.diffing import page, rows, show
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.life import spelling
from ostiary.cli.sources import FROM_ENVIRONMENT, Access, Source, one_tenant, opened
from ostiary.cli.terminal import console
from ostiary.cli.written import try_targets, writing
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.progress import PATIENCE


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the options say."""

    old: str
    new: str
    directory: str | None = None
    rules: str | None = None
    profile: str | None = None
    at: str | None = None
    packages: frozenset[str] = frozenset()
    only: str | None = None
    csv: Path | None = None
    html: Path | None = None
    as_json: bool = False
    access: Access = FROM_ENVIRONMENT


def run(asked: Asked) -> bool:
    """Compare, tell the difference as asked, and say whether there is any."""
    kinds = _kinds(asked.only)
    at = SystemClock().now() if asked.at is None else spelling.instant("--at", asked.at)
    try_targets(asked.csv, asked.html)
    with ExitStack() as stack:
        old, new = _sides(asked, stack)
        _check(asked, old.tenant, new.tenant)
        report = _compared(old, new, at, asked.packages or None)
    report = report.only(kinds)
    named = show.Names(asked.old, asked.new)
    if asked.csv is not None:
        with writing(asked.csv):
            rows.write_csv(asked.csv, report)
    if asked.html is not None:
        with writing(asked.html):
            page.write(asked.html, report, named)
    if asked.as_json:
        rows.print_json(report, named)
    else:
        show.show(console(), report, named)
    return not report.empty


def _kinds(only: str | None) -> frozenset[Kind]:
    if only is None:
        return frozenset(Kind)
    known = {kind.value: kind for kind in Kind}
    words = [word.strip() for word in only.split(",") if word.strip()]
    unknown = [word for word in words if word not in known]
    if unknown or not words:
        listed = ", ".join(known)
        said = [f"`{word}` is no kind of change" for word in unknown] or ["names nothing"]
        raise CommandError(Exit.USAGE, (f"--only: {one}; there are {listed}" for one in said))
    return frozenset(known[word] for word in words)


class _Loader:
    """Loads each tenant and rule pack once, however many sides use it."""

    def __init__(self, asked: Asked, stack: ExitStack) -> None:
        self.stack = stack
        self.profile = asked.profile
        self.access = asked.access
        self._packs: dict[Path | None, Tables] = {}
        self._opened: dict[str, Source] = {}

    def source(self, name: str) -> Source:
        if name not in self._opened:
            self._opened[name] = self.stack.enter_context(opened(name, self.access))
        return self._opened[name]

    def tables(self, source: Source) -> Tables:
        if source.rules not in self._packs:
            pack = source.load_rules()
            self.stack.callback(pack.close)
            self._packs[source.rules] = pack.tables
        return self._packs[source.rules]

    def tenant(self, source: Source) -> Tenant:
        return source.load_tenant(self.profile).tenant


def _sides(asked: Asked, stack: ExitStack) -> tuple[World, World]:
    loader = _Loader(asked, stack)
    sources = (loader.source(asked.old), loader.source(asked.new))
    rules = None if asked.rules is None else loader.source(asked.rules)
    if rules is not None and rules.rules is None:
        raise CommandError(Exit.USAGE, (f"--rules: {asked.rules}: holds no rule pack",))
    people = None
    if asked.directory is not None:
        people = loader.tenant(loader.source(asked.directory))
    tenants = _tenants(loader, sources, people)
    tables = [
        loader.tables(rules if rules is not None and one.rules is None else one) for one in sources
    ]
    old = world(tenants[0], tables[0])
    return old, world(tenants[1], tables[1], beside=old)


def _tenants(
    loader: _Loader, sources: tuple[Source, Source], people: Tenant | None
) -> tuple[Tenant, Tenant]:
    """Give the tenant of each side; a side that holds none has that of the directory or the other.

    With a directory, its people and groups stand on both sides.
    """
    first, second = (None if one.tenant is None else loader.tenant(one) for one in sources)
    instead = people or second or first
    if instead is None:
        text = "neither OLD nor NEW holds a tenant; name one with --directory"
        raise CommandError(Exit.USAGE, (text,))
    old, new = first or instead, second or instead
    if people is None:
        return old, new
    return _with_people(old, people), _with_people(new, people)


def _with_people(tenant: Tenant, people: Tenant) -> Tenant:
    if tenant is people:
        return tenant
    return msgspec.structs.replace(tenant, users=people.users, groups=people.groups)


def _check(asked: Asked, old: Tenant, new: Tenant) -> None:
    one_tenant((asked.old, old), (asked.new, new))
    known = {
        package.id
        for tenant in (old, new)
        for catalog in tenant.catalogs
        for package in catalog.packages
    }
    unknown = sorted(asked.packages - known)
    if unknown:
        raise CommandError(Exit.FAULTY, (_unknown(one, known) for one in unknown))


def _unknown(package: str, known: set[str]) -> str:
    near = difflib.get_close_matches(package, sorted(known), 1)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    return f"--package: neither side has a package `{package}`{meant}"


def _compared(old: World, new: World, at: datetime, packages: frozenset[str] | None) -> DiffReport:
    gc.collect()
    gc.freeze()  # the collector need not walk what never changes
    try:
        with _progress() as tell:
            return diff(old, new, at, packages=packages, progress=tell)
    finally:
        gc.unfreeze()


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show a bar to people, if it takes a while."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("comparing"), BarColumn(), MofNCompleteColumn(), TextColumn("packages"))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("packages", total=None)
    begun = SystemClock().now()

    def tell(done: int, total: int) -> None:
        waited = (SystemClock().now() - begun).total_seconds()
        if not bar.live.is_started and waited > PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield tell
    finally:
        bar.stop()
