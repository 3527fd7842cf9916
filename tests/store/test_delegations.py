"""Delegations, one for each approver (S-80)."""

from __future__ import annotations

from ostiary.domain.delegation import Delegation
from ostiary.lifecycle.ports import Store
from tests.store.records import NOW, later, undone


def delegation(approver: str, delegate: str, days: int | None = None) -> Delegation:
    end = None if days is None else later(days=days)
    return Delegation(approver=approver, delegate=delegate, starts_at=NOW, ends_at=end)


def found(store: Store, *approvers: str) -> list[Delegation]:
    with store.reading() as tx:
        return list(tx.delegations(approvers))


def test_the_last_delegation_of_an_approver_counts(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_delegation(delegation("fran", "sol"))
        tx.save_delegation(delegation("dana", "sol", days=3))
        tx.save_delegation(delegation("fran", "mona", days=1))
        assert list(tx.delegations(["fran"])) == [delegation("fran", "mona", days=1)]
    assert found(store, "nobody", "fran", "dana", "fran") == [
        delegation("dana", "sol", days=3),
        delegation("fran", "mona", days=1),
    ]
    assert found(store) == []


def test_a_delegation_is_deleted_once(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_delegation(delegation("fran", "sol"))
    with store.transaction() as tx:
        assert tx.delete_delegation("fran")
        assert not tx.delete_delegation("fran")
    assert found(store, "fran") == []


def test_what_was_undone_is_as_before(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_delegation(delegation("fran", "sol"))
    with undone(store) as tx:
        tx.delete_delegation("fran")
        tx.save_delegation(delegation("fran", "mona"))
        tx.save_delegation(delegation("dana", "mona"))
    assert found(store, "fran", "dana") == [delegation("fran", "sol")]


def test_many_approvers_are_looked_up_at_once(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(1_200):
            tx.save_delegation(delegation(f"u{number:04}", "sol"))
    names = [f"u{number:04}" for number in range(2_000)]
    assert [one.approver for one in found(store, *names)] == names[:1_200]
