"""What the tests of printed answers share: a small tenant to name things by, and actions."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.labels import Labels
from ostiary.domain.catalog import AccessPackage, Catalog, CustomExtension, Resource, ResourceKind
from ostiary.domain.people import ConnectedOrganization, Group, User
from ostiary.domain.policy import (
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.tenant import Tenant
from ostiary.v1 import decision_pb2 as contract
from tests.properties.profiles import STANDARD

NOON = Timestamp(seconds=1_930_910_400)  # 2031-03-10 12:00

LABELS = Labels(
    Tenant(
        id="acme",
        name="Acme",
        profile=STANDARD,
        users=(User("emil", "Emil Ek"), User("mona", "Mona Malik"), User("otto", "Otto Ost")),
        groups=(Group("sales", "Sales Staff"),),
        organizations=(ConnectedOrganization("tailwind", "Tailwind Traders"),),
        catalogs=(
            Catalog(
                "cat",
                "Sales Resources",
                resources=(Resource("app", "Sales App", ResourceKind.APPLICATION, "a", ("User",)),),
                extensions=(CustomExtension("ext", "Ticket System", "https://x.example"),),
                packages=(
                    AccessPackage(
                        "team",
                        "Sales Team",
                        "cat",
                        policies=(
                            AssignmentPolicy(
                                "staff",
                                "Employees",
                                RequestorScope(ScopeKind.ALL_MEMBERS),
                                Expiration(ExpirationKind.NEVER),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )
)

STAGE = contract.PlannedStage(number=2, approvers=["mona"], alternates=["otto"])


def action(kind: str, **fields: object) -> contract.ScheduledAction:
    number = contract.ActionKind.Value(f"ACTION_KIND_{kind}")
    return contract.ScheduledAction(kind=number, **{"subject": "emil", **fields})  # type: ignore[arg-type]  # rows of fields


def days(number: int) -> Duration:
    return Duration(seconds=number * 86_400)
