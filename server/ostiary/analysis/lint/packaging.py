"""Findings about packages: what they give, to whom without asking, and what they exclude."""

from __future__ import annotations

from collections.abc import Iterator

from pyroaring import BitMap

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding, Witness
from ostiary.analysis.lint.views import OWNER, PackageView, PolicyView, World, others
from ostiary.domain.catalog import PackageEntry, ResourceKind
from ostiary.domain.policy import ApproverKind, ExpirationKind, QuestionKind, ScopeKind
from ostiary.rulebook.faults import quoted

_FULL_CONTROL = "Full Control"
_ANY_PARTNER = frozenset({ScopeKind.ALL_CONFIGURED_ORGANIZATIONS, ScopeKind.ALL_EXTERNAL})


def check_package(world: World, package: PackageView) -> Iterator[Finding]:
    """Give what is likely wrong with a package as a whole."""
    if package.package.policies and not package.policies:
        text = "all policies are switched off, so that nobody can have the package"
        yield finding("ONLY_DISABLED_POLICIES", package.path("policies"), text)
    yield from _incompatible(world, package)
    for view in package.policies:
        yield from _privileged(view)
        yield from _partners(view)
        yield from _shut_out(world, view)
        yield from _approver_groups(world, view)
        yield from _questions(view)


def _privileged(view: PolicyView) -> Iterator[Finding]:
    if view.policy.scope.kind in (ScopeKind.NONE, ScopeKind.UNREADABLE):
        return  # staff assign it, and answer for it
    entry = next((one for one in view.package.entries if _is_privileged(view, one)), None)
    if entry is None:
        return
    given = f"{quoted(entry.role)} of {quoted(entry.resource)}"
    witness = Witness("entry", f"{entry.resource}/{entry.role}")
    if not view.policy.approval_for_add:
        text = f"{given} is had without anybody's approval"
        yield finding("PRIVILEGED_WITHOUT_APPROVAL", view.path(), text, witness=witness)
    endless = view.policy.expiration.kind is ExpirationKind.NEVER
    if endless and view.policy.reviews is None:
        text = f"{given} is had for ever and never reviewed"
        yield finding("PRIVILEGED_FOR_EVER", view.path("expiration"), text, witness=witness)


def _is_privileged(view: PolicyView, entry: PackageEntry) -> bool:
    kind = view.home.resources[entry.resource].kind
    if kind is ResourceKind.DIRECTORY_ROLE:
        return True
    wanted = {ResourceKind.GROUP: OWNER, ResourceKind.SITE: _FULL_CONTROL}.get(kind)
    return entry.role == wanted


def _partners(view: PolicyView) -> Iterator[Finding]:
    if view.policy.scope.kind in _ANY_PARTNER and not view.policy.approval_for_add:
        text = "everybody of every partner has the access for the asking"
        yield finding("PARTNERS_WITHOUT_APPROVAL", view.path("scope"), text)


def _incompatible(world: World, package: PackageView) -> Iterator[Finding]:
    own = package.package
    for name in own.incompatible_packages:
        other = world.package(name)
        if other is not None and own.id not in other.incompatible_packages:
            path = package.path("incompatible", "packages", f"[{name}]")
            text = f"holders of {quoted(own.id)} may still have {quoted(name)}"
            witness = Witness("package", name)
            yield finding("INCOMPATIBLE_ONE_WAY", path, text, witness=witness)
    for name in own.incompatible_groups:
        path = package.path("incompatible", "groups", f"[{name}]")
        witness = Witness("group", name)
        if not world.people.members(name):
            text = f"group {quoted(name)} has no members, so that it excludes nobody"
            yield finding("INCOMPATIBLE_WITH_NOBODY", path, text, witness=witness)
        below = {name, *(one for one in package.granted_groups if name in _above(world, one))}
        given = sorted(below & package.granted_groups)
        if given:
            text = f"the package itself puts people into group {quoted(given[0])}"
            yield finding("INCOMPATIBLE_WITH_ITSELF", path, text, witness=witness)


def _above(world: World, group: str) -> tuple[str, ...]:
    return world.people.above(group)


def _shut_out(world: World, view: PolicyView) -> Iterator[Finding]:
    """S-117: who is in an incompatible group, or gets an incompatible package, is refused."""
    own = view.package
    scope = view.scope
    if scope and view.home.shut_out.issuperset(scope) and not view.for_externals:
        text = "everybody in the scope is in a group that the package is incompatible with"
        witness = world.people.first(scope)
        yield finding("INCOMPATIBLE_WITH_SCOPE", view.path("scope"), text, witness=witness)
    having = scope or view.home.automatic
    for name in own.incompatible_packages if having else ():
        other = world.package_view(name)
        both = BitMap() if other is None else having & other.automatic
        if both:
            witness = world.people.first(both)
            text = (
                f"{quoted(witness.id)}{others(len(both))} get {quoted(name)} by a rule, which is"
                " incompatible, and can never have this"
            )
            yield finding("INCOMPATIBLE_BY_RULE", view.path("scope"), text, witness=witness)


def _approver_groups(world: World, view: PolicyView) -> Iterator[Finding]:
    """Whoever is let in may let others in."""
    granted = view.home.granted_groups
    for stage in view.stages() if granted else ():
        for name, approvers in stage.lists():
            for one in approvers:
                if one.kind is not ApproverKind.GROUP or one.id is None:
                    continue
                inside = sorted(each for each in granted if one.id in _above(world, each))
                if inside:
                    path = stage.path(name, f"[group:{one.id}]")
                    text = f"the package puts people into {quoted(inside[0])}, who then approve it"
                    witness = Witness("group", one.id)
                    yield finding("GRANTS_APPROVAL", path, text, witness=witness)


def _questions(view: PolicyView) -> Iterator[Finding]:
    for question in view.policy.questions:
        if question.kind is QuestionKind.CHOICE and len(question.choices) == 1:
            path = view.path("questions", f"[{question.id}]", "choices")
            text = f"{quoted(question.choices[0])} is the only answer"
            yield finding("CHOICE_OF_ONE", path, text)
