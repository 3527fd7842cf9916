"""Fifty callers at once over two replicas: one decision, one request, no right lost or left over.

Each race is run for many people at once, so that they disturb each other as well. The short number
runs on every store; `make test-long` runs two hundred of each on PostgreSQL.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from ostiary.adapters.store import open_store
from ostiary.domain.access_request import AccessRequest, RequestKind, RequestState, Verdict
from ostiary.domain.assignment import GrantState
from ostiary.domain.errors import OstiaryError, RefusedError, SubmissionRefusedError
from ostiary.domain.tenant import Tenant
from ostiary.operations import approve
from ostiary.operations.office import Office
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.rulebook import tenant_files
from tests.faults.kills import yard
from tests.life.world import World

SHORT, LONG = 10, 200  # repetitions of each race
AT_ONCE = 25  # races at most; two callers each
STAFF = Actor(yard.STAFF, staff=True)
NOW = "2031-03-10 09:00"


@cache
def tenant() -> Tenant:
    """The yard with enough people for every race."""
    with TemporaryDirectory() as folder:
        made, _ = yard.write(Path(folder), LONG, "http://127.0.0.1:9")
        return tenant_files.load_tenant(made).tenant


class Replicas:
    """Two offices over one database, as two processes would have them, and their workers."""

    def __init__(self, url: str) -> None:
        self.worlds = [World(open_store(url, connections=25), tenant(), NOW) for _ in range(2)]
        first, second = self.worlds
        # One world outside, and ids that no two processes share.
        second.systems.__dict__ = first.systems.__dict__
        second.office.ids = first.office.ids
        self.systems = first.systems

    @property
    def offices(self) -> tuple[Office, ...]:
        """The offices, one a replica."""
        return tuple(world.office for world in self.worlds)

    def close(self) -> None:
        """Let go of both."""
        for world in self.worlds:
            world.store.close()

    def work(self) -> None:
        """Have both workers do at once all that is due."""
        while any(together([world.worker.run for world in self.worlds])):
            pass

    def request(self, name: str) -> AccessRequest:
        """A request as it is now."""
        return self.worlds[0].request(name)

    def ask(self, office: Office, person: str, package: str, request_id: str = "") -> str:
        """Submit; give the id of the request."""
        asked = Submission(
            kind=RequestKind.USER_ADD, target=person, package=package, request_id=request_id
        )
        made = submit(office, asked, Actor(person)).request
        assert made is not None
        return made.id

    def remove(self, office: Office, person: str, package: str) -> str:
        """Take access away; give the id of the request."""
        asked = Submission(kind=RequestKind.ADMIN_REMOVE, target=person, package=package)
        made = submit(office, asked, STAFF).request
        assert made is not None
        return made.id


def together(work: Sequence[Callable[[], object]]) -> list[object]:
    """Do everything at once; give what came of each, in order: a result or an error of ours."""
    results: list[object] = [None] * len(work)
    start = threading.Barrier(len(work))

    def one(number: int) -> None:
        start.wait(60)
        try:
            results[number] = work[number]()
        except OstiaryError as error:
            results[number] = error

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    return results


def pairs(results: Sequence[object]) -> list[tuple[object, object]]:
    return list(zip(results[::2], results[1::2], strict=True))


def codes(results: Sequence[object]) -> list[str]:
    found = []
    for one in results:
        if isinstance(one, RefusedError | SubmissionRefusedError):
            found.append(one.code)
        elif isinstance(one, OstiaryError):
            raise one
    return found


@pytest.fixture(
    params=[
        pytest.param(("sqlite", SHORT), id="sqlite"),
        pytest.param(("postgresql", SHORT), id="postgresql"),
        pytest.param(("postgresql", LONG), id="postgresql-200", marks=pytest.mark.long),
    ]
)
def field(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Replicas, list[str]]]:
    """Two replicas over an empty store, and the people who race."""
    kind, number = request.param
    url = f"sqlite:///{tmp_path}/store.db"
    if kind == "postgresql":
        url = str(request.getfixturevalue("postgres_store_url"))
    replicas = Replicas(url)
    yield replicas, [yard.person(one) for one in range(number)]
    replicas.close()


def rounds(people: list[str]) -> Iterator[list[str]]:
    """Those who race at once; there are two rounds at least."""
    size = min(AT_ONCE, len(people) // 2)
    for begin in range(0, len(people), size):
        yield people[begin : begin + size]


Field = tuple[Replicas, list[str]]


def test_two_approvers_who_decide_at_once_give_one_decision(field: Field) -> None:
    """S-63, S-64."""
    replicas, people = field
    first, second = replicas.offices
    for some in rounds(people):
        asked = [replicas.ask(first, person, yard.NIGHT) for person in some]
        ann, bob = (Actor(name) for name in yard.APPROVERS)
        results = together(
            [
                act
                for name in asked
                for act in (
                    partial(approve.decide, first, name, ann, approved=True),
                    partial(approve.decide, second, name, bob, approved=False),
                )
            ]
        )
        replicas.work()
        for name, (yes, no) in zip(asked, pairs(results), strict=True):
            assert codes([yes, no]) == ["STAGE_CLOSED"], (name, yes, no)
            request = replicas.request(name)
            [stage] = request.stages
            assert stage.decision is not None
            approved = isinstance(yes, AccessRequest)
            assert stage.decision.verdict is (Verdict.APPROVED if approved else Verdict.DENIED)
            assert request.state is (RequestState.DELIVERED if approved else RequestState.DENIED)
            ends = ("Approve ", "Deny ")
            told = [one for one in replicas.worlds[0].names(request=name) if one.startswith(ends)]
            assert len(told) == 1


def test_one_person_who_submits_twice_at_once_has_one_request(field: Field) -> None:
    """S-60, S-61: without an id of the write one is refused; with one, both are the same."""
    replicas, people = field
    first, second = replicas.offices
    for number, some in enumerate(rounds(people)):
        named = number % 2 == 0
        results = together(
            [
                partial(replicas.ask, office, person, yard.NIGHT, f"{person}-asks" if named else "")
                for person in some
                for office in (first, second)
            ]
        )
        for person, (one, other) in zip(some, pairs(results), strict=True):
            made = replicas.worlds[0].requests(target=person)
            assert len(made) == 1
            if named:
                assert one == other == made[0].id
            else:
                assert codes([one, other]) == ["REQUEST_PENDING"]
    replicas.work()


def test_overlapping_assignments_that_end_at_once_take_away_exactly_what_is_left_to_nobody(
    field: Field,
) -> None:
    """S-104: also while the systems behind are being told, by two workers at once."""
    replicas, people = field
    first, second = replicas.offices
    for number, some in enumerate(rounds(people)):
        kept = number % 2 == 0  # a third assignment goes on giving one of the rights
        for person in some:
            replicas.ask(first, person, yard.GATE)
            replicas.ask(first, person, yard.SHIFT)
            if kept:
                replicas.ask(first, person, yard.KEEP)
        replicas.work()
        results = together(
            [
                *(
                    partial(replicas.remove, office, person, package)
                    for person in some
                    for office, package in ((first, yard.GATE), (second, yard.SHIFT))
                ),
                replicas.work,
            ]
        )
        assert codes(results) == []
        replicas.work()
        for person in some:
            rights = {right[1:] for right in replicas.systems.rights if right[0] == person}
            assert rights == ({("forge", "User"), ("crew", "Member")} if kept else set())
            states = [
                (grant.entry.key, grant.state)
                for one in replicas.worlds[0].assignments(target=person)
                if not one.current
                for grant in one.grants
            ]
            of_door = sorted(state.value for key, state in states if key == "door/Day")
            assert of_door == [GrantState.KEPT.value, GrantState.REVOKED.value]
            removals = replicas.worlds[0].requests(target=person)
            assert {one.state for one in removals} == {RequestState.DELIVERED}


def test_of_two_incompatible_packages_asked_for_at_once_at_most_one_is_delivered(
    field: Field,
) -> None:
    """S-84, S-117."""
    replicas, people = field
    first, second = replicas.offices
    for some in rounds(people):
        results = together(
            [
                partial(replicas.ask, office, person, package)
                for person in some
                for office, package in ((first, yard.LEFT), (second, yard.RIGHT))
            ]
        )
        replicas.work()
        for person, made in zip(some, pairs(results), strict=True):
            held = [one for one in replicas.worlds[0].assignments(target=person) if one.current]
            assert len(held) == 1, (person, made)
            assert {right[1] for right in replicas.systems.rights if right[0] == person} == {
                held[0].package
            }
            ended = {one.state for one in replicas.worlds[0].requests(target=person)}
            assert ended <= {RequestState.DELIVERED, RequestState.DENIED}
            assert set(codes(made)) <= {"INCOMPATIBLE_PACKAGE"}


def test_of_two_incompatible_packages_approved_at_once_at_most_one_is_delivered(
    field: Field,
) -> None:
    """S-84: both were asked for when neither was held."""
    replicas, people = field
    first, second = replicas.offices
    ann = Actor(yard.APPROVERS[0])
    for some in rounds(people):
        asked = [
            (
                replicas.ask(first, person, yard.ASKED_LEFT),
                replicas.ask(first, person, yard.ASKED_RIGHT),
            )
            for person in some
        ]
        results = together(
            [
                partial(approve.decide, office, name, ann, approved=True)
                for left, right in asked
                for office, name in ((first, left), (second, right))
            ]
        )
        assert codes(results) == []
        replicas.work()
        for person, both in zip(some, asked, strict=True):
            ended = {replicas.request(name).state for name in both}
            assert ended == {RequestState.DELIVERED, RequestState.DENIED}
            reasons = {replicas.request(name).reason for name in both}
            assert reasons == {"", "INCOMPATIBLE_PACKAGE"}
            held = [one for one in replicas.worlds[0].assignments(target=person) if one.current]
            assert len(held) == 1


def test_fifty_who_decide_about_one_stage_give_one_decision(field: Field) -> None:
    """S-63: the same two approvers from fifty windows."""
    replicas, people = field
    for person in people:
        name = replicas.ask(replicas.offices[0], person, yard.NIGHT)
        results = together(
            [
                partial(
                    approve.decide,
                    replicas.offices[number % 2],
                    name,
                    Actor(yard.APPROVERS[number // 2 % 2]),
                    approved=number % 3 > 0,
                )
                for number in range(2 * AT_ONCE)
            ]
        )
        assert codes(results) == ["STAGE_CLOSED"] * (2 * AT_ONCE - 1)
        [request] = [one for one in results if isinstance(one, AccessRequest)]
        assert msgspec.structs.replace(request, version=0).id == name
