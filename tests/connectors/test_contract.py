"""What every connector keeps, against the real system behind it (S-91, S-93, S-115, S-116)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.lifecycle.ports import Delivered, Delivery
from tests.connectors.systems import (
    ADA,
    BEN,
    CREW,
    GAST,
    SYSTEMS,
    System,
    member_of,
)

SUCCESS = {Delivery.DONE, Delivery.ALREADY}


@pytest.fixture(scope="module", params=SYSTEMS)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """One running system for all tests of this module."""
    with SYSTEMS[request.param](tmp_path_factory.mktemp(request.param)) as system:
        yield system


@pytest.fixture
def system(shared: System) -> System:
    """The system without the rights and guests of the last test."""
    for holder, entry in itertools.product((ADA, BEN, GAST), shared.rights):
        shared.connector.revoke(holder, entry, key=f"{next(_numbers)}")
    shared.connector.delete_guest(GAST, key=f"{next(_numbers)}")
    return shared


_numbers = itertools.count()


def key() -> str:
    """A key that no call had."""
    return f"action-{next(_numbers)}"


def ok(answer: Delivered) -> Delivery:
    """What became of a call that must succeed."""
    assert answer.result in SUCCESS, answer
    assert answer.failure == ""
    return answer.result


def each_right(test: Callable[[System, Entry], None]) -> Callable[[System], None]:
    """Run a test for each kind of right that the system has."""

    def run(system: System) -> None:
        for entry in system.rights[:3:2]:
            test(system, entry)

    run.__name__ = test.__name__
    return run


@each_right
def test_a_grant_gives_the_right(system: System, entry: Entry) -> None:
    assert system.times(ADA, entry) == 0
    ok(system.connector.grant(ADA, entry, key=key()))
    assert system.times(ADA, entry) == 1


@each_right
def test_two_grants_are_one_grant(system: System, entry: Entry) -> None:
    """S-93."""
    ok(system.connector.grant(ADA, entry, key=key()))
    ok(system.connector.grant(ADA, entry, key=key()))
    assert system.times(ADA, entry) == 1


@each_right
def test_the_same_call_twice_is_one_call(system: System, entry: Entry) -> None:
    """A worker that died before it could say so has its call made again by another."""
    first, second = key(), key()
    for _ in range(2):
        ok(system.connector.grant(ADA, entry, key=first))
        assert system.times(ADA, entry) == 1
    for _ in range(2):
        ok(system.connector.revoke(ADA, entry, key=second))
        assert system.times(ADA, entry) == 0


@each_right
def test_a_revocation_takes_the_right(system: System, entry: Entry) -> None:
    ok(system.connector.grant(ADA, entry, key=key()))
    ok(system.connector.revoke(ADA, entry, key=key()))
    assert system.times(ADA, entry) == 0


@each_right
def test_what_is_not_there_is_revoked_with_success(system: System, entry: Entry) -> None:
    ok(system.connector.revoke(ADA, entry, key=key()))
    ok(system.connector.grant(ADA, entry, key=key()))
    ok(system.connector.revoke(ADA, entry, key=key()))
    ok(system.connector.revoke(ADA, entry, key=key()))
    assert system.times(ADA, entry) == 0


@each_right
def test_a_right_can_be_given_again(system: System, entry: Entry) -> None:
    for want in (1, 0, 1, 0, 1):
        change = system.connector.grant if want else system.connector.revoke
        ok(change(ADA, entry, key=key()))
        assert system.times(ADA, entry) == want


def test_rights_of_one_person_do_not_touch_each_other(system: System) -> None:
    every = list(system.rights)
    for entry in every:
        ok(system.connector.grant(ADA, entry, key=key()))
    for entry in every:
        ok(system.connector.revoke(ADA, entry, key=key()))
        left = every[every.index(entry) + 1 :]
        assert [one for one in every if system.times(ADA, one)] == left


@each_right
def test_rights_of_two_people_do_not_touch_each_other(system: System, entry: Entry) -> None:
    ok(system.connector.grant(ADA, entry, key=key()))
    ok(system.connector.grant(BEN, entry, key=key()))
    ok(system.connector.revoke(ADA, entry, key=key()))
    assert (system.times(ADA, entry), system.times(BEN, entry)) == (0, 1)


@each_right
def test_grants_at_the_same_time_are_one_grant(system: System, entry: Entry) -> None:
    same = key()
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(system.connector.grant, ADA, entry, key=same) for _ in range(8)]
    for call in calls:
        ok(call.result())
    ok(system.connector.revoke(ADA, entry, key=key()))
    assert system.times(ADA, entry) == 0


def test_a_group_that_is_gone_fails_for_good(system: System) -> None:
    """S-97."""
    answer = system.connector.grant(ADA, member_of("gone"), key=key())
    assert (answer.result, answer.failure) == (Delivery.FAILED, "RESOURCE_GONE")
    assert answer.text


def test_a_person_whom_the_system_does_not_know(system: System) -> None:
    guest = GAST
    assert system.account(guest) == "none"
    answer = system.connector.grant(guest, member_of(CREW), key=key())
    if system.makes_people:
        ok(answer)
        assert system.account(guest) == "active"
    else:
        assert answer.result is Delivery.FAILED
        assert system.times(guest, member_of(CREW)) == 0


def test_a_guest_from_the_account_to_its_end(system: System) -> None:
    """S-115, S-116."""
    person = ExternalPerson(GAST.id, GAST.mail)
    steps: list[tuple[Callable[[], Delivered], str]] = [
        (lambda: system.connector.make_guest(person, key=key()), "active"),
        (lambda: system.connector.make_guest(person, key=key()), "active"),
        (lambda: system.connector.block_guest(GAST, key=key()), "blocked"),
        (lambda: system.connector.block_guest(GAST, key=key()), "blocked"),
        (lambda: system.connector.delete_guest(GAST, key=key()), "none"),
        (lambda: system.connector.delete_guest(GAST, key=key()), "none"),
    ]
    for step, want in steps:
        ok(step())
        assert system.account(GAST) == want


def test_a_guest_whom_somebody_else_made_is_left_alone(system: System) -> None:
    """S-116."""
    if not system.keeps_marks:
        pytest.skip("a receiver knows its own accounts")
    stranger = type(GAST)("stranger", "A Stranger", "stranger@birch.example", guest=True)
    system.add_guest(stranger)
    ok(system.connector.make_guest(ExternalPerson(stranger.id, stranger.mail), key=key()))
    for end in (system.connector.block_guest, system.connector.delete_guest):
        answer = end(stranger, key=key())
        assert answer.result is Delivery.ALREADY
        assert "left alone" in answer.text
        assert system.account(stranger) == "active"


def test_nobody_is_blocked_who_has_no_account(system: System) -> None:
    ok(system.connector.block_guest(GAST, key=key()))
    assert system.account(GAST) != "active"
