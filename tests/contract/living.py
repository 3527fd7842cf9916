"""A server with the whole life of requests behind it, on a clock that tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest

from ostiary.adapters.store import open_store
from ostiary.client import CallError, Services
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.tenant import Tenant
from ostiary.lifecycle.ports import Store
from ostiary.rpc.hosting import life_services
from ostiary.rpc.identity import DevelopmentHeaders, IdentitySource
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.rulebook import tenant_files
from ostiary.v1 import access_request_pb2, request_service_pb2
from ostiary.worker.passing import MovingTime
from tests.contract.lent import Lent
from tests.life.world import World, tables

Response = TypeVar("Response")

QUAY = Path(__file__).parent / "quay"
BEGIN = "2031-03-10 10:00"

USER_ADD = access_request_pb2.REQUEST_KIND_USER_ADD
ADMIN_ADD = access_request_pb2.REQUEST_KIND_ADMIN_ADD


@cache
def quay() -> Tenant:
    """The tenant of these tests."""
    return tenant_files.load_tenant(QUAY).tenant


ROLES = (
    RoleAssignment("user:ada", Role.ADMINISTRATOR),
    RoleAssignment("user:olga", Role.CATALOG_OWNER, "work"),
    RoleAssignment("user:pete", Role.PACKAGE_MANAGER, "work"),
    RoleAssignment("user:sten", Role.ASSIGNMENT_MANAGER, "work"),
    RoleAssignment("user:bea", Role.CATALOG_READER, "work"),
    RoleAssignment("service:flows", Role.ASSIGNMENT_MANAGER, "work"),
    RoleAssignment("service:pdp", Role.EVALUATOR),
)


class Living:
    """One server with everything behind it, and its callers."""

    def __init__(self, store: Store, harbour: LoadedDesk, identity: IdentitySource) -> None:
        self.world = World(store, quay(), BEGIN)
        with store.transaction() as tx:
            tx.next_revision(self.world.clock.now(), actor="system")
            for one in ROLES:
                tx.add_role(one)
        passing = MovingTime(self.world.clock, store, self.world.worker)
        hosted = life_services(self.world.office, lambda _: tables(), identity, passing=passing)
        self.server = Server(Reception(lambda: Lent(harbour)), self.world.clock, hosted=hosted)
        self.server.start()
        self.server.load()
        self._callers: dict[str, Services] = {}

    def stop(self) -> None:
        """End everything."""
        for one in self._callers.values():
            one.close()
        self.server.stop(0.2)

    def by(self, caller: str) -> Services:
        """Whoever calls: `ana` is a user, `service:flows` a service, empty nobody."""
        if caller not in self._callers:
            said = caller if ":" in caller or not caller else f"user:{caller}"
            self._callers[caller] = Services(self.server.address, caller=said, timeout=20)
        return self._callers[caller]

    # short ways

    def create(
        self, caller: str, package: str = "plain", **fields: Any
    ) -> request_service_pb2.CreateRequestResponse:
        """Submit a request, of oneself unless it is said otherwise."""
        fields.setdefault("kind", USER_ADD)
        asked = request_service_pb2.CreateRequestRequest(access_package=package, **fields)
        services = self.by(caller)
        answer = services.call(services.requests.CreateRequest, asked)
        if not asked.validate_only:
            self.world.worker.run_until_idle()
        return answer

    def request(self, caller: str, package: str = "plain", **fields: Any) -> str:
        """Submit a request and give its id."""
        return self.create(caller, package, **fields).request.id

    def asked(self, caller: str = "ana", **fields: Any) -> str:
        """Submit a request that fran and dana must approve, and give its id."""
        return self.request(caller, "asked", justification="a project", **fields)

    def see(self, request: str, caller: str = "ada") -> access_request_pb2.AccessRequest:
        """A request as it is now."""
        services = self.by(caller)
        asked = request_service_pb2.GetRequestRequest(request=request)
        return services.call(services.requests.GetRequest, asked).request

    def approve(self, request: str, caller: str, **fields: Any) -> access_request_pb2.AccessRequest:
        """Approve the open stage."""
        services = self.by(caller)
        asked = request_service_pb2.ApproveRequestRequest(request=request, **fields)
        answer = services.call(services.requests.ApproveRequest, asked)
        self.world.worker.run_until_idle()
        return answer.request

    def deny(self, request: str, caller: str, **fields: Any) -> access_request_pb2.AccessRequest:
        """Deny the open stage."""
        services = self.by(caller)
        asked = request_service_pb2.DenyRequestRequest(request=request, **fields)
        return services.call(services.requests.DenyRequest, asked).request


@contextmanager
def refused(
    reason: str, code: str = "", status: grpc.StatusCode | None = None
) -> Iterator[pytest.ExceptionInfo[CallError]]:
    """Expect a call to end with an ErrorReason, and with a code of section 19."""
    with pytest.raises(CallError) as raised:
        yield raised
    error = raised.value
    assert (error.reason, error.metadata.get("code", "")) == (reason, code), error
    assert error.message[0].islower() or error.message[0] == "`"
    if status is not None:
        assert error.code is status


@contextmanager
def living(
    harbour: LoadedDesk,
    url: str = "memory:",
    identity: Callable[[], IdentitySource] = DevelopmentHeaders,
) -> Iterator[Living]:
    """A server until the end of the block."""
    store = open_store(url)
    made = Living(store, harbour, identity())
    try:
        yield made
    finally:
        made.stop()
        store.close()


STORES = ("memory", "sqlite", "postgresql")


def url_of(store: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of an empty store of a kind; without PostgreSQL the test is skipped."""
    if store == "postgresql":
        return str(request.getfixturevalue("postgres_store_url"))
    return "memory:" if store == "memory" else f"sqlite:///{folder}/ostiary.db"
