"""A server of definitions over a store, and its callers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ostiary.adapters.clock import FixedClock
from ostiary.client import Services
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.lifecycle.ports import Store
from ostiary.rpc.catalog_service import DESCRIPTOR as CATALOGS
from ostiary.rpc.catalog_service import CatalogService
from ostiary.rpc.defining import Defining
from ostiary.rpc.directory_service import DESCRIPTOR as DIRECTORY
from ostiary.rpc.directory_service import DirectoryService
from ostiary.rpc.hosting import Hosted
from ostiary.rpc.identity import DevelopmentHeaders
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.v1 import catalog_service_pb2, directory_service_pb2
from tests.contract.lent import NOW, Lent

C, D = catalog_service_pb2, directory_service_pb2

ROLES = (
    RoleAssignment("user:ada", Role.ADMINISTRATOR),
    RoleAssignment("user:cleo", Role.CATALOG_CREATOR),
    RoleAssignment("user:olga", Role.CATALOG_OWNER, "c"),
    RoleAssignment("user:pete", Role.PACKAGE_MANAGER, "c"),
    RoleAssignment("user:bea", Role.CATALOG_READER, "c"),
    RoleAssignment("user:otto", Role.CATALOG_OWNER, "other"),
)


class Served:
    """A server of definitions, and its callers."""

    def __init__(self, store: Store, harbour: LoadedDesk) -> None:
        self.store = store
        clock = FixedClock(NOW)
        defining = Defining(store, clock.now)
        services = [
            (CATALOGS, CatalogService(defining)),
            (DIRECTORY, DirectoryService(defining)),
        ]
        hosted = Hosted(services, DevelopmentHeaders())
        self.server = Server(Reception(lambda: Lent(harbour)), clock, hosted=hosted)
        self.server.start()
        self.server.load()
        self._callers: dict[tuple[str, ...], Services] = {}

    def by(self, caller: str, *roles: str) -> Services:
        """Whoever calls."""
        key = (caller, *roles)
        if key not in self._callers:
            said = f"user:{caller}" if caller else ""
            self._callers[key] = Services(self.server.address, caller=said, roles=roles, timeout=20)
        return self._callers[key]

    def as_holder(self, holder: str) -> Services:
        """Whoever calls, as role assignments name holders; empty: nobody."""
        key = ("", holder)
        if key not in self._callers:
            self._callers[key] = Services(self.server.address, caller=holder, timeout=20)
        return self._callers[key]

    def catalogs(self, method: str, caller: str = "ada", /, **fields: Any) -> Any:
        """Call a method of CatalogService."""
        services = self.by(caller)
        return services.call(
            getattr(services.catalogs, method), getattr(C, f"{method}Request")(**fields)
        )

    def directory(self, method: str, caller: str = "ada", /, **fields: Any) -> Any:
        """Call a method of DirectoryService."""
        services = self.by(caller)
        return services.call(
            getattr(services.directory, method), getattr(D, f"{method}Request")(**fields)
        )

    def stop(self) -> None:
        """End everything."""
        for one in self._callers.values():
            one.close()
        self.server.stop(0.2)


def pieces(folder: Path, *, validate_only: bool = False, size: int = 100) -> Iterator[Any]:
    """The files of a folder in small pieces."""
    yield C.ApplyRequest(options=C.ApplyOptions(validate_only=validate_only))
    for path in sorted(folder.glob("*.yaml")):
        content = path.read_bytes()
        for start in range(0, max(len(content), 1), size):
            name = path.name if start == 0 else ""
            piece = C.ApplyPiece(file=name, content=content[start : start + size])
            yield C.ApplyRequest(piece=piece)
