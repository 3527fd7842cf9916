"""Nothing that people or workers do reads a whole table of a store that has grown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from ostiary.domain.access_request import RequestKind, RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.due import WorkState, user_case
from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery, RequestQuery, WorkQuery
from ostiary.operations import approve, cancel
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.bench.stores import CATALOG, PACKAGE, Site, database, fill

SIZE = 3_000
GROWING = frozenset({"request", "assignment", "action", "event"})


@contextmanager
def statements() -> Iterator[dict[str, Any]]:
    """Every statement that is sent meanwhile, with the values of one of its executions."""
    seen: dict[str, Any] = {}

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        seen[statement] = values[0] if many else values

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def scanned(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from one end to the other."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scanned(part)


@pytest.fixture
def site(postgres_url: str) -> Iterator[Site]:
    made = Site(postgres_url, newcomers=50)
    fill(made, SIZE)
    yield made
    made.close()


def live(site: Site) -> None:
    """Requests, decisions, deliveries, ends, and the ways to look at them."""
    holder = site.assign()
    site.ask()
    site.ask()
    site.deliver()
    pending = approve.queue(site.office, "fran") or approve.queue(site.office, "mona")
    assert pending
    for one in pending[:1]:
        record = one.open_stage()
        assert record is not None
        by = Actor(record.approvers[0])
        approve.decide(site.office, one.id, by, approved=True)
        approve.decide(site.office, one.id, Actor("dana"), approved=True)
        site.deliver()
    for one in pending[1:2]:
        cancel.cancel(site.office, one.id, Actor(one.target))
    removal = Submission(kind=RequestKind.ADMIN_REMOVE, target=holder, package=PACKAGE)
    submit(site.office, removal, Actor("ines", staff=True))
    site.deliver()


def look(site: Site) -> None:
    """Lists, each as a person or the worker asks for it."""
    with site.store.reading(settled=True) as tx:
        tx.next_due()
        tx.assignments(AssignmentQuery())
        tx.assignments(AssignmentQuery(package=PACKAGE, up_to=SIZE))
        tx.assignments(AssignmentQuery(target="u-1"))
        tx.assignments(AssignmentQuery(catalogs=frozenset({CATALOG})))
        tx.assignments(AssignmentQuery(states=frozenset({AssignmentState.DELIVERING})))
        tx.requests(RequestQuery(package=PACKAGE))
        tx.requests(RequestQuery(submitter="u-1"))
        tx.requests(RequestQuery(states=frozenset({RequestState.PENDING_APPROVAL})))
        tx.requests(RequestQuery(deciders=frozenset({"user:fran", "group:hr-leads"})))
        for query in (
            AuditQuery(newest_first=True),
            AuditQuery(target="u-1"),
            AuditQuery(request="r-1"),
            AuditQuery(assignment="a-1"),
            AuditQuery(package=PACKAGE),
        ):
            tx.events(query)
        for wanted in (None, frozenset({WorkState.WAITING}), frozenset({WorkState.DONE})):
            tx.work(WorkQuery(states=wanted, case=user_case("u-1")))
            tx.work(WorkQuery(states=wanted, assignment="a-1"))
        tx.work(WorkQuery(states=frozenset({WorkState.WAITING, WorkState.PARKED})))


def test_nothing_reads_a_whole_table(site: Site) -> None:
    with statements() as seen:
        live(site)
        look(site)
    plans = {}
    with database(site.url) as connection:
        for statement, values in seen.items():
            if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
                plan = found.scalar_one()
                plans[statement] = json.loads(plan) if isinstance(plan, str) else plan
    assert len(plans) > 40
    whole = {
        statement: sorted(GROWING.intersection(scanned(plan[0]["Plan"])))
        for statement, plan in plans.items()
    }
    assert {statement: read for statement, read in whole.items() if read} == {}
