"""Ostiary's own groups and guests: what is refused, how many fit, and when a revision begins."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ostiary.adapters.clock import SystemClock
from ostiary.adapters.connectors.directory import DirectoryConnector
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.people import (
    AccountState,
    Group,
    GroupKind,
    HomeIdentity,
    PersonType,
    SignIn,
    User,
)
from ostiary.lifecycle.ports import DefinitionKind, Delivery, Holder, Membership
from tests.connectors.systems import (
    ADA,
    BEN,
    CREW,
    GAST,
    DirectorySystem,
    directory_system,
    member_of,
    owned,
    role_in,
)


@pytest.fixture(params=["memory", "SQLite", "PostgreSQL"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DirectorySystem]:
    """A directory with ada and ben, a crew and a club."""
    address = {"memory": "memory:", "SQLite": f"sqlite:///{tmp_path}/store"}.get(request.param)
    if address is None:
        address = request.getfixturevalue("postgres_store_url")
    with directory_system(address) as made:
        yield made


def revision(system: DirectorySystem) -> int:
    """The tenant's revision."""
    with system.store.reading() as work:
        return work.revision()


def limited(system: DirectorySystem, most: int | None) -> DirectoryConnector:
    """A connector under another limit."""
    return DirectoryConnector(system.store, SystemClock(), most_members=lambda: most)


def people(system: DirectorySystem, count: int) -> list[Holder]:
    """People who are in the directory."""
    made = [Holder(f"p{number}") for number in range(count)]
    for one in made:
        system.put(DefinitionKind.USER, User(one.id, one.id))
    return made


def big_group(system: DirectorySystem, kind: GroupKind = GroupKind.MICROSOFT_365) -> Entry:
    """The right to be a member of a group of a kind."""
    system.put(DefinitionKind.GROUP, Group("team", "Team", kind=kind))
    return member_of("team")


def test_a_revision_begins_with_each_change_and_only_then(system: DirectorySystem) -> None:
    first = revision(system)
    made, right = system.connector, member_of(CREW)
    steps = [
        (made.grant(ADA, right, key="1"), 1),
        (made.grant(ADA, right, key="2"), 0),
        (made.grant(ADA, member_of("gone"), key="3"), 0),
        (made.revoke(BEN, right, key="4"), 0),
        (made.revoke(ADA, right, key="5"), 1),
        (made.make_guest(ExternalPerson("gast"), key="6"), 1),
        (made.make_guest(ExternalPerson("gast"), key="7"), 0),
        (made.block_guest(GAST, key="8"), 1),
        (made.delete_guest(GAST, key="9"), 1),
        (made.delete_guest(GAST, key="10"), 0),
    ]
    changed = [answer.result is Delivery.DONE for answer, _ in steps]
    assert changed == [bool(change) for _, change in steps]
    assert revision(system) == first + sum(change for _, change in steps)


def test_a_revision_tells_which_membership_it_touched(system: DirectorySystem) -> None:
    before = revision(system)
    system.connector.grant(ADA, member_of(CREW), key="1")
    with system.store.reading() as work:
        touched = work.touched_since(before, most=10)
    assert touched is not None
    assert [(one.kind, one.id, one.member) for one in touched] == [
        (DefinitionKind.GROUP, CREW, "ada")
    ]


def test_to_own_a_group_is_not_to_be_in_it(system: DirectorySystem) -> None:
    """S-104."""
    made = system.connector
    made.grant(ADA, owned(CREW), key="1")
    assert (system.times(ADA, owned(CREW)), system.times(ADA, member_of(CREW))) == (1, 0)
    made.grant(ADA, member_of(CREW), key="2")
    made.revoke(ADA, owned(CREW), key="3")
    assert (system.times(ADA, owned(CREW)), system.times(ADA, member_of(CREW))) == (0, 1)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        pytest.param(Group("x", "X", dynamic=True), "dynamic membership", id="dynamic"),
        pytest.param(Group("x", "X", synchronised=True), "synchronised", id="synchronised"),
        pytest.param(
            Group("x", "X", kind=GroupKind.DISTRIBUTION), "distribution list", id="distribution"
        ),
    ],
)
def test_a_group_that_is_written_elsewhere(
    system: DirectorySystem, group: Group, words: str
) -> None:
    """S-14, S-97."""
    system.put(DefinitionKind.GROUP, group)
    got = system.connector.grant(ADA, member_of("x"), key="1")
    assert (got.result, got.failure) == (Delivery.FAILED, "INSUFFICIENT_PERMISSION")
    assert words in got.text
    assert system.times(ADA, member_of("x")) == 0


@pytest.mark.parametrize(
    ("holder", "entry", "words"),
    [
        (Holder("nobody"), member_of(CREW), "no user `nobody`"),
        (ADA, owned(CREW, "Visitor"), "no role `Visitor`"),
        (ADA, role_in("crm"), "groups only, not a resource of kind application"),
        (
            ADA,
            Entry("site", "Read", ResourceKind.SITE, "https://x.example"),
            "groups only, not a resource of kind site",
        ),
    ],
)
def test_what_is_no_membership_fails(
    system: DirectorySystem, holder: Holder, entry: Entry, words: str
) -> None:
    got = system.connector.grant(holder, entry, key="1")
    assert (got.result, got.failure) == (Delivery.FAILED, "")
    assert words in got.text
    with system.store.reading() as work:
        assert list(work.memberships()) == []


def test_somebody_who_was_deleted_gets_nothing(system: DirectorySystem) -> None:
    system.put(DefinitionKind.USER, User("ada", "Ada", state=AccountState.DELETED))
    assert system.connector.grant(ADA, member_of(CREW), key="1").result is Delivery.FAILED
    assert system.times(ADA, member_of(CREW)) == 0


# how many fit


def test_the_maximum_itself_fits_and_one_more_does_not(system: DirectorySystem) -> None:
    """S-93: and whoever is in it already is no new member."""
    right = big_group(system)
    first, second, third = people(system, 3)
    made = limited(system, 2)
    assert made.grant(first, right, key="1").result is Delivery.DONE
    assert made.grant(second, right, key="2").result is Delivery.DONE
    before = revision(system)
    got = made.grant(third, right, key="3")
    assert (got.result, got.failure) == (Delivery.FAILED, "LIMIT_EXCEEDED")
    assert got.parameters == (("name", "group_members"), ("max", "2"))
    assert (system.times(third, right), revision(system)) == (0, before)
    assert made.grant(first, right, key="4").result is Delivery.ALREADY
    assert made.grant(third, owned("team"), key="5").result is Delivery.DONE
    made.revoke(first, right, key="6")
    assert made.grant(third, right, key="7").result is Delivery.DONE


def test_only_groups_of_microsoft_365_are_limited(system: DirectorySystem) -> None:
    """S-93."""
    right = big_group(system, GroupKind.SECURITY)
    for one in people(system, 3):
        assert limited(system, 1).grant(one, right, key=one.id).result is Delivery.DONE


def test_a_profile_may_lift_the_limit(system: DirectorySystem) -> None:
    right = big_group(system)
    for one in people(system, 3):
        assert limited(system, None).grant(one, right, key=one.id).result is Delivery.DONE


def test_a_full_group_of_fifty_thousand() -> None:
    """S-93: 50,000 members fit, the next one does not."""
    with directory_system("memory:") as system:
        right = big_group(system)
        with system.store.transaction() as work:
            work.next_revision(SystemClock().now(), actor="test")
            for number in range(49_999):
                work.add_membership(Membership("team", f"m{number}"))
        made = system.connector
        assert made.grant(ADA, right, key="1").result is Delivery.DONE
        got = made.grant(BEN, right, key="2")
        assert got.parameters == (("name", "group_members"), ("max", "50000"))
        assert got.text == "group `team` has 50,000 members"


def test_many_at_once_do_not_pass_the_limit_together(system: DirectorySystem) -> None:
    """S-93."""
    right = big_group(system)
    everybody = people(system, 24)
    made = limited(system, 5)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda one: made.grant(one, right, key=one.id), everybody))
    assert sorted(one.result.value for one in answers) == ["done"] * 5 + ["failed"] * 19
    assert sum(system.times(one, right) for one in everybody) == 5


# guests


def test_a_guest_is_made_with_what_is_known(system: DirectorySystem) -> None:
    """S-115."""
    home = HomeIdentity(SignIn.TENANT, tenant_id="birch")
    person = ExternalPerson("gast", "gast@birch.example", home)
    assert system.connector.make_guest(person, key="1").result is Delivery.DONE
    assert system.user("gast") == User(
        "gast",
        "gast@birch.example",
        type=PersonType.GUEST,
        home=home,
        mail="gast@birch.example",
        governed=True,
    )


def test_somebody_who_is_there_is_not_made_a_guest(system: DirectorySystem) -> None:
    """S-116."""
    before = system.user("ada")
    assert system.connector.make_guest(ExternalPerson("ada"), key="1").result is Delivery.ALREADY
    assert system.user("ada") == before


def test_a_deleted_guest_leaves_all_groups_and_can_come_back(system: DirectorySystem) -> None:
    """S-116."""
    made, person = system.connector, ExternalPerson("gast", "gast@birch.example")
    made.make_guest(person, key="1")
    for entry in system.rights:
        made.grant(GAST, entry, key=f"grant {entry.key} {entry.target}")
        made.grant(ADA, entry, key="other")
    assert made.delete_guest(GAST, key="2").result is Delivery.DONE
    assert [system.times(GAST, entry) for entry in system.rights] == [0] * 4
    assert [system.times(ADA, entry) for entry in system.rights] == [1] * 4
    deleted = system.user("gast")
    assert deleted is not None
    assert deleted.state is AccountState.DELETED
    # It can be restored from then on, for a while (S-107).
    assert deleted.deleted_at == datetime(2031, 3, 1, tzinfo=UTC)
    assert made.block_guest(GAST, key="3").result is Delivery.ALREADY
    assert made.make_guest(person, key="4").result is Delivery.DONE
    assert system.account(GAST) == "active"


def test_no_member_is_blocked_or_deleted(system: DirectorySystem) -> None:
    """S-116: not even one who is marked by mistake."""
    system.put(DefinitionKind.USER, User("ada", "Ada", governed=True))
    for end in (system.connector.block_guest, system.connector.delete_guest):
        assert "left alone" in end(ADA, key="1").text
    assert system.account(ADA) == "active"
