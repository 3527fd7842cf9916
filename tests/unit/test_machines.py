"""The state machines against the tables of the semantics, written down here a second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.lifecycle import drawing
from ostiary.lifecycle.machines import (
    ASSIGNMENT,
    MACHINES,
    REQUEST,
    AssignmentEvent,
    GuestState,
    IllegalTransitionError,
    Machine,
    RequestEvent,
)

# Section 9: number, from, to; "-" is nothing yet.
REQUESTS = """
T1 - submitted
T2 submitted submitted
T3 submitted pending_approval
T5 pending_approval pending_approval
T6 pending_approval denied
T7 pending_approval denied
T8 pending_approval pending_approval
T9 pending_approval submitted
T9 submitted submitted
T10 pending_approval scheduled
T10 submitted scheduled
T11 pending_approval delivering
T11 submitted delivering
T11 scheduled delivering
T12 delivering delivered
T13 delivering partially_delivered
T14 delivering delivery_failed
T15 partially_delivered delivering
T15 delivery_failed delivering
T16 submitted canceled
T16 pending_approval canceled
T16 scheduled canceled
T17 delivery_failed canceled
T18 submitted denied
T18 submitted canceled
T19 submitted canceled
T19 pending_approval canceled
T19 scheduled canceled
T20 submitted denied
T20 pending_approval denied
T20 scheduled denied
T21 submitted denied
T21 pending_approval denied
"""
# S-89: from, to.
ASSIGNMENTS = """
- delivering
delivering delivered
delivering partially_delivered
delivering delivery_failed
partially_delivered delivering
delivery_failed delivering
delivered delivering
delivering expired
partially_delivered expired
delivered expired
delivery_failed expired
"""


def arrows(machine: Machine[Any, Any]) -> set[tuple[str, str, str]]:
    return {
        (one.number, "-" if source is None else source.value, one.target.value)
        for one in machine.transitions
        for source in one.sources
    }


def test_requests_move_as_the_table_says_and_in_no_other_way() -> None:
    """S-84."""
    assert arrows(REQUEST) == {tuple(line.split()) for line in REQUESTS.strip().splitlines()}


def test_assignments_move_as_the_list_says_and_in_no_other_way() -> None:
    """S-88, S-89."""
    found = {(source, target) for _, source, target in arrows(ASSIGNMENT)}
    assert found == {tuple(line.split()) for line in ASSIGNMENTS.strip().splitlines()}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: one.name)
def test_terminal_is_terminal(machine: Machine[Any, Any]) -> None:
    """S-84: DENIED, CANCELED and DELIVERED are terminal; EXPIRED is (S-88)."""
    for one in machine.transitions:
        assert machine.terminal.isdisjoint(one.sources)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda one: one.name)
def test_no_state_can_wait_for_ever(machine: Machine[Any, Any]) -> None:
    """Each state that work is under way in names the due work that ends it."""
    at_rest = {
        RequestState.PARTIALLY_DELIVERED,
        RequestState.DELIVERY_FAILED,
        GuestState.OUTSIDE,  # before anything is asked for
    }
    kind: Any = type(machine.transitions[0].target)
    states = set(kind)
    left = {source for one in machine.transitions for source in one.sources if source is not None}
    assert states - machine.terminal - at_rest == set(machine.deadlines)
    assert left == states - machine.terminal


@pytest.mark.parametrize("event", RequestEvent)
@pytest.mark.parametrize(
    "state", [RequestState.DENIED, RequestState.CANCELED, RequestState.DELIVERED]
)
def test_nothing_moves_a_request_that_is_over(state: RequestState, event: RequestEvent) -> None:
    """S-84."""
    with pytest.raises(IllegalTransitionError):
        REQUEST.after(state, event)


@pytest.mark.parametrize("event", AssignmentEvent)
def test_nothing_moves_an_assignment_that_has_expired(event: AssignmentEvent) -> None:
    """S-88."""
    with pytest.raises(IllegalTransitionError):
        ASSIGNMENT.after(AssignmentState.EXPIRED, event)


def test_the_page_of_diagrams_is_up_to_date() -> None:
    there = Path(__file__).parents[2] / "docs" / "lifecycle.md"
    assert there.read_text() == drawing.page(), "make diagrams"
