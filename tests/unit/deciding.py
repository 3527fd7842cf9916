"""A small tenant for tests of the decision core, built from parts that read like the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace

from ostiary.decide.evaluate import evaluate
from ostiary.decide.model import Snapshot
from ostiary.domain.catalog import AccessPackage, Catalog, PackageEntry, Resource, ResourceKind
from ostiary.domain.decision import Decision
from ostiary.domain.people import (
    AccountState,
    ConnectedOrganization,
    Group,
    HomeIdentity,
    IdentitySource,
    OrganizationState,
    PersonType,
    SignIn,
    SourceKind,
    User,
)
from ostiary.domain.policy import (
    ApprovalStage,
    Approver,
    ApproverKind,
    AssignmentPolicy,
    Expiration,
    ExpirationKind,
    RequestorScope,
    ScopeKind,
)
from ostiary.domain.reasons import Code
from ostiary.domain.request import EvaluationRequest, InlinePerson
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Profile, Settings, Tenant
from ostiary.index.snapshot import build
from ostiary.rulebook.profiles import load_profile
from ostiary.rulebook.tabulate import load_pack, standard_pack_dir

AT = datetime(2031, 3, 10, 10, tzinfo=UTC)
DAY = timedelta(days=1)

MANAGER = Approver(ApproverKind.MANAGER)
SECOND_MANAGER = Approver(ApproverKind.MANAGER, level=2)
INTERNAL_SPONSORS = Approver(ApproverKind.INTERNAL_SPONSORS)
EXTERNAL_SPONSORS = Approver(ApproverKind.EXTERNAL_SPONSORS)
OWN_SPONSORS = Approver(ApproverKind.OWN_SPONSORS)
NEVER = Expiration(ExpirationKind.NEVER)

ALL_MEMBERS = RequestorScope(ScopeKind.ALL_MEMBERS)
ALL_USERS = RequestorScope(ScopeKind.ALL_DIRECTORY_USERS)
ALL_CONFIGURED = RequestorScope(ScopeKind.ALL_CONFIGURED_ORGANIZATIONS)
ALL_EXTERNAL = RequestorScope(ScopeKind.ALL_EXTERNAL)
ADMINISTRATORS_ONLY = RequestorScope(ScopeKind.NONE)
UNREADABLE = RequestorScope(ScopeKind.UNREADABLE)
TAILWIND = RequestorScope(ScopeKind.SPECIFIC_ORGANIZATIONS, organizations=("tailwind",))

USERS = (
    User("emil", "Emil", manager="mona"),
    User("mona", "Mona", manager="dana"),
    User("dana", "Dana", manager="dana"),  # her own manager
    User("fran", "Fran"),
    User("lone", "Lone"),  # no manager
    User("bert", "Bert", state=AccountState.BLOCKED, manager="mona"),
    User("dora", "Dora", state=AccountState.DELETED, manager="mona"),
    User("under-bert", "Under Bert", manager="bert"),
    User(
        "gita",
        "Gita",
        type=PersonType.GUEST,
        sponsors=("fran",),
        home=HomeIdentity(SignIn.TENANT, tenant_id="t-tailwind", domain="tailwind.example"),
    ),
)
GROUPS = (
    Group("sales", "Sales", groups=("emea",)),
    Group("emea", "EMEA", users=("emil", "bert"), groups=("sales",)),  # a cycle
    Group("empty", "Empty"),
    Group("board", "Board", users=("dana", "mona", "dora")),
)
ORGANIZATIONS = (
    ConnectedOrganization(
        "tailwind",
        "Tailwind",
        sources=(IdentitySource(SourceKind.TENANT, tenant_id="t-tailwind"),),
        internal_sponsor_users=("fran",),
        external_sponsor_groups=("board",),
    ),
    ConnectedOrganization(
        "proposal",
        "Proposal",
        state=OrganizationState.PROPOSED,
        sources=(IdentitySource(SourceKind.DOMAIN, domain="proposal.example"),),
    ),
    ConnectedOrganization(
        "pitfall",
        "Pitfall",
        sources=(IdentitySource(SourceKind.DOMAIN, domain="pitfall.example"),),
    ),
)
RESOURCES = (
    Resource("sales-group", "Sales Group", ResourceKind.GROUP, "g", ("Member", "Owner")),
    Resource("sales-app", "Sales App", ResourceKind.APPLICATION, "a", ("User", "Admin")),
)


def user(name: str) -> Approver:
    """An approver named by id."""
    return Approver(ApproverKind.USER, name)


def group(name: str) -> Approver:
    """The members of a group as approvers."""
    return Approver(ApproverKind.GROUP, name)


def people(*groups: str, users: Sequence[str] = ()) -> RequestorScope:
    """A scope of specific people."""
    return RequestorScope(ScopeKind.SPECIFIC_SUBJECTS, users=tuple(users), groups=groups)


def policy(
    scope: RequestorScope, *stages: ApprovalStage, name: str = "p", **fields: Any
) -> AssignmentPolicy:
    """A policy of 30 days; with stages it needs approval."""
    plain = AssignmentPolicy(
        name,
        name,
        scope,
        Expiration(ExpirationKind.DURATION, after=30 * DAY),
        approval_for_add=bool(stages),
        stages=stages,
    )
    return replace(plain, **fields)


def package(*policies: AssignmentPolicy, **fields: Any) -> AccessPackage:
    """The package `access` with two entries."""
    plain = AccessPackage(
        "access",
        "Access",
        "work",
        entries=(PackageEntry("sales-group", "Member"), PackageEntry("sales-app", "User")),
        policies=policies,
    )
    return replace(plain, **fields)


def outsider(name: str = "priya", **fields: Any) -> InlinePerson:
    """A person of Tailwind without an object in the directory, everything told."""
    person = InlinePerson(
        id=name,
        type=PersonType.EXTERNAL,
        state=AccountState.ENABLED,
        groups=(),
        manager=None,
        sponsors=(),
        home=HomeIdentity(SignIn.TENANT, tenant_id="t-tailwind", domain="tailwind.example"),
        attributes={},
    )
    return replace(person, **fields)


@cache
def tables() -> Tables:
    """The standard rules."""
    return load_pack(standard_pack_dir()).tables


def profile(name: str = "standard", **fields: Any) -> Profile:
    """A profile as shipped, with some values replaced."""
    return replace(load_profile(name).profile, **fields)


def snapshot(
    *packages: AccessPackage,
    under: Profile | None = None,
    settings: Settings | None = None,
    groups: tuple[Group, ...] = GROUPS,
    **catalog: Any,
) -> Snapshot:
    """The tenant with these packages in one catalog."""
    work = Catalog("work", "Work", resources=RESOURCES, packages=packages)
    tenant = Tenant(
        "t",
        "T",
        under or profile(),
        settings=settings or Settings(),
        users=USERS,
        groups=groups,
        organizations=ORGANIZATIONS,
        catalogs=(replace(work, **catalog),),
    )
    return build(tenant, tables())


def ask(
    wanted: AccessPackage | Snapshot,
    who: str | InlinePerson = "emil",
    at: datetime = AT,
    **fields: Any,
) -> Decision:
    """The decision about `access` for somebody, at 2031-03-10 10:00."""
    snap = wanted if isinstance(wanted, Snapshot) else snapshot(wanted)
    return evaluate(snap, replace(EvaluationRequest("access", who, at), **fields))


def headline(decision: Decision) -> tuple[Code, dict[str, str]]:
    """The first reason with its parameters."""
    first = decision.reasons[0]
    return first.code, dict(first.parameters)


def codes(decision: Decision) -> list[Code]:
    """All reason codes in order."""
    return [reason.code for reason in decision.reasons]
