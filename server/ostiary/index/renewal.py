"""A snapshot after only people and memberships changed: nothing else is worked out again.

Grants change a group's members all the time, and a tenant may hold 100,000 packages; compiling them
again for one member would be the end of it. What depends on people is the directory, and the lists
of approvers that name them or their groups.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import msgspec

from ostiary.decide.approvers import compile_list
from ostiary.decide.memo import Memo
from ostiary.decide.model import (
    REMEMBERED_PEOPLE,
    ApproverList,
    CompiledApproval,
    CompiledPackage,
    CompiledPolicy,
    CompiledStage,
    Snapshot,
)
from ostiary.decide.risk import compile_risk
from ostiary.domain.people import Group, User
from ostiary.domain.policy import Approver, ApproverKind
from ostiary.index.directory import IndexedDirectory
from ostiary.index.snapshot import subjects

# Approvals of renewed packages bear numbers that no compiler gives and no other renewal has given.
_UIDS = itertools.count(2**40)


def renewed(
    before: Snapshot,
    *,
    users: Mapping[str, User | None],
    groups: Mapping[str, Group | None],
    digest: str,
) -> Snapshot:
    """Give the snapshot with these people and groups as they are now; None: they are gone.

    It answers exactly as one that is built from scratch; `digest` is that of the tenant.
    """
    old = before.directory
    if not isinstance(old, IndexedDirectory):
        raise TypeError("only snapshots of an index can be renewed")
    directory = old.renewed(users, groups)
    touched = _touched(old, directory, users, groups)
    order = _order(before.order, touched, directory)
    packages = before.packages
    if order is not before.order:
        packages = {name: order[package.ordinal] for name, package in before.packages.items()}
    return msgspec.structs.replace(
        before,
        directory=directory,
        packages=packages,
        order=order,
        revision=msgspec.structs.replace(before.revision, tenant=digest),
        risk=compile_risk(before.settings, before.profile, directory),
        subject_of=subjects(before.settings, directory),
        people=Memo(REMEMBERED_PEOPLE),
        staffings=Memo(),
    )


def _touched(
    old: IndexedDirectory,
    new: IndexedDirectory,
    users: Mapping[str, User | None],
    groups: Mapping[str, Group | None],
) -> frozenset[tuple[ApproverKind, str]]:
    """Give the users and groups that an approver list must name to be another one now."""
    inside = set(groups)
    for user in users:
        inside.update((*old.groups_of(user), *new.groups_of(user)))
    holding = {name for group in inside for name in (*old.above(group), *new.above(group))}
    return frozenset(
        [*((ApproverKind.GROUP, name) for name in holding)]
        + [(ApproverKind.USER, name) for name in users]
    )


def _order(
    order: tuple[CompiledPackage, ...],
    touched: frozenset[tuple[ApproverKind, str]],
    directory: IndexedDirectory,
) -> tuple[CompiledPackage, ...]:
    """Give the packages, those anew in which a touched approver is named."""
    if touched.isdisjoint(_named_in(order)):
        return order
    approvals: dict[int, CompiledApproval] = {}
    for package in order:
        for policy in package.policies:
            approval = policy.traits.approval
            if approval is None or approval.uid in approvals:
                continue
            renew = any(_names(stage, touched) for stage in approval.stages)
            approvals[approval.uid] = _approval(approval, directory) if renew else approval
    if all(uid == approval.uid for uid, approval in approvals.items()):
        return order
    return tuple(_package(package, approvals) for package in order)


class _Named:
    """Everybody whom the approver lists of the last packages name, since grants follow closely."""

    last: tuple[tuple[CompiledPackage, ...], frozenset[tuple[ApproverKind, str | None]]] | None = (
        None
    )


def _named_in(
    order: tuple[CompiledPackage, ...],
) -> frozenset[tuple[ApproverKind, str | None]]:
    known = _Named.last
    if known is None or known[0] is not order:
        stages = {
            id(approval): approval.stages
            for package in order
            for policy in package.policies
            if (approval := policy.traits.approval) is not None
        }
        found = frozenset(
            (one.kind, one.id)
            for inside in stages.values()
            for listed in _all_lists(inside)
            for one in listed.named
        )
        known = _Named.last = (order, found)
    return known[1]


def _names(stage: CompiledStage, touched: frozenset[tuple[ApproverKind, str]]) -> bool:
    return any((one.kind, one.id) in touched for found in _lists(stage) for one in found.named)


def _lists(stage: CompiledStage) -> tuple[ApproverList, ...]:
    return (stage.primary, stage.fallback, stage.alternates, stage.alternate_fallback)


def _package(
    package: CompiledPackage, approvals: Mapping[int, CompiledApproval]
) -> CompiledPackage:
    policies = tuple(_policy(policy, approvals) for policy in package.policies)
    if all(new is old for new, old in zip(policies, package.policies, strict=True)):
        return package
    by_id = {policy.id: policy for policy in policies}
    return msgspec.structs.replace(package, policies=policies, by_id=by_id)


def _policy(policy: CompiledPolicy, approvals: Mapping[int, CompiledApproval]) -> CompiledPolicy:
    traits = policy.traits
    if traits.approval is None:
        return policy
    approval = approvals[traits.approval.uid]
    if approval is traits.approval:
        return policy
    anew = msgspec.structs.replace(traits, approval=approval)
    return msgspec.structs.replace(policy, traits=anew)


def _approval(approval: CompiledApproval, directory: IndexedDirectory) -> CompiledApproval:
    stages = tuple(_stage(stage, directory) for stage in approval.stages)
    people = frozenset[str]().union(*(one.usable_set for one in _all_lists(stages)))
    return msgspec.structs.replace(approval, uid=next(_UIDS), stages=stages, people=people)


def _all_lists(stages: tuple[CompiledStage, ...]) -> Iterator[ApproverList]:
    return (one for stage in stages for one in _lists(stage))


def _stage(compiled: CompiledStage, directory: IndexedDirectory) -> CompiledStage:
    def resolved(approvers: tuple[Approver, ...]) -> ApproverList:
        return compile_list(approvers, directory)

    stage = compiled.stage
    return msgspec.structs.replace(
        compiled,
        primary=resolved(stage.primary),
        fallback=resolved(stage.fallback),
        alternates=resolved(stage.alternates),
        alternate_fallback=resolved(stage.alternate_fallback),
    )
