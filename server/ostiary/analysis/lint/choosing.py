"""Findings about the policies of one package beside each other: whom they admit together."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace
from pyroaring import BitMap

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.views import PackageView, PolicyView, World, others
from ostiary.domain.policy import AssignmentPolicy
from ostiary.domain.tenant import Overlap
from ostiary.rulebook.faults import quoted


def check_choice(world: World, package: PackageView) -> Iterator[Finding]:
    """Give what is likely wrong with how the policies of a package stand to each other."""
    if len(package.policies) < 2:
        return
    yield from _duplicates(package)
    offered = [view for view in package.policies if view.requestable and view.asking]
    yield from _overlaps(world, offered)


def _duplicates(package: PackageView) -> Iterator[Finding]:
    seen: dict[tuple[AssignmentPolicy, str], PolicyView] = {}
    for view in package.policies:
        terms = replace(view.policy, id="", name="", description="", questions=())
        asked = repr(view.policy.questions)  # which hold mappings
        first = seen.setdefault((terms, asked), view)
        if first is not view:
            text = f"it is {quoted(first.policy.id)} under another name"
            yield finding("DUPLICATE_POLICY", view.path(), text)


def _overlaps(world: World, offered: list[PolicyView]) -> Iterator[Finding]:
    """S-55: several that fit are a choice; under tiers, several of one tier."""
    for place, one in enumerate(offered):
        tier = _tier(world, one)
        better = [other.scope for other in offered if _tier(world, other) < tier]
        own = one.scope - BitMap.union(BitMap(), *better)
        if better and one.scope and not own and not _open(one):
            text = "everybody in the scope is offered a policy of a better tier instead"
            witness = world.people.first(one.scope)
            yield finding("SHADOWED_POLICY", one.path("scope"), text, witness=witness)
        rivals = [other for other in offered[:place] if _tier(world, other) == tier]
        own &= one.asking
        fitting = [other for other in rivals if own.intersect(other.asking)]
        if fitting:
            both = own & BitMap.union(*(other.asking for other in fitting))
            witness = world.people.first(both)
            names = ", ".join(quoted(other.policy.id) for other in fitting)
            text = f"{quoted(witness.id)}{others(len(both))} must choose between this and {names}"
            yield finding("OVERLAPPING_POLICIES", one.path("scope"), text, witness=witness)


def _open(view: PolicyView) -> bool:
    """Say whether the scope admits people whom no directory knows, so that no list is complete."""
    return view.for_externals and view.catalog.external


def _tier(world: World, view: PolicyView) -> int:
    """Give the tier of a policy, from 0; all are of one where the requestor chooses."""
    if world.profile.overlap is Overlap.CHOOSE:
        return 0
    tiers = world.profile.tiers
    kind = view.policy.scope.kind
    return next((n for n, kinds in enumerate(tiers) if kind in kinds), len(tiers))
