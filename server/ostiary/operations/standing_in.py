"""Delegates beside the approvers of a stage (S-80)."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.domain.access_request import Delegate, StageRecord
from ostiary.operations.unit import Unit


def delegates_of(unit: Unit, approvers: Iterable[str]) -> tuple[Delegate, ...]:
    """Give who stands in for approvers to whom a stage is assigned now.

    A delegate's own delegate is none of them: nobody delegates on.
    """
    if not unit.snapshot.profile.approval_delegation:
        return ()
    found = unit.tx.delegations(frozenset(approvers))
    return tuple(Delegate(one.approver, one.delegate) for one in found if one.holds(unit.at))


def standing_in(unit: Unit, record: StageRecord, approvers: frozenset[str]) -> dict[str, str]:
    """Give the delegates who may decide now, with the approver in whose place each does.

    Only for approvers who could decide themselves, and while the delegation lasts.
    """
    pairs = [one for one in record.delegates if one.approver in approvers]
    if not pairs or not unit.snapshot.profile.approval_delegation:
        return {}
    kept = {one.approver: one for one in unit.tx.delegations([one.approver for one in pairs])}
    return {
        one.delegate: one.approver
        for one in reversed(pairs)
        if (now := kept.get(one.approver)) is not None
        and now.delegate == one.delegate
        and now.holds(unit.at)
    }
