"""Who still uses a definition that is to go away (S-13, S-14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ostiary.lifecycle.ports import Definition, DefinitionKind, Transaction
from ostiary.operations.documents import decode
from ostiary.operations.merging import Refusal
from ostiary.operations.references import Target, targets_of

# Which kinds of definition may refer to one of a kind.
_USERS: Mapping[DefinitionKind, tuple[DefinitionKind, ...]] = {
    DefinitionKind.USER: (
        DefinitionKind.TENANT,
        DefinitionKind.USER,
        DefinitionKind.ORGANIZATION,
        DefinitionKind.POLICY,
    ),
    DefinitionKind.GROUP: (
        DefinitionKind.TENANT,
        DefinitionKind.ORGANIZATION,
        DefinitionKind.RESOURCE,
        DefinitionKind.PACKAGE,
        DefinitionKind.POLICY,
    ),
    DefinitionKind.ORGANIZATION: (DefinitionKind.POLICY,),
    DefinitionKind.RESOURCE: (DefinitionKind.PACKAGE,),
    DefinitionKind.EXTENSION: (DefinitionKind.POLICY,),
}


def users_of(tx: Transaction, target: Target) -> Iterator[Definition]:
    """Give the definitions that refer to a target."""
    sought = f'"{target.id}"'.encode()
    for kind in _USERS.get(target.kind, ()):
        for row in _rows(tx, kind, target.catalog):
            # Most documents do not hold the id at all, and decoding costs more than looking.
            if sought in row.body and target in targets_of(kind, target.catalog, decode(row)):
                yield row


def _rows(tx: Transaction, kind: DefinitionKind, catalog: str) -> Iterator[Definition]:
    if not catalog or kind is DefinitionKind.PACKAGE:
        yield from tx.definitions(kind, within=catalog or None)
        return
    for package in tx.definitions(DefinitionKind.PACKAGE, within=catalog):
        yield from tx.definitions(kind, within=package.id)


def still_used(tx: Transaction, target: Target) -> Iterator[Refusal]:
    """Refuse to delete what a definition refers to."""
    for row in users_of(tx, target):
        text = f"{target.kind.value} `{target.id}` is still used by {row.kind.value} `{row.id}`"
        yield Refusal("NOT_EMPTY", text)
        return  # one is enough to say no, and there may be thousands
