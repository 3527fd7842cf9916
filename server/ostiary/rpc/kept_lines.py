"""The decision log that a store keeps, run after run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from ostiary.lifecycle.ports import Store
from ostiary.rpc.decision_lines import Decided, Flaw, Read, read_lines


def any_kept(store: Store) -> bool:
    """Tell whether a store keeps a log."""
    with store.reading() as tx:
        return bool(tx.logged_runs())


def lines_kept(store: Store) -> Iterator[Read]:
    """Read what a store keeps, with lines numbered from 1 over all runs."""
    with store.reading() as tx:
        runs = list(tx.logged_runs())
    counted = 0
    for run in runs:
        for read in read_lines(_of_run(store, run), one_run=True):
            counted += 1
            flaws = tuple(Flaw(counted, one.code, one.message) for one in read.flaws)
            yield msgspec.structs.replace(read, number=counted, flaws=flaws)


def _of_run(store: Store, run: str) -> Iterator[bytes]:
    after = -1
    while True:
        with store.reading() as tx:
            page = tx.logged_decisions(run, after=after)
        if not page:
            return
        for one in page:
            yield one.text.encode()
        after = page[-1].number


def in_span(
    reads: Iterable[Read], since: datetime | None, before: datetime | None
) -> Iterator[Read]:
    """Give lines, but without what was decided outside a span; what is wrong with them stays."""
    for read in reads:
        line = read.line
        if isinstance(line, Decided):
            early = since is not None and line.at < since
            late = before is not None and line.at >= before
            if early or late:
                yield msgspec.structs.replace(read, line=None)
                continue
        yield read
