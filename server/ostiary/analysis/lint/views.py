"""What the checks look at: one policy where it stands, with the people whom it admits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

from pyroaring import BitMap

from ostiary.analysis.lint.findings import Path, Witness
from ostiary.analysis.lint.people import EXTERNAL_SCOPES, People
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, AssignmentPolicy, ScopeKind
from ostiary.domain.tenant import Tenant

_NOBODY_ASKS = frozenset({ScopeKind.NONE, ScopeKind.AUTOMATIC, ScopeKind.UNREADABLE})
LISTS = (
    ("approvers", "primary"),
    ("fallback", "fallback"),
    ("alternates", "alternates"),
    ("alternate_fallback", "alternate_fallback"),
)


class PolicyView:
    """One policy that is switched on, where it stands."""

    def __init__(
        self, people: People, catalog: Catalog, package: AccessPackage, policy: AssignmentPolicy
    ) -> None:
        self.people = people
        self.catalog = catalog
        self.package = package
        self.policy = policy

    def path(self, *rest: str) -> Path:
        """Give the path of the policy, or of something in it."""
        return ("packages", f"[{self.package.id}]", "policies", f"[{self.policy.id}]", *rest)

    @property
    def for_externals(self) -> bool:
        """Say whether people from outside the directory can be in the scope."""
        return self.policy.scope.kind in EXTERNAL_SCOPES

    @property
    def requestable(self) -> bool:
        """Say whether anybody can ask under the policy, in scope or not."""
        policy = self.policy
        return policy.scope.kind not in _NOBODY_ASKS and (policy.self_add or policy.on_behalf)

    @cached_property
    def scope(self) -> BitMap:
        """The people of the directory whom the scope admits."""
        return self.people.in_scope(self.policy.scope, external=self.catalog.external)

    @property
    def asking(self) -> BitMap:
        """The people of the directory who can request for themselves."""
        return self.scope if self.policy.self_add else BitMap()

    def stages(self) -> Iterator[StageView]:
        """Give the stages of approval."""
        for index, stage in enumerate(self.policy.stages):
            yield StageView(self, index, stage)


class StageView:
    """One stage of a policy."""

    def __init__(self, view: PolicyView, index: int, stage: ApprovalStage) -> None:
        self.view = view
        self.stage = stage
        self.number = index + 1

    def path(self, *rest: str) -> Path:
        """Give the path of the stage, or of something in it."""
        return self.view.path("approval", "stages", f"[{self.number - 1}]", *rest)

    def lists(self) -> Iterator[tuple[str, tuple[Approver, ...]]]:
        """Give the lists of approvers by the names that they have in files."""
        for name, field in LISTS:
            yield name, getattr(self.stage, field)


class PackageView:
    """One package with its policies that are switched on, in a catalog that is."""

    def __init__(self, people: People, catalog: Catalog, package: AccessPackage) -> None:
        self.people = people
        self.catalog = catalog
        self.package = package
        self.policies = tuple(
            PolicyView(people, catalog, package, one) for one in package.policies if one.enabled
        )

    def path(self, *rest: str) -> Path:
        """Give the path of the package, or of something in it."""
        return ("packages", f"[{self.package.id}]", *rest)


class World:
    """The tenant with its people, and the instant at which it is looked at, if any."""

    def __init__(self, tenant: Tenant, now: datetime | None = None) -> None:
        self.tenant = tenant
        self.profile = tenant.profile
        self.people = People(tenant)
        self.now = now

    def packages(self) -> Iterator[PackageView]:
        """Give the packages that can be had: those of the catalogs that are switched on."""
        for catalog in self.tenant.catalogs:
            if catalog.enabled:
                for package in catalog.packages:
                    yield PackageView(self.people, catalog, package)


def spell_approver(approver: Approver) -> str:
    """Give an approver as files write it."""
    if approver.kind in (ApproverKind.USER, ApproverKind.GROUP):
        return f"{approver.kind.value}:{approver.id}"
    word = str(approver.kind.value).replace("_", "-")
    return f"{word}:{approver.level}" if approver.level > 1 else word


def person(user_id: str) -> Witness:
    """Give a person as a witness."""
    return Witness("person", user_id)


def others(count: int) -> str:
    """Give how many more there are, as the end of a sentence."""
    return "" if count < 2 else f" and {count - 1:,} more"
