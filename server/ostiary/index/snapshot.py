"""Build the immutable snapshot that decisions are made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from pyroaring import BitMap, FrozenBitMap

from ostiary.decide.lookup import RuleLookup, compile_lookup
from ostiary.decide.memo import Memo
from ostiary.decide.model import (
    REMEMBERED_PEOPLE,
    CompiledLimits,
    CompiledPackage,
    Snapshot,
)
from ostiary.decide.risk import compile_risk
from ostiary.decide.subject import Subject, subject_of_user
from ostiary.domain.catalog import AccessPackage, Catalog
from ostiary.domain.decision import Revision
from ostiary.domain.errors import UserNotFoundError
from ostiary.domain.policy import ScopeKind
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Profile, Settings, Tenant
from ostiary.index.directory import IndexedDirectory
from ostiary.index.packages import Compiler

# The limits of section 18 that a single decision can reach (gate 12).
_COUNTED = ("assignments_per_package", "assignments_per_tenant", "requests_in_three_months")
_REMEMBERED_SUBJECTS = 65_536
_REMEMBERED_TIMETABLES = 16_384  # a kilobyte or two each

# Which people a scope kind may admit without naming them, as words of the fact `person`.
_TYPED = {
    ScopeKind.ALL_MEMBERS: ("member",),
    ScopeKind.ALL_DIRECTORY_USERS: ("member", "guest"),
    ScopeKind.ALL_EXTERNAL: ("guest", "external"),
    ScopeKind.ALL_CONFIGURED_ORGANIZATIONS: ("configured",),
}


def build(tenant: Tenant, tables: Tables, *, directory: IndexedDirectory | None = None) -> Snapshot:
    """Index one tenant under one rule pack; the same input gives an equal snapshot.

    `directory` is one that was built from the same people, groups and organizations, nested alike.
    """
    directory = directory or IndexedDirectory(tenant)
    rules = compile_lookup(tables)
    order = tuple(_compile(tenant, directory, rules))
    postings, typed = _postings(order)
    profile = tenant.profile
    return Snapshot(
        directory=directory,
        packages={
            name: package
            for package in order
            for name in (package.id, _resource_name(tenant.id, package))
        },
        order=order,
        policy_ids=frozenset(policy.id for package in order for policy in package.policies),
        postings=postings,
        typed=typed,
        showcased=FrozenBitMap(
            package.ordinal for package in order if package.showcase and _listable(package)
        ),
        rules=rules,
        profile=profile,
        settings=tenant.settings,
        limits=_limits(profile),
        risk=compile_risk(tenant.settings, profile, directory),
        revision=Revision(
            rules=rules.digest,
            tenant=tenant.digest,
            profile=profile.name,
            profile_version=profile.version,
        ),
        tenant_id=tenant.id,
        subject_of=subjects(tenant.settings, directory),
        people=Memo(REMEMBERED_PEOPLE),
        staffings=Memo(),
        templates=Memo(),
        timetables=Memo(_REMEMBERED_TIMETABLES),
    )


def _compile(
    tenant: Tenant, directory: IndexedDirectory, rules: RuleLookup
) -> Iterator[CompiledPackage]:
    compiler = Compiler(tenant, directory, rules)
    pairs = [(package, catalog) for catalog in tenant.catalogs for package in catalog.packages]
    pairs.sort(key=_display_order)
    policies = 0
    for ordinal, (package, catalog) in enumerate(pairs):
        yield compiler.package(package, catalog, ordinal, policies)
        policies += len(package.policies)


def _display_order(pair: tuple[AccessPackage, Catalog]) -> tuple[str, str]:
    package, _ = pair
    return package.name.casefold(), package.id


def _resource_name(tenant_id: str, package: CompiledPackage) -> str:
    return f"tenants/{tenant_id}/catalogs/{package.catalog.id}/accessPackages/{package.id}"


def _listable(package: CompiledPackage) -> bool:
    return package.catalog.enabled and not package.package.hidden


def _postings(
    order: tuple[CompiledPackage, ...],
) -> tuple[dict[int, FrozenBitMap], dict[str, FrozenBitMap]]:
    """Invert the scopes: which packages a key or a kind of person could have in the list."""
    by_key: dict[int, BitMap] = defaultdict(BitMap)
    words = ("member", "guest", "external", "unknown", "configured")
    by_word: dict[str, BitMap] = {word: BitMap() for word in words}
    for package in filter(_listable, order):
        for policy in package.policies:
            if not policy.policy.enabled or not policy.policy.self_add:
                continue
            for key in policy.keys:
                by_key[key].add(package.ordinal)
            for word in _TYPED.get(policy.policy.scope.kind, ()):
                by_word[word].add(package.ordinal)
    return (
        {key: FrozenBitMap(found) for key, found in by_key.items()},
        {word: FrozenBitMap(found) for word, found in by_word.items()},
    )


def _limits(profile: Profile) -> CompiledLimits:
    maxima = ((name, profile.limits.get(name)) for name in _COUNTED)
    return CompiledLimits(tuple((name, most) for name, most in maxima if most is not None))


def subjects(settings: Settings, directory: IndexedDirectory) -> Callable[[str], Subject]:
    """Give what turns a user's id into the subject of decisions, and remembers the last many."""
    # Not the least recently used are forgotten: keeping their order costs each look three writes.
    remembered: Memo[str, Subject] = Memo(_REMEMBERED_SUBJECTS)
    recall = remembered.get

    def subject_of(user_id: str) -> Subject:
        known = recall(user_id)
        if known is not None:
            return known
        user = directory.user(user_id)
        if user is None:
            raise UserNotFoundError(user_id)
        return remembered.put(user_id, subject_of_user(user, directory, settings))

    return subject_of
