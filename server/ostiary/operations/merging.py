"""Whether what a folder says and what others wrote still make one valid tenant together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ostiary.domain.tenant import Profile
from ostiary.lifecycle.ports import Definition, DefinitionKind
from ostiary.operations.documents import Key, decode
from ostiary.operations.references import Target, targets_of


class Refusal(msgspec.Struct, frozen=True, order=True):
    """One thing that stands in the way of a change; `code` is one of section 19."""

    code: str
    text: str


class Merged(msgspec.Struct, frozen=True):
    """All definitions after a change; `others` are those that whoever changes does not say."""

    bodies: Mapping[Key, bytes]
    others: frozenset[Key]
    profile: Profile


# The limits of section 18 that count definitions: of what, and within what.
_COUNTED = (
    ("catalogs_per_tenant", DefinitionKind.CATALOG, False),
    ("packages_per_tenant", DefinitionKind.PACKAGE, False),
    ("packages_per_catalog", DefinitionKind.PACKAGE, True),
    ("policies_per_tenant", DefinitionKind.POLICY, False),
    ("policies_per_package", DefinitionKind.POLICY, True),
    ("connected_organizations", DefinitionKind.ORGANIZATION, False),
    ("extensions_per_tenant", DefinitionKind.EXTENSION, False),
    ("extensions_per_catalog", DefinitionKind.EXTENSION, True),
    ("resources_per_catalog", DefinitionKind.RESOURCE, True),
)
_HOLDERS = {
    DefinitionKind.RESOURCE: DefinitionKind.CATALOG,
    DefinitionKind.EXTENSION: DefinitionKind.CATALOG,
    DefinitionKind.PACKAGE: DefinitionKind.CATALOG,
    DefinitionKind.POLICY: DefinitionKind.PACKAGE,
}
_WORDS = {
    DefinitionKind.ORGANIZATION: "connected organization",
    DefinitionKind.EXTENSION: "extension",
    DefinitionKind.PACKAGE: "package",
}


def check_merged(merged: Merged) -> Iterator[Refusal]:
    """Give what is wrong with the whole; a folder alone was checked when it was loaded."""
    if not merged.others:
        return
    catalogs = {key.id: key.within for key in merged.bodies if key.kind is DefinitionKind.PACKAGE}
    there = {(key.kind, key.id) for key in merged.bodies}
    inside = set(merged.bodies)
    for key in sorted(merged.others, key=str):
        holder = _HOLDERS.get(key.kind)
        if holder is not None and (holder, key.within) not in there:
            text = f"{holder.value} `{key.within}` still holds {_called(key)}"
            yield Refusal("NOT_EMPTY", text)
            continue
        catalog = catalogs.get(key.within, "") if key.kind is DefinitionKind.POLICY else key.within
        for target in targets_of(key.kind, catalog, _noun(key, merged.bodies[key])):
            if not _exists(target, there, inside):
                text = f"{target.kind.value} `{target.id}` is still used by {_called(key)}"
                yield Refusal("NOT_EMPTY", text)
    yield from _names(merged)
    yield from _limits(merged)


def _exists(target: Target, there: set[tuple[DefinitionKind, str]], inside: set[Key]) -> bool:
    if target.catalog:
        return Key(target.kind, target.catalog, target.id) in inside
    return (target.kind, target.id) in there


def _noun(key: Key, body: bytes) -> Any:
    return decode(Definition(kind=key.kind, within=key.within, id=key.id, body=body))


def _called(key: Key) -> str:
    return f"{_WORDS.get(key.kind, key.kind.value)} `{key.id}`"


def _names(merged: Merged) -> Iterator[Refusal]:
    """What others wrote must not bear an id or name that the folder gives to something else."""
    kinds = {key.kind for key in merged.others}
    ids = Counter(key.id for key in merged.bodies if key.kind is DefinitionKind.PACKAGE)
    for name, count in ids.items():
        if count > 1:
            yield Refusal("INVALID_MODEL", f"package `{name}` is in more than one catalog")
    for kind in kinds & {*_HOLDERS, DefinitionKind.CATALOG, DefinitionKind.ORGANIZATION}:
        if kind in {DefinitionKind.RESOURCE, DefinitionKind.EXTENSION}:
            continue
        seen: dict[tuple[str, str], Key] = {}
        for key, body in merged.bodies.items():
            if key.kind is kind:
                label = (key.within, str(msgspec.json.decode(body)["name"]))
                first = seen.setdefault(label, key)
                if first is not key and {first, key} & merged.others:
                    text = f"{_called(first)} and {_called(key)} are both called `{label[1]}`"
                    yield Refusal("INVALID_MODEL", text)


def _limits(merged: Merged) -> Iterator[Refusal]:
    for name, kind, per_holder in _COUNTED:
        most = merged.profile.limits.get(name)
        if most is None:
            continue
        counts = Counter(
            key.within if per_holder else "" for key in merged.bodies if key.kind is kind
        )
        for holder, count in sorted(counts.items()):
            if count > most:
                where = f" in `{holder}`" if holder else ""
                text = f"{name} would be {count:,}{where}, the maximum is {most:,}"
                yield Refusal("LIMIT_EXCEEDED", text)
