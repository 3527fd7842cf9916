"""The twins agree: whatever is done to a store, the one in memory gives the same answers."""

from __future__ import annotations

import contextlib
import operator
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from ostiary.adapters.store import open_store
from ostiary.domain.access_request import RequestState
from ostiary.domain.assignment import AssignmentState
from ostiary.domain.caller import Role, RoleAssignment
from ostiary.domain.due import WorkKind, WorkState
from ostiary.domain.review import ReviewState
from ostiary.lifecycle.deciding import user_key
from ostiary.lifecycle.ports import (
    MEMBER,
    OWNER,
    AssignmentQuery,
    AuditQuery,
    DefinitionKind,
    Membership,
    Remembered,
    RequestQuery,
    ReviewQuery,
    Store,
    Transaction,
    WorkQuery,
)
from tests.services.postgres import Postgres
from tests.store.records import (
    NOW,
    action,
    assignment,
    callout,
    definition,
    event,
    request,
    review,
    stage,
    terms,
)

# Few values, so that they meet; some that sort differently in a language than by code point.
NAMES = st.sampled_from(["ana", "Bo", "Ümit", "_x"])
IDS = st.sampled_from(["1", "2", "_"])
PACKAGES = st.sampled_from(["sales", "hr"])
POLICIES = st.sampled_from(["staff", "partners"])
CATALOGS = st.sampled_from(["general", "people"])
INSTANTS = st.sampled_from([-1, 0, 1, 86_400_000_000 * 3]).map(
    lambda number: NOW + timedelta(microseconds=number)
)
MAYBE: Callable[[Any], Any] = lambda values: st.none() | values  # noqa: E731  # reads better below
SIZES = st.integers(1, 5)


def some_of(kind: Any) -> Any:
    return MAYBE(st.frozensets(st.sampled_from(list(kind)), max_size=2))


TERMS = st.builds(terms, PACKAGES, POLICIES, CATALOGS)
STAGES = st.builds(
    stage,
    people=st.lists(NAMES, max_size=3).map(tuple),
    late_people=st.lists(NAMES, max_size=2).map(tuple),
)
REQUESTS = st.builds(
    request,
    IDS,
    state=st.sampled_from(RequestState),
    target=NAMES,
    submitter=NAMES,
    terms=TERMS,
    submitted_at=INSTANTS,
    assignment=IDS,
    stages=STAGES.map(lambda one: (one,)),
    stage=st.integers(0, 1),
)
ASSIGNMENTS = st.builds(
    assignment, IDS, target=NAMES, terms=TERMS, state=st.sampled_from(AssignmentState)
)
REVIEWS = st.builds(
    lambda name, who, **said: review(name, *who, **said),
    IDS,
    st.lists(NAMES, max_size=3),
    package=PACKAGES,
    policy=POLICIES,
    catalog=CATALOGS,
    state=st.sampled_from(ReviewState),
)
CALLOUTS = st.builds(callout, IDS, IDS, detail=NAMES)
CASES = st.sampled_from(["user:ana", "user:Bo"])
KINDS = st.sampled_from(
    [
        WorkKind.EXPIRE_ASSIGNMENT,
        WorkKind.REVOKE,
        WorkKind.GRANT,
        WorkKind.PROVISION,
        WorkKind.DELIVER_NOTICE,
    ]
)
WORKS = st.sampled_from(["a", "b", "c", "E"])
ACTIONS = st.builds(action, WORKS, KINDS, due_at=INSTANTS, case=CASES, request=IDS, assignment=IDS)
EVENTS = st.builds(
    event,
    NAMES,
    at=INSTANTS,
    actor=NAMES,
    target=NAMES,
    request=IDS,
    assignment=IDS,
    package=PACKAGES,
    policy=POLICIES,
    catalog=CATALOGS,
)
DEFINITION_KINDS = st.sampled_from([DefinitionKind.USER, DefinitionKind.PACKAGE])
DEFINITIONS = st.builds(
    definition,
    DEFINITION_KINDS,
    NAMES,
    st.sampled_from(["general", "People"]),
    body=st.sampled_from([b"", b"\x00"]),
    revision=st.integers(1, 2),
    applied=NAMES,
)
MEMBERSHIPS = st.builds(
    Membership, NAMES, NAMES, nested=st.booleans(), role=st.sampled_from([MEMBER, OWNER])
)
ROLES = st.builds(
    RoleAssignment,
    NAMES,
    st.sampled_from([Role.EVALUATOR, Role.CATALOG_OWNER]),
    st.sampled_from(["", "people"]),
)

REQUEST_QUERIES = st.builds(
    RequestQuery,
    target=MAYBE(NAMES),
    submitter=MAYBE(NAMES),
    package=MAYBE(PACKAGES),
    policy=MAYBE(POLICIES),
    catalogs=MAYBE(st.frozensets(CATALOGS)),
    assignment=MAYBE(IDS),
    states=some_of(RequestState),
    deciders=MAYBE(st.frozensets(NAMES.map(user_key), max_size=2)),
    size=SIZES,
)
ASSIGNMENT_QUERIES = st.builds(
    AssignmentQuery,
    target=MAYBE(NAMES),
    package=MAYBE(PACKAGES),
    policy=MAYBE(POLICIES),
    catalogs=MAYBE(st.frozensets(CATALOGS)),
    states=some_of(AssignmentState),
    size=SIZES,
)
REVIEW_QUERIES = st.builds(
    ReviewQuery,
    package=MAYBE(PACKAGES),
    policy=MAYBE(POLICIES),
    catalogs=MAYBE(st.frozensets(CATALOGS)),
    reviewer=MAYBE(NAMES),
    states=some_of(ReviewState),
    size=SIZES,
)
AUDIT_QUERIES = st.builds(
    AuditQuery,
    target=MAYBE(NAMES),
    actor=MAYBE(NAMES),
    request=MAYBE(IDS),
    assignment=MAYBE(IDS),
    package=MAYBE(PACKAGES),
    policy=MAYBE(POLICIES),
    catalogs=MAYBE(st.frozensets(CATALOGS)),
    name_contains=MAYBE(st.sampled_from(["A", "_", "ü", "o"])),
    since=MAYBE(INSTANTS),
    until=MAYBE(INSTANTS),
    newest_first=st.booleans(),
    size=SIZES,
)
WORK_QUERIES = st.builds(
    WorkQuery,
    states=some_of(WorkState),
    case=MAYBE(CASES),
    request=MAYBE(IDS),
    assignment=MAYBE(IDS),
    after=MAYBE(st.tuples(INSTANTS, st.integers(0, 40), WORKS)),
    size=SIZES,
)


class UndoneError(Exception):
    """Why a transaction is taken back."""


def without_numbers(found: Any) -> Any:
    """What is found, without the numbers that may differ: positions and sequences leave gaps."""
    if isinstance(found, list | tuple):
        rows = [without_numbers(one) for one in found]
        if len(rows) == 2 and isinstance(rows[0], int) and not isinstance(rows[1], int):
            return rows[1]
        return rows
    return replace(found, sequence=0) if hasattr(found, "sequence") else found


class Twins(RuleBasedStateMachine):
    """Does the same to a store in memory and to another, and compares every answer."""

    def __init__(self, other: Store) -> None:
        super().__init__()
        self.stores = (open_store("memory:"), other)
        self.open = contextlib.ExitStack()
        self.open_for_long = contextlib.ExitStack()
        self.transactions: tuple[Transaction, ...] = ()

    # transactions: rules work in one that is open, and one opens when it is needed

    def both(self, work: Callable[[Transaction], Any]) -> Any:
        """Give what the work gave, which must be the same."""
        if not self.transactions:
            self.transactions = tuple(
                self.open.enter_context(store.transaction()) for store in self.stores
            )
        first, second = (work(tx) for tx in self.transactions)
        assert without_numbers(second) == without_numbers(first)
        return first, second

    @precondition(lambda self: self.transactions)
    @rule()
    def commit(self) -> None:
        self.transactions = ()
        self.open.close()
        self.look_from_outside()

    @precondition(lambda self: self.transactions)
    @rule()
    def undo(self) -> None:
        self.transactions = ()
        with contextlib.suppress(UndoneError), self.open:
            raise UndoneError
        self.look_from_outside()

    def look_from_outside(self) -> None:
        """Compare everything, as somebody else sees it."""
        found = []
        for store in self.stores:
            with store.reading() as tx:
                found.append(without_numbers(everything(tx)))
        assert found[1] == found[0]

    def teardown(self) -> None:
        """End what is open, and close both."""
        with contextlib.suppress(UndoneError), self.open:
            raise UndoneError
        for store in self.stores:
            store.close()
        self.open_for_long.close()


class Records(Twins):
    """Requests, assignments, reviews and callouts."""

    @rule(one=REQUESTS)
    def save_request(self, one: Any) -> None:
        self.both(lambda tx: tx.save_request(one))

    @rule(name=IDS)
    def delete_request(self, name: str) -> None:
        self.both(lambda tx: tx.delete_request(name))

    @rule(query=REQUEST_QUERIES)
    def find_requests(self, query: RequestQuery) -> None:
        for page in pages(self.both, lambda tx, q: tx.requests(q), query):
            assert page

    @rule(one=ASSIGNMENTS)
    def save_assignment(self, one: Any) -> None:
        self.both(lambda tx: tx.save_assignment(one))

    @rule(query=ASSIGNMENT_QUERIES)
    def find_assignments(self, query: AssignmentQuery) -> None:
        for page in pages(self.both, lambda tx, q: tx.assignments(q), query):
            assert page

    @rule(package=MAYBE(PACKAGES), policy=POLICIES, since=INSTANTS)
    def count(self, package: str | None, policy: str, since: datetime) -> None:
        self.both(lambda tx: tx.count_assignments(package=package))
        self.both(lambda tx: tx.count_requests_since(since))
        if package is not None:
            self.both(lambda tx: tx.count_assignments(package=package, policy=policy))

    @rule(one=REVIEWS)
    def save_review(self, one: Any) -> None:
        self.both(lambda tx: tx.save_review(one))

    @rule(query=REVIEW_QUERIES)
    def find_reviews(self, query: ReviewQuery) -> None:
        for page in pages(self.both, lambda tx, q: tx.reviews(q), query):
            assert page

    @rule(one=CALLOUTS)
    def save_callout(self, one: Any) -> None:
        self.both(lambda tx: tx.save_callout(one))


class Work(Twins):
    """Due actions."""

    @rule(some=st.lists(ACTIONS, max_size=4))
    def schedule(self, some: Any) -> None:
        self.both(lambda tx: tx.schedule(some))

    @rule(name=WORKS, state=st.sampled_from(WorkState), at=INSTANTS, failure=NAMES)
    def finish(self, name: str, state: WorkState, at: datetime, failure: str) -> None:
        self.both(lambda tx: tx.finish(name, state, at, failure=failure))

    @rule(name=WORKS, at=INSTANTS, attempts=SIZES)
    def postpone(self, name: str, at: datetime, attempts: int) -> None:
        self.both(lambda tx: tx.postpone(name, at, attempts=attempts))

    @rule(case=CASES, name=IDS, other=MAYBE(IDS))
    def void(self, case: str, name: str, other: str | None) -> None:
        self.both(lambda tx: tx.void(case, request=name, assignment=other))

    @rule(now=INSTANTS, until=INSTANTS, most=SIZES)
    def lease(self, now: datetime, until: datetime, most: int) -> None:
        self.both(lambda tx: tx.lease(now, until, most=most))

    @rule(name=WORKS, fence=st.integers(0, 2), at=INSTANTS, done=st.booleans())
    def end_leased(self, name: str, fence: int, at: datetime, done: bool) -> None:
        def end(tx: Transaction) -> bool:
            held = replace(action(name), fence=fence)
            if done:
                return tx.complete(held, WorkState.DONE, at, "why")
            return tx.retry(held, at, "why")

        self.both(end)

    @rule(name=WORKS, at=INSTANTS)
    def unpark(self, name: str, at: datetime) -> None:
        self.both(lambda tx: tx.unpark(name, at))

    @rule(now=INSTANTS, most=SIZES, case=CASES)
    def look_at_work(self, now: datetime, most: int, case: str) -> None:
        self.both(lambda tx: tx.due_cases(now, most=most))
        self.both(lambda tx: tx.waiting(case))
        self.both(lambda tx: tx.under_way(case))
        self.both(lambda tx: tx.next_due())

    @rule(query=WORK_QUERIES)
    def find_work(self, query: WorkQuery) -> None:
        self.both(lambda tx: tx.work(query))


class Log(Twins):
    """Audit events."""

    @rule(one=EVENTS)
    def record(self, one: Any) -> None:
        self.both(lambda tx: tx.record(one))

    @rule(query=AUDIT_QUERIES)
    def find_events(self, query: AuditQuery) -> None:
        self.both(lambda tx: tx.events(query))


class Tenant(Twins):
    """Definitions, directory, roles, and remembered answers."""

    @rule(key=NAMES, digest=NAMES)
    def remember(self, key: str, digest: str) -> None:
        self.both(lambda tx: tx.remember(key, Remembered(digest, b""), NOW))
        self.both(lambda tx: tx.remembered(key))

    @rule()
    def next_revision(self) -> None:
        self.both(lambda tx: tx.next_revision(NOW, actor="ana"))

    @rule(some=st.lists(DEFINITIONS, min_size=1, max_size=4))
    def put_definitions(self, some: Any) -> None:
        for one in some:
            self.both(operator.methodcaller("put_definition", one))

    @rule(one=DEFINITIONS)
    def delete_definition(self, one: Any) -> None:
        self.revise(lambda tx: tx.delete_definition(one.kind, one.within, one.id))

    @rule(one=MEMBERSHIPS, added=st.booleans())
    def change_member(self, one: Membership, added: bool) -> None:
        self.revise(lambda tx: tx.add_membership(one) if added else tx.remove_membership(one))

    @rule(one=ROLES, added=st.booleans())
    def change_role(self, one: RoleAssignment, added: bool) -> None:
        self.revise(lambda tx: tx.add_role(one) if added else tx.remove_role(one))

    def revise(self, work: Callable[[Transaction], bool]) -> None:
        self.both(lambda tx: tx.next_revision(NOW, actor="ana"))
        self.both(work)

    @rule(kind=DEFINITION_KINDS, within=MAYBE(st.sampled_from(["People", "general"])), name=NAMES)
    def find_definitions(self, kind: DefinitionKind, within: str | None, name: str) -> None:
        self.both(lambda tx: tx.definition(kind, within, name))
        self.both(lambda tx: tx.count_definitions(kind, within=within))
        self.both(
            lambda tx: tx.definitions(
                kind, within=within, after=name, after_within=within or "Pa", size=2
            )
        )

    @rule(group=MAYBE(NAMES), member=MAYBE(NAMES), since=st.integers(0, 4))
    def look_at_the_tenant(self, group: str | None, member: str | None, since: int) -> None:
        self.both(lambda tx: tx.memberships(group, member=member))
        self.both(lambda tx: tx.count_members(group or ""))
        self.both(lambda tx: tx.touched_since(since, most=5))


def pages(both: Any, ask: Any, query: Any) -> list[Any]:
    """Go through all pages of a query in both stores; each goes on from its own position."""
    found: list[Any] = []
    ends: list[int | None] = [None, None]
    while True:
        first, second = both(_page_from(ask, query, iter(ends)))
        if not first:
            return found
        found.append(first)
        ends = [first[-1][0], second[-1][0]]


def _page_from(ask: Any, query: Any, ends: Any) -> Callable[[Transaction], Any]:
    return lambda tx: ask(tx, replace(query, up_to=next(ends)))


def everything(tx: Transaction) -> list[Any]:
    """All that a store holds."""
    return [
        list(tx.requests(RequestQuery(size=99))),
        list(tx.assignments(AssignmentQuery(size=99))),
        list(tx.reviews(ReviewQuery(size=99))),
        [list(tx.callouts(name)) for name in ("1", "2", "_")],
        list(tx.work(WorkQuery())),
        list(tx.events(AuditQuery(size=999))),
        tx.revision(),
        tx.touched_since(0, most=9999),
        list(tx.definitions()),
        list(tx.memberships()),
        list(tx.role_assignments()),
        tx.count_assignments(),
    ]


AREAS = pytest.mark.parametrize("area", [Records, Work, Log, Tenant])


def on_sqlite(area: type[Twins], examples: int) -> None:
    def begin() -> Twins:
        folder = tempfile.TemporaryDirectory()
        machine = area(open_store(f"sqlite:///{Path(folder.name)}/own.db"))
        machine.open_for_long.callback(folder.cleanup)
        return machine

    compare(begin, examples)


def on_postgresql(area: type[Twins], postgres: Postgres, url: str, examples: int) -> None:
    def begin() -> Twins:
        postgres.empty(url)
        return area(open_store(url, connections=2))

    compare(begin, examples)


def compare(begin: Callable[[], Twins], examples: int) -> None:
    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # anything that makes a machine will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            suppress_health_check=list(HealthCheck),  # a slow machine is no fault
        ),
    )


@AREAS
def test_sqlite_is_as_the_store_in_memory(area: type[Twins]) -> None:
    on_sqlite(area, examples=25)


@AREAS
def test_postgresql_is_as_the_store_in_memory(
    area: type[Twins], postgres: Postgres, postgres_store_url: str
) -> None:
    on_postgresql(area, postgres, postgres_store_url, examples=8)


@pytest.mark.long
@pytest.mark.timeout(7200)
@AREAS
def test_both_are_as_the_store_in_memory_for_long(
    area: type[Twins], postgres: Postgres, postgres_store_url: str
) -> None:
    on_sqlite(area, examples=1000)
    on_postgresql(area, postgres, postgres_store_url, examples=300)
