"""Requests, assignments, reviews and callouts: what is kept is what is given back."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from ostiary.domain.access_request import (
    Delegate,
    RequestState,
    StageDecision,
    Terms,
    Verdict,
)
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.policy import ApprovalStage, Approver, ApproverKind
from ostiary.domain.review import ReviewState
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, ReviewQuery, Store
from tests.store.records import (
    NOW,
    assignment,
    callout,
    later,
    request,
    review,
    stage,
    terms,
    undone,
)


def requests(store: Store, **said: object) -> list[str]:
    """The ids that a query finds, as it orders them."""
    with store.reading() as tx:
        return [one.id for _, one in tx.requests(RequestQuery(**said))]  # type: ignore[arg-type]  # rows of a table


def assignments(store: Store, **said: object) -> list[str]:
    with store.reading() as tx:
        return [one.id for _, one in tx.assignments(AssignmentQuery(**said))]  # type: ignore[arg-type]  # as above


def reviews(store: Store, **said: object) -> list[str]:
    with store.reading() as tx:
        return [one.id for _, one in tx.reviews(ReviewQuery(**said))]  # type: ignore[arg-type]  # as above


def test_a_record_comes_back_as_it_was_given(store: Store) -> None:
    kept = (
        request("r-1", stages=(stage(opened_at=NOW),), stage=1, starts_at=later(microseconds=1)),
        assignment("a-1", ends_at=later(days=30)),
        review("v-1", "mona"),
        callout("c-1", deadline=later(hours=1)),
    )
    with store.transaction() as tx:
        tx.save_request(kept[0])
        tx.save_assignment(kept[1])
        tx.save_review(kept[2])
        tx.save_callout(kept[3])
        inside = (tx.request("r-1"), tx.assignment("a-1"), tx.review("v-1"), tx.callout("c-1"))
    with store.reading() as tx:
        after = (tx.request("r-1"), tx.assignment("a-1"), tx.review("v-1"), tx.callout("c-1"))
    assert inside == after == kept


def test_what_nobody_saved_is_not_there(store: Store) -> None:
    with store.reading() as tx:
        found = (tx.request("r"), tx.assignment("a"), tx.review("v"), tx.callout("c"))
        assert found == (None, None, None, None)
        assert list(tx.callouts("r")) == []


def test_a_record_that_is_saved_again_replaces_the_first_and_keeps_its_place(store: Store) -> None:
    with store.transaction() as tx:
        for name in ("r-1", "r-2"):
            tx.save_request(request(name))
            tx.save_assignment(assignment(name))
            tx.save_review(review(name))
            tx.save_callout(callout(name))
    with store.reading() as tx:
        (_, (before, _)) = tx.requests(RequestQuery())
    with store.transaction() as tx:
        tx.save_request(request("r-1", target="bo"))
        tx.save_assignment(assignment("r-1", target="bo"))
        tx.save_review(review("r-1", "mona"))
        tx.save_callout(callout("r-1", detail="new"))
    assert requests(store) == assignments(store) == reviews(store) == ["r-2", "r-1"]
    assert requests(store, target="bo") == assignments(store, target="bo") == ["r-1"]
    assert requests(store, target="ana") == ["r-2"]
    with store.reading() as tx:
        assert [one.detail for one in tx.callouts("r-1")] == ["new", ""]
        assert tx.requests(RequestQuery())[1] == (before, request("r-1", target="bo"))


FOUR = (
    request("r-1"),
    request("r-2", target="bo", submitter="mona", terms=terms(policy="partners")),
    request("r-3", terms=terms("hr", "staff", "people"), state=RequestState.DELIVERED),
    request("r-4", assignment="a-9", state=RequestState.DENIED),
)


@pytest.mark.parametrize(
    ("said", "want"),
    [
        pytest.param({}, ["r-4", "r-3", "r-2", "r-1"], id="all, the newest first"),
        pytest.param({"target": "ana"}, ["r-4", "r-3", "r-1"], id="for whom"),
        pytest.param({"submitter": "mona"}, ["r-2"], id="by whom"),
        pytest.param({"package": "hr"}, ["r-3"], id="package"),
        pytest.param({"package": "sales", "policy": "staff"}, ["r-4", "r-1"], id="policy"),
        pytest.param({"policy": "staff"}, ["r-4", "r-3", "r-1"], id="policies of one id"),
        pytest.param({"catalogs": frozenset({"people"})}, ["r-3"], id="catalog"),
        pytest.param({"catalogs": frozenset()}, [], id="no catalog may be seen"),
        pytest.param({"assignment": "a-9"}, ["r-4"], id="assignment"),
        pytest.param({"states": frozenset({RequestState.DENIED})}, ["r-4"], id="state"),
        pytest.param({"states": frozenset()}, [], id="no state"),
        pytest.param({"target": "ana", "size": 2}, ["r-4", "r-3"], id="as many as fit"),
        pytest.param({"target": "nobody"}, [], id="nobody's"),
    ],
)
def test_requests_are_found_by_what_is_asked(
    store: Store, said: dict[str, object], want: list[str]
) -> None:
    with store.transaction() as tx:
        for one in FOUR:
            tx.save_request(one)
        inside = [one.id for _, one in tx.requests(RequestQuery(**said))]  # type: ignore[arg-type]  # rows
    assert requests(store, **said) == inside == want


DECIDED = StageDecision(Verdict.APPROVED, "mona", NOW)


NAMED = ApprovalStage(
    primary=(Approver(ApproverKind.USER, "mona"), Approver(ApproverKind.MANAGER)),
    fallback=(Approver(ApproverKind.GROUP, "hr"),),
    alternates=(Approver(ApproverKind.USER, "otto"),),
    alternate_fallback=(Approver(ApproverKind.GROUP, "board"),),
)
FIXED = stage(people=("eve",), late_people=("max",), delegates=(Delegate("eve", "dana"),))


def asked_of(*stages: ApprovalStage) -> Terms:
    before = terms()
    return replace(before, policy=replace(before.policy, stages=stages))


@pytest.mark.parametrize(
    ("change", "want"),
    [
        pytest.param(
            {"terms": asked_of(NAMED)},
            {"user:mona", "user:otto", "group:hr", "group:board"},
            id="whom the policy names, also those who come in later",
        ),
        pytest.param(
            {"stages": (FIXED,), "terms": asked_of()},
            {"user:eve", "user:max", "user:dana"},
            id="who was found when it opened, and delegates",
        ),
        pytest.param({"stage": 0}, set(), id="no stage is open"),
        pytest.param({"stages": (stage(decision=DECIDED),)}, set(), id="decided already"),
        pytest.param({"state": RequestState.CANCELED}, set(), id="cancelled"),
        pytest.param(
            {
                "stages": (stage(), stage(2, people=("dana", "dana"))),
                "stage": 2,
                "terms": asked_of(NAMED, ApprovalStage(primary=())),
            },
            {"user:dana"},
            id="the second stage",
        ),
    ],
)
def test_a_request_is_found_by_those_who_may_come_to_decide(
    store: Store, change: dict[str, object], want: set[str]
) -> None:
    """S-73: of groups, it is not kept who is in them."""
    with store.transaction() as tx:
        tx.save_request(request("r-0", stages=(stage(people=("zoe",)),), stage=1))
        tx.save_request(request("r-1", stages=(stage(people=("ida", "mona")),), stage=1))
    with store.transaction() as tx:
        tx.save_request(request("r-1", **{"stages": (stage(),), "stage": 1, **change}))
    people = ("mona", "otto", "dana", "eve", "max", "ana", "ida")
    keys = {*(f"user:{who}" for who in people), "group:hr", "group:board", "group:staff"}
    assert {key for key in keys if "r-1" in requests(store, deciders=frozenset({key}))} == want
    assert requests(store, deciders=frozenset({"user:zoe", "group:nobody"})) == ["r-0"]
    assert requests(store, deciders=frozenset()) == []


def test_a_deleted_record_is_gone_with_all_that_finds_it(store: Store) -> None:
    """S-87"""
    with store.transaction() as tx:
        tx.save_request(request("r-1", stages=(stage(),), stage=1))
        tx.save_request(request("r-2"))
        tx.delete_request("r-1")
        tx.delete_request("r-1")
        tx.delete_request("nothing")
    assert requests(store) == ["r-2"]
    assert requests(store, deciders=frozenset({"user:mona"})) == []
    with store.reading() as tx:
        assert tx.request("r-1") is None
        assert tx.count_requests_since(NOW) == 1


def test_pages_are_complete_and_hold_nothing_that_came_after_the_first(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(25):
            tx.save_request(request(f"r-{number}", target="ana" if number % 2 else "bo"))
    seen: list[str] = []
    up_to: int | None = None
    fresh = count()
    while True:
        with store.transaction() as tx:
            page = tx.requests(RequestQuery(target="ana", up_to=up_to, size=5))
            tx.save_request(request(f"new-{next(fresh)}"))
            for _, one in page:
                tx.save_request(replace(one, justification="touched"))
        if not page:
            break
        seen += [one.id for _, one in page]
        up_to = page[-1][0]
    assert seen == [f"r-{number}" for number in range(23, 0, -2)]


def test_a_position_is_never_given_twice(store: Store) -> None:
    with store.transaction() as tx:
        for number in range(3):
            tx.save_request(request(f"r-{number}"))
        ((newest, _), *_) = tx.requests(RequestQuery())
        tx.delete_request("r-2")
    with store.transaction() as tx:
        tx.save_request(request("r-3"))
        ((position, _), *_) = tx.requests(RequestQuery())
    assert position > newest


THREE = (
    assignment("a-1"),
    assignment("a-2", target="bo", terms=terms(policy="partners")),
    assignment("a-3", terms=terms("hr", "staff", "people"), state=AssignmentState.EXPIRED),
)


@pytest.mark.parametrize(
    ("said", "want"),
    [
        pytest.param({}, ["a-3", "a-2", "a-1"], id="all, the newest first"),
        pytest.param({"target": "ana"}, ["a-3", "a-1"], id="whose"),
        pytest.param({"package": "sales"}, ["a-2", "a-1"], id="package"),
        pytest.param({"package": "sales", "policy": "partners"}, ["a-2"], id="policy"),
        pytest.param({"catalogs": frozenset({"people", "x"})}, ["a-3"], id="catalog"),
        pytest.param({"states": frozenset({AssignmentState.EXPIRED})}, ["a-3"], id="state"),
        pytest.param({"size": 1}, ["a-3"], id="as many as fit"),
    ],
)
def test_assignments_are_found_by_what_is_asked(
    store: Store, said: dict[str, object], want: list[str]
) -> None:
    with store.transaction() as tx:
        for one in THREE:
            tx.save_assignment(one)
    assert assignments(store, **said) == want


def test_current_assignments_are_counted(store: Store) -> None:
    """S-88, and limits of section 18"""
    with store.transaction() as tx:
        assert tx.count_assignments() == 0
        for number in range(10):
            tx.save_assignment(assignment(f"s-{number}"))
        for number in range(5):
            tx.save_assignment(assignment(f"p-{number}", terms=terms(policy="partners")))
        tx.save_assignment(assignment("h-1", terms=terms("hr")))
        assert tx.count_assignments() == 16
    with store.transaction() as tx:
        tx.save_assignment(assignment("s-0", state=AssignmentState.EXPIRED))
        tx.save_assignment(assignment("s-1", state=AssignmentState.DELIVERY_FAILED))
        tx.save_assignment(assignment("s-2", state=AssignmentState.PARTIALLY_DELIVERED))
        assert tx.count_assignments(package="sales", policy="staff") == 8
    with store.transaction() as tx:
        tx.save_assignment(assignment("s-1"))
    with undone(store) as tx:
        tx.save_assignment(assignment("s-3", state=AssignmentState.EXPIRED))
        assert tx.count_assignments() == 14
    with store.reading() as tx:
        assert tx.count_assignments(package="sales", policy="staff") == 9
        assert tx.count_assignments(package="sales", policy="partners") == 5
        assert tx.count_assignments(package="sales") == 14
        assert tx.count_assignments(package="nothing") == 0
        assert tx.count_assignments() == 15
        with pytest.raises(ValueError, match="within its package"):
            tx.count_assignments(policy="staff")


def test_requests_are_counted_from_an_instant_on(store: Store) -> None:
    midnight = NOW.replace(hour=0)
    hours = (0, 3, 10, 14, 24, 30, 48, 600)
    with store.transaction() as tx:
        for hour in hours:
            tx.save_request(request(f"r-{hour}", submitted_at=midnight + timedelta(hours=hour)))
        tx.save_request(request("r-3", submitted_at=midnight + timedelta(hours=3), target="bo"))
        inside = [tx.count_requests_since(midnight + timedelta(hours=hour)) for hour in hours]
    with store.reading() as tx:
        after = [tx.count_requests_since(midnight + timedelta(hours=hour)) for hour in hours]
        assert tx.count_requests_since(midnight - timedelta(days=99)) == 8
        assert tx.count_requests_since(midnight + timedelta(hours=3, microseconds=1)) == 6
    assert inside == after == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("said", "want"),
    [
        pytest.param({}, ["v-3", "v-2", "v-1"], id="all, the newest first"),
        pytest.param({"package": "sales"}, ["v-2", "v-1"], id="package"),
        pytest.param({"policy": "staff"}, ["v-3", "v-1"], id="policy"),
        pytest.param({"catalogs": frozenset({"people"})}, ["v-3"], id="catalog"),
        pytest.param({"reviewer": "mona"}, ["v-2", "v-1"], id="who reviews an item"),
        pytest.param({"reviewer": "eve"}, [], id="who reviews none any more"),
        pytest.param({"states": frozenset({ReviewState.CLOSED})}, ["v-2"], id="state"),
    ],
)
def test_reviews_are_found_by_what_is_asked(
    store: Store, said: dict[str, object], want: list[str]
) -> None:
    with store.transaction() as tx:
        tx.save_review(review("v-1", "mona", "eve"))
        tx.save_review(review("v-2", "mona", policy="partners", state=ReviewState.CLOSED))
        tx.save_review(review("v-3", "otto", package="hr", catalog="people"))
        tx.save_review(review("v-1", "mona", "mona", "otto"))
    assert reviews(store, **said) == want


def test_callouts_of_a_request_come_in_their_order(store: Store) -> None:
    with store.transaction() as tx:
        for name in ("c-2", "c-1", "c-3"):
            tx.save_callout(callout(name))
        tx.save_callout(callout("c-4", "r-2"))
    with store.reading() as tx:
        assert [one.id for one in tx.callouts("r-1")] == ["c-2", "c-1", "c-3"]
