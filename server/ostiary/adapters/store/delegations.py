"""Delegations of approvals, one for each approver."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import delete, select

from ostiary.adapters.store import tables
from ostiary.adapters.store.rows import Rows
from ostiary.domain.delegation import Delegation

_AT_ONCE = 500  # keys that one statement names
_encode = msgspec.json.Encoder().encode
_delegation_of = msgspec.json.Decoder(Delegation).decode


class DelegationRows(Rows):
    """The delegations of a transaction."""

    def delegations(self, approvers: Collection[str]) -> Iterator[Delegation]:
        """Give the delegations of some approvers, sorted by approver."""
        c, names = tables.delegation.c, sorted(set(approvers))
        for first in range(0, len(names), _AT_ONCE):
            part = names[first : first + _AT_ONCE]
            wanted = select(c.document).where(c.approver.in_(part)).order_by(c.approver)
            yield from (_delegation_of(row.document) for row in self._rows(wanted))

    def save_delegation(self, delegation: Delegation) -> None:
        """Insert or replace the delegation of an approver."""
        row = {"approver": delegation.approver, "document": _encode(delegation).decode()}
        self._put(tables.delegation, [row], "document")

    def delete_delegation(self, approver: str) -> bool:
        """Delete the delegation of an approver; False if there is none."""
        mine = tables.delegation.c.approver == approver
        return self._write(delete(tables.delegation).where(mine)) > 0
