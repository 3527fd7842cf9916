"""How much of a tenant its tests look at: what each policy came to, and both sides of each scope.

A policy was *selected* when a decision put it in force, *offered* when it was among those to choose
from, *refused* when it was looked at and neither. Its scope was seen from *in*side when the rules
admitted somebody, from *out*side when they left somebody out for who they are, not for a switch, a
date or a catalog.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ostiary.analysis.coverage.pack import Share
from ostiary.domain.decision import Decision
from ostiary.domain.enumeration import Enumeration
from ostiary.domain.reasons import Cause, Code
from ostiary.domain.tables import Phase, Row
from ostiary.domain.tenant import Tenant


class Sight(Enumeration):
    """A way in which a policy is looked at."""

    SELECTED = "selected"
    OFFERED = "offered"
    REFUSED = "refused"
    IN = "in"
    OUT = "out"


class PolicyLook(msgspec.Struct, frozen=True, order=True):
    """A test saw a policy in one way."""

    test: str
    package: str
    policy: str
    sight: Sight


class PolicyCoverage(msgspec.Struct, frozen=True):
    """How many different tests saw a policy in each way."""

    package: str
    policy: str
    seen: Mapping[Sight, int]

    @property
    def missing(self) -> tuple[Sight, ...]:
        """Give the ways in which no test saw it."""
        return tuple(sight for sight in Sight if not self.seen[sight])


class TenantCoverage(msgspec.Struct, frozen=True):
    """All policies of a tenant, in the order of catalogs, packages and policies."""

    tenant: str
    tests: int
    policies: tuple[PolicyCoverage, ...]

    def of(self, *sights: Sight) -> Share:
        """Give how many policies were seen in these ways, each way counted by itself."""
        seen = sum(one.seen[sight] > 0 for one in self.policies for sight in sights)
        return Share(seen, len(self.policies) * len(sights))


def sights_of(decision: Decision) -> Iterator[tuple[str, Sight]]:
    """Give the policies that a decision looked at, with the ways in which it saw each."""
    for step in decision.steps:
        if step.row.phase is not Phase.REQUESTOR_SCOPE:
            continue
        selected, offered = decision.selected == step.about, step.about in decision.offered
        if selected:
            yield step.about, Sight.SELECTED
        if offered:
            yield step.about, Sight.OFFERED
        if not selected and not offered:
            yield step.about, Sight.REFUSED
        side = side_of(step.row)
        if side is not None:
            yield step.about, side


def side_of(row: Row) -> Sight | None:
    """Give the side of a scope on which somebody stands; None if other things decided."""
    said = row.answers[0]
    if said.word == "in":
        return Sight.IN
    told = said.word == "out" and said.reason is Code.NOT_IN_SCOPE
    return Sight.OUT if told and said.cause is not Cause.SELF_REQUEST_OFF else None


def cover_tenant(tenant: Tenant, looks: Iterable[PolicyLook]) -> TenantCoverage:
    """Give what tests saw of each policy of a tenant; looks at policies it has not are left out."""
    seen: dict[tuple[str, str, Sight], set[str]] = {}
    tests: set[str] = set()
    for look in looks:
        tests.add(look.test)
        seen.setdefault((look.package, look.policy, look.sight), set()).add(look.test)
    policies = tuple(
        PolicyCoverage(
            package=package.id,
            policy=policy.id,
            seen={sight: len(seen.get((package.id, policy.id, sight), ())) for sight in Sight},
        )
        for catalog in tenant.catalogs
        for package in catalog.packages
        for policy in package.policies
    )
    return TenantCoverage(tenant.id, len(tests), policies)
