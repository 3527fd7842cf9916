"""What the LDAP connector alone does, against a real slapd that is looked at with ldap-utils."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ostiary.adapters.connectors.http_calls import Patience
from ostiary.adapters.connectors.ldap import LdapConnector
from ostiary.adapters.connectors.ldap_client import dn_below, filter_of
from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.connectors.settings import GuestAccounts, LdapMembers
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.domain.catalog import ResourceKind
from ostiary.lifecycle.ports import OWNER, Delivered, Delivery, Holder
from tests.connectors.systems import ADA, BEN, CREW, GAST, ldap_to, member_of, role_in, secret_in
from tests.services.certificates import Certificate, make_certificate
from tests.services.slapd import (
    GROUPS,
    GUESTS,
    OSTIARY,
    PASSWORD,
    PEOPLE,
    Slapd,
    group_ldif,
    person_ldif,
    posix_group_ldif,
    slapd,
)
from tests.services.smtp import free_port, scripted_server

MEMBER_OF_CREW = member_of(CREW)
ADA_DN = f"uid=ada,{PEOPLE}"
GAST_DN = f"uid=gast,{GUESTS}"
DONE = Delivered(Delivery.DONE)
ALREADY = Delivered(Delivery.ALREADY)
QUICK = Patience(connect=1, silence=1, whole=1.5)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with slapd(tmp_path_factory.mktemp("slapd")) as server:
        for name in ("ada", "ben"):
            server.add(person_ldif(name))
        yield server


@pytest.fixture
def server(running: Slapd) -> Iterator[Slapd]:
    """A directory with a group of nobody, which is as it was after each test."""
    running.add(group_ldif(CREW, "cn=nobody"))
    yield running
    for dn in (f"cn={CREW},{GROUPS}", GAST_DN):
        if running.entry(dn):
            running.change(f"dn: {dn}\nchangetype: delete\n")


@pytest.fixture
def connector(server: Slapd, tmp_path: Path) -> LdapConnector:
    return ldap_to(server, tmp_path)


# groups


def test_a_group_that_must_have_a_member_gets_a_placeholder(
    server: Slapd, connector: LdapConnector
) -> None:
    assert connector.grant(ADA, MEMBER_OF_CREW, key="1") == DONE
    assert server.members(CREW) == [ADA_DN]
    assert connector.revoke(ADA, MEMBER_OF_CREW, key="2") == DONE
    assert server.members(CREW) == ["cn=nobody"]
    assert connector.revoke(ADA, MEMBER_OF_CREW, key="3") == ALREADY


def test_already_is_told_apart_from_done(server: Slapd, connector: LdapConnector) -> None:
    """S-93."""
    answers = [
        change(ADA, MEMBER_OF_CREW, key="1").result
        for change in (connector.grant, connector.grant, connector.revoke, connector.revoke)
    ]
    assert answers == [Delivery.DONE, Delivery.ALREADY, Delivery.DONE, Delivery.ALREADY]


def test_owners_are_kept_apart_from_members(server: Slapd, connector: LdapConnector) -> None:
    """S-104: member and owner of one group are different rights."""
    owner = Entry("res-crew", OWNER, ResourceKind.GROUP, CREW)
    assert connector.grant(ADA, owner, key="1") == DONE
    assert connector.grant(ADA, MEMBER_OF_CREW, key="2") == DONE
    assert connector.revoke(ADA, MEMBER_OF_CREW, key="3") == DONE
    assert (server.members(CREW, "owner"), server.members(CREW)) == ([ADA_DN], ["cn=nobody"])
    assert connector.revoke(ADA, owner, key="4") == DONE
    assert server.members(CREW, "owner") == []


@pytest.mark.parametrize(
    "entry",
    [
        role_in("crm"),
        Entry("res-crew", "Chair", ResourceKind.GROUP, CREW),
        Entry("site", "Read", ResourceKind.SITE, "https://sites.example/a"),
    ],
    ids=["an application", "another role", "a site"],
)
def test_what_a_directory_has_no_place_for(entry: Entry, connector: LdapConnector) -> None:
    for change in (connector.grant, connector.revoke):
        answer = change(ADA, entry, key="1")
        assert answer.result is Delivery.FAILED
        assert "has no place for the role" in answer.text


def test_a_member_whom_nobody_knows_fails_for_good(server: Slapd, connector: LdapConnector) -> None:
    answer = connector.grant(Holder("zoe"), MEMBER_OF_CREW, key="1")
    assert answer == Delivered(Delivery.FAILED, text=f"nobody below `{PEOPLE}` is `zoe`")
    assert server.members(CREW) == ["cn=nobody"]


def test_two_people_who_could_be_meant_get_nothing(
    server: Slapd, connector: LdapConnector, tmp_path: Path
) -> None:
    by_class = ldap_to(server, tmp_path, people_filter="(objectClass=inetOrgPerson)")
    answer = by_class.grant(ADA, MEMBER_OF_CREW, key="1")
    assert answer == Delivered(Delivery.FAILED, text="more than one entry is `ada`")
    assert server.members(CREW) == ["cn=nobody"]


def test_two_groups_that_could_be_meant_get_nobody(server: Slapd, tmp_path: Path) -> None:
    server.add(group_ldif("crew-two", "cn=nobody"))
    try:
        loose = ldap_to(server, tmp_path, groups_filter="(objectClass=groupOfNames)")
        answer = loose.grant(ADA, MEMBER_OF_CREW, key="1")
        assert answer == Delivered(Delivery.FAILED, text="more than one group is `crew`")
    finally:
        server.change(f"dn: cn=crew-two,{GROUPS}\nchangetype: delete\n")


def test_people_can_be_found_by_mail(server: Slapd, tmp_path: Path) -> None:
    mailed = person_ldif("mailed", more="mail: zoe@tailwind.example\n")
    server.add(mailed)
    by_mail = ldap_to(server, tmp_path, people_filter="(mail={mail})")
    zoe = Holder("zoe", mail="zoe@tailwind.example")
    assert by_mail.grant(zoe, MEMBER_OF_CREW, key="1") == DONE
    assert server.members(CREW) == [f"uid=mailed,{PEOPLE}"]
    without = by_mail.grant(Holder("zoe"), MEMBER_OF_CREW, key="2")
    assert without.result is Delivery.FAILED
    server.change(f"dn: uid=mailed,{PEOPLE}\nchangetype: delete\n")


@pytest.mark.parametrize("uid", ["Ada", "ADA"])
def test_a_name_in_other_letters_is_somebody_else(
    uid: str, server: Slapd, connector: LdapConnector
) -> None:
    """A directory compares names without case, Ostiary with it."""
    answer = connector.grant(Holder(uid, guest=True), MEMBER_OF_CREW, key="1")
    assert answer == Delivered(Delivery.FAILED, text=f"`{ADA_DN}` is named `ada`, not `{uid}`")
    assert server.members(CREW) == ["cn=nobody"]


def test_a_full_group_takes_nobody_else(server: Slapd, tmp_path: Path) -> None:
    """S-93: the maximum itself is allowed, and the placeholder is nobody."""
    small = ldap_to(server, tmp_path, most_members=1)
    assert small.grant(ADA, MEMBER_OF_CREW, key="1") == DONE
    assert small.grant(ADA, MEMBER_OF_CREW, key="2") == ALREADY
    full = small.grant(BEN, MEMBER_OF_CREW, key="3")
    assert (full.result, full.failure) == (Delivery.FAILED, "LIMIT_EXCEEDED")
    assert full.parameters == (("name", "group_members"), ("max", "1"))
    assert small.revoke(ADA, MEMBER_OF_CREW, key="4") == DONE
    assert small.grant(BEN, MEMBER_OF_CREW, key="5") == DONE
    assert server.members(CREW) == [f"uid=ben,{PEOPLE}"]


def test_many_come_and_go_at_once(server: Slapd, connector: LdapConnector) -> None:
    """However their calls cross, nobody is lost and nobody stays."""
    crowd = [Holder(f"crowd{n}") for n in range(8)]
    for one in crowd:
        server.add(person_ldif(one.id))
    with ThreadPoolExecutor(8) as pool:
        for round_ in range(3):
            for change, want in ((connector.grant, 8), (connector.revoke, 0)):
                calls = [pool.submit(change, one, MEMBER_OF_CREW, key=f"{round_}") for one in crowd]
                assert {call.result().result for call in calls} == {Delivery.DONE}
                members = [dn for dn in server.members(CREW) if dn != "cn=nobody"]
                assert len(members) == want
    for one in crowd:
        server.change(f"dn: uid={one.id},{PEOPLE}\nchangetype: delete\n")


# guests


def test_a_guest_entry_says_what_it_is(server: Slapd, tmp_path: Path) -> None:
    """S-115."""
    at_once = ldap_to(server, tmp_path, guests=GuestAccounts.AT_ONCE)
    assert at_once.make_guest(ExternalPerson(GAST.id, GAST.mail), key="1") == DONE
    entry = server.entry(GAST_DN)
    assert {name: entry[name] for name in ("uid", "cn", "sn", "mail", "employeetype")} == {
        "uid": ["gast"],
        "cn": ["gast"],
        "sn": ["gast"],
        "mail": ["gast@birch.example"],
        "employeetype": ["ostiary-guest"],
    }
    assert "userpassword" not in entry


def test_a_guest_is_made_with_the_first_grant(server: Slapd, connector: LdapConnector) -> None:
    waits = connector.make_guest(ExternalPerson(GAST.id), key="1")
    assert waits == Delivered(Delivery.DONE, text="the entry is made with the first grant")
    assert server.entry(GAST_DN) == {}
    assert connector.grant(GAST, MEMBER_OF_CREW, key="2") == DONE
    assert server.entry(GAST_DN)["cn"] == ["Gast Alund"]
    assert server.entry(GAST_DN)["sn"] == ["Alund"]
    assert server.members(CREW) == [GAST_DN]


def test_without_a_place_for_guests_none_is_made(server: Slapd, tmp_path: Path) -> None:
    without = ldap_to(server, tmp_path, guests_base="", guests=GuestAccounts.AT_ONCE)
    made = without.make_guest(ExternalPerson(GAST.id), key="1")
    assert made == Delivered(Delivery.DONE, text="no entries are made for guests here")
    assert without.grant(GAST, MEMBER_OF_CREW, key="2").result is Delivery.FAILED


def password_of(server: Slapd, dn: str, password: str) -> None:
    server.change(
        f"dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {password}\n"
    )


def test_a_blocked_guest_cannot_sign_in(server: Slapd, connector: LdapConnector) -> None:
    """S-116."""
    connector.grant(GAST, MEMBER_OF_CREW, key="1")
    password_of(server, GAST_DN, "guessed")
    assert server.signs_in(GAST_DN, "guessed")
    assert connector.block_guest(GAST, key="2") == DONE
    assert not server.signs_in(GAST_DN, "guessed")
    assert server.entry(GAST_DN)["employeetype"] == ["ostiary-guest", "ostiary-guest-blocked"]
    assert connector.block_guest(GAST, key="3") == ALREADY
    assert connector.make_guest(ExternalPerson(GAST.id), key="4") == DONE
    assert server.entry(GAST_DN)["employeetype"] == ["ostiary-guest"]
    assert connector.make_guest(ExternalPerson(GAST.id), key="5") == ALREADY


def test_blocking_can_set_what_the_directory_goes_by(server: Slapd, tmp_path: Path) -> None:
    """S-116: here an account locked for ever, as the password policy of OpenLDAP has it."""
    locking = ldap_to(
        server,
        tmp_path,
        block_attribute="pwdAccountLockedTime",
        block_value="000001010000Z",
    )
    locking.grant(GAST, MEMBER_OF_CREW, key="1")
    assert locking.block_guest(GAST, key="2") == DONE
    assert server.values(GAST_DN, "pwdAccountLockedTime") == ["000001010000Z"]
    assert locking.make_guest(ExternalPerson(GAST.id), key="3") == DONE
    assert server.values(GAST_DN, "pwdAccountLockedTime") == []


def test_a_deleted_guest_leaves_no_rights_behind(server: Slapd, connector: LdapConnector) -> None:
    """S-116: whoever gets the name later gets nothing with it."""
    owner = Entry("res-crew", OWNER, ResourceKind.GROUP, CREW)
    connector.grant(GAST, MEMBER_OF_CREW, key="1")
    connector.grant(GAST, owner, key="2")
    assert connector.delete_guest(GAST, key="3") == DONE
    assert server.entry(GAST_DN) == {}
    assert (server.members(CREW), server.members(CREW, "owner")) == (["cn=nobody"], [])
    assert connector.delete_guest(GAST, key="4") == ALREADY


def test_a_deleted_guest_leaves_every_group_of_a_server_that_shows_a_few(tmp_path: Path) -> None:
    with slapd(tmp_path / "slapd", rules="sizelimit 3") as server:
        groups = [f"team{n}" for n in range(8)]
        server.add("".join(group_ldif(name, "cn=nobody") for name in groups))
        connector = ldap_to(server, tmp_path)
        for name in groups:
            assert connector.grant(GAST, member_of(name), key=name) == DONE
        assert connector.delete_guest(GAST, key="end") == DONE
        assert [server.members(name) for name in groups] == [["cn=nobody"]] * 8


def test_a_right_of_a_guest_whose_entry_is_gone_is_taken_all_the_same(
    server: Slapd, connector: LdapConnector
) -> None:
    connector.grant(GAST, MEMBER_OF_CREW, key="1")
    server.change(f"dn: {GAST_DN}\nchangetype: delete\n")
    assert server.members(CREW) == [GAST_DN]
    assert connector.revoke(GAST, MEMBER_OF_CREW, key="2") == DONE
    assert server.members(CREW) == ["cn=nobody"]


def test_a_member_is_never_blocked_or_deleted(server: Slapd, connector: LdapConnector) -> None:
    """S-116: only entries with our mark are ours."""
    for end in (connector.block_guest, connector.delete_guest):
        answer = end(ADA, key="1")
        assert answer.result is Delivery.ALREADY
        assert answer.text == (
            "the entry of `ada` lacks employeeType `ostiary-guest`, and was left alone"
        )
    assert server.entry(ADA_DN)["uid"] == ["ada"]


# hostile ids


HOSTILE = [
    *("*", "ada)(uid=*", "*)(|(uid=*", "\\2a", "{mail}", "{target}", "a\x00b", "(", ")"),
    *("x,ou=people,dc=example", "x+uid=ada", '"', "#x", " x ", "<x>", "x;y", "x=y", "é海", "\\"),
    *("ada\nuid: eve", "a" * 128),
]


@pytest.mark.parametrize("uid", HOSTILE)
def test_an_id_is_never_more_than_a_value(
    uid: str, server: Slapd, connector: LdapConnector
) -> None:
    """Nobody else is meant by it, whatever it is made of."""
    answer = connector.grant(Holder(uid), MEMBER_OF_CREW, key="1")
    assert answer.result is Delivery.FAILED, answer
    assert answer.text.startswith(f"nobody below `{PEOPLE}` is `")
    guest = Holder(uid, "G", guest=True)
    assert connector.grant(guest, MEMBER_OF_CREW, key="2") == DONE
    (member,) = server.members(CREW)
    assert member.endswith(f",{GUESTS}")
    assert server.entry(member)["employeetype"] == ["ostiary-guest"]
    assert uid.strip() in [value.strip() for value in server.entry(member)["uid"]]
    assert connector.revoke(guest, MEMBER_OF_CREW, key="3") == DONE
    assert connector.delete_guest(guest, key="4") == DONE
    assert server.entry(member) == {}
    assert server.members(CREW) == ["cn=nobody"]


@pytest.mark.parametrize("target", ["*", "crew)(cn=*", "c*", "\\2a", "(", ""])
def test_a_target_is_never_more_than_a_value(
    target: str, server: Slapd, connector: LdapConnector
) -> None:
    answer = connector.grant(ADA, member_of(target), key="1")
    assert (answer.result, answer.failure) == (Delivery.FAILED, "RESOURCE_GONE"), answer
    assert server.members(CREW) == ["cn=nobody"]


def test_values_cannot_change_the_sense_of_a_filter() -> None:
    both = filter_of("(&(uid={id})(mail={mail}))", id="*)({mail}", mail="\\(")
    assert both == "(&(uid=\\2a\\29\\28{mail})(mail=\\5c\\28))"
    assert dn_below("uid", "a,b=c\x00é", "dc=x") == "uid=a\\2Cb\\3Dc\\00\\C3\\A9,dc=x"


# what can go wrong


def test_a_group_by_names(server: Slapd, tmp_path: Path) -> None:
    """Owners have no place there, and nobody without a name either."""
    server.add(posix_group_ldif("posix", 5000))
    by_name = ldap_to(server, tmp_path, members=LdapMembers.NAME)
    entry = member_of("posix")
    assert by_name.grant(GAST, entry, key="1") == DONE
    assert server.members("posix", "memberUid") == ["gast"]
    owner = Entry("res", OWNER, ResourceKind.GROUP, "posix")
    assert by_name.grant(ADA, owner, key="2").result is Delivery.FAILED
    assert by_name.delete_guest(GAST, key="3") == DONE
    assert server.members("posix", "memberUid") == []
    server.change(f"dn: cn=posix,{GROUPS}\nchangetype: delete\n")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"people_base": "ou=nowhere,dc=example"}, "there is no `ou=nowhere,dc=example` in ldap"),
        ({"groups_base": "ou=nowhere,dc=example"}, "there is no `ou=nowhere,dc=example` in ldap"),
        ({"guests_base": "ou=nowhere,dc=example"}, "there is no `ou=nowhere,dc=example` in ldap"),
        ({"member_attribute": "nonsense"}, "undefinedAttributeType"),
        ({"member_attribute": "description", "members": LdapMembers.NAME}, ""),
    ],
)
def test_settings_that_do_not_fit_fail_for_good(
    settings: dict[str, Any], said: str, server: Slapd, tmp_path: Path
) -> None:
    answer = ldap_to(server, tmp_path, **settings).grant(ADA, MEMBER_OF_CREW, key="1")
    if said:
        assert answer.result is Delivery.FAILED
        assert said in answer.text
    else:
        assert answer == DONE
        assert server.members(CREW, "description") == ["ada"]


def test_what_we_may_not_write_fails_for_good(tmp_path: Path) -> None:
    """S-97."""
    rule = f'access to dn.subtree="{GROUPS}" by dn.exact="{OSTIARY}" read by anonymous auth'
    with slapd(tmp_path / "slapd", rules=rule) as server:
        server.add(person_ldif("ada") + group_ldif(CREW, "cn=nobody"))
        answer = ldap_to(server, tmp_path).grant(ADA, MEMBER_OF_CREW, key="1")
        assert (answer.result, answer.failure) == (Delivery.FAILED, "INSUFFICIENT_PERMISSION")
        assert "insufficientAccessRights" in answer.text
        assert server.members(CREW) == ["cn=nobody"]


def test_a_wrong_password_is_told_without_showing_it(server: Slapd, tmp_path: Path) -> None:
    wrong = secret_in(tmp_path, "not-the-password", "wrong")
    answer = ldap_to(server, tmp_path, password=wrong).grant(ADA, MEMBER_OF_CREW, key="1")
    assert (answer.result, answer.failure) == (Delivery.FAILED, "INSUFFICIENT_PERMISSION")
    assert "not-the-password" not in answer.text
    assert "invalidCredentials" in answer.text


def test_a_password_that_cannot_be_read_is_worth_another_try(server: Slapd, tmp_path: Path) -> None:
    file = tmp_path / "later"
    connector = ldap_to(server, tmp_path, password=Secret(file))
    assert connector.grant(ADA, MEMBER_OF_CREW, key="1").result is Delivery.RETRY
    file.write_text(PASSWORD)
    assert connector.grant(ADA, MEMBER_OF_CREW, key="1") == DONE


def test_a_directory_that_comes_back(tmp_path: Path) -> None:
    """S-92: nothing is lost while it is away."""
    with slapd(tmp_path / "one") as server:
        connector = ldap_to(server, tmp_path)
    away = connector.grant(ADA, MEMBER_OF_CREW, key="1")
    assert away.result is Delivery.RETRY
    assert "cannot be reached" in away.text


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def secured(certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    folder = tmp_path_factory.mktemp("secured")
    with slapd(folder, certificate=certificate) as server:
        server.add(person_ldif("ada") + group_ldif(CREW, "cn=nobody"))
        yield server


@pytest.mark.parametrize("start_tls", [True, False], ids=["starttls", "ldaps"])
def test_over_tls(
    start_tls: bool, secured: Slapd, certificate: Certificate, tmp_path: Path
) -> None:
    url = secured.url if start_tls else secured.secure_url
    connector = ldap_to(secured, tmp_path, url=url, start_tls=start_tls, ca_file=certificate.chain)
    assert connector.grant(ADA, MEMBER_OF_CREW, key="1") == DONE
    assert connector.revoke(ADA, MEMBER_OF_CREW, key="2") == DONE


@pytest.mark.parametrize("start_tls", [True, False], ids=["starttls", "ldaps"])
def test_a_stranger_in_the_middle_gets_no_password(
    start_tls: bool, secured: Slapd, certificate: Certificate, tmp_path: Path
) -> None:
    """A certificate that nobody vouches for, or of another name."""
    other = make_certificate(tmp_path)
    url = secured.url if start_tls else secured.secure_url
    by_name = url.replace("127.0.0.1", "127.0.0.2")  # answers too, under a name of its own
    for trusted, place in ((other, url), (certificate, by_name)):
        connector = ldap_to(
            secured, tmp_path, url=place, start_tls=start_tls, ca_file=trusted.chain
        )
        answer = connector.grant(ADA, MEMBER_OF_CREW, key="1")
        assert answer.result is Delivery.RETRY
        assert "cannot be reached" in answer.text
    assert secured.members(CREW) == ["cn=nobody"]


def test_a_server_that_cannot_do_starttls_gets_no_password(server: Slapd, tmp_path: Path) -> None:
    answer = ldap_to(server, tmp_path, start_tls=True).grant(ADA, MEMBER_OF_CREW, key="1")
    assert answer.result is Delivery.RETRY
    assert "startTLS failed" in answer.text


# servers that behave badly


def hang_up(peer: socket.socket) -> None:
    peer.recv(16)


def silent(peer: socket.socket) -> None:
    peer.recv(1024)
    time.sleep(1)
    peer.recv(1024)
    peer.recv(1024)


def dripping(peer: socket.socket) -> None:
    peer.sendall(b"\x30\x84\x00\x0f\x00\x00")
    for _ in range(100):
        peer.sendall(b"\x02")
        time.sleep(0.05)


def garbage(peer: socket.socket) -> None:
    peer.recv(1024)
    peer.sendall(b"220 hello\r\n" * 10)


def wrong_message(peer: socket.socket) -> None:
    peer.recv(1024)
    peer.sendall(b"\x30\x0c\x02\x01\x7f\x61\x07\x0a\x01\x00\x04\x00\x04\x00")


def busy(code: int) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        asked = peer.recv(1024)
        number = asked[4:5] if asked[2:4] == b"\x02\x01" else asked[8:9]
        answer = b"\x0a\x01" + bytes([code]) + b"\x04\x00\x04\x00"
        body = b"\x02\x01" + number + b"\x61" + bytes([len(answer)]) + answer
        peer.sendall(b"\x30" + bytes([len(body)]) + body)
        peer.recv(1024)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(hang_up, id="hangs up"),
        pytest.param(silent, id="says nothing"),
        pytest.param(dripping, id="drips"),
        pytest.param(garbage, id="another protocol"),
        pytest.param(wrong_message, id="answers another question"),
        pytest.param(busy(51), id="busy"),
        pytest.param(busy(52), id="unavailable"),
        pytest.param(busy(3), id="out of time"),
    ],
)
def test_a_server_that_behaves_badly_is_tried_again(
    talk: Callable[[socket.socket], None], tmp_path: Path
) -> None:
    """S-92, and the worker is not held."""
    with scripted_server(talk) as port:
        bad = ldap_to(Slapd(port), tmp_path, patience=QUICK)
        began = time.monotonic()
        answer = bad.grant(ADA, MEMBER_OF_CREW, key="1")
        lasted = time.monotonic() - began
    assert answer.result is Delivery.RETRY, answer
    assert PASSWORD not in answer.text
    assert lasted < 4


def test_nobody_listens(tmp_path: Path) -> None:
    answer = ldap_to(Slapd(free_port()), tmp_path).grant(ADA, MEMBER_OF_CREW, key="1")
    assert answer.result is Delivery.RETRY
    assert "cannot be reached" in answer.text
