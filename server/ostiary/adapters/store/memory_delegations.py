"""Delegations of approvals in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ostiary.adapters.store.memory_state import Changes
from ostiary.domain.delegation import Delegation


class MemoryDelegations(Changes):
    """The delegations of a transaction."""

    def delegations(self, approvers: Collection[str]) -> Iterator[Delegation]:
        """Give the delegations of some approvers, sorted by approver."""
        kept = self._state.delegations
        return (kept[name] for name in sorted(set(approvers)) if name in kept)

    def save_delegation(self, delegation: Delegation) -> None:
        """Insert or replace the delegation of an approver."""
        self._may_write()
        self._set(delegation.approver, delegation)

    def delete_delegation(self, approver: str) -> bool:
        """Delete the delegation of an approver; False if there is none."""
        self._may_write()
        if approver not in self._state.delegations:
            return False
        self._set(approver, None)
        return True

    def _set(self, approver: str, delegation: Delegation | None) -> None:
        before = self._state.delegations.pop(approver, None)
        if delegation is not None:
            self._state.delegations[approver] = delegation
        self._backwards(self._put_back, approver, before)

    def _put_back(self, approver: str, before: Delegation | None) -> None:
        self._state.delegations.pop(approver, None)
        if before is not None:
            self._state.delegations[approver] = before
