"""What the checks look at: one policy where it stands, with the people whom it admits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

from pyroaring import BitMap

from ostiary.analysis.lint.findings import Path, Witness
from ostiary.analysis.lint.people import EXTERNAL_SCOPES, People
from ostiary.domain.catalog import AccessPackage, Catalog, Resource, ResourceKind
from ostiary.domain.people import OrganizationState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, AssignmentPolicy, ScopeKind
from ostiary.domain.tenant import Tenant

_NOBODY_ASKS = frozenset({ScopeKind.NONE, ScopeKind.AUTOMATIC, ScopeKind.UNREADABLE})
MEMBER, OWNER = "Member", "Owner"  # the roles of a group
LISTS = (
    ("approvers", "primary"),
    ("fallback", "fallback"),
    ("alternates", "alternates"),
    ("alternate_fallback", "alternate_fallback"),
)


class PolicyView:
    """One policy that is switched on, where it stands."""

    def __init__(self, home: PackageView, policy: AssignmentPolicy) -> None:
        self.home = home
        self.people = home.people
        self.catalog = home.catalog
        self.package = home.package
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
    def is_over(self) -> bool:
        """Say whether the fixed end has passed, so that the policy is offered to nobody (S-99)."""
        end, now = self.policy.expiration.at, self.home.now
        return end is not None and now is not None and end <= now

    @cached_property
    def asking(self) -> BitMap:
        """The people of the directory who can request for themselves, up to gate 8."""
        if not self.policy.self_add or self.is_over:
            return BitMap()
        shut_out = self.home.shut_out
        return self.scope - shut_out if shut_out else self.scope

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

    def __init__(
        self,
        people: People,
        catalog: Catalog,
        package: AccessPackage,
        resources: Mapping[str, Resource],
        now: datetime | None,
    ) -> None:
        self.now = now
        self.people = people
        self.catalog = catalog
        self.package = package
        self.resources = resources
        self.policies = tuple(PolicyView(self, one) for one in package.policies if one.enabled)

    def path(self, *rest: str) -> Path:
        """Give the path of the package, or of something in it."""
        return ("packages", f"[{self.package.id}]", *rest)

    @cached_property
    def granted_groups(self) -> frozenset[str]:
        """The groups whose membership the package gives."""
        entries = (e for e in self.package.entries if e.role == MEMBER)
        granted = (self.resources[entry.resource] for entry in entries)
        return frozenset(one.target for one in granted if one.kind is ResourceKind.GROUP)

    @cached_property
    def shut_out(self) -> BitMap:
        """The people in groups that the package is incompatible with: no request passes (S-117)."""
        groups = self.package.incompatible_groups
        return BitMap.union(BitMap(), *map(self.people.members, groups))

    @cached_property
    def automatic(self) -> BitMap:
        """The people who get the package by a rule, without asking (S-106)."""
        rules = (one.policy.scope.rule for one in self.policies)
        return BitMap.union(BitMap(), *(self.people.fitting(r) for r in rules if r is not None))


class World:
    """The tenant with its people, and the instant at which it is looked at, if any."""

    def __init__(self, tenant: Tenant, now: datetime | None = None) -> None:
        self.tenant = tenant
        self.profile = tenant.profile
        self.people = People(tenant)
        self.now = now
        self._views: dict[str, PackageView] = {}  # of packages that others are incompatible with
        self.configured = tuple(
            one.id for one in tenant.organizations if one.state is OrganizationState.CONFIGURED
        )

    def package(self, package_id: str) -> AccessPackage | None:
        """Give a package of any catalog."""
        found = self._by_id.get(package_id)
        return None if found is None else found[1]

    def package_view(self, package_id: str) -> PackageView | None:
        """Give a package of a catalog that is switched on."""
        found = self._by_id.get(package_id)
        if found is None or not found[0].enabled:
            return None
        catalog, package = found
        if package_id not in self._views:
            resources = {one.id: one for one in catalog.resources}
            self._views[package_id] = PackageView(
                self.people, catalog, package, resources, self.now
            )
        return self._views[package_id]

    @cached_property
    def _by_id(self) -> dict[str, tuple[Catalog, AccessPackage]]:
        return {
            package.id: (catalog, package)
            for catalog in self.tenant.catalogs
            for package in catalog.packages
        }

    def packages(self) -> Iterator[PackageView]:
        """Give the packages that can be had: those of the catalogs that are switched on."""
        for catalog in self.tenant.catalogs:
            if catalog.enabled:
                resources = {one.id: one for one in catalog.resources}
                for package in catalog.packages:
                    yield PackageView(self.people, catalog, package, resources, self.now)


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
