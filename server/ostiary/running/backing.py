"""What stands behind a server that keeps its tenant and all requests in a store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from ostiary.adapters.clock import Clock, FixedClock, SystemClock
from ostiary.adapters.ids import RandomIds
from ostiary.adapters.store.opening import open_store
from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import SYSTEM
from ostiary.domain.errors import OstiaryError, StoreUnavailableError
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import AuditQuery, DefinitionKind, Store
from ostiary.operations.definitions import apply
from ostiary.operations.documents import tenant_document
from ostiary.operations.office import Office
from ostiary.operations.rights import Rights, vouched
from ostiary.operations.snapshots import Held, SnapshotSource
from ostiary.operations.submission import Actor
from ostiary.rpc.calls import Call
from ostiary.rpc.defining import view_of
from ostiary.rpc.desk import Desk
from ostiary.rpc.hosting import Hosted, life_services
from ostiary.rpc.identity import DevelopmentHeaders, IdentitySource, Unidentified
from ostiary.rpc.reception import Reception
from ostiary.rpc.recorded import Recorded
from ostiary.rpc.rule_service import DESCRIPTOR as RULES
from ostiary.rpc.rule_service import RuleService
from ostiary.rpc.rules_in_force import RulesInForce
from ostiary.rpc.serving import ServeOptions, StoreOptions
from ostiary.running.behind import Behind
from ostiary.running.desks import desk_of
from ostiary.running.looking import Looking
from ostiary.running.observing import Observing
from ostiary.running.watching import FolderWatch, load_steadily
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

    def __init__(
        self, options: ServeOptions, stored: StoreOptions, *, works: bool, index: int = 0
    ) -> None:
        """Take whether this process works, and which it is of those of its server.

        The first one watches folders; the others follow the store.
        """
        self._options = options
        self.store: Store = open_store(stored.url)
        self.clock: Clock = SystemClock()
        if stored.movable_clock:
            self.clock = FixedClock(_begin(self.store))
        self._rules = RulesInForce(self.store, self.clock)
        bring_rules(self._rules, options)
        self.source = SnapshotSource(self._rules.tables)
        self._rules.when_changed(lambda held: self.source.put_rules(held.tables))
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
            look=Looking(self.office, self.source, self._rules, works=works),
            turn=self._turn,
        )
        self.office.when_changed(self._loop.wake)
        self._observing = Observing(options, index, self.clock, self.store, self._tenant_of)
        self._watch = watch_of(options, tenant=True) if index == 0 else None
        service = RuleService(
            self._rules,
            self._rights,
            self._snapshot,
            watching=self._watch is not None,
            shadowing=self._observing,
            tenant=self.source.tenant,
            overrides=self._overrides,
        )
        self.hosted: Hosted = life_services(
            self.office,
            self.source.tables_of,
            identity_source(believes_headers=stored.believes_headers),
            passing=self._passing() if stored.movable_clock else None,
            more=[(RULES, service)],
            close=service.close,
        )
        self._reception: Reception | None = None

    def _passing(self) -> MovingTime:
        assert isinstance(self.clock, FixedClock)  # noqa: S101  # as set above
        return MovingTime(self.clock, self.store, self._worker, self._turn)

    def _rights(self, call: Call) -> Rights:
        with self.store.reading() as tx:
            # Before there is a tenant, what vouches for a caller says what they may do.
            return view_of(tx, call).rights if tx.revision() else vouched(call.caller)

    def _overrides(self) -> Mapping[str, Any]:
        with self.store.reading() as tx:
            found = tx.definitions(DefinitionKind.TENANT)
        return tenant_document(found[0].body).overrides if found else {}

    def _snapshot(self) -> Snapshot:
        with self.store.reading() as tx:
            return self.source.current(tx)

    def load(self) -> StoreDesk:
        """Bring the folder, if there is one, into the store, and open a desk over what it holds."""
        if self._reception is not None:
            bring_rules(self._rules, self._options)
        folder = self._options.definitions.tenant
        if folder:
            with remembering(self._rules, folder):
                loaded = load_steadily(Path(folder), profile=self._options.definitions.profile)
                for fault in loaded.warnings:
                    _log.warning("%s", fault)
                apply(self.store, loaded, actor=Actor(SYSTEM, staff=True), now=self.clock.now())
        with self.store.reading() as tx:
            held = self.source.held(tx)
        if self._reception is None:
            self._observing.begin()
        return self._desk(held)

    def _tenant_of(self, snapshot: Snapshot) -> Tenant | None:
        return self.source.tenant() if self.source.latest() is snapshot else None

    def _rebuild(self) -> None:
        if self._reception is not None:
            with self.store.reading() as tx:
                held = self.source.held(tx)
            self._reception.put(self._desk(held))

    def _desk(self, held: Held) -> StoreDesk:
        desk = desk_of(
            held.snapshot, held.tables, Recorded(self.office), self._observing.observers()
        )
        return StoreDesk(desk, self.source)

    def started(self, reception: Reception) -> None:
        """Follow the store from now on, and work."""
        self._reception = reception
        self.source.when_new(self._new)
        self._observing.when_changed(self._rebuild)
        self._loop.start()
        if self._watch is not None:
            self._watch.start(reception.reload)

    def _new(self, held: Held) -> None:
        if self._reception is not None:
            self._reception.put(self._desk(held))

    def close(self) -> None:
        """End the worker and let go of everything."""
        if self._watch is not None:
            self._watch.stop()
        self._loop.stop()
        self._behind.close()
        self._observing.close()
        try:
            self.store.close()
        except StoreUnavailableError as error:
            _log.warning("the store was gone when it was to be closed: %s", error)
        self._rules.close()


def bring_rules(rules: RulesInForce, options: ServeOptions) -> None:
    """Bring the folder of rules that the options name, or the shipped ones, and what is in force.

    Raises DefinitionError or EngineFailedError.
    """
    named = options.definitions.rules
    with remembering(rules, named or "the shipped rules"):
        rules.begin(None if named is None else Path(named))


@contextmanager
def remembering(rules: RulesInForce, source: str) -> Iterator[None]:
    """Have whoever asks for the status told what was not taken; it is raised again."""
    try:
        yield
    except OstiaryError as error:
        rules.remember(source, error)
        raise


def watch_of(options: ServeOptions, *, tenant: bool) -> FolderWatch | None:
    """Give what looks at the folders that the options name, if they are to be looked at."""
    if not options.watch:
        return None
    definitions = options.definitions
    return FolderWatch(
        Path(definitions.tenant) if tenant and definitions.tenant else None,
        None if definitions.rules is None else Path(definitions.rules),
        settle=options.settle,
    )


def identity_source(*, believes_headers: bool) -> IdentitySource:
    """Give what says who calls."""
    return DevelopmentHeaders() if believes_headers else Unidentified()


def _begin(store: Store) -> datetime:
    """Give where a movable clock begins: now, or at the newest event if that lies ahead."""
    with store.reading() as tx:
        newest = tx.events(AuditQuery(newest_first=True, size=1))
    return max([SystemClock().now(), *(one.at for one in newest)])
