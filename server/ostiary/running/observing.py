"""Who is told of decisions in one process: the log, and the shadow if there is one."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from ostiary.adapters.clock import Clock
from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.lifecycle.ports import Store
from ostiary.operations.rule_revisions import find
from ostiary.rpc.decision_lines import Chain
from ostiary.rpc.decision_log import DecisionLog, FileSink
from ostiary.rpc.desk import Desk
from ostiary.rpc.log_options import STORE, LogOptions
from ostiary.rpc.observed_desk import Observer
from ostiary.rpc.rules_in_force import loaded
from ostiary.rpc.serving import ServeOptions
from ostiary.rpc.shadow import Shadow, ShadowReport
from ostiary.rpc.store_log import MOST_WAITING, StoreSink
from ostiary.rulebook.pack_files import load_files, read_steadily
from ostiary.rulebook.tabulate import LoadedPack
from ostiary.running.desks import desk_of

_log = logging.getLogger(__name__)

SPOOL = "ostiary-decisions.spool"  # of a log in a store, unless a file is named
# Gives the tenant of a snapshot, or None if that is not the newest any more.
TenantOf = Callable[[Snapshot], Tenant | None]


class Observing:
    """Holds the observers of one process's desks."""

    def __init__(
        self,
        options: ServeOptions,
        index_of_process: int,
        clock: Clock,
        store: Store,
        tenant_of: TenantOf,
    ) -> None:
        """Take what gives the tenant of a snapshot, for a shadow; files are opened when needed."""
        self._clock = clock
        self._store = store
        self._tenant_of = tenant_of
        self._rebuild: Callable[[], None] = lambda: None
        self._changing = threading.Lock()
        self._pack: LoadedPack | None = None
        self._shadow: Shadow | None = None
        self._desk: tuple[str, Desk] | None = None
        self._wanted = options.shadow
        self._log = None if options.log is None else self._made(options.log, index_of_process)

    def _made(self, options: LogOptions, number: int) -> DecisionLog:
        def begin(chain: Chain, torn: str) -> bytes:
            now = self._clock.now()
            return chain.begin(now, tenant=log.tenant, sample=options.sample, torn=torn)

        def file(path: Path) -> FileSink:
            return FileSink(path, begin, lambda: uuid.uuid4().hex[:16])

        if options.to == STORE:
            path = of_process(Path(options.spill or SPOOL), number)
            most = MOST_WAITING if options.waits else None
            sink = StoreSink(self._store, file(path), path, most=most)
            log = DecisionLog(sink, sample=options.sample)
            sink.start()
            return log
        spill = None if options.spill is None else file(of_process(Path(options.spill), number))
        log = DecisionLog(
            file(of_process(Path(options.to), number)), sample=options.sample, spill=spill
        )
        return log

    def when_changed(self, rebuild: Callable[[], None]) -> None:
        """Have somebody told when the desks need others than they were given."""
        self._rebuild = rebuild

    def observers(self) -> tuple[Observer, ...]:
        """Give who is to be told by a new desk."""
        found = (self._log, self._shadow)
        return tuple(one for one in found if one is not None)

    def begin(self) -> None:
        """Begin with the shadow that the options name; raises what loading it raises."""
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        if Path(wanted).is_dir():
            self.set_shadow(load_files(read_steadily(Path(wanted)), named=wanted))
            return
        with self._store.reading() as tx:
            revision = find(tx, wanted)
        self.set_shadow(loaded(revision))

    def set_shadow(self, pack: LoadedPack | None) -> None:
        """Have a candidate decide beside what is in force; None: nobody any more."""
        with self._changing:
            before, pack_before = self._shadow, self._pack
            self._desk, self._pack, self._shadow = None, pack, None
            if pack is not None:
                tables = pack.tables
                self._shadow = Shadow(
                    tables.digest, lambda one: self._candidate(one, tables), self._clock.now()
                )
        self._rebuild()
        if before is not None:
            before.close()
        if pack_before is not None:
            pack_before.close()

    def shadow(self) -> ShadowReport | None:
        """Give what the shadow has seen; None: there is none."""
        shadow = self._shadow
        return None if shadow is None else shadow.report()

    def _candidate(self, snapshot: Snapshot, tables: Tables) -> Desk | None:
        known = self._desk
        if known is None or known[0] != snapshot.revision.tenant:
            tenant = self._tenant_of(snapshot)
            if tenant is None:
                return None
            desk = desk_of(index.build(tenant, tables), tables)
            known = self._desk = snapshot.revision.tenant, desk
        return known[1]

    def close(self) -> None:
        """End the shadow, and write what is to be logged."""
        with self._changing:
            shadow, self._shadow = self._shadow, None
        if shadow is not None:
            shadow.close()
        if self._log is not None:
            self._log.close()
        if self._pack is not None:
            self._pack.close()


def of_process(path: Path, number: int) -> Path:
    """Give the file of one of several processes: the first one's bears the plain name."""
    return path if number == 0 else path.with_name(f"{path.name}.{number}")
