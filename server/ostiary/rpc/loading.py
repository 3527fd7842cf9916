"""Rules and definitions from their folders to a desk that answers."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Desk
from ostiary.rulebook import tabulate, tenant_files

_log = logging.getLogger(__name__)


def desk_over(snapshot: Snapshot, tables: Tables) -> Desk:
    """Give a desk that decides and writes by the same rules, and that nobody observes.

    INVARIANT: the tables are those that the snapshot was made with.
    """
    return Desk(snapshot, RequestReader(snapshot), DecisionWriter(tables, snapshot.revision))


class LoadedDesk:
    """A desk with the rule pack that it looks up in."""

    def __init__(self, tenant: Tenant, pack: tabulate.LoadedPack) -> None:
        snapshot = index.build(tenant, pack.tables)
        self.desk = desk_over(snapshot, pack.tables)
        self.tenant = tenant
        self.tables = pack.tables
        self._pack = pack

    def close(self) -> None:
        """End the worker that fills lazy tables, if there is one."""
        self._pack.close()


class Definitions(msgspec.Struct, frozen=True):
    """Where rules and definitions are."""

    tenant: str
    rules: str | None = None  # None: the standard pack
    profile: str | None = None  # None: as the tenant says

    def load(self) -> LoadedDesk:
        """Load everything; raises DefinitionError with every fault, or EngineFailedError."""
        loaded = tenant_files.load_tenant(Path(self.tenant), profile=self.profile)
        folder = tabulate.standard_pack_dir() if self.rules is None else Path(self.rules)
        pack = tabulate.load_pack(folder)
        for fault in (*loaded.warnings, *pack.faults):
            _log.warning("%s", fault)
        try:
            return LoadedDesk(loaded.tenant, pack)
        except BaseException:
            pack.close()
            raise
