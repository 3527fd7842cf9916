"""What somebody has and has asked for, as it is recorded (S-60)."""

from __future__ import annotations

from ostiary.domain.access_request import ADDING, OPEN_STATES
from ostiary.domain.assignment import CURRENT_STATES
from ostiary.domain.request import Holdings
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, Transaction

_EVERYTHING = 1_000_000


def recorded_holdings(tx: Transaction, target: str) -> Holdings:
    """Give the packages that a person holds, and those that open requests ask for."""
    held = tx.assignments(AssignmentQuery(target=target, states=CURRENT_STATES, size=_EVERYTHING))
    asked = tx.requests(RequestQuery(target=target, states=OPEN_STATES, size=_EVERYTHING))
    return Holdings(
        assigned=tuple(sorted({one.package for _, one in held})),
        pending=tuple(sorted({one.package for _, one in asked if one.kind in ADDING})),
    )
