"""Long work on a log of decisions that arrives in pieces, or that the server keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime

import msgspec

from ostiary.domain.errors import RuleRevisionNotFoundError, RulesRefusedError
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.lifecycle.ports import Store
from ostiary.operations.rule_revisions import DIGITS, find
from ostiary.rpc.analyses import Outcome, Progress, as_json
from ostiary.rpc.decision_lines import Read, lines_of, read_lines
from ostiary.rpc.desk import Desk
from ostiary.rpc.kept_lines import in_span, lines_kept
from ostiary.rpc.loading import LoadedDesk, desk_over
from ostiary.rpc.replaying import (
    Key,
    Replay,
    as_plain,
    compared_in_words,
    replay,
    reproduced_in_words,
    unknown_in_words,
)
from ostiary.rpc.rules_in_force import loaded

_MOST_HELD = 4  # desks of revisions: a log rarely goes back


class Span(msgspec.Struct, frozen=True):
    """The part of a kept log that is asked again; None: to its end."""

    since: datetime | None = None
    before: datetime | None = None


class KeptDeciders:
    """The revisions of rules that a store keeps, over one tenant; to be closed."""

    def __init__(self, store: Store, tenant: Tenant) -> None:
        self._store = store
        self._tenant = tenant
        self._held: dict[str, LoadedDesk | None] = {}  # None: nobody knows it

    def get(self, key: Key, /) -> Desk | None:
        """Give the desk at which it was decided; None if rules or tenant are not known."""
        rules, tenant = key
        # Not a part of a digest, nor a name: whoever decided says exactly who they are.
        if tenant != self._tenant.digest or len(rules) != DIGITS:
            return None
        if rules not in self._held:
            self._make_room()
            self._held[rules] = self._loaded(rules)
        held = self._held[rules]
        return None if held is None else held.desk

    def _loaded(self, rules: str) -> LoadedDesk | None:
        try:
            with self._store.reading() as tx:
                revision = find(tx, rules)
            return LoadedDesk(self._tenant, loaded(revision))
        except (RuleRevisionNotFoundError, RulesRefusedError):
            return None

    def _make_room(self) -> None:
        while len(self._held) >= _MOST_HELD:
            gone = self._held.pop(next(iter(self._held)))
            if gone is not None:
                gone.close()

    def close(self) -> None:
        """Let go of all rules."""
        for held in self._held.values():
            if held is not None:
                held.close()


def replayed(
    log: Iterable[bytes] | Span,
    store: Store,
    tenant: Tenant,
    candidate: Tables | None,
    progress: Progress,
    *,
    reproduce: bool,
) -> Outcome:
    """Ask a log again: pieces of it as they arrive, or what the store keeps."""
    with ExitStack() as until:
        own = None
        if reproduce:
            own = KeptDeciders(store, tenant)
            until.callback(own.close)
        desk = None
        if candidate is not None:
            desk = desk_over(index.build(tenant, candidate), candidate)
        read = 0

        def tell(more: int) -> None:
            nonlocal read
            read += more
            progress(read, 0)

        found = replay(_lines(log, store), own=own, candidate=desk, progress=tell)
    passed = found.sound and (own is None or found.reproduces)
    return Outcome(
        passed=passed and not found.differences.differing,
        summary="; ".join(_told(found, own=own is not None, compared=desk is not None)),
        details=as_json(as_plain(found)),
    )


def _lines(log: Iterable[bytes] | Span, store: Store) -> Iterator[Read]:
    if isinstance(log, Span):
        return in_span(lines_kept(store), log.since, log.before)
    return read_lines(lines_of(log))


def _told(found: Replay, *, own: bool, compared: bool) -> Iterator[str]:
    if own:
        yield reproduced_in_words(found)
    if compared:
        yield compared_in_words(found)
    for text in unknown_in_words(found):
        yield f"{text}, which are not known here"
    for flaw in found.flaws[:1]:
        yield f"line {flaw.number}: {flaw.code}: {flaw.message}"
    for one in found.otherwise[:1]:
        yield f"line {one.number}: does not reproduce: {one.message}"
    if found.sample < 1:
        yield f"the log is a sample: {found.sample:g} of all decisions"
