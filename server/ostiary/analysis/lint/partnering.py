"""Findings about connected organizations and the people who come from them."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Path, Witness
from ostiary.analysis.lint.views import World, others, person
from ostiary.domain.people import ConnectedOrganization, IdentitySource, OrganizationState
from ostiary.domain.policy import ScopeKind
from ostiary.rulebook.faults import quoted


def check_partners(world: World) -> Iterator[Finding]:
    """Give what is likely wrong with connected organizations."""
    organizations = world.tenant.organizations
    if not organizations:
        return
    yield from _unused(world)
    yield from _shared_sources(world)
    for one in organizations:
        yield from _sponsors(world, one)
        yield from _refused(world, one)
    homeless = [number for number in world.people.guests if world.people.users[number].home is None]
    if homeless:
        user = world.people.users[homeless[0]]
        text = (
            f"how {quoted(user.id)}{others(len(homeless))} signs in is not said, so that no policy"
            " for partners admits them"
        )
        path = ("users", f"[{user.id}]")
        yield finding("GUEST_WITHOUT_HOME", path, text, witness=person(user.id))


def _path(one: ConnectedOrganization, *rest: str) -> Path:
    return ("organizations", f"[{one.id}]", *rest)


def _unused(world: World) -> Iterator[Finding]:
    scopes = [view.policy.scope for package in world.packages() for view in package.policies]
    kinds = {scope.kind for scope in scopes}
    if ScopeKind.ALL_EXTERNAL in kinds:
        return
    named = {name for scope in scopes for name in scope.organizations}
    for one in world.tenant.organizations:
        configured = one.state is OrganizationState.CONFIGURED
        if configured and ScopeKind.ALL_CONFIGURED_ORGANIZATIONS in kinds:
            continue
        if one.id not in named:
            text = "no policy that is switched on is for its people"
            yield finding("ORGANIZATION_UNUSED", _path(one), text)


def _shared_sources(world: World) -> Iterator[Finding]:
    """S-112: one sign-in that leads to two organizations; the first of them has the sponsors."""
    seen: dict[IdentitySource, ConnectedOrganization] = {}
    for one in world.tenant.organizations:
        for source in one.sources:
            first = seen.setdefault(source, one)
            if first is not one:
                text = f"its people sign in just like those of {quoted(first.id)}"
                witness = Witness("organization", first.id)
                path = _path(one, "sources")
                yield finding("ORGANIZATIONS_SHARE_SOURCE", path, text, witness=witness)


def _sponsors(world: World, one: ConnectedOrganization) -> Iterator[Finding]:
    sides = (
        ("internal_sponsors", one.internal_sponsor_users),
        ("external_sponsors", one.external_sponsor_users),
    )
    for field, users in sides:
        for user in world.people.gone(users):
            path = _path(one, field, f"[user:{user.id}]")
            text = f"{quoted(user.id)} is {user.state.value} and sponsors nobody"
            yield finding("SPONSOR_LEFT", path, text, witness=person(user.id))


def _refused(world: World, one: ConnectedOrganization) -> Iterator[Finding]:
    """S-111: the invitation lists win over every scope."""
    settings = world.tenant.settings
    allowed = settings.allowed_domains
    for source in one.sources:
        domain = source.domain
        if domain is None:
            continue
        if domain in settings.blocked_domains:
            text = f"{quoted(domain)} is among the blocked domains"
        elif allowed is not None and domain not in allowed:
            text = f"{quoted(domain)} is not among the allowed domains"
        else:
            continue
        text = f"{text}, so that nobody who signs in by it is admitted"
        yield finding("ORGANIZATION_REFUSED", _path(one, "sources"), text)
