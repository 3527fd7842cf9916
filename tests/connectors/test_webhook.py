"""Signed webhooks: what a receiver gets, how it can trust it, and what its answers mean."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook, WebhookVerificationError

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.connectors.extension_caller import WebhookExtensionCaller
from ostiary.adapters.connectors.http_calls import Patience
from ostiary.adapters.connectors.settings import (
    ExtensionSettings,
    GuestAccounts,
    WebhookSettings,
)
from ostiary.adapters.connectors.signed_events import event_id, key_of
from ostiary.adapters.connectors.webhook import WebhookConnector
from ostiary.domain.access_request import ExternalPerson
from ostiary.domain.callout import Callout, CalloutStatus
from ostiary.domain.people import HomeIdentity, SignIn
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.request import Answer
from ostiary.lifecycle.ports import Delivered, Delivery
from tests.connectors.systems import ADA, CREW, GAST, SIGNING, member_of, secret_in, webhook_to
from tests.services.http_server import Asked, HttpServer, Respond, answer, http_server

HASTE = Patience(connect=0.5, silence=0.5, whole=1.0)
TOLD_AT = datetime(2031, 3, 1, 9, 30, tzinfo=UTC)  # on the clock of the story
OTHER = "whsec_" + base64.b64encode(b"another secret of enough bytes...").decode()

CALLOUT = Callout(
    id="callout-1",
    extension="flow",
    url="https://flows.example/one",
    catalog="sales",
    stage=ExtensionStage.REQUEST_CREATED,
    case="user:ada",
    target="ada",
    request="request-1",
    package="deals",
    policy="staff",
    status=CalloutStatus.QUEUED,
    created_at=TOLD_AT,
    deadline=TOLD_AT + timedelta(days=3),
)


def stamped(server: HttpServer, folder: Path, **settings: object) -> WebhookConnector:
    """A connector in a story of 2031, whose receiver lives today."""
    made = WebhookSettings(
        url=server.url,
        secret=secret_in(folder, SIGNING),
        **settings,  # type: ignore[arg-type]  # rows of several kinds
    )
    return WebhookConnector(made, source="/tenants/tailwind", now=FixedClock(TOLD_AT))


def test_a_receiver_gets_a_cloud_event_with_a_signature(tmp_path: Path) -> None:
    with http_server(answer(200)) as server:
        got = stamped(server, tmp_path).grant(ADA, member_of(CREW), key="GRANT/42")
    assert got == Delivered(Delivery.DONE)
    (asked,) = server.asked
    assert asked.method == "POST"
    assert asked.headers["content-type"] == "application/cloudevents+json"
    assert Webhook(SIGNING).verify(asked.body, dict(asked.headers)) == {
        "specversion": "1.0",
        "id": "GRANT/42",
        "source": "/tenants/tailwind",
        "type": "ostiary.v1.grant",
        "subject": "ada",
        "time": "2031-03-01T09:30:00Z",
        "datacontenttype": "application/json",
        "data": {
            "holder": {
                "id": "ada",
                "name": "Ada Lovelace",
                "mail": "ada@tailwind.example",
                "guest": False,
            },
            "resource": {
                "id": "res-crew",
                "name": "Crew",
                "kind": "group",
                "target": "crew",
                "catalog": "sales",
            },
            "role": "Member",
        },
    }
    event = from_structured(HTTPMessage(dict(asked.headers), asked.body), JSONFormat())
    assert (event.get_id(), event.get_type()) == ("GRANT/42", "ostiary.v1.grant")


def test_what_was_changed_on_the_way_is_not_believed(tmp_path: Path) -> None:
    with http_server(answer(200)) as server:
        stamped(server, tmp_path).grant(ADA, member_of(CREW), key="1")
    (asked,) = server.asked
    changes: list[tuple[bytes, Mapping[str, str]]] = [
        (asked.body.replace(b"ada", b"bob"), {}),
        (asked.body, {"webhook-id": "2"}),
        (asked.body, {"webhook-timestamp": str(int(asked.headers["webhook-timestamp"]) + 1)}),
    ]
    for body, headers in changes:
        with pytest.raises(WebhookVerificationError):
            Webhook(SIGNING).verify(body, {**asked.headers, **headers})


def test_each_kind_of_call_is_an_event_of_its_own(tmp_path: Path) -> None:
    """S-115, S-116."""
    home = HomeIdentity(SignIn.FEDERATION, domain="birch.example")
    with http_server(answer(204)) as server:
        made = stamped(server, tmp_path, guests=GuestAccounts.AT_ONCE)
        made.revoke(ADA, member_of(CREW), key="1")
        made.make_guest(ExternalPerson("gast", "gast@birch.example", home), key="2")
        made.block_guest(GAST, key="3")
        made.delete_guest(GAST, key="4")
    events = [one.json() for one in server.asked]
    assert [(one["id"], one["type"], one["subject"]) for one in events] == [
        ("1", "ostiary.v1.revoke", "ada"),
        ("2", "ostiary.v1.guest.create", "gast"),
        ("3", "ostiary.v1.guest.block", "gast"),
        ("4", "ostiary.v1.guest.delete", "gast"),
    ]
    assert events[1]["data"]["person"]["home"]["domain"] == "birch.example"


def test_a_secret_is_changed_over_without_a_gap(tmp_path: Path) -> None:
    with http_server(answer(200)) as server:
        made = stamped(server, tmp_path)
        secret_in(tmp_path, f"{OTHER}\n{SIGNING}")
        made.grant(ADA, member_of(CREW), key="1")
        secret_in(tmp_path, OTHER)
        made.grant(ADA, member_of(CREW), key="2")
    both, new = server.asked
    for secret in (SIGNING, OTHER):
        Webhook(secret).verify(both.body, dict(both.headers))
    Webhook(OTHER).verify(new.body, dict(new.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(SIGNING).verify(new.body, dict(new.headers))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("hunter2hunter2", "does not hold a secret that begins with whsec_"),
        ("whsec_!!!!", "no base64"),
        ("whsec_c2hvcnQ=", "fewer than 24 bytes"),
        ("whsec_" + "é" * 40, "more than printable ASCII"),
    ],
)
def test_nothing_is_sent_without_a_sound_secret(text: str, words: str, tmp_path: Path) -> None:
    with http_server(answer(200)) as server:
        made = stamped(server, tmp_path)
        secret_in(tmp_path, text)
        got = made.grant(ADA, member_of(CREW), key="1")
        (tmp_path / "secret").unlink()
        gone = made.grant(ADA, member_of(CREW), key="1")
        assert server.asked == []
    assert got.result is gone.result is Delivery.RETRY
    assert words in got.text
    assert not text or text not in got.text
    assert "no such file" in gone.text


def test_the_key_is_the_id_or_makes_it() -> None:
    assert event_id("GRANT/ada/crew@1") == "GRANT/ada/crew@1"
    for odd in ("a b", "ä", "a\r\nx: y", "", "a" * 201, "a.b"):
        assert event_id(odd).startswith("sha256-")
        assert event_id(odd) == event_id(odd)
    assert event_id("a b") != event_id("a  b")


def test_a_secret_may_lack_its_padding() -> None:
    assert key_of(SIGNING.rstrip("=")) == key_of(SIGNING) == b"a secret that signs, of 32 bytes"


LIMIT = {"code": "LIMIT_EXCEEDED", "name": "seats", "max": 12}


@pytest.mark.parametrize(
    ("respond", "result", "failure"),
    [
        pytest.param(answer(200, b"\xff\xfe<html>"), "done", "", id="200, whatever it says"),
        pytest.param(answer(202), "done", "", id="202 accepted"),
        pytest.param(answer(204), "done", "", id="204"),
        pytest.param(answer(410), "failed", "RESOURCE_GONE", id="410"),
        pytest.param(answer(401), "failed", "INSUFFICIENT_PERMISSION", id="401"),
        pytest.param(answer(403), "failed", "INSUFFICIENT_PERMISSION", id="403"),
        pytest.param(answer(409, LIMIT), "failed", "LIMIT_EXCEEDED", id="409 that says a limit"),
        pytest.param(answer(409, {"code": "OTHER"}), "failed", "", id="409 of another kind"),
        pytest.param(answer(409, b"{"), "failed", "", id="409 with garbage"),
        pytest.param(answer(409, b"[" * 10**5), "failed", "", id="409 with a deep hole"),
        pytest.param(answer(400), "failed", "", id="400"),
        pytest.param(answer(308, location="https://x.example"), "failed", "", id="a redirect"),
        pytest.param(answer(429), "retry", "", id="429"),
        pytest.param(answer(500), "retry", "", id="500"),
        pytest.param(answer(503), "retry", "", id="503"),
        pytest.param(answer(200, b"a" * 1_100_000), "retry", "", id="an answer without bounds"),
        pytest.param(lambda *_: None, "retry", "", id="a closed connection"),
        pytest.param(lambda *_: b"hello\r\n\r\n", "retry", "", id="no HTTP"),
    ],
)
def test_what_an_answer_means(
    respond: Respond | bytes, result: str, failure: str, tmp_path: Path
) -> None:
    with http_server(respond) as server:
        made = stamped(server, tmp_path, patience=HASTE)
        for call in (made.grant, made.revoke):
            got = call(ADA, member_of(CREW), key="1")
            assert (got.result, got.failure) == (Delivery(result), failure), got
            assert SIGNING not in repr(got)


def test_404_takes_nothing_away(tmp_path: Path) -> None:
    """A wrong address answers so too, and the right may still be there."""
    with http_server(answer(404)) as server:
        made = stamped(server, tmp_path)
        assert made.grant(ADA, member_of(CREW), key="1").failure == "RESOURCE_GONE"
        for got in (
            made.revoke(ADA, member_of(CREW), key="2"),
            made.block_guest(GAST, key="3"),
            made.delete_guest(GAST, key="4"),
        ):
            assert (got.result, got.failure) == (Delivery.FAILED, "")


def test_a_limit_is_told_with_its_number(tmp_path: Path) -> None:
    """S-93."""
    said: list[tuple[object, tuple[tuple[str, str], ...]]] = [
        (LIMIT, (("name", "seats"), ("max", "12"))),
        ({"code": "LIMIT_EXCEEDED"}, (("name", "members"),)),
        ({"code": "LIMIT_EXCEEDED", "name": 7, "max": True}, (("name", "members"),)),
    ]
    for body, want in said:
        with http_server(answer(409, body)) as server:
            got = stamped(server, tmp_path).grant(ADA, member_of(CREW), key="1")
        assert got.parameters == want


def test_a_receiver_may_wait_for_the_first_sign_in_of_a_guest_and_of_nobody_else(
    tmp_path: Path,
) -> None:
    """S-96: the wait has no end of its own, so a member's grant must not fall into it."""
    with http_server(answer(409, {"code": "AWAITING_GUEST"}, retry_after="1800")) as server:
        made = stamped(server, tmp_path)
        got = made.grant(GAST, member_of(CREW), key="1")
        assert (got.result, got.retry_after) == (Delivery.AWAITING_GUEST, 1800)
        for other in (
            made.grant(ADA, member_of(CREW), key="2"),
            made.revoke(GAST, member_of(CREW), key="3"),
            made.block_guest(GAST, key="4"),
        ):
            assert (other.result, other.failure) == (Delivery.FAILED, "")


def test_what_a_receiver_says_is_shown_and_its_wait_kept(tmp_path: Path) -> None:
    with http_server(answer(503, b"down\nfor repair", kind="text/plain", retry_after="60")) as one:
        got = stamped(one, tmp_path).grant(ADA, member_of(CREW), key="1")
    assert got.retry_after == 60
    assert got.text.endswith("status 503: down for repair")


def test_silence_is_tried_again(tmp_path: Path) -> None:
    def silent(_: Asked, connection: socket.socket) -> None:
        connection.recv(1)

    with http_server(silent) as server:
        got = stamped(server, tmp_path, patience=HASTE).grant(ADA, member_of(CREW), key="1")
    assert (got.result, "in time" in got.text) == (Delivery.RETRY, True)


def test_a_second_attempt_bears_the_same_id(tmp_path: Path) -> None:
    with http_server(answer(503)) as server:
        made = stamped(server, tmp_path)
        for _ in range(2):
            made.grant(ADA, member_of(CREW), key="1")
    first, second = (one.json() for one in server.asked)
    assert first == second


def test_the_key_in_a_link_is_not_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with http_server(answer(400)) as server:
        got = webhook_to(server, tmp_path).grant(ADA, member_of(CREW), key="1")
        assert server.asked[0].path == "/hook?sig=1"
    shown = [one.getMessage() for one in caplog.records if not one.name.startswith("httpcore")]
    assert "sig=1" not in " ".join([got.text, *shown])


# custom extensions


def call_extension(
    server: HttpServer, folder: Path, callout: Callout = CALLOUT, **settings: object
) -> Delivered:
    """What calling an extension at a server gives."""
    made = ExtensionSettings(
        secret=secret_in(folder, SIGNING),
        patience=HASTE,
        **settings,  # type: ignore[arg-type]  # rows of several kinds
    )
    caller = WebhookExtensionCaller(made, source="/tenants/tailwind", now=FixedClock(TOLD_AT))
    try:
        facts = {"justification": "for the deal", "answers": (Answer("why", ("so",)),), "stage": 7}
        callout = replaced(callout, f"{server.url}/flow")
        return caller.call(callout, facts, key="CALL/1")
    finally:
        caller.close()


def replaced(callout: Callout, url: str) -> Callout:
    """The callout at another place."""
    return Callout(**{**{name: getattr(callout, name) for name in FIELDS}, "url": url})


FIELDS = Callout.__struct_fields__


def test_an_extension_learns_all_that_its_reply_must_name(tmp_path: Path) -> None:
    """S-125, S-127."""
    with http_server(answer(202)) as server:
        got = call_extension(server, tmp_path)
    assert got.result is Delivery.DONE
    (asked,) = server.asked
    event = Webhook(SIGNING).verify(asked.body, dict(asked.headers))
    assert (event["type"], event["subject"], event["id"]) == (
        "ostiary.v1.extension.call",
        "ada",
        "CALL/1",
    )
    assert event["data"] == {
        "callout": "callout-1",
        "stage": "request_created",
        "waits": True,
        "deadline": "2031-03-04T09:30:00Z",
        "extension": "flow",
        "catalog": "sales",
        "request": "request-1",
        "assignment": "",
        "target": "ada",
        "package": "deals",
        "policy": "staff",
        "justification": "for the deal",
        "answers": [{"question": "why", "values": ["so"]}],
    }


@pytest.mark.parametrize(
    ("status", "result", "failure"),
    [
        (200, "done", ""),
        (202, "done", ""),
        (404, "failed", "RESOURCE_GONE"),
        (403, "failed", "INSUFFICIENT_PERMISSION"),
        (302, "failed", ""),
        (429, "retry", ""),
        (500, "retry", ""),
    ],
)
def test_what_an_extension_answers(status: int, result: str, failure: str, tmp_path: Path) -> None:
    with http_server(answer(status)) as server:
        got = call_extension(server, tmp_path)
    assert (got.result, got.failure) == (Delivery(result), failure)


def test_no_extension_is_called_without_a_secret() -> None:
    caller = WebhookExtensionCaller(None, source="/tenants/t", now=FixedClock(TOLD_AT))
    with http_server(answer(200)) as server:
        got = caller.call(replaced(CALLOUT, server.url), {}, key="1")
        assert server.asked == []
    assert got.result is Delivery.FAILED
    assert "no signing secret is configured" in got.text


@pytest.mark.parametrize(
    ("hosts", "url", "called"),
    [
        pytest.param(None, "", True, id="no list"),
        pytest.param(("127.0.0.1",), "", True, id="in the list"),
        pytest.param((), "", False, id="an empty list is nobody"),
        pytest.param(("flows.example", "*.0.1"), "", True, id="by what it ends in"),
        pytest.param(("*.0.0.10",), "", False, id="nearly in the list"),
        pytest.param(None, "http://10.0.0.1/x", False, id="plain http elsewhere"),
        pytest.param(None, "file:///etc/passwd", False, id="no http at all"),
    ],
)
def test_where_extensions_may_be(
    hosts: tuple[str, ...] | None, url: str, called: bool, tmp_path: Path
) -> None:
    with http_server(answer(200)) as server:
        made = ExtensionSettings(secret=secret_in(tmp_path, SIGNING), hosts=hosts)
        caller = WebhookExtensionCaller(made, source="/tenants/t", now=FixedClock(TOLD_AT))
        got = caller.call(replaced(CALLOUT, url or server.url), {}, key="1")
        assert len(server.asked) == called
    assert got.result is (Delivery.DONE if called else Delivery.FAILED)


def test_events_are_json_whatever_is_in_them(tmp_path: Path) -> None:
    odd = type(ADA)("ada", 'a "b" \u2028 é \U0001f600', None)
    with http_server(answer(200)) as server:
        stamped(server, tmp_path).grant(odd, member_of(CREW), key="1")
    assert json.loads(server.asked[0].body)["data"]["holder"]["name"] == odd.name
