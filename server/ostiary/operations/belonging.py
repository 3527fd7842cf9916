"""What the store says of who is in which group, for callers whom no snapshot is needed for."""

from __future__ import annotations

from ostiary.domain.people import User
from ostiary.lifecycle.ports import MEMBER, DefinitionKind, Transaction
from ostiary.operations.documents import decode


class StoreBelonging:
    """Looks up one person at a time; a write by somebody costs a few short questions."""

    def __init__(self, tx: Transaction, *, transitive: bool) -> None:
        """Take the transaction, and whether members of nested groups count (S-34)."""
        self._tx = tx
        self._transitive = transitive
        self._keys: dict[str, int] = {}

    def user(self, user_id: str) -> User | None:
        """Give the user object, deleted ones included, or None."""
        row = self._tx.definition(DefinitionKind.USER, "", user_id)
        found: User | None = None if row is None else decode(row)
        return found

    def group_key(self, group_id: str) -> int | None:
        """Give the number that stands for a group here."""
        return self._keys.setdefault(group_id, len(self._keys))

    def groups_of(self, user_id: str) -> tuple[str, ...]:
        """Give the groups that hold the user directly, sorted by id."""
        return self._holding(user_id, nested=False)

    def closure(self, group_ids: tuple[str, ...]) -> frozenset[int]:
        """Give the numbers of these groups and of every group that holds one of them."""
        seen, waiting = set(group_ids), list(group_ids) if self._transitive else []
        while waiting:
            new = set(self._holding(waiting.pop(), nested=True)) - seen
            seen |= new
            waiting.extend(new)
        keys = (self.group_key(name) for name in sorted(seen))
        return frozenset(key for key in keys if key is not None)

    def _holding(self, member: str, *, nested: bool) -> tuple[str, ...]:
        return tuple(
            one.group
            for one in self._tx.memberships(member=member)
            if one.nested is nested and one.role == MEMBER
        )
