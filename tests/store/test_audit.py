"""The audit log gives every event, in order, to whoever asks for more (S-134)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ostiary.domain.audit import Change
from ostiary.lifecycle.ports import AuditQuery, Store
from tests.store.records import NOW, event, later, undone


def test_an_event_comes_back_as_it_was_given_with_its_sequence(store: Store) -> None:
    given = event(
        target="ana",
        request="r-1",
        assignment="a-1",
        package="sales",
        policy="staff",
        catalog="general",
        object="sales-group/Member",
        reason="NOT_IN_SCOPE",
        details=(("cause", "ü"),),
        changes=(Change("name", "a", "b"),),
        revision="7",
    )
    with store.transaction() as tx:
        tx.record(given)
        tx.record(replace(given, target="bo", sequence=99))
        inside = tx.events(AuditQuery())
    with store.reading() as tx:
        first, second = after = tx.events(AuditQuery())
    assert inside == after
    assert first == replace(given, sequence=first.sequence)
    assert 0 < first.sequence < second.sequence != 99


EVENTS = (
    event("User requests access package assignment", target="ana", request="r-1", package="p"),
    event("Approve access package assignment request", actor="mona", target="ana", package="p"),
    event("Create catalog", catalog="people", at=later(seconds=1)),
    event("100%_Sure", target="bo", assignment="a-1", policy="q", package="p"),
    event("100 things", target="bo", at=later(seconds=-1), catalog="general"),
)


@pytest.mark.parametrize(
    ("said", "want"),
    [
        pytest.param({}, "01234", id="all, the oldest first"),
        pytest.param({"newest_first": True}, "43210", id="all, the newest first"),
        pytest.param({"size": 2}, "01", id="as many as fit"),
        pytest.param({"newest_first": True, "size": 2}, "43", id="the newest few"),
        pytest.param({"before": 4}, "012", id="before a sequence"),
        pytest.param({"before": 1}, "", id="before the first"),
        pytest.param({"after": 1, "before": 4}, "12", id="between two sequences"),
        pytest.param({"before": 4, "newest_first": True, "size": 2}, "21", id="a page back"),
        pytest.param({"target": "ana"}, "01", id="about whom"),
        pytest.param({"actor": "mona"}, "1", id="by whom"),
        pytest.param({"request": "r-1"}, "0", id="request"),
        pytest.param({"assignment": "a-1"}, "3", id="assignment"),
        pytest.param({"package": "p"}, "013", id="package"),
        pytest.param({"package": "p", "policy": "q"}, "3", id="policy"),
        pytest.param({"catalogs": frozenset({"people", "general"})}, "24", id="catalogs"),
        pytest.param({"catalogs": frozenset()}, "", id="no catalog may be seen"),
        pytest.param(
            {"name_contains": "aCCess package Assignment"}, "01", id="part of the name, any case"
        ),
        pytest.param({"name_contains": "access Assignment"}, "01", id="words in their order"),
        pytest.param({"name_contains": "assignment access"}, "", id="words in another order"),
        pytest.param({"name_contains": "%_s"}, "3", id="signs that SQL would read"),
        pytest.param({"since": NOW}, "0123", id="from an instant on"),
        pytest.param({"until": NOW}, "4", id="before an instant"),
        pytest.param({"since": NOW, "until": later(seconds=1)}, "013", id="between two"),
    ],
)
def test_events_are_found_by_what_is_asked(
    store: Store, said: dict[str, object], want: str
) -> None:
    with store.transaction() as tx:
        for one in EVENTS:
            tx.record(one)
    with store.reading() as tx:
        found = tx.events(AuditQuery(**said))  # type: ignore[arg-type]  # rows of a table
    numbers = [EVENTS.index(replace(one, sequence=0)) for one in found]
    assert "".join(map(str, numbers)) == want


def test_a_reader_that_asks_for_what_came_after_gets_each_event_once(store: Store) -> None:
    seen: list[int] = []
    after = 0
    for round_ in range(10):
        with store.transaction() as tx:
            for number in range(3):
                tx.record(event(f"{round_ * 3 + number}"))
        if round_ % 3 == 2:
            while True:
                with store.reading() as tx:
                    page = tx.events(AuditQuery(after=after, size=2))
                if not page:
                    break
                after = page[-1].sequence
                seen += [int(one.name) for one in page]
    assert seen == list(range(27))


def test_a_sequence_is_not_given_twice_after_an_event_was_undone(store: Store) -> None:
    with store.transaction() as tx:
        tx.record(event("first"))
    with undone(store) as tx:
        tx.record(event("undone"))
        tx.events(AuditQuery())
    with store.transaction() as tx:
        tx.record(event("second"))
    with store.reading() as tx:
        events = tx.events(AuditQuery())
    assert [one.name for one in events] == ["first", "second"]
    assert events[0].sequence < events[1].sequence


def test_what_is_settled_is_the_last_when_nobody_writes(store: Store) -> None:
    with store.reading(settled=True) as tx:
        assert tx.settled() == 0
    with store.transaction() as tx:
        tx.record(event("first"))
        tx.record(event("second"))
        last = tx.events(AuditQuery())[-1].sequence
    with undone(store) as tx:
        tx.record(event("undone"))
        tx.events(AuditQuery())
    with store.reading(settled=True) as tx:
        settled = tx.settled()
        assert settled >= last
        assert [one.name for one in tx.events(AuditQuery(before=settled + 1))] == [
            "first",
            "second",
        ]


def test_what_is_settled_is_known_only_if_it_was_asked_for(store: Store) -> None:
    with store.reading() as tx, pytest.raises(RuntimeError, match="when reading begins"):
        tx.settled()
    with store.transaction() as tx, pytest.raises(RuntimeError, match="when reading begins"):
        tx.settled()


def test_old_events_are_forgotten_in_batches_and_their_numbers_are_not_given_again(
    store: Store,
) -> None:
    """S-136: by when they happened, not by when they were written."""
    with store.transaction() as tx:
        for seconds in (0, 5, 1, 9, 2):
            tx.record(event(f"{seconds}", at=later(seconds=seconds)))
    with undone(store) as tx:
        assert tx.forget_events(later(seconds=5), most=10) == 3
    with store.transaction() as tx:
        tx.record(event("3", at=later(seconds=3)))
        assert tx.forget_events(later(seconds=5), most=2) == 2
    with store.transaction() as tx:
        left = tx.events(AuditQuery())
        assert tx.forget_events(later(seconds=5), most=2) == 2
        assert tx.forget_events(later(seconds=5), most=2) == 0
        tx.record(event("last"))
        found = tx.events(AuditQuery())
    assert [one.name for one in left] == ["5", "9", "2", "3"]
    assert [one.name for one in found] == ["5", "9", "last"]
    assert found[-1].sequence > left[-1].sequence
    with store.reading() as tx:
        after, before = found[0].sequence, found[-1].sequence
        assert [one.name for one in tx.events(AuditQuery(after=after, before=before))] == ["9"]
