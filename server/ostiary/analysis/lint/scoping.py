"""Findings about requestor scopes: whom a policy admits, and whom it names in vain."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Witness
from ostiary.analysis.lint.views import PolicyView, World, person
from ostiary.domain.people import OrganizationState
from ostiary.domain.policy import ScopeKind
from ostiary.rulebook.faults import quoted


def check_scope(world: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with the scope of a policy."""
    kind = view.policy.scope.kind
    if kind is ScopeKind.SPECIFIC_SUBJECTS:
        yield from _specific(world, view)
    elif kind is ScopeKind.AUTOMATIC:
        yield from _automatic(world, view)
    elif view.for_externals:
        yield from _external(world, view)
    yield from _on_behalf(world, view)


def _specific(world: World, view: PolicyView) -> Iterator[Finding]:
    if not view.scope:
        text = "nobody who could request is in this scope"
        yield finding("SCOPE_ADMITS_NOBODY", view.path("scope"), text)
    else:
        yield from _empty_groups(world, view)
    yield from _left(world, view)
    yield from _redundant(world, view)
    yield from _holders(view)


def _empty_groups(world: World, view: PolicyView) -> Iterator[Finding]:
    for name in view.policy.scope.groups:
        if not world.people.members(name).intersect(world.people.requestors):
            path = view.path("scope", "groups", f"[{name}]")
            text = f"nobody in group {quoted(name)} could request"
            yield finding("EMPTY_GROUP_IN_SCOPE", path, text, witness=Witness("group", name))


def _left(world: World, view: PolicyView) -> Iterator[Finding]:
    for user in world.people.gone(view.policy.scope.users):
        path = view.path("scope", "users", f"[{user.id}]")
        text = f"{quoted(user.id)} is {user.state.value} and cannot request"
        yield finding("LEFT_USER_IN_SCOPE", path, text, witness=person(user.id))


def _redundant(world: World, view: PolicyView) -> Iterator[Finding]:
    scope, people = view.policy.scope, world.people
    for name in scope.users if scope.groups else ():
        number = people.number[name]
        within = next((one for one in scope.groups if number in people.members(one)), None)
        if within is not None:
            path = view.path("scope", "users", f"[{name}]")
            text = f"{quoted(name)} is in group {quoted(within)}, which is named too"
            yield finding("REDUNDANT_IN_SCOPE", path, text, witness=person(name))
    for name in scope.groups if len(scope.groups) > 1 else ():
        above = set(people.above(name)).intersection(scope.groups) - {name}
        # Of groups that contain each other the first is kept.
        wider = sorted(one for one in above if one < name or name not in people.above(one))
        if wider:
            path = view.path("scope", "groups", f"[{name}]")
            text = f"group {quoted(name)} is in group {quoted(wider[0])}, which is named too"
            yield finding("REDUNDANT_IN_SCOPE", path, text, witness=Witness("group", name))


def _holders(view: PolicyView) -> Iterator[Finding]:
    """A scope of those alone who are in what the package gives is a door that is shut."""
    scope = view.policy.scope
    granted = view.home.granted_groups
    if scope.groups and not scope.users and granted.issuperset(scope.groups):
        names = ", ".join(map(quoted, scope.groups))
        text = f"the package gives membership of {names}, and only who is there may request it"
        witness = Witness("group", scope.groups[0])
        yield finding("SCOPE_IS_WHAT_IS_GRANTED", view.path("scope"), text, witness=witness)


def _automatic(world: World, view: PolicyView) -> Iterator[Finding]:
    rule = view.policy.scope.rule
    if rule is None or not world.people.requestors:
        return
    fitting = world.people.fitting(rule)
    path = view.path("scope", "rule")
    if not fitting:
        yield finding("RULE_FITS_NOBODY", path, "nobody of the directory fits the rule")
    elif fitting == world.people.requestors:
        text = f"everybody of the directory fits the rule: {len(fitting):,} people"
        yield finding("RULE_FITS_EVERYBODY", path, text, witness=world.people.first(fitting))


def _external(world: World, view: PolicyView) -> Iterator[Finding]:
    kind = view.policy.scope.kind
    if not view.catalog.external:
        text = f"catalog {quoted(view.catalog.id)} is closed to external people"
        yield finding("EXTERNAL_SCOPE_IN_CLOSED_CATALOG", view.path("scope"), text)
    if kind is ScopeKind.ALL_CONFIGURED_ORGANIZATIONS and not world.configured:
        text = "no connected organization is configured, so nobody is in this scope"
        yield finding("NO_ORGANIZATION_CONFIGURED", view.path("scope"), text)
    for name in view.policy.scope.organizations:
        if world.people.organizations[name].state is OrganizationState.PROPOSED:
            path = view.path("scope", "organizations", f"[{name}]")
            text = f"{quoted(name)} is proposed and not confirmed, yet its people are admitted"
            witness = Witness("organization", name)
            yield finding("PROPOSED_ORGANIZATION_IN_SCOPE", path, text, witness=witness)


def _on_behalf(world: World, view: PolicyView) -> Iterator[Finding]:
    """S-38: a manager asks for a direct report who is in the scope."""
    if not view.policy.on_behalf or view.for_externals:
        return
    if not view.scope.intersect(world.people.managed):
        text = "nobody in the scope has a manager who could request for them"
        yield finding("ON_BEHALF_OF_NOBODY", view.path("on_behalf"), text)
