"""What stands behind a server that decides for a tenant from a folder and keeps nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ostiary.adapters.clock import Clock, SystemClock
from ostiary.adapters.store.opening import open_store
from ostiary.decide.model import Snapshot
from ostiary.domain.errors import NotReadyError, StoreUnavailableError
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as snapshots
from ostiary.operations.rights import Rights, rights_of
from ostiary.rpc.asking import Asking
from ostiary.rpc.calls import Call
from ostiary.rpc.desk import Desk
from ostiary.rpc.hosting import Hosted
from ostiary.rpc.reception import Reception
from ostiary.rpc.rule_service import DESCRIPTOR as RULES
from ostiary.rpc.rule_service import RuleService
from ostiary.rpc.rules_in_force import InForce, RulesInForce
from ostiary.rpc.serving import ServeOptions
from ostiary.rulebook.tenant_files import LoadedTenant
from ostiary.running.backing import (
    bring_rules,
    identity_source,
    remembering,
    watch_of,
)
from ostiary.running.desks import desk_of
from ostiary.running.observing import Observing
from ostiary.running.watching import load_steadily

_log = logging.getLogger(__name__)
_EVERY = 0.5  # seconds between two looks at what other processes put in force


class FolderDesk(msgspec.Struct, frozen=True):
    """A desk over a tenant from a folder; nothing of it needs closing."""

    desk: Desk
    tenant: Tenant
    tables: Tables
    overrides: Mapping[str, Any]  # of the tenant's profile, as they are written

    def close(self) -> None:
        """Do nothing: the rules belong to the backing."""


class FolderBacking:
    """One process's part of a server without a store of its tenant.

    The revisions of rules are in a store of their own: in memory, or in a file that the processes
    of one server share and that is gone with it.
    """

    def __init__(self, options: ServeOptions, index: int = 0) -> None:
        """Take which process it is of those of its server."""
        self._options = options
        self.clock: Clock = SystemClock()
        self._store = open_store(options.revisions)
        self._rules = RulesInForce(self._store, self.clock)
        self._open: FolderDesk | None = None
        self._placing = threading.Lock()
        self._reception: Reception | None = None
        self._rules.when_changed(self._changed)
        self._observing = Observing(options, index, self.clock, self._store, self._tenant_of)
        self._watch = watch_of(options, tenant=True)
        service = RuleService(
            self._rules,
            self._rights,
            self._snapshot,
            watching=self._watch is not None,
            shadowing=self._observing,
            tenant=self._tenant,
            overrides=self._overrides,
        )
        identity = identity_source(believes_headers=options.believes_headers)
        asking = Asking(lambda call: (self._rights(call), self._snapshot()), identity)
        self.hosted = Hosted([(RULES, service)], identity, service.close, asking)
        self._stopping = threading.Event()
        self._following = threading.Thread(target=self._follow, name="follows-rules", daemon=True)

    def load(self) -> FolderDesk:
        """Load the folders, and give a desk over what they say; raises what loading raises."""
        with remembering(self._rules, self._options.definitions.tenant):
            definitions = self._options.definitions
            loaded = load_steadily(Path(definitions.tenant), profile=definitions.profile)
            for fault in loaded.warnings:
                _log.warning("%s", fault)
        bring_rules(self._rules, self._options)
        if self._reception is None:
            self._observing.begin()
        return self._put(loaded)

    def _put(self, loaded: LoadedTenant) -> FolderDesk:
        with self._placing:
            return self._place(loaded.tenant, loaded.overrides, self._rules.tables)

    def _place(self, tenant: Tenant, overrides: Mapping[str, Any], tables: Tables) -> FolderDesk:
        return self._replace(snapshots.build(tenant, tables), tenant, overrides, tables)

    def _replace(
        self, snapshot: Snapshot, tenant: Tenant, overrides: Mapping[str, Any], tables: Tables
    ) -> FolderDesk:
        desk = desk_of(snapshot, tables, observers=self._observing.observers())
        opened = self._open = FolderDesk(desk, tenant, tables, overrides)
        if self._reception is not None:
            # Here, so that desks come in the order in which they are made.
            self._reception.put(opened)
        return opened

    def _changed(self, held: InForce) -> None:
        with self._placing:
            if self._open is not None:
                self._place(self._open.tenant, self._open.overrides, held.tables)

    def _rebuild(self) -> None:
        with self._placing:
            if self._open is not None:
                one = self._open
                self._replace(one.desk.snapshot, one.tenant, one.overrides, one.tables)

    def _tenant_of(self, snapshot: Snapshot) -> Tenant | None:
        opened = self._open
        if opened is None or opened.desk.snapshot.revision.tenant != snapshot.revision.tenant:
            return None
        return opened.tenant

    def started(self, reception: Reception) -> None:
        """Follow what other processes of this server put in force, and the folders."""
        self._reception = reception
        self._observing.when_changed(self._rebuild)
        self._following.start()
        if self._watch is not None:
            self._watch.start(reception.reload)

    def _follow(self) -> None:
        while not self._stopping.wait(_EVERY):
            try:
                self._rules.follow()
            except Exception:  # noqa: BLE001 whatever it is, the next look may do better
                _log.exception("cannot look for the rules in force")

    def _snapshot(self) -> Snapshot:
        if self._open is None:
            raise NotReadyError("rules and definitions are not loaded yet")
        return self._open.desk.snapshot

    def _tenant(self) -> Tenant:
        if self._open is None:
            raise NotReadyError("rules and definitions are not loaded yet")
        return self._open.tenant

    def _overrides(self) -> Mapping[str, Any]:
        return {} if self._open is None else self._open.overrides

    def _rights(self, call: Call) -> Rights:
        return rights_of(call.caller, (), self._snapshot().directory)

    def close(self) -> None:
        """Let go of everything."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.stop()
        if self._following.is_alive():
            self._following.join()
        self._observing.close()
        try:
            self._store.close()
        except StoreUnavailableError as error:
            _log.warning("the store was gone when it was to be closed: %s", error)
        self._rules.close()
