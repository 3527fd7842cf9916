"""The postman against real mail servers: good ones, strict ones, and ones that behave badly."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.mail.postman import SmtpPostman
from ostiary.adapters.mail.recipient import Recipient
from ostiary.domain.errors import StoreUnavailableError
from ostiary.domain.notice import NoticeKind, split
from ostiary.lifecycle.ports import Delivered, Delivery
from ostiary.rulebook.mail_model import MailSecurity
from tests.mail.writing import NOTICE, PEOPLE, notice, postman
from tests.services.certificates import Certificate, make_certificate
from tests.services.smtp import MailServer, free_port, mail_server, scripted_server

DONE = Delivered(Delivery.DONE)
KEY = "act-1"


def test_a_notice_arrives_with_everything_to_act_on() -> None:
    """S-79, S-137: package, people, deadline, justification, command and link, to one person."""
    with mail_server() as (server, port):
        assert postman(port).deliver(NOTICE, key=KEY) == DONE
    (got,) = server.received
    assert (got.sender, got.recipients) == ("access@acme.example", ("fran@acme.example",))
    message = got.message
    assert message["To"] == "Fran Osei <fran@acme.example>"
    assert message["From"] == "Access at Acme <access@acme.example>"
    assert message["Subject"] == "Please decide: Sales Team Access for Priya Nair"
    assert message["Date"] == "Mon, 10 Mar 2031 10:05:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Ostiary-Notice"] == "action_needed"
    assert message.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in message.iter_parts())
    for body in (text, html):
        for said in (
            *("Sales Team Access", "Priya Nair", "Wednesday, 9 April 2031, 10:05 UTC"),
            *("I work on the offer until June.", "ostiary request approve rq1"),
            "https://access.acme.example/requests/rq1",
        ):
            assert said in " ".join(body.split()), said


def test_a_secret_lets_the_approver_decide_from_the_mail() -> None:
    """S-79: link and commands hold it; without one the mail only links to the portal."""
    with mail_server() as (server, port):
        assert postman(port).deliver(NOTICE, key=KEY, secret="-s3cret_Z") == DONE
        assert postman(port).deliver(NOTICE, key=KEY) == DONE
    with_secret, without = (one.message for one in server.received)
    for part in with_secret.iter_parts():
        body = " ".join(part.get_content().split())
        assert "ostiary request approve rq1 --token=-s3cret_Z" in body
        assert "ostiary request deny rq1 --justification TEXT --token=-s3cret_Z" in body
        assert "https://access.acme.example/requests/rq1#decision_token=-s3cret_Z" in body
    assert "s3cret" not in str(with_secret["Subject"])
    assert "token" not in without.as_string()


def test_a_second_delivery_is_the_same_message() -> None:
    """Byte for byte: whoever gets both sees that they are one."""
    with mail_server() as (server, port):
        for _ in range(2):
            assert postman(port).deliver(NOTICE, key=KEY) == DONE
        assert postman(port).deliver(NOTICE, key="act-2") == DONE
    first, second, other = server.received
    assert first.content == second.content
    assert first.message["Message-ID"].endswith("@acme.example>")
    assert other.message["Message-ID"] != first.message["Message-ID"]


@pytest.mark.parametrize("person", ["pat@copper.example", "del"])
def test_whoever_asked_from_outside_is_told_where_they_asked_from(person: str) -> None:
    """S-107, S-110, S-137: there is no object in the directory, or what is left of an old one."""
    outside = notice(to=(person,), addresses=((person, "pat@c.example"),))
    with mail_server() as (server, port):
        assert postman(port).deliver(outside, key=KEY) == DONE
    (got,) = server.received
    assert got.recipients == ("pat@c.example",)


@pytest.mark.parametrize("person", ["bo", "mo"])
def test_what_the_directory_says_of_somebody_comes_before_what_they_said(person: str) -> None:
    told = notice(to=(person,), addresses=((person, "elsewhere@acme.example"),))
    with mail_server() as (server, port):
        got = postman(port).deliver(told, key=KEY)
    assert (got.result, server.received) == (Delivery.DONE, [])
    assert got.text.startswith(f"not told: {person}: ")


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ("mo", "not told: mo: no mail address"),
        ("bo", "not told: bo: the account is blocked"),
        ("del", "not told: del: the account is deleted"),
        ("nobody", "not told: nobody: not in the directory"),
        ("eve", "not told: eve: the mail address is not one that mail can be sent to"),
    ],
)
def test_who_cannot_be_told_is_named(person: str, text: str) -> None:
    """S-137: nothing is sent, and staff can read why."""
    with mail_server() as (server, port):
        got = postman(port).deliver(notice(to=(person,)), key=KEY)
    assert (got, server.received) == (Delivered(Delivery.DONE, text=text), [])


def test_a_blocked_guest_is_told_that_access_ended() -> None:
    """S-99, S-116: the sign-in was blocked because the access ended."""
    ended = notice(to=("bo",), kind=NoticeKind.ACCESS_ENDED)
    with mail_server() as (server, port):
        assert postman(port).deliver(ended, key=KEY) == DONE
        deleted = postman(port).deliver(msgspec.structs.replace(ended, to=("del",)), key=KEY)
    assert [got.recipients for got in server.received] == [("bo@acme.example",)]
    assert deleted.text == "not told: del: the account is deleted"


def test_a_notice_to_several_must_be_split() -> None:
    """Else somebody would be told twice because somebody else could not be told."""
    several = notice(to=("fran", "priya"))
    with mail_server() as (server, port):
        server.refusals["fran@acme.example"] = ["451 come back later"]
        whole = postman(port).deliver(several, key=KEY)
        each = [postman(port).deliver(part, key=part.id) for part in split(several)]
        again = postman(port).deliver(split(several)[0], key="n1/fran")
    assert whole.result is Delivery.FAILED
    assert whole.text == "a notice goes to one person, not to 2: split it first"
    assert [got.result for got in (*each, again)] == [Delivery.RETRY, Delivery.DONE, Delivery.DONE]
    told = [got.recipients[0] for got in server.received]
    assert told == ["priya@tailwind.example", "fran@acme.example"]


@pytest.mark.parametrize(
    ("reply", "result"),
    [
        pytest.param("451 4.7.1 greylisted", Delivery.RETRY, id="greylisted"),
        pytest.param("452 4.2.2 full", Delivery.RETRY, id="full for now"),
        pytest.param("421 closing", Delivery.RETRY, id="shutting down"),
        pytest.param("550 5.1.1 unknown", Delivery.FAILED, id="no such person"),
        pytest.param("554 5.7.1 refused", Delivery.FAILED, id="refused"),
    ],
)
@pytest.mark.parametrize("where", ["recipient", "text"])
def test_a_refusal_says_whether_to_try_again(reply: str, result: Delivery, where: str) -> None:
    with mail_server() as (server, port):
        if where == "recipient":
            server.refusals["fran@acme.example"] = [reply]
        else:
            server.after_data = [reply]
        got = postman(port).deliver(NOTICE, key=KEY)
        assert got == Delivered(result, text=f"fran: the mail server answered {reply}")
        assert server.received == []
        assert postman(port).deliver(NOTICE, key=KEY) == DONE
    assert len(server.received) == 1


def test_a_greylisted_recipient_is_told_at_the_second_attempt_once() -> None:
    with mail_server() as (server, port):
        server.refusals["fran@acme.example"] = ["451 4.7.1 greylisted"]
        results = [postman(port).deliver(NOTICE, key=KEY).result for _ in range(2)]
    assert results == [Delivery.RETRY, Delivery.DONE]
    assert len(server.received) == 1


def test_nobody_listens() -> None:
    got = postman(free_port()).deliver(NOTICE, key=KEY)
    assert got.result is Delivery.RETRY
    assert got.text == "the mail server cannot be reached: Connection refused"


def test_a_host_that_does_not_exist() -> None:
    got = postman(25, host="mail.invalid").deliver(NOTICE, key=KEY)
    assert got.result is Delivery.RETRY
    assert got.text.startswith("the mail server cannot be reached: ")


# TLS and signing in


def secure_server(
    security: MailSecurity, context: ssl.SSLContext, **options: Any
) -> AbstractContextManager[tuple[MailServer, int]]:
    if security is MailSecurity.STARTTLS:
        return mail_server(starttls=context, **options)
    return mail_server(implicit=context, **options)


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.IMPLICIT])
def test_a_password_goes_over_tls(
    security: MailSecurity,
    certificate: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hush")
    context = certificate.server_context()
    secret = tmp_path / "password"
    secret.write_text("hush\n")
    for place in (Secret(variable="MAIL_PASSWORD"), Secret(secret)):
        with secure_server(security, context, passwords={"ostiary": "hush"}) as (server, port):
            sending = postman(
                port,
                security=security,
                ca_file=certificate.chain,
                user="ostiary",
                password=place,
            )
            assert sending.deliver(NOTICE, key=KEY) == DONE
        (got,) = server.received
        assert (got.secure, got.user) == (True, "ostiary")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"wrong", "does not let us in: 535 "),
        (b"\xff", "is not UTF-8"),
        (b"", "is empty"),
        (None, "no such file"),
        ("pässword".encode(), "holds more than printable ASCII"),
    ],
)
def test_a_password_that_does_not_do_is_worth_another_try(
    content: bytes | None, said: str, certificate: Certificate, tmp_path: Path
) -> None:
    """Notices wait until the operator has put the password right; no restart is needed."""
    secret = tmp_path / "password"
    if content is not None:
        secret.write_bytes(content)
    context = certificate.server_context()
    with mail_server(starttls=context, passwords={"ostiary": "hush"}) as (server, port):
        sending = postman(
            port,
            security=MailSecurity.STARTTLS,
            ca_file=certificate.chain,
            user="ostiary",
            password=Secret(secret),
        )
        got = sending.deliver(NOTICE, key=KEY)
        assert got.result is Delivery.RETRY
        assert said in got.text
        secret.write_text("hush")
        assert sending.deliver(NOTICE, key=KEY) == DONE
    assert len(server.received) == 1


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.IMPLICIT])
def test_a_stranger_in_the_middle_gets_nothing(
    security: MailSecurity, certificate: Certificate, tmp_path: Path
) -> None:
    """A certificate of somebody else, or one that nobody vouches for."""
    other = make_certificate(tmp_path, name="DNS:elsewhere.example")
    for shown, trusted in ((other, other), (certificate, other)):
        context = shown.server_context()
        with secure_server(security, context) as (server, port):
            sending = postman(port, security=security, ca_file=trusted.chain)
            got = sending.deliver(NOTICE, key=KEY)
        assert got.result is Delivery.RETRY
        assert got.text.startswith("no secure connection to the mail server: ")
        assert server.received == []


def test_a_server_without_starttls_gets_nothing() -> None:
    """Somebody in the middle may have cut the offer out."""
    with mail_server() as (server, port):
        got = postman(port, security=MailSecurity.STARTTLS).deliver(NOTICE, key=KEY)
    assert (got.result, server.received) == (Delivery.RETRY, [])
    assert "STARTTLS" in got.text


# hostile texts


HOSTILE = "a\r\nBcc: all@acme.example\r\n\r\n<script>alert(1)</script>\u202e\x1b[31m"


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("X-Auto-Response-Suppress", "X-Ostiary-Notice", "MIME-Version", "Content-Type"),
}


def test_nothing_that_a_person_wrote_becomes_a_header_or_markup() -> None:
    people = {
        **PEOPLE,
        "fran": Recipient("fran", f'Fran" {HOSTILE}', "fran@acme.example"),
        "priya": Recipient("priya", HOSTILE),
    }
    with mail_server() as (server, port):
        sending = SmtpPostman(postman(port).settings, people.get)
        fields = dict.fromkeys(("package_name", "justification", "reason", "policy"), HOSTILE)
        facts = (("note", HOSTILE), (HOSTILE, "x"))
        for kind in NoticeKind:
            hostile = notice(kind=kind, request=HOSTILE, assignment=HOSTILE, facts=facts, **fields)
            got = sending.deliver(msgspec.structs.replace(hostile, review=HOSTILE), key=HOSTILE)
            assert got == DONE
    assert len(server.received) == len(NoticeKind)
    for received in server.received:
        message = received.message
        assert received.recipients == ("fran@acme.example",)
        assert set(message.keys()) == HEADERS
        assert not message.defects
        text, html = (part.get_content() for part in message.iter_parts())
        assert "<script>" not in html
        for body in (text, html):
            assert "\x1b" not in body
            assert "\u202e" not in body
        assert "> Bcc: all@acme.example" in text.splitlines()


def test_names_and_domains_beyond_ascii() -> None:
    with mail_server() as (server, port):
        assert postman(port).deliver(notice(to=("umi",)), key=KEY) == DONE
    (got,) = server.received
    assert got.recipients == ("umi@xn--bro-hoa.example",)
    assert str(got.message["To"]) == "Umi 海 <umi@xn--bro-hoa.example>"


def test_a_mailbox_beyond_ascii_needs_a_server_that_takes_it() -> None:
    with mail_server() as (server, port):
        refused = postman(port).deliver(notice(to=("jur",)), key=KEY)
    assert refused.result is Delivery.FAILED
    assert refused.text == "jur: the mail server does not take addresses beyond ASCII"
    assert server.received == []
    with mail_server(smtputf8=True) as (server, port):
        assert postman(port).deliver(notice(to=("jur",)), key=KEY) == DONE
    (got,) = server.received
    assert got.recipients == ("jürgen@acme.example",)


# servers that behave badly


def say(*lines: str, then: Callable[[socket.socket], None] | None = None) -> Callable[..., None]:
    """A talk: a line at once, then one for each line that comes."""

    def talk(peer: socket.socket) -> None:
        reading = peer.makefile("rb")
        with reading:
            for number, line in enumerate(lines):
                if number:
                    reading.readline()
                peer.sendall(line.encode("latin-1"))
            if then is not None:
                then(peer)

    return talk


GREETING = "220 hello\r\n"
FINE = "250 fine\r\n"


def drop_in_the_text(peer: socket.socket) -> None:
    peer.recv(64)


def take_the_text_and_hang_up(peer: socket.socket) -> None:
    held = b""
    while not held.endswith(b"\r\n.\r\n"):
        held += peer.recv(65536)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(say("\x00\xff garbage \r\n"), id="garbage"),
        pytest.param(say("x" * 100_000), id="a line without end"),
        pytest.param(say("HTTP/1.1 400 Bad Request\r\n\r\n"), id="another protocol"),
        pytest.param(say(""), id="hangs up"),
        pytest.param(say("554 go away\r\n"), id="refuses everybody"),
        pytest.param(say("421 busy\r\n"), id="busy"),
        pytest.param(say(GREETING, "502 what?\r\n", "502 what?\r\n"), id="no greeting"),
        pytest.param(say(GREETING, FINE, "garbage\r\n"), id="garbage to the sender"),
        pytest.param(say(GREETING, FINE, FINE, "y" * 100_000), id="an endless line later"),
        pytest.param(
            say(GREETING, FINE, FINE, FINE, "354 go on\r\n", then=drop_in_the_text),
            id="dropped in the middle of the text",
        ),
        pytest.param(
            say(GREETING, FINE, FINE, FINE, "354 go on\r\n", then=take_the_text_and_hang_up),
            id="dropped before the text is acknowledged",
        ),
    ],
)
def test_a_server_that_talks_nonsense_is_tried_again(talk: Callable[[socket.socket], None]) -> None:
    with scripted_server(talk) as port:
        got = postman(port).deliver(NOTICE, key=KEY)
    assert got.result is Delivery.RETRY, got
    assert got.text


def test_what_the_server_says_goodbye_with_does_not_matter() -> None:
    """The message was taken; sending it again would tell the person twice."""

    def goodbye(peer: socket.socket) -> None:
        take_the_text_and_hang_up(peer)
        peer.sendall(b"250 taken\r\n")
        peer.recv(64)
        peer.sendall(b"500 what?\r\n")

    talk = say(GREETING, FINE, FINE, FINE, "354 go on\r\n", then=goodbye)
    with scripted_server(talk) as port:
        assert postman(port).deliver(NOTICE, key=KEY) == DONE


def silent(peer: socket.socket) -> None:
    peer.recv(1)


def dripping(peer: socket.socket) -> None:
    for _ in range(100):
        peer.sendall(b"2")
        time.sleep(0.05)


@pytest.mark.parametrize("talk", [silent, dripping, say(GREETING, then=dripping)])
def test_a_slow_server_does_not_hold_the_worker(talk: Callable[[socket.socket], None]) -> None:
    """The time-out is of the whole delivery, however often something small arrives."""
    before = threading.active_count()
    with scripted_server(talk) as port:
        began = time.monotonic()
        got = postman(port, time_out=timedelta(seconds=0.5)).deliver(NOTICE, key=KEY)
        lasted = time.monotonic() - began
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before, "a timer lives on"
    assert got.result is Delivery.RETRY
    assert 0.4 < lasted < 3


def test_the_directory_cannot_be_read() -> None:
    def fails(person: str) -> Recipient | None:
        raise StoreUnavailableError("the database is away")

    sending = SmtpPostman(postman(1).settings, fails)
    got = sending.deliver(NOTICE, key=KEY)
    text = "the directory cannot be read: the database is away"
    assert got == Delivered(Delivery.RETRY, text=text)
