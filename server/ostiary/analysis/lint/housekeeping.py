"""Findings about the directory, the settings and the limits of the tenant as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Path
from ostiary.analysis.lint.views import World, others, person
from ostiary.domain.people import AccountState
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.group_cycles import spell_way
from ostiary.rulebook.profiles import load_profile, overridden

_WORTH_COUNTING = 20  # a limit below it is meant to be reached
_NEAR = 50  # within a fiftieth of it
_SECTIONS = ("limits", "text_limits")


def check_directory(world: World) -> Iterator[Finding]:
    """Give what is likely wrong with people and their managers."""
    yield from _manager_cycles(world)
    reports: dict[str, list[str]] = defaultdict(list)
    for user in world.tenant.users:
        if user.manager is not None and user.state is AccountState.ENABLED:
            reports[user.manager].append(user.id)
    for manager in world.people.gone(reports):
        first, count = reports[manager.id][0], len(reports[manager.id])
        text = (
            f"{quoted(manager.id)}, the manager of {quoted(first)}{others(count)}, is"
            f" {manager.state.value} and decides nothing"
        )
        path = ("users", f"[{first}]", "manager")
        yield finding("MANAGER_LEFT", path, text, witness=person(first))


def _manager_cycles(world: World) -> Iterator[Finding]:
    """S-71: who is their own manager, by whatever way, is left to the fallback."""
    managers = {user.id: user.manager for user in world.tenant.users if user.manager is not None}
    done: set[str] = set()
    for start in managers:
        way: list[str] = []
        place: dict[str, int] = {}
        name: str | None = start
        while name is not None and name not in done and name not in place:
            place[name] = len(way)
            way.append(name)
            name = managers.get(name)
        done.update(way)
        if name is not None and name in place:
            circle = way[place[name] :]
            first = circle.index(min(circle))
            circle = [*circle[first:], *circle[:first]]
            text = f"they manage each other: {spell_way((*circle, circle[0]))}"
            if len(circle) == 1:
                text = f"{quoted(circle[0])} is their own manager"
            path = ("users", f"[{circle[0]}]", "manager")
            yield finding("MANAGER_CYCLE", path, text, witness=person(circle[0]))


def check_settings(world: World, overrides: Mapping[str, Any]) -> Iterator[Finding]:
    """Give what is likely wrong with the tenant's own section and its limits."""
    settings = world.tenant.settings
    for domain in settings.allowed_domains or ():
        if domain in settings.blocked_domains:
            path = ("tenant", "settings", "allowed_domains", f"[{domain}]")
            text = f"{quoted(domain)} is blocked as well, which wins"
            yield finding("DOMAIN_ALLOWED_AND_BLOCKED", path, text)
    risk = settings.risk_stage
    if risk is not None and not world.people.named_approvers(risk.approvers):
        text = "nobody could decide the stage for people at risk, so that all of them are refused"
        path = ("tenant", "settings", "risk_stage", "approvers")
        yield finding("RISK_STAGE_DEAD_END", path, text)
    yield from _overrides(world, overrides)
    yield from _limits(world)


def _overrides(world: World, overrides: Mapping[str, Any]) -> Iterator[Finding]:
    """An override that says what the profile says hides when the profile changes."""
    if not overrides:
        return
    name = world.profile.name
    shipped = load_profile(name)
    for path, alone in _single(overrides):
        if overridden(name, alone) == shipped:
            text = f"profile {name} says the same"
            yield finding("OVERRIDE_CHANGES_NOTHING", ("tenant", "overrides", *path), text)


def _single(overrides: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for key, value in overrides.items():
        if key in _SECTIONS and isinstance(value, Mapping):
            for inner, each in value.items():
                yield (key, inner), {key: {inner: each}}
        else:
            yield (key,), {key: value}


def _limits(world: World) -> Iterator[Finding]:
    """Section 18: what is nearly full refuses the next that is added."""
    for name, path, count in _counts(world):
        most = world.profile.limits.get(name)
        if most is None or most < _WORTH_COUNTING or count * _NEAR < most * (_NEAR - 1):
            continue
        text = f"{count:,} of {most:,} (limits.{name})"
        yield finding("LIMIT_NEARLY_REACHED", path, text)


def _counts(world: World) -> Iterator[tuple[str, Path, int]]:
    tenant = world.tenant
    whole: Path = ("tenant",)
    packages = [package for catalog in tenant.catalogs for package in catalog.packages]
    yield "catalogs_per_tenant", whole, len(tenant.catalogs)
    yield "packages_per_tenant", whole, len(packages)
    yield "policies_per_tenant", whole, sum(len(one.policies) for one in packages)
    yield "connected_organizations", whole, len(tenant.organizations)
    yield "extensions_per_tenant", whole, sum(len(one.extensions) for one in tenant.catalogs)
    for catalog in tenant.catalogs:
        path = ("catalogs", f"[{catalog.id}]")
        yield "packages_per_catalog", path, len(catalog.packages)
        yield "resources_per_catalog", path, len(catalog.resources)
        yield "extensions_per_catalog", path, len(catalog.extensions)
        for package in catalog.packages:
            own = ("packages", f"[{package.id}]")
            resources = {entry.resource for entry in package.entries}
            yield "resources_per_package", own, len(resources)
            yield "policies_per_package", own, len(package.policies)
            for policy in package.policies:
                scope = policy.scope
                place = (*own, "policies", f"[{policy.id}]", "scope")
                yield "subjects_per_policy", place, len(scope.users) + len(scope.groups)
                yield "orgs_per_policy", place, len(scope.organizations)
