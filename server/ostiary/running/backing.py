"""What stands behind a server that keeps its tenant and all requests in a store."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path

from ostiary.adapters.clock import Clock, FixedClock, SystemClock
from ostiary.adapters.ids import RandomIds
from ostiary.adapters.store.opening import open_store
from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import SYSTEM
from ostiary.domain.errors import StoreUnavailableError
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import AuditQuery, Store
from ostiary.operations.definitions import apply
from ostiary.operations.office import Office
from ostiary.operations.snapshots import Held, SnapshotSource
from ostiary.operations.submission import Actor
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Desk
from ostiary.rpc.hosting import Hosted, life_services
from ostiary.rpc.identity import DevelopmentHeaders, Unidentified
from ostiary.rpc.reception import Reception
from ostiary.rpc.recorded import Recorded
from ostiary.rpc.serving import ServeOptions, StoreOptions
from ostiary.rulebook import tabulate, tenant_files
from ostiary.running.behind import Behind
from ostiary.running.looking import Looking
from ostiary.worker.loop import Loop
from ostiary.worker.passing import MovingTime

_log = logging.getLogger(__name__)


class StoreDesk:
    """A desk over one revision of the store; nothing of it needs closing."""

    def __init__(self, desk: Desk, source: SnapshotSource) -> None:
        self.desk = desk
        self._source = source

    @property
    def tenant(self) -> Tenant:
        """Give the tenant as a whole, which costs a walk over everybody in it."""
        return self._source.tenant()

    def close(self) -> None:
        """Do nothing: the rules belong to the backing."""


class StoreBacking:
    """One process's part of a store: its office, its services, and a worker if it is to have one.

    Raises StoreUrlError, StoreUnavailableError, DefinitionError or EngineFailedError when made.
    """

    def __init__(self, options: ServeOptions, stored: StoreOptions, *, works: bool) -> None:
        self._options = options
        self._pack = tabulate.load_pack(self._rules())
        self.store: Store = open_store(stored.url)
        self.clock: Clock = SystemClock()
        if stored.movable_clock:
            self.clock = FixedClock(_begin(self.store))
        self.source = SnapshotSource(self._pack.tables)
        self.office = Office(self.store, self.source, self.clock, RandomIds())
        self._behind = Behind(
            self.store,
            self.clock,
            self.source.latest,
            connectors=stored.connectors,
            mail=stored.mail,
            source=stored.source,
        )
        self._turn = threading.Lock()
        self._worker = self._behind.worker(self.office)
        self._loop = Loop(
            self.office,
            self._worker if works and not stored.movable_clock else None,
            look=Looking(self.office, self.source, works=works),
            turn=self._turn,
        )
        self.office.when_changed(self._loop.wake)
        self.hosted: Hosted = life_services(
            self.office,
            lambda: self._pack.tables,
            DevelopmentHeaders() if stored.believes_headers else Unidentified(),
            passing=self._passing() if stored.movable_clock else None,
        )
        self._reception: Reception | None = None

    def _passing(self) -> MovingTime:
        assert isinstance(self.clock, FixedClock)  # noqa: S101  # as set above
        return MovingTime(self.clock, self.store, self._worker, self._turn)

    def _rules(self) -> Path:
        rules = self._options.definitions.rules
        return tabulate.standard_pack_dir() if rules is None else Path(rules)

    def load(self) -> StoreDesk:
        """Bring the folder, if there is one, into the store, and open a desk over what it holds."""
        if self._reception is not None:
            self._reload_rules()
        folder = self._options.definitions.tenant
        if folder:
            profile = self._options.definitions.profile
            loaded = tenant_files.load_tenant(Path(folder), profile=profile)
            for fault in loaded.warnings:
                _log.warning("%s", fault)
            apply(self.store, loaded, actor=Actor(SYSTEM, staff=True), now=self.clock.now())
        with self.store.reading() as tx:
            snapshot = self.source.current(tx)
        return self._desk(snapshot)

    def _reload_rules(self) -> None:
        pack = tabulate.load_pack(self._rules())
        before, self._pack = self._pack, pack
        self.source.put_rules(pack.tables)
        before.close()

    def _desk(self, snapshot: Snapshot) -> StoreDesk:
        writer = DecisionWriter(self._pack.tables, snapshot.revision)
        desk = Desk(snapshot, RequestReader(snapshot), writer, recorded=Recorded(self.office))
        return StoreDesk(desk, self.source)

    def started(self, reception: Reception) -> None:
        """Follow the store from now on, and work."""
        self._reception = reception
        self.source.when_new(self._new)
        self._loop.start()

    def _new(self, held: Held) -> None:
        if self._reception is not None:
            self._reception.put(self._desk(held.snapshot))

    def close(self) -> None:
        """End the worker and let go of everything."""
        self._loop.stop()
        self._behind.close()
        try:
            self.store.close()
        except StoreUnavailableError as error:
            _log.warning("the store was gone when it was to be closed: %s", error)
        self._pack.close()


def _begin(store: Store) -> datetime:
    """Give where a movable clock begins: now, or at the newest event if that lies ahead."""
    with store.reading() as tx:
        newest = tx.events(AuditQuery(newest_first=True, size=1))
    return max([SystemClock().now(), *(one.at for one in newest)])
