"""Random edits: of people, of packages and policies, and of what the rules say in some cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from zlib import crc32

import msgspec

from ostiary.domain.catalog import AccessPackage, Catalog, Resource, ResourceKind
from ostiary.domain.people import AccountState, OrganizationState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind, AssignmentPolicy
from ostiary.domain.reasons import Code
from ostiary.domain.tables import Conclusion, Phase, PhaseTable, Row, Tables
from ostiary.domain.tenant import Tenant
from tests.properties import worlds
from tests.properties.changes import with_packages
from tests.properties.dice import Dice
from tests.properties.policies import Names, policies_of, policy, scope, stage
from tests.properties.tables import Otherwise

replace = msgspec.structs.replace


def edited(dice: Dice, tenant: Tenant, times: int) -> Tenant:
    """The tenant after some edits of policies, packages and catalogs."""
    for _ in range(times):
        tenant = _edit_catalogs(dice, tenant)
    return tenant


def _names(tenant: Tenant, catalog: Catalog) -> Names:
    return Names(
        [one.id for one in tenant.users],
        [one.id for one in tenant.groups],
        [one.id for one in tenant.organizations],
        [one.id for one in catalog.extensions],
    )


def _edit_catalogs(dice: Dice, tenant: Tenant) -> Tenant:
    number = dice.number(0, len(tenant.catalogs) - 1)
    catalog = tenant.catalogs[number]
    changed = _edit_catalog(dice, tenant, catalog)
    catalogs = (*tenant.catalogs[:number], changed, *tenant.catalogs[number + 1 :])
    return replace(tenant, catalogs=catalogs)


def _edit_catalog(dice: Dice, tenant: Tenant, catalog: Catalog) -> Catalog:
    throw = dice.number(0, 19)
    if throw == 0:
        return replace(catalog, enabled=not catalog.enabled)
    if throw == 1:
        return replace(catalog, external=not catalog.external)
    if throw in (4, 5) and catalog.resources:
        return replace(catalog, resources=_pointed_elsewhere(dice, catalog.resources))
    packages = list(catalog.packages)
    if throw == 2 and packages:
        packages.pop(dice.number(0, len(packages) - 1))
    elif throw == 3 or not packages:
        added = AccessPackage(
            id=f"new-{dice.number(1, 3)}",
            name="New",
            catalog=catalog.id,
            entries=worlds.entries(dice, catalog.resources),
            policies=policies_of(dice, tenant.profile, _names(tenant, catalog)),
        )
        taken = {one.id for each in tenant.catalogs for one in each.packages}
        packages += [] if added.id in taken else [added]
    else:
        at = dice.number(0, len(packages) - 1)
        packages[at] = _edit_package(dice, tenant, catalog, packages[at])
    return replace(catalog, packages=tuple(sorted(packages, key=lambda one: one.id)))


def _pointed_elsewhere(dice: Dice, resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """One resource stands for another thing, or for a thing of another kind."""
    at = dice.number(0, len(resources) - 1)
    kind = dice.pick(tuple(ResourceKind))
    target = dice.pick((resources[at].target, "elsewhere"))
    return (*resources[:at], replace(resources[at], kind=kind, target=target), *resources[at + 1 :])


def _edit_package(
    dice: Dice, tenant: Tenant, catalog: Catalog, package: AccessPackage
) -> AccessPackage:
    names = _names(tenant, catalog)
    throw = dice.number(0, 9)
    if throw == 0:
        return replace(package, hidden=not package.hidden)
    if throw == 1:
        return replace(package, entries=worlds.entries(dice, catalog.resources))
    if throw == 2:
        return replace(package, incompatible_groups=dice.some(names.groups, 2))
    if throw == 3 or not package.policies:
        return replace(package, policies=policies_of(dice, tenant.profile, names))
    policies = list(package.policies)
    at = dice.number(0, len(policies) - 1)
    policies[at] = _edit_policy(dice, tenant, names, policies[at])
    return replace(package, policies=tuple(sorted(policies, key=lambda one: (one.name, one.id))))


def _edit_policy(
    dice: Dice, tenant: Tenant, names: Names, old: AssignmentPolicy
) -> AssignmentPolicy:
    other = policy(dice, tenant.profile, names, old.id)
    match dice.number(0, 9):
        case 0:
            return replace(old, enabled=not old.enabled)
        case 1 | 2:
            return replace(old, scope=scope(dice, tenant.profile, names))
        case 3:
            return replace(
                old, expiration=other.expiration, extension_allowed=other.extension_allowed
            )
        case 4:
            return replace(old, reviews=other.reviews, extensions=other.extensions)
        case 5:
            return replace(
                old,
                justification_required=other.justification_required,
                questions=other.questions,
                custom_schedule=other.custom_schedule,
            )
        case 6:
            return replace(old, revoke_when_out_of_scope=not old.revoke_when_out_of_scope)
        case 7 | 8 if old.stages:
            stages = list(old.stages)
            at = dice.number(0, len(stages) - 1)
            stages[at] = _edit_stage(dice, names, stages[at])
            return replace(old, stages=tuple(stages))
        case _:
            return replace(
                old,
                approval_for_add=other.approval_for_add,
                stages=other.stages,
                approval_for_extension=other.approval_for_extension,
            )


def _edit_stage(dice: Dice, names: Names, old: ApprovalStage) -> ApprovalStage:
    other = stage(dice, names)
    match dice.number(0, 3):
        case 0:
            return replace(old, primary=other.primary)
        case 1:
            return replace(old, fallback=other.fallback)
        case 2:
            return replace(old, time_out=other.time_out)
        case _:
            return replace(other, primary=old.primary, fallback=old.fallback, time_out=old.time_out)


def with_other_people(dice: Dice, tenant: Tenant, times: int) -> Tenant:
    """The tenant after people came, went, moved, and joined or left groups."""
    users = {one.id: one for one in tenant.users}
    groups = {one.id: one for one in tenant.groups}
    organizations = list(tenant.organizations)
    for _ in range(times):
        who = dice.pick(sorted(users))
        user = users[who]
        match dice.number(0, 8):
            case 0:
                users[who] = replace(user, manager=dice.pick([*sorted(users), None]))
            case 1:
                users[who] = replace(user, state=dice.pick(list(AccountState)))
            case 2:
                users[who] = replace(
                    user, attributes=worlds.attributes(dice), governed=not user.governed
                )
            case 3:
                users[who] = replace(user, sponsors=dice.some(sorted(users), 2))
            case 4:
                came = f"v{dice.number(1, 3)}"
                users[came] = replace(user, id=came, name=came)
            case 5 if len(users) > 2:
                del users[who]
            case 6 if organizations:
                at = dice.number(0, len(organizations) - 1)
                organizations[at] = replace(
                    organizations[at],
                    state=dice.pick(list(OrganizationState)),
                    internal_sponsor_users=dice.some(sorted(users), 2),
                )
            case _ if groups:
                name = dice.pick(sorted(groups))
                groups[name] = replace(
                    groups[name],
                    users=dice.some(sorted(users), 4),
                    groups=dice.some(sorted(groups), 2),
                )
    return replace(
        tenant,
        users=tuple(users[name] for name in sorted(users)),
        groups=tuple(groups[name] for name in sorted(groups)),
        organizations=tuple(organizations),
    )


FEW = 4


def crowded(dice: Dice, tenant: Tenant) -> Tenant:
    """The tenant with all power in a few hands: they manage everybody, and they approve.

    So it happens all the time that somebody's manager stands in a list, or is the manager's
    manager too.
    """
    few = [one.id for one in tenant.users[:FEW]]
    users = tuple(
        replace(user, manager=dice.pick(few)) if user.manager is not None else user
        for user in tenant.users
    )

    def approvers(listed: tuple[Approver, ...]) -> tuple[Approver, ...]:
        return tuple(
            replace(one, id=dice.pick(few)) if one.kind is ApproverKind.USER else one
            for one in listed
        )

    def staged(old: AssignmentPolicy) -> AssignmentPolicy:
        stages = tuple(
            replace(
                each,
                primary=approvers(each.primary),
                fallback=approvers(each.fallback),
                alternates=approvers(each.alternates),
                alternate_fallback=approvers(each.alternate_fallback),
            )
            for each in old.stages
        )
        return replace(old, stages=stages)

    return with_packages(
        replace(tenant, users=users),
        lambda old: replace(old, policies=tuple(map(staged, old.policies))),
    )


def edited_table(table: PhaseTable, seed: int, one_in: int) -> Otherwise:
    """A phase of which some cells, picked by a seed, say something else."""

    def edit(cell: int, row: Row) -> Row:
        throw = crc32(f"{seed} {table.phase.value} {cell}".encode())
        return _EDITS[table.phase](row, throw) if throw % one_in == 0 else row

    return Otherwise(table, edit)


def _answers(*answers: Conclusion) -> Callable[[Row, int], Row]:
    return lambda row, _: replace(row, answers=answers)


def _scope(row: Row, _: int) -> Row:
    if row.answers[0].word != "in":
        return row
    return replace(row, answers=(Conclusion("out", Code.NOT_IN_SCOPE),))


def _selection(row: Row, throw: int) -> Row:
    visible, selection = row.answers
    if throw % 2:
        word = "no" if visible.word == "yes" else "yes"
        return replace(row, answers=(Conclusion(word), selection))
    if selection.word not in ("selected", "choose"):
        return row
    return replace(row, answers=(visible, Conclusion("closed", Code.CATALOG_DISABLED)))


def _approvers(row: Row, throw: int) -> Row:
    deciders, escalation = row.answers
    if throw % 2 and deciders.word != "nobody":
        return replace(row, answers=(Conclusion("nobody"), escalation))
    return replace(row, answers=(deciders, Conclusion("none")))


def _limits(row: Row, throw: int) -> Row:
    outcome, _ = row.answers
    if outcome.word in ("grant", "needs_approval", "needs_choice") and throw % 3 == 0:
        return replace(row, answers=(Conclusion("refuse", Code.REQUEST_PENDING), Conclusion("no")))
    return row


def _lifecycle(row: Row, throw: int) -> Row:
    if not row.actions:
        return row
    gone = throw % len(row.actions)
    return replace(row, actions=row.actions[:gone] + row.actions[gone + 1 :])


_EDITS: Mapping[Phase, Callable[[Row, int], Row]] = {
    Phase.REQUESTOR_SCOPE: _scope,
    Phase.POLICY_SELECTION: _selection,
    Phase.APPROVER_RESOLUTION: _approvers,
    Phase.LIMITS: _limits,
    Phase.LIFECYCLE: _lifecycle,
}


def edited_tables(tables: Tables, seed: int, one_in: int = 5) -> Tables:
    """Rules that say something else in one cell of so many."""
    return replace(
        tables,
        digest=f"{tables.digest}-{seed}-{one_in}",
        phases={phase: edited_table(table, seed, one_in) for phase, table in tables.phases.items()},
    )
