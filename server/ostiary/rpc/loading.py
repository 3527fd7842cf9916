"""Rules and definitions from their folders to a desk that answers."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Desk
from ostiary.rulebook import tabulate, tenant_files

_log = logging.getLogger(__name__)


class LoadedDesk:
    """A desk with the rule pack that it looks up in."""

    def __init__(self, tenant: Tenant, pack: tabulate.LoadedPack) -> None:
        snapshot = index.build(tenant, pack.tables)
        self.desk = Desk(
            snapshot, RequestReader(snapshot), DecisionWriter(pack.tables, snapshot.revision)
        )
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
