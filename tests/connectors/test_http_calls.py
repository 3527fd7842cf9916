"""Calls over HTTP end in time, with a bounded answer, at the place that was meant."""

from __future__ import annotations

import gzip
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ostiary.adapters.connectors.http_calls import (
    LONGEST_WAIT,
    Answer,
    CallFailedError,
    HttpCaller,
    Patience,
    failure_of,
    place_of,
    retry_after,
    url_problem,
)
from ostiary.lifecycle.ports import Delivery
from tests.services.http_server import Asked, answer, http_server

HASTE = Patience(connect=0.5, silence=0.5, whole=1.0)


@contextmanager
def caller(largest: int = 1000) -> Iterator[HttpCaller]:
    """A caller without patience."""
    made = HttpCaller(patience=HASTE, largest=largest)
    try:
        yield made
    finally:
        made.close()


def get(url: str, largest: int = 1000) -> Answer:
    """What one call gives."""
    with caller(largest) as made:
        return made.call("GET", url, headers={})


def test_an_answer_is_given_whatever_its_status() -> None:
    with http_server(answer(418, b"short and stout", x_pot="1")) as server:
        got = get(server.url)
    assert (got.status, got.body, got.headers["x-pot"]) == (418, b"short and stout", "1")


def drip(_: Asked, connection: socket.socket) -> None:
    """Send one byte of a header again and again, each before the silence is too long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _byte in range(100):
        connection.sendall(b"a")
        time.sleep(0.1)


def drip_body(_: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n")
    for _byte in range(100):
        connection.sendall(b"a")
        time.sleep(0.1)


def silent(_: Asked, connection: socket.socket) -> None:
    connection.recv(1)


def half(_: Asked, connection: socket.socket) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nonly this"


def half_closed(_: Asked, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    connection.shutdown(socket.SHUT_WR)


def reset(_: Asked, connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@pytest.mark.parametrize(
    ("respond", "words"),
    [
        pytest.param(drip, "did not answer in time", id="headers that never end"),
        pytest.param(drip_body, "did not answer in time", id="a body that drips"),
        pytest.param(silent, "did not answer in time", id="silence"),
        pytest.param(half, "stopped in the middle", id="half a body"),
        pytest.param(half_closed, "stopped in the middle", id="half the headers"),
        pytest.param(reset, "broke", id="a reset connection"),
        pytest.param(lambda *_: None, "stopped in the middle", id="no answer at all"),
        pytest.param(lambda *_: b"SSH-2.0-x\r\n\r\n", "did not speak HTTP", id="no HTTP"),
        pytest.param(lambda *_: answer(200, b"a" * 1001), "larger than 1,000 bytes", id="too much"),
        pytest.param(
            lambda *_: answer(200, gzip.compress(b"a" * 10**6), content_encoding="gzip"),
            "compressed",
            id="a small answer that would grow",
        ),
    ],
)
def test_a_bad_answer_ends_in_time_and_words(respond: object, words: str) -> None:
    begun = time.monotonic()
    with http_server(respond) as server:  # type: ignore[arg-type]  # rows of several kinds
        with pytest.raises(CallFailedError, match=words) as caught:
            get(f"{server.url}/path?key=secret")
        assert f"{server.url}/path" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert time.monotonic() - begun < 5


def test_nobody_listening_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CallFailedError, match="cannot be reached"):
            get(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_after_a_slow_call_the_next_one_has_its_whole_time() -> None:
    with http_server(silent) as slow, http_server(answer(200)) as quick, caller() as made:
        with pytest.raises(CallFailedError):
            made.call("GET", slow.url, headers={})
        assert made.call("GET", quick.url, headers={}).status == 200


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with http_server(answer(200)) as elsewhere:
        with http_server(answer(307, location=elsewhere.url)) as server:
            got = get(server.url)
        assert elsewhere.asked == []
    found = failure_of(got, what="x")
    assert found is not None
    assert (found.result, found.failure) == (Delivery.FAILED, "")
    assert "redirects elsewhere" in found.text


def test_the_environment_names_no_proxy_and_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    with http_server(answer(200)) as proxy, http_server(answer(200)) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        get(server.url)
        assert proxy.asked == []
        assert len(server.asked) == 1


def test_no_log_holds_a_query_or_header(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with http_server(answer(200)) as server, caller() as made:
        made.call("GET", f"{server.url}/p?sig=hidden", headers={"authorization": "Bearer hidden"})
        assert server.asked[0].path == "/p?sig=hidden"
    ours = [one for one in caplog.records if one.name.startswith(("ostiary", "httpx"))]
    assert ours
    assert not [one for one in ours if "hidden" in one.getMessage()]


@pytest.mark.parametrize(
    ("status", "result", "failure"),
    [
        (200, None, None),
        (202, None, None),
        (204, None, None),
        (301, Delivery.FAILED, ""),
        (400, Delivery.FAILED, ""),
        (401, Delivery.FAILED, "INSUFFICIENT_PERMISSION"),
        (403, Delivery.FAILED, "INSUFFICIENT_PERMISSION"),
        (404, Delivery.FAILED, "RESOURCE_GONE"),
        (408, Delivery.RETRY, ""),
        (409, Delivery.FAILED, ""),
        (410, Delivery.FAILED, "RESOURCE_GONE"),
        (425, Delivery.RETRY, ""),
        (429, Delivery.RETRY, ""),
        (500, Delivery.RETRY, ""),
        (501, Delivery.FAILED, ""),
        (502, Delivery.RETRY, ""),
        (503, Delivery.RETRY, ""),
        (504, Delivery.RETRY, ""),
        (505, Delivery.FAILED, ""),
    ],
)
def test_what_a_status_means(status: int, result: Delivery | None, failure: str | None) -> None:
    found = failure_of(Answer(status, {}, b""), what="x")
    assert (found and found.result, found and found.failure) == (result, failure)


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        pytest.param("0", 0, 0, id="at once"),
        pytest.param("7", 7, 7, id="seconds"),
        pytest.param("9" * 400, LONGEST_WAIT, LONGEST_WAIT, id="for ever is a day"),
        pytest.param(format_datetime(NOW + timedelta(minutes=9), True), 400, 540, id="a date"),
        pytest.param(format_datetime(NOW - timedelta(days=9), True), 0, 0, id="a date gone by"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT, LONGEST_WAIT, id="far off"),
    ],
)
def test_retry_after_is_read(text: str, least: float, most: float) -> None:
    found = retry_after(text)
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "NaN", "٣", "Fri, 99 Foo 2031"])
def test_retry_after_that_says_nothing_is_left_out(text: str) -> None:
    assert retry_after(text) is None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://scim.example/v2", ""),
        ("https://scim.example/v2?sig=1", ""),
        ("http://127.0.0.1:8080/v2", ""),
        ("http://[::1]:8080/v2", ""),
        ("http://localhost/v2", ""),
        ("http://scim.example/v2", "must be https; plain http goes to this machine only"),
        ("http://127.0.0.1.example/", "must be https; plain http goes to this machine only"),
        ("http://localhost.example/", "must be https; plain http goes to this machine only"),
        ("ftp://scim.example", "must be an https URL"),
        ("scim.example", "must be an https URL"),
        ("https://", "must be an https URL"),
        ("https://user:word@scim.example", "must not hold a name or password"),
        ("https://scim.example/#part", "must not hold a fragment"),
        ("https://scim.example:99999999/", "is not a URL"),
        ("https://scim.example:0/", "is not a URL"),
        ("https://scim example/", "is not a URL"),
        ("https://*.example/", "is not a URL"),
        ("https://a..b/", "is not a URL"),
        ("https://a:b:c", "is not a URL"),
        ("https://[::zz]/", "is not a URL"),
        ("https://bücher.example/", ""),
    ],
)
def test_which_urls_may_be_called(url: str, problem: str) -> None:
    assert url_problem(url) == problem


def test_plain_http_can_be_allowed() -> None:
    assert url_problem("http://scim.example", plain=True) == ""


def test_a_url_is_shown_without_what_must_not_be_seen() -> None:
    assert place_of("https://a:b@h.example/p?sig=1#x") == "https://h.example/p"
    assert place_of("http://a:b:c") == "a URL that cannot be read"
