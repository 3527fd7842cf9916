"""What would change an answer, as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping

from ostiary.analysis.counterfactual.report import (
    Change,
    ChangeKind,
    Goal,
    Remedy,
    WhatWouldChange,
    Why,
)
from ostiary.analysis.counterfactual.wording import worded
from ostiary.rpc.convert.words import OUTCOMES, members, numbers
from ostiary.v1 import decision_service_pb2 as contract

_enums = contract.DESCRIPTOR.enum_types_by_name
GOALS: Mapping[int, Goal] = members(_enums["WantedAnswer"], Goal, "WANTED_ANSWER")
_KINDS: Mapping[ChangeKind, contract.ChangeKind] = numbers(
    _enums["ChangeKind"], ChangeKind, "CHANGE_KIND"
)
_NONE: Mapping[Why, contract.NoRemedy] = numbers(_enums["NoRemedy"], Why, "NO_REMEDY")


def what_would_change_message(found: WhatWouldChange) -> contract.WhatWouldChange:
    """Give what was found as the contract says it."""
    return contract.WhatWouldChange(
        remedies=map(_remedy, found.remedies),
        more=found.more,
        none=_NONE[found.why] if found.why is not None else None,
        tried=found.tried,
        most_changes=found.most_changes,
        most_tried=found.most_tried,
    )


def _remedy(one: Remedy) -> contract.Remedy:
    return contract.Remedy(changes=map(_change, one.changes), outcome=OUTCOMES[one.outcome])


def _change(one: Change) -> contract.FactChange:
    return contract.FactChange(
        kind=_KINDS[one.kind],
        subject=one.subject,
        value=one.value,
        time=one.at,
        text=worded(one),
    )
