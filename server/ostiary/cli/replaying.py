"""Replaying a log of decisions, under its own revisions or against a candidate."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import load_rules, pack_folder, refusing
from ostiary.cli.plain import clean
from ostiary.cli.sources import opened
from ostiary.cli.stores import store_at
from ostiary.cli.terminal import console, grid, heading, show, styled
from ostiary.domain.errors import (
    NotReadyError,
    RulesRefusedError,
    StoreUnavailableError,
)
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.lifecycle.ports import Store
from ostiary.operations.replica import Replica
from ostiary.operations.rule_revisions import kept
from ostiary.rpc.comparing import Differences
from ostiary.rpc.decision_lines import Read, lines_of, read_lines
from ostiary.rpc.desk import Desk
from ostiary.rpc.kept_lines import lines_kept
from ostiary.rpc.log_options import STORE
from ostiary.rpc.replaying import (
    Key,
    Replay,
    as_plain,
    compared_in_words,
    reproduced_in_words,
    unknown_in_words,
)
from ostiary.rpc.replaying import replay as replay_lines
from ostiary.rpc.rules_in_force import loaded
from ostiary.rulebook.progress import progress_bar
from ostiary.rulebook.tabulate import LoadedPack
from ostiary.rulebook.tenant_files import load_tenant
from ostiary.running.desks import desk_of

_PIECE = 1024 * 1024  # bytes of a log that are read at once
_NAMES = {
    "failed": "no answer any more",
    "outcome": "another outcome",
    "policy": "another policy",
    "approvers": "other approvers",
    "times": "other times of stages",
    "actions": "other actions",
    "reasons": "other reasons",
    "rules": "the same, by other rules",
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the command is told."""

    log: str
    tenants: tuple[Path, ...] = ()
    rules: tuple[Path, ...] = ()
    store: str | None = None
    profile: str | None = None
    against: str | None = None


def replay(told: Told, *, as_json: bool, exit_code: bool) -> Exit:
    """Replay, print what came of it, and give the exit code."""
    if told.log == STORE and told.store is None:
        raise CommandError(Exit.USAGE, ("the log of which store? name it with --store URL",))
    if not told.tenants and told.store is None and told.against is None:
        wanted = "--tenant DIR, --store URL or --against SOURCE"
        raise CommandError(Exit.USAGE, (f"who decided, or who is to decide? name {wanted}",))
    if exit_code and told.against is None:
        raise CommandError(Exit.USAGE, ("--exit-code goes with --against",))
    with ExitStack() as until:
        store = until.enter_context(_store(told.store)) if told.store is not None else None
        own = until.enter_context(_own(told, store)) if _wants_own(told) else None
        candidate = until.enter_context(_candidate(told)) if told.against is not None else None
        lines = _lines(told.log, store)
        bar = progress_bar(_size(told.log), wanted=not as_json, about="log", unit="lines")
        with bar as advance:
            found = replay_lines(lines, own=own, candidate=candidate, progress=advance)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(as_plain(found))).decode())
    else:
        _show(found, own=own is not None, compared=candidate is not None)
    sys.stdout.flush()
    if not found.sound or (own is not None and not found.reproduces):
        return Exit.FAULTY
    return Exit.FAULTY if exit_code and found.differences.differing else Exit.DONE


def _wants_own(told: Told) -> bool:
    return bool(told.tenants) or (told.store is not None and told.against is None)


# what decided


@contextmanager
def _store(url: str) -> Iterator[Store]:
    store = store_at(url)
    try:
        yield store
    except StoreUnavailableError as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None
    finally:
        store.close()


@contextmanager
def _own(told: Told, store: Store | None) -> Iterator[dict[Key, Desk]]:
    """Give the desks of every pair of rules and tenant that was named."""
    with ExitStack() as until:
        packs = [until.enter_context(pack) for pack in _packs(told, store)]
        tenants = [_tenant(folder, told.profile) for folder in told.tenants]
        if store is not None and not tenants:
            tenants.append(_tenant_of(store))
        yield {
            (pack.tables.digest, tenant.digest): desk_of(
                index.build(tenant, pack.tables), pack.tables
            )
            for pack in packs
            for tenant in tenants
        }


def _packs(told: Told, store: Store | None) -> Iterator[LoadedPack]:
    if store is not None:
        with store.reading() as tx:
            digests = [one.digest for one in kept(tx)]
            revisions = [found for one in digests if (found := tx.rule_revision(one)) is not None]
        for revision in revisions:
            try:
                yield loaded(revision)
            except RulesRefusedError as error:
                print(str(error), file=sys.stderr)  # what it decided is told as unknown
    folders = told.rules or (() if store is not None else (None,))
    for folder in folders:
        with refusing(pack_folder(folder)):
            yield load_rules(folder)


def _tenant(folder: Path, profile: str | None) -> Tenant:
    with refusing(folder):
        return load_tenant(folder, profile=profile).tenant


def _tenant_of(store: Store) -> Tenant:
    with store.reading() as tx:
        tenant = Replica(tx).current_tenant()
    if tenant is None:
        raise CommandError(Exit.FAULTY, (str(NotReadyError("the store holds no tenant")),))
    return tenant


@contextmanager
def _candidate(told: Told) -> Iterator[Desk]:
    with ExitStack() as until:
        source = until.enter_context(opened(told.against or ""))
        if source.tenant is not None:
            tenant = source.load_tenant(told.profile).tenant
        elif told.tenants:
            tenant = _tenant(told.tenants[-1], told.profile)
        elif told.store is not None:
            tenant = _tenant_of(until.enter_context(_store(told.store)))
        else:
            text = f"{told.against} holds no tenant: name one with --tenant DIR"
            raise CommandError(Exit.USAGE, (text,))
        if source.rules is None and told.rules:
            with refusing(told.rules[-1]):
                pack = load_rules(told.rules[-1])
        else:
            pack = source.load_rules()
        until.enter_context(pack)
        yield desk_of(index.build(tenant, pack.tables), pack.tables)


# the log


def _size(log: str) -> int:
    """Give the number of lines of a file, for a bar; 0 of what cannot be counted quickly."""
    path = Path(log)
    try:
        if log == STORE or not path.is_file():
            return 0
        with path.open("rb") as file:
            return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 0


def _lines(log: str, store: Store | None) -> Iterator[Read]:
    if log == STORE and store is not None:
        yield from lines_kept(store)
        return
    path = Path(log)
    try:
        with path.open("rb") as file:
            if path.is_file() and not path.stat().st_size:
                raise CommandError(Exit.FAULTY, (f"{path}: is no log: it is empty",))
            yield from read_lines(lines_of(iter(lambda: file.read(_PIECE), b"")))
    except OSError as error:
        raise CommandError(Exit.FAULTY, (f"{path}: {error.strerror}",)) from None


# what came of it


def _show(found: Replay, *, own: bool, compared: bool) -> None:
    for flaw in found.flaws:
        print(f"line {flaw.number}: {flaw.code}: {clean(flaw.message)}")
    _tell_rest(found.flaw_count - len(found.flaws), "more flaws are not listed")
    for number in found.torn:
        print(f"line {number}: torn when the process was killed; no decision was given with it")
    for one in found.otherwise:
        print(f"line {one.number}: does not reproduce: {clean(one.message)}")
    _tell_rest(found.otherwise_count - len(found.otherwise), "more do not reproduce")
    for text in unknown_in_words(found):
        print(clean(f"{text}, which were not given"))
    if own:
        print(reproduced_in_words(found))
    if compared:
        print(compared_in_words(found))
        _show_differences(found.differences)
    if found.sample < 1:
        print(f"the log is a sample: {found.sample:g} of all decisions")


def _tell_rest(count: int, words: str) -> None:
    if count > 0:
        print(f"{count:,} {words}")


def _show_differences(found: Differences) -> None:
    rows = [(_NAMES[kind], f"{count:,}") for kind, count in found.by_kind()]
    show_differences(rows, found.changes.most_common())
    if not found.samples:
        return
    screen = console()
    heading(screen, "For example")
    table = grid("fixed", "flow", "flow", "flow")
    for one in found.samples:
        where = f"line {one.number}" if one.number else one.at
        who = f"{one.requestor}, {one.package}"
        change = f"{one.before} -> {one.after}" if one.before != one.after else _NAMES[one.kind]
        table.add_row(styled(where), styled(who), styled(change))
    show(screen, table)


def show_differences(kinds: list[tuple[str, str]], changes: list[tuple[str, int]]) -> None:
    """Print how many differ in what, and how outcomes change."""
    screen = console()
    for title, rows in (
        ("What differs", kinds),
        ("Outcomes", [(name, f"{count:,}") for name, count in changes]),
    ):
        if rows:
            heading(screen, title)
            table = grid("fixed", "fixed")
            for name, count in rows:
                table.add_row(styled(name), styled(count))
            show(screen, table)
