"""What lint believes about people is what decisions say of them, one by one, in random tenants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyroaring import BitMap

from ostiary.analysis.lint.approving import stuck
from ostiary.analysis.lint.views import PolicyView, World
from ostiary.decide.approvers import staff
from ostiary.decide.limits import duties_word
from ostiary.decide.memo import Memo
from ostiary.decide.model import CompiledPackage, CompiledPolicy, Snapshot
from ostiary.decide.scope import admit
from ostiary.domain.people import AccountState
from ostiary.domain.request import NOT_TOLD, RequestType
from ostiary.domain.tenant import Tenant
from ostiary.rulebook.times import parse_instant
from tests.properties.dice import Dice
from tests.properties.ruling import snapshot as snapshot_of
from tests.properties.worlds import LARGEST, make_tenant

AT = parse_instant("2031-03-10T09:00Z")
SEEDS = 150


def policies(world: World, snapshot: Snapshot) -> Iterator[tuple[PolicyView, CompiledPolicy]]:
    """The policies that are switched on, as lint and as decisions see them."""
    for package in world.packages():
        compiled = snapshot.packages[package.package.id]
        for view in package.policies:
            policy = compiled.by_id[view.policy.id]
            if policy.fixed_end is None or policy.fixed_end > AT:
                yield view, policy


def ids(world: World, people: BitMap) -> set[str]:
    """The people of a bitmap by name."""
    return {world.people.users[number].id for number in people}


def admitted(
    tenant: Tenant, snapshot: Snapshot, package: CompiledPackage, policy: CompiledPolicy
) -> set[str]:
    """Who may request under a policy and is in no incompatible group, as decisions have it."""
    found = set()
    for user in tenant.users:
        if user.state is AccountState.ENABLED:
            subject = snapshot.subject_of(user.id)
            route, lookup = RequestType.USER_ADD.value, snapshot.rules.scope
            word = duties_word(package, subject, NOT_TOLD)
            if word != "group" and admit((policy,), subject, route, AT, lookup)[1]:
                found.add(user.id)
    return found


def without_approver(snapshot: Snapshot, policy: CompiledPolicy, people: set[str]) -> set[str]:
    """For whom of these people no approver is found, as decisions have it."""
    approval = policy.traits.approval
    if approval is None:
        return set()
    found = set()
    for name in people:
        subject = snapshot.subject_of(name)
        directory, lookup = snapshot.directory, snapshot.rules.approvers
        staffing = staff(approval, subject, subject.alone, directory, lookup, Memo())
        if staffing.word == "nobody":
            found.add(name)
    return found


@pytest.mark.parametrize("size", [3, LARGEST])
def test_scopes_and_dead_ends_are_those_of_decisions(size: int) -> None:
    seen_scopes = seen_ends = seen_shut_out = 0
    for seed in range(SEEDS):
        tenant = make_tenant(Dice(seed, size))
        world, snapshot = World(tenant), snapshot_of(tenant)
        for view, policy in policies(world, snapshot):
            package = snapshot.packages[view.package.id]
            asking = admitted(tenant, snapshot, package, policy)
            seen_shut_out += bool(view.scope & view.home.shut_out)
            assert ids(world, view.asking) == asking, (seed, size, view.path())
            ends = [stuck(world, stage) for stage in view.stages()]
            if not view.policy.approval_for_add:
                ends = []
            found = ids(world, BitMap.union(BitMap(), *ends))
            assert found == without_approver(snapshot, policy, asking), (seed, size, view.path())
            seen_scopes += bool(asking)
            seen_ends += bool(found)
    assert seen_scopes > SEEDS / 10
    assert seen_ends > SEEDS / 30
    assert seen_shut_out > 0
