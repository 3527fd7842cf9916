"""Findings about catalogs: who runs them, and what stands in them unused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Path, Witness
from ostiary.analysis.lint.views import World, person
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.rulebook.faults import quoted

_GROUP = "group"


def check_catalogs(world: World) -> Iterator[Finding]:
    """Give what is likely wrong with catalogs, whether they are switched on or not."""
    for catalog in world.tenant.catalogs:
        yield from _owners(world, catalog)
        yield from _unused(catalog)
        live = [one for one in catalog.packages if any(each.enabled for each in one.policies)]
        if not catalog.enabled and live:
            text = f"{len(live):,} packages have policies that are switched on, to no effect"
            witness = Witness("package", live[0].id)
            path = _path(catalog, "enabled")
            yield finding("DISABLED_CATALOG_IN_USE", path, text, witness=witness)
    yield from _names_alike(world)


def _path(catalog: Catalog, *rest: str) -> Path:
    return ("catalogs", f"[{catalog.id}]", *rest)


def _owners(world: World, catalog: Catalog) -> Iterator[Finding]:
    """S-11: somebody has to answer for a catalog; the built-in one is the administrators'."""
    if not catalog.owners:
        if catalog.packages and not catalog.built_in:
            text = "nobody owns the catalog, so that only administrators can change it"
            yield finding("CATALOG_WITHOUT_OWNER", _path(catalog), text)
        return
    for owner in catalog.owners:
        kind, _, name = owner.partition(":")
        path = _path(catalog, "owners", f"[{owner}]")
        if kind == _GROUP and not world.people.members(name).intersect(world.people.usable):
            text = f"nobody in group {quoted(name)} could run the catalog"
            yield finding("CATALOG_OWNER_LEFT", path, text, witness=Witness("group", name))
        for user in world.people.gone((name,)) if kind == "user" else ():
            text = f"{quoted(user.id)} is {user.state.value} and cannot run the catalog"
            yield finding("CATALOG_OWNER_LEFT", path, text, witness=person(user.id))


def _unused(catalog: Catalog) -> Iterator[Finding]:
    used = {entry.resource for package in catalog.packages for entry in package.entries}
    for resource in catalog.resources:
        if resource.id not in used:
            path = _path(catalog, "resources", f"[{resource.id}]")
            yield finding("RESOURCE_UNUSED", path, "no package of the catalog gives it")
    called = {
        call.extension
        for package in catalog.packages
        for policy in package.policies
        for call in policy.extensions
    }
    for extension in catalog.extensions:
        if extension.id not in called:
            path = _path(catalog, "extensions", f"[{extension.id}]")
            yield finding("EXTENSION_UNUSED", path, "no policy of the catalog calls it")


def _names_alike(world: World) -> Iterator[Finding]:
    alike: dict[str, list[AccessPackage]] = defaultdict(list)
    for catalog in world.tenant.catalogs:
        for package in catalog.packages:
            alike[_folded(package.name)].append(package)
    for packages in alike.values():
        first, *more = sorted(packages, key=lambda one: one.id)
        for one in more:
            text = (
                f"{quoted(one.name)} reads like {quoted(first.name)}, which is {quoted(first.id)}"
            )
            path = ("packages", f"[{one.id}]", "name")
            yield finding("NAMES_ALIKE", path, text, witness=Witness("package", first.id))


def _folded(name: str) -> str:
    """Give a name without what the eye passes over: case, spaces and marks between words."""
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name
