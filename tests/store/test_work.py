"""Due actions: scheduled once, run in order, claimed by one, ended once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ostiary.domain.due import WORK_ORDER, WorkKind, WorkState
from ostiary.lifecycle.ports import Store, WorkQuery
from tests.store.records import NOW, action, later

OUTSIDE = WorkKind.PROVISION
SOON = later(minutes=5)


def test_an_action_comes_back_as_it_was_given(store: Store) -> None:
    given = action(
        "a-1",
        WorkKind.CALL_OUT,
        request="r-1",
        assignment="s-1",
        stage=2,
        target="ticket",
        rule="plan.call",
        payload='{"ä":"\\u0000"}',
        planned_at=later(days=-1),
        attempts=3,
        fence=7,
    )
    with store.transaction() as tx:
        tx.schedule([given])
    with store.reading() as tx:
        assert tx.action("a-1") == given
        assert tx.action("a-2") is None


def test_an_action_without_a_plan_is_planned_for_when_it_is_due(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a-1")])
        tx.postpone("a-1", SOON, attempts=1, failure="later")
        want = action("a-1", due_at=SOON, planned_at=NOW, attempts=1, failure="later")
        assert tx.action("a-1") == want


def test_an_action_that_is_there_already_is_left_as_it_is(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a-1", stage=1)])
        tx.finish("a-1", WorkState.DONE, SOON)
        tx.schedule(iter([action("a-1", stage=2), action("a-2"), action("a-2", stage=3)]))
        tx.schedule([])
    with store.reading() as tx:
        first, second = tx.action("a-1"), tx.action("a-2")
    done = action("a-1", stage=1, planned_at=NOW, state=WorkState.DONE, finished_at=SOON)
    assert first == done
    assert second == action("a-2", planned_at=NOW)


def test_waiting_actions_come_in_the_order_in_which_they_run(store: Store) -> None:
    """S-8"""
    with store.transaction() as tx:
        tx.schedule(
            [
                action("z", WorkKind.REMIND_EXPIRY),
                action("y", WorkKind.EXPIRE_ASSIGNMENT),
                action("b", WorkKind.REVOKE),
                action("a", WorkKind.REVOKE),
                action("late", WorkKind.EXPIRE_ASSIGNMENT, due_at=later(microseconds=1)),
                action("early", WorkKind.DELETE_GUEST, due_at=later(microseconds=-1)),
                action("outside", OUTSIDE),
                action("of-bo", case="user:bo"),
                action("done"),
            ]
        )
        tx.finish("done", WorkState.DONE, NOW)
        names = [one.id for one in tx.waiting("user:ana")]
        assert list(tx.waiting("user:nobody")) == []
    assert names == ["early", "y", "a", "b", "z", "late"]


@pytest.mark.parametrize("state", [WorkState.DONE, WorkState.VOID, WorkState.PARKED])
def test_an_action_that_has_ended_is_neither_ended_nor_moved_again(
    store: Store, state: WorkState
) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a-1")])
        tx.finish("a-1", state, NOW, failure="why")
        tx.finish("a-1", WorkState.DONE, SOON, failure="twice")
        tx.postpone("a-1", SOON, attempts=9)
        tx.finish("nothing", WorkState.DONE, SOON)
        tx.postpone("nothing", SOON, attempts=9)
        ended = tx.action("a-1")
        assert tx.next_due() is None
        assert list(tx.due_cases(later(days=1), most=9)) == []
    assert ended == action("a-1", planned_at=NOW, state=state, finished_at=NOW, failure="why")


def test_void_leaves_notices_other_cases_and_what_has_ended(store: Store) -> None:
    """S-48"""
    with store.transaction() as tx:
        tx.schedule(
            [
                action("inside", request="r-1"),
                action("outside", OUTSIDE, request="r-1"),
                action("both", request="r-1", assignment="s-1"),
                action("assignment", assignment="s-1"),
                action("notice", WorkKind.DELIVER_NOTICE, request="r-1"),
                action("other", request="r-2"),
                action("foreign", request="r-1", case="user:bo"),
                action("done", request="r-1"),
            ]
        )
        tx.finish("done", WorkState.DONE, NOW)
        tx.void("user:ana", request="r-1")
        with pytest.raises(ValueError, match="needs a request or an assignment"):
            tx.void("user:ana")
        void = {one.id for one in tx.work(WorkQuery(states=frozenset({WorkState.VOID})))}
        assert void == {"inside", "outside", "both"}
        tx.void("user:ana", assignment="s-1")
        void = {one.id for one in tx.work(WorkQuery(states=frozenset({WorkState.VOID})))}
    assert void == {"inside", "outside", "both", "assignment"}


def test_the_earliest_cases_that_have_something_due_come_first(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule(
            [
                *(action(f"c-{n}", case="user:cleo") for n in range(50)),
                action("b", case="user:bo", due_at=later(seconds=-1)),
                action("b-2", case="user:bo"),
                action("a", case="user:ana", due_at=later(seconds=-2)),
                action("d", case="user:dana"),
                action("e", case="user:emil", due_at=later(microseconds=1)),
                action("f", OUTSIDE, case="user:fran", due_at=later(days=-1)),
            ]
        )
        cases = ["user:ana", "user:bo", "user:cleo", "user:dana"]
        for most in range(1, 5):
            assert list(tx.due_cases(NOW, most=most)) == cases[:most]
        assert list(tx.due_cases(NOW, most=100)) == cases
        assert list(tx.due_cases(later(days=-3), most=100)) == []


def test_a_lease_moves_the_action_and_raises_its_fence(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule(
            [
                action("b", OUTSIDE, due_at=later(seconds=-1)),
                action("a", OUTSIDE),
                action("later", OUTSIDE, due_at=later(microseconds=1)),
                action("inside"),
                action("void", OUTSIDE),
            ]
        )
        tx.finish("void", WorkState.VOID, NOW)
    with store.transaction() as tx:
        leased = tx.lease(NOW, SOON, most=10)
        assert list(tx.lease(NOW, SOON, most=10)) == []
        assert tx.next_due() == NOW  # the action inside
    assert leased == [
        action("b", OUTSIDE, due_at=SOON, planned_at=later(seconds=-1), attempts=1, fence=1),
        action("a", OUTSIDE, due_at=SOON, planned_at=NOW, attempts=1, fence=1),
    ]


def test_a_lease_takes_as_many_as_are_wanted_the_earliest_first(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule(action(f"a-{n}", OUTSIDE, due_at=later(seconds=-n)) for n in range(7))
        taken = [[one.id for one in tx.lease(NOW, SOON, most=3)] for _ in range(4)]
    assert taken == [["a-6", "a-5", "a-4"], ["a-3", "a-2", "a-1"], ["a-0"], []]


def test_a_lease_that_ran_out_is_given_to_the_next(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a", OUTSIDE)])
        (first,) = tx.lease(NOW, SOON, most=1)
        assert list(tx.lease(SOON - timedelta(microseconds=1), SOON, most=1)) == []
        (second,) = tx.lease(SOON, later(minutes=10), most=1)
        assert (first.fence, second.fence, second.attempts) == (1, 2, 2)
        assert not tx.complete(first, WorkState.DONE, SOON)
        assert not tx.retry(first, NOW, "too late")
        assert tx.action("a") == second
        assert tx.complete(second, WorkState.DONE, SOON, failure="")
        assert not tx.complete(second, WorkState.DONE, later(days=1))
        assert not tx.retry(second, NOW, "ended")
        assert tx.action("a") == replace(second, state=WorkState.DONE, finished_at=SOON)


def test_a_leased_action_that_was_made_void_cannot_be_completed(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a", OUTSIDE, request="r-1")])
        (leased,) = tx.lease(NOW, SOON, most=1)
        tx.void("user:ana", request="r-1")
        assert not tx.complete(leased, WorkState.DONE, SOON)
        assert not tx.retry(leased, SOON, "again")


def test_what_was_leased_and_has_no_end_of_its_own_is_under_way(store: Store) -> None:
    """S-104: also what was made void meanwhile, since its call may be on its way."""
    names = ("waits", "void", "done", "given back", "other")
    with store.transaction() as tx:
        tx.schedule([action("never leased", OUTSIDE, due_at=later(days=1))])
        tx.schedule(action(name, OUTSIDE, due_at=NOW) for name in names[:-1])
        tx.schedule([action("other", OUTSIDE, case="user:bo")])
        leased = {one.id: one for one in tx.lease(NOW, SOON, most=9)}
        assert set(leased) == set(names)
        tx.finish("void", WorkState.VOID, NOW)
        tx.finish("never leased", WorkState.VOID, NOW)
        tx.complete(leased["done"], WorkState.DONE, NOW)
        tx.retry(leased["given back"], later(hours=1), "busy")
    with store.reading() as tx:
        case = leased["void"].case
        assert [one.id for one in tx.under_way(case)] == ["void", "waits", "given back"]
        assert list(tx.under_way("user:nobody")) == []


def test_an_action_that_is_given_back_waits_for_its_next_attempt(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a", OUTSIDE)])
        (leased,) = tx.lease(NOW, SOON, most=1)
        assert tx.retry(leased, later(seconds=30), "503")
        assert tx.next_due() == later(seconds=30)
        (again,) = tx.lease(later(seconds=30), SOON, most=1)
    assert again == replace(leased, due_at=SOON, attempts=2, fence=2, failure="503")


def test_a_parked_action_is_tried_again_from_the_start(store: Store) -> None:
    with store.transaction() as tx:
        tx.schedule([action("a", attempts=9), action("b")])
        assert not tx.unpark("a", SOON)
        assert not tx.unpark("nothing", SOON)
        tx.finish("a", WorkState.PARKED, NOW, failure="poison")
        assert tx.unpark("a", SOON)
        assert tx.action("a") == action("a", due_at=SOON, planned_at=NOW)


def test_the_next_due_is_the_first_of_both_sides(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.next_due() is None
        tx.schedule([action("a", due_at=later(days=2))])
        assert tx.next_due() == later(days=2)
        tx.schedule([action("b", OUTSIDE, due_at=later(days=1))])
        assert tx.next_due() == later(days=1)


PARKED, DONE, WAITING = WorkState.PARKED, WorkState.DONE, WorkState.WAITING


@pytest.mark.parametrize(
    ("said", "want"),
    [
        pytest.param({}, ["d", "b", "a", "c", "e"], id="all, in the order in which they run"),
        pytest.param({"size": 3}, ["d", "b", "a"], id="as many as fit"),
        pytest.param({"states": frozenset({PARKED})}, ["d"], id="parked"),
        pytest.param({"states": frozenset({WAITING})}, ["b", "c", "e"], id="waiting, both sides"),
        pytest.param({"states": frozenset({DONE, PARKED})}, ["d", "a"], id="two states"),
        pytest.param({"states": frozenset()}, [], id="no state"),
        pytest.param({"case": "user:bo"}, ["e"], id="case"),
        pytest.param({"request": "r-1"}, ["b", "a"], id="request"),
        pytest.param({"assignment": "s-1", "case": "user:ana"}, ["c"], id="assignment"),
    ],
)
def test_work_is_found_by_what_is_asked(
    store: Store, said: dict[str, object], want: list[str]
) -> None:
    with store.transaction() as tx:
        tx.schedule(
            [
                action("a", WorkKind.GRANT, request="r-1"),
                action("b", WorkKind.REVOKE, request="r-1"),
                action("c", OUTSIDE, assignment="s-1"),
                action("d", WorkKind.DELETE_GUEST, due_at=later(seconds=-1)),
                action("e", WorkKind.REVOKE, due_at=SOON, case="user:bo"),
            ]
        )
        tx.finish("a", DONE, NOW)
        tx.finish("d", PARKED, NOW, failure="poison")
        found = [one.id for one in tx.work(WorkQuery(**said))]  # type: ignore[arg-type]  # rows of a table
    assert found == want


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_work_can_be_paged_in_the_order_in_which_it_runs(store: Store, size: int) -> None:
    given = [
        action("b", WorkKind.GRANT),
        action("a", WorkKind.GRANT),
        action("c", WorkKind.REVOKE),
        action("d", WorkKind.PROVISION, due_at=SOON),
        action("e", WorkKind.EXPIRE_ASSIGNMENT, due_at=later(days=-1)),
    ]
    with store.transaction() as tx:
        tx.schedule(given)
    found: list[str] = []
    after = None
    with store.reading() as tx:
        while page := tx.work(WorkQuery(after=after, size=size)):
            found += [one.id for one in page]
            last = page[-1]
            after = (last.due_at, WORK_ORDER[last.kind], last.id)
    assert found == ["e", "c", "a", "b", "d"]
