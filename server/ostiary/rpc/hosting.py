"""The services of the life of a request, put together for a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from google.protobuf.descriptor import ServiceDescriptor

from ostiary.decide.model import Snapshot
from ostiary.domain.tables import Tables
from ostiary.operations.office import Office
from ostiary.operations.rights import Rights
from ostiary.rpc import (
    access_review_service,
    assignment_service,
    audit_service,
    catalog_service,
    clock_service,
    directory_service,
    request_service,
)
from ostiary.rpc.access_review_service import AccessReviewService
from ostiary.rpc.asking import Asking
from ostiary.rpc.assignment_service import AssignmentService
from ostiary.rpc.audit_service import AuditService
from ostiary.rpc.calls import Call, Handler, handlers
from ostiary.rpc.catalog_service import CatalogService
from ostiary.rpc.clock_service import ClockService, Passing
from ostiary.rpc.defining import Defining
from ostiary.rpc.directory_service import DirectoryService
from ostiary.rpc.identity import IdentitySource
from ostiary.rpc.life import Life
from ostiary.rpc.request_service import RequestService

Service = tuple[ServiceDescriptor, object]


class Hosted:
    """Services beside DecisionService, with what makes their watchers go home."""

    def __init__(
        self,
        services: Sequence[Service],
        identity: IdentitySource,
        close: Callable[[], None] = lambda: None,
        asking: Asking | None = None,
    ) -> None:
        """Take the services, and what says who may ask what of DecisionService."""
        self.handlers: Mapping[str, Mapping[str, Handler]] = {
            descriptor.full_name: handlers(descriptor, service, identity)
            for descriptor, service in services
        }
        self.close = close
        self.asking = asking


def definition_services(office: Office) -> list[Service]:
    """Give the services of what the tenant is made of."""
    defining = Defining(office.store, office.now)
    return [
        (catalog_service.DESCRIPTOR, CatalogService(defining)),
        (directory_service.DESCRIPTOR, DirectoryService(defining)),
    ]


def life_services(
    office: Office,
    tables: Callable[[str], Tables],
    identity: IdentitySource,
    *,
    passing: Passing | None = None,
    more: Sequence[Service] = (),
    close: Callable[[], None] = lambda: None,
) -> Hosted:
    """Give the services of one office; with `passing`, ClockService among them.

    `tables` gives the rules by their digest that a decision names; `close` has the watchers of
    `more` go home.
    """
    life = Life(office, tables)
    services: list[Service] = [
        (request_service.DESCRIPTOR, RequestService(life)),
        (assignment_service.DESCRIPTOR, AssignmentService(life)),
        (access_review_service.DESCRIPTOR, AccessReviewService(life)),
        (audit_service.DESCRIPTOR, AuditService(life)),
        *definition_services(office),
        *more,
    ]
    if passing is not None:
        services.append((clock_service.DESCRIPTOR, ClockService(passing)))

    def close_all() -> None:
        life.close()
        close()

    def look(call: Call) -> tuple[Rights, Snapshot]:
        with life.looking(call) as seen:
            return seen.rights, seen.snapshot

    return Hosted(services, identity, close_all, Asking(look, identity))
