"""What tests are run on: each rule pack and each tenant is loaded once, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.index.snapshot import build
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.places import as_reached
from ostiary.rulebook.plain_nodes import plain_of
from ostiary.rulebook.source import MappingNode, Node
from ostiary.rulebook.suite_file import Suite, TenantTest
from ostiary.rulebook.tabulate import LoadedPack, load_pack, standard_pack_dir
from ostiary.rulebook.tenant_files import LoadedTenant, read_tenant_nodes, tenant_of_nodes
from ostiary.rulebook.tenant_overlay import Overlay

_Key = tuple[Path, str | None, bytes]
_MOST_CHANGED = 256  # changed tenants that are kept


class Candidate(msgspec.Struct, frozen=True):
    """What suites are run on instead of what they name; None: as they say."""

    rules: Path | None = None
    tenant: Path | None = None
    profile: str | None = None


class Bench:
    """Loads what tests need; leave its block to end the workers of large packs."""

    def __init__(
        self,
        candidate: Candidate | None = None,
        *,
        load: Callable[[Path], LoadedPack] = load_pack,
    ) -> None:
        self.candidate = candidate or Candidate()
        self._load = load
        self._packs: dict[Path, LoadedPack] = {}
        self._overlays: dict[Path, Overlay] = {}
        self._tenants: dict[_Key, LoadedTenant] = {}
        self._snapshots: dict[tuple[_Key, Path], Snapshot] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for pack in self._packs.values():
            pack.close()

    def rules_of(self, suite: Suite) -> Path:
        """Give the folder of the rule pack that a suite is run with."""
        return self.candidate.rules or suite.rules or as_reached(standard_pack_dir())

    def tenant_of(self, suite: Suite) -> Path | None:
        """Give the folder of the tenant that a suite is run with."""
        return self.candidate.tenant or suite.tenant

    def tables(self, suite: Suite) -> Tables:
        """Give the tables of that pack; raises DefinitionError or EngineFailedError."""
        return self.tables_in(self.rules_of(suite))

    def tables_in(self, folder: Path) -> Tables:
        """Give the tables of the pack in a folder; raises DefinitionError or EngineFailedError."""
        if folder not in self._packs:
            self._packs[folder] = self._load(folder)
        return self._packs[folder].tables

    def loaded(
        self, suite: Suite, test: TenantTest, changes: Sequence[MappingNode] = ()
    ) -> LoadedTenant:
        """Give the tenant as the test wants it, with further changes of a story so far.

        Raises DefinitionError for a change that is faulty.
        """
        every = changes if test.given is None else (test.given, *changes)
        key = self._key(suite, test, every)
        if key not in self._tenants:
            self._forget_some()
            nodes = self._nodes(key[0], every)
            self._tenants[key] = tenant_of_nodes(key[0], nodes, profile=key[1])
        return self._tenants[key]

    def snapshot(self, suite: Suite, test: TenantTest) -> Snapshot:
        """Give the snapshot of that tenant under the pack of the suite."""
        changes = () if test.given is None else (test.given,)
        key = (self._key(suite, test, changes), self.rules_of(suite))
        if key not in self._snapshots:
            tenant = self.loaded(suite, test).tenant
            self._snapshots[key] = build(tenant, self.tables(suite))
        return self._snapshots[key]

    def _key(self, suite: Suite, test: TenantTest, changes: Sequence[MappingNode]) -> _Key:
        folder = self.tenant_of(suite)
        if folder is None:
            raise LookupError("the suite stands in no tenant's folder and names none")
        profile = self.candidate.profile or test.profile or suite.profile
        written = msgspec.json.encode(list(map(_written, changes))) if changes else b""
        return folder, profile, written

    def _nodes(self, folder: Path, changes: Sequence[MappingNode]) -> Mapping[str, Node]:
        if folder not in self._overlays:
            self._overlays[folder] = Overlay(read_tenant_nodes(folder))
        overlay = self._overlays[folder]
        faults = FaultList()
        for change in changes:
            for node, text in overlay.unknown(change):
                faults.add(node, FaultCode.UNKNOWN_REFERENCE.value, text)
            overlay = Overlay(overlay.changed(change))
        faults.refuse_if_errors()
        return overlay.nodes

    def _forget_some(self) -> None:
        """Keep what is not changed, and the latest of what is."""
        changed = [key for key in self._tenants if key[2]]
        for key in changed[: len(changed) - _MOST_CHANGED]:
            del self._tenants[key]
            for other in [one for one in self._snapshots if one[0] == key]:
                del self._snapshots[other]


def _written(node: MappingNode) -> object:
    """Give a change with its place, since faults of it are told there."""
    return [node.line, plain_of(node)]
