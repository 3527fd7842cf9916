"""All or nothing, one at a time, and nobody reads what is not done yet."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ostiary.domain.access_request import RequestState
from ostiary.domain.due import WorkState
from ostiary.lifecycle.ports import (
    AuditQuery,
    DefinitionKind,
    Membership,
    Remembered,
    RequestQuery,
    Store,
    Transaction,
    WorkQuery,
)
from tests.store.records import (
    NOW,
    action,
    assignment,
    callout,
    definition,
    event,
    later,
    request,
    review,
    stage,
    undone,
)


def seen(tx: Transaction) -> list[object]:
    """Everything that a store holds, by its own word."""
    return [
        [one for _, one in tx.requests(RequestQuery())],
        [one.id for _, one in tx.requests(RequestQuery(deciders=frozenset({"user:mona"})))],
        tx.assignment("a-1"),
        tx.review("v-1"),
        tx.callout("c-1"),
        list(tx.work(WorkQuery())),
        list(tx.due_cases(later(days=9), most=9)),
        tx.next_due(),
        list(tx.events(AuditQuery())),
        tx.remembered("key"),
        tx.revision(),
        tx.touched_since(0, most=99),
        list(tx.definitions()),
        list(tx.memberships()),
        list(tx.memberships(member="ana")),
        list(tx.role_assignments()),
        tx.count_assignments(),
        tx.count_requests_since(later(days=-99)),
    ]


def fill(tx: Transaction) -> None:
    tx.save_request(request("r-1", stages=(stage(),), stage=1))
    tx.save_assignment(assignment("a-1"))
    tx.save_review(review("v-1", "mona"))
    tx.save_callout(callout("c-1"))
    tx.schedule([action("d-1"), action("d-2")])
    tx.record(event())
    tx.remember("key", Remembered("digest", b"answer"), NOW)
    tx.next_revision(NOW, actor="ana")
    tx.put_definition(definition(DefinitionKind.GROUP, "g"))
    tx.add_membership(Membership("g", "ana"))


def change(tx: Transaction) -> None:
    """Change everything that `fill` made, and add to it."""
    tx.save_request(request("r-1", state=RequestState.CANCELED))
    tx.save_request(request("r-2"))
    tx.delete_request("r-1")
    tx.save_request(request("r-1", target="bo"))
    tx.save_assignment(assignment("a-1", target="bo"))
    tx.save_review(review("v-1", "otto"))
    tx.save_callout(callout("c-1", detail="new"))
    tx.finish("d-1", WorkState.DONE, NOW)
    tx.postpone("d-2", later(hours=1), attempts=1)
    tx.schedule([action("d-3")])
    tx.record(event())
    tx.remember("other", Remembered("digest", b"answer"), NOW)
    tx.next_revision(NOW, actor="ana")
    tx.delete_definition(DefinitionKind.GROUP, "", "g")
    tx.put_definition(definition(DefinitionKind.GROUP, "h", revision=2))
    tx.remove_membership(Membership("g", "ana"))
    tx.add_membership(Membership("h", "ana"))


def test_a_transaction_that_raises_leaves_no_trace(store: Store) -> None:
    with store.transaction() as tx:
        fill(tx)
    with store.reading() as tx:
        before = seen(tx)
    with undone(store) as tx:
        change(tx)
        assert seen(tx) != before
    with store.reading() as tx:
        assert seen(tx) == before
    with store.transaction() as tx:
        change(tx)
        during = seen(tx)
    with store.reading() as tx:
        assert seen(tx) == during


def test_a_transaction_that_raises_at_once_leaves_an_empty_store(store: Store) -> None:
    with store.reading() as tx:
        before = seen(tx)
    with undone(store) as tx:
        fill(tx)
        change(tx)
    with store.reading() as tx:
        assert seen(tx) == before


WRITES: list[tuple[str, Callable[[Transaction], object]]] = [
    ("lock", lambda tx: tx.lock("user:ana")),
    ("try_lock", lambda tx: tx.try_lock("user:ana")),
    ("save_request", lambda tx: tx.save_request(request("r-9"))),
    ("delete_request", lambda tx: tx.delete_request("r-9")),
    ("save_assignment", lambda tx: tx.save_assignment(assignment("a-9"))),
    ("save_review", lambda tx: tx.save_review(review("v-9"))),
    ("save_callout", lambda tx: tx.save_callout(callout("c-9"))),
    ("schedule", lambda tx: tx.schedule([action("d-9")])),
    ("finish", lambda tx: tx.finish("d-9", WorkState.DONE, NOW)),
    ("postpone", lambda tx: tx.postpone("d-9", NOW, attempts=1)),
    ("void", lambda tx: tx.void("user:ana", request="r-9")),
    ("lease", lambda tx: tx.lease(NOW, NOW, most=1)),
    ("complete", lambda tx: tx.complete(action("d-9"), WorkState.DONE, NOW)),
    ("retry", lambda tx: tx.retry(action("d-9"), NOW, "")),
    ("unpark", lambda tx: tx.unpark("d-9", NOW)),
    ("record", lambda tx: tx.record(event())),
    ("remember", lambda tx: tx.remember("k", Remembered("d", b"a"), NOW)),
    ("next_revision", lambda tx: tx.next_revision(NOW, actor="ana")),
    ("put_definition", lambda tx: tx.put_definition(definition(DefinitionKind.USER, "u"))),
    ("delete_definition", lambda tx: tx.delete_definition(DefinitionKind.USER, "", "u")),
    ("add_membership", lambda tx: tx.add_membership(Membership("g", "m"))),
]


@pytest.mark.parametrize("write", [w for _, w in WRITES], ids=[name for name, _ in WRITES])
def test_nothing_can_be_written_while_reading(
    store: Store, write: Callable[[Transaction], object]
) -> None:
    with store.reading() as tx, pytest.raises(RuntimeError, match="while reading"):
        write(tx)


def test_a_thread_has_one_transaction_at_a_time(store: Store) -> None:
    for first in (store.transaction, store.reading):
        for second in (store.transaction, store.reading):
            with (
                first() as tx,
                pytest.raises(RuntimeError, match="has a transaction of the store open"),
                second(),
            ):
                pytest.fail("a second one was opened")
            assert tx is not None
    with store.transaction() as tx:
        tx.save_request(request("r-1"))  # and after all that the store still works


def test_writers_of_one_case_take_turns(store: Store) -> None:
    """Counting up from what was read loses nothing, with eight threads at it."""

    def count() -> None:
        for _ in range(10):
            with store.transaction() as tx:
                tx.lock("user:ana")
                before = tx.request("r-1")
                number = before.version if before else 0
                tx.save_request(request("r-1", version=number + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as tx:
        found = tx.request("r-1")
    assert found is not None
    assert found.version == 80
