"""Calls over HTTP that end: in time, with an answer of bounded size, at the place that was meant.

No redirect is followed, no proxy or password is taken from the environment, and nothing that a URL
holds behind its path gets into a log or an error: links of workflows carry their key there.
"""

from __future__ import annotations

import email.utils
import ipaddress
import logging
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import httpcore
import httpx
import msgspec

from ostiary.adapters.connectors.outcomes import again, failed, forbidden, gone
from ostiary.lifecycle.ports import Delivered

_log = logging.getLogger(__name__)

LARGEST_ANSWER = 1024 * 1024  # bytes; enough for any answer but the members of a large group
LONGEST_WAIT = 86_400.0  # seconds that a server may ask us to wait
_LONGEST_EXCERPT = 200
_LAST_PORT = 65_535
_HOST_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?", re.ASCII)

# httpx logs each whole URL; what we log leaves the query out.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Patience(msgspec.Struct, frozen=True):
    """How long a call may take, in seconds."""

    connect: float = 5.0
    silence: float = 15.0  # between two signs of life
    whole: float = 30.0  # everything together


class CallFailedError(Exception):
    """No answer came that can be used; the text says why, and the call may be tried again."""


class Answer(msgspec.Struct, frozen=True):
    """What a server answered."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """Give how many seconds the server asks us to wait, if it does."""
        return retry_after(self.headers.get("retry-after", ""))

    def excerpt(self) -> str:
        """Give the beginning of the body, if it is text."""
        kind = self.headers.get("content-type", "")
        if not any(word in kind for word in ("json", "text/plain")):
            return ""
        return self.body[:_LONGEST_EXCERPT].decode("utf-8", "replace")


class HttpCaller:
    """Makes calls and keeps connections; may be used from any thread."""

    def __init__(
        self,
        *,
        patience: Patience | None = None,
        largest: int = LARGEST_ANSWER,
        ca_file: Path | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._largest = largest
        self._deadline = _Deadline()
        transport = _Transport(self._deadline, _tls(ca_file))
        times = httpx.Timeout(self._patience.silence, connect=self._patience.connect)
        self._client = httpx.Client(
            transport=transport, timeout=times, trust_env=False, follow_redirects=False
        )

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Give the answer, whatever its status; CallFailedError if there is none."""
        said = {"accept-encoding": "identity", "user-agent": "ostiary", **headers}
        begun = time.monotonic()
        try:
            with (
                self.together(),
                self._client.stream(method, url, headers=said, content=body) as response,
            ):
                answer = self._answer(response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise CallFailedError(f"{place_of(url)}: {_words(error)}") from None
        taken = time.monotonic() - begun
        _log.debug("%s %s: %d in %.3f s", method, place_of(url), answer.status, taken)
        return answer

    @contextmanager
    def together(self) -> Iterator[None]:
        """Have all calls of a block, made by this thread, share the time of one."""
        outer = self._deadline.end
        if outer is None:
            self._deadline.end = time.monotonic() + self._patience.whole
        try:
            yield
        finally:
            self._deadline.end = outer

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _answer(self, response: httpx.Response) -> Answer:
        where = place_of(str(response.url))
        if response.headers.get("content-encoding", "identity") != "identity":
            raise CallFailedError(f"{where}: the answer is compressed, which was not asked for")
        parts: list[bytes] = []
        size = 0
        for part in response.iter_raw():
            parts.append(part)
            size += len(part)
            if size > self._largest:
                text = f"the answer is larger than {self._largest:,} bytes"
                raise CallFailedError(f"{where}: {text}")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, b"".join(parts))


def failure_of(answer: Answer, *, what: str) -> Delivered | None:
    """Give what a status means to a delivery; None for 2xx. `what` is the thing written to."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in {401, 403, 407}:
        return forbidden(f"{what}: refused with status {status}")
    if status in {404, 410}:
        return gone(f"{what}: does not exist (status {status})")
    passing = status in {408, 425, 429} or (status >= 500 and status not in {501, 505})
    if passing:
        return again(f"{what}: not available, status {status}", answer.retry_after)
    if 300 <= status < 400:
        return failed(f"{what}: redirects elsewhere (status {status}), which is not followed")
    return failed(f"{what}: refused with status {status}")


def retry_after(text: str) -> float | None:
    """Give the seconds of a header Retry-After, a number or a date; None if it is neither."""
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_WAIT)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, until.timestamp() - time.time()), LONGEST_WAIT)


def place_of(url: str) -> str:
    """Give a URL as far as it can be shown: without names, passwords, query and fragment."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "a URL that cannot be read"
    return str(parsed.copy_with(username=None, password=None, query=None, fragment=None))


def is_loopback(host: str) -> bool:
    """Say whether a host can only be this machine."""
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_host(host: str) -> bool:
    """Say whether a text is the name or address of a host."""
    return _HOST_NAME.fullmatch(host) is not None or _address(host) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def url_problem(url: str, *, plain: bool = False) -> str:
    """Say what is wrong with a URL that is to be called; empty if nothing is.

    Plain http goes to this machine only, unless `plain` allows it anywhere.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "is not a URL"
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        return "must be an https URL"
    port = 443 if parsed.port is None else parsed.port
    if not is_host(parsed.raw_host.decode()) or not 0 < port <= _LAST_PORT:
        return "is not a URL"
    if parsed.userinfo:
        return "must not hold a name or password"
    if parsed.fragment:
        return "must not hold a fragment"
    if parsed.scheme == "http" and not plain and not is_loopback(parsed.host):
        return "must be https; plain http goes to this machine only"
    return ""


def _words(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return "cannot be reached in time"
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time"
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached"
    if isinstance(error, httpx.ProtocolError):
        return "did not speak HTTP, or stopped in the middle"
    return "the connection broke"


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Deadline(threading.local):
    """When the present call of this thread must be over."""

    end: float | None = None

    def within(self, seconds: float | None) -> float | None:
        """Give how long one step may take: httpcore's own time-out, or what is left if less."""
        if self.end is None:
            return seconds
        left = max(self.end - time.monotonic(), 0.0)
        return left if seconds is None else min(seconds, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends before the deadline of the thread that uses it.

    The time-outs of httpx start anew with each byte: a server that drips would hold us for ever.
    """

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        within = self._deadline.within(timeout)
        if within == 0.0:
            raise httpcore.ReadTimeout
        return self._inner.read(max_bytes, within)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        within = self._deadline.within(timeout)
        if within == 0.0:
            raise httpcore.WriteTimeout
        self._inner.write(buffer, within)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        within = self._deadline.within(timeout)
        if within == 0.0:
            raise httpcore.ConnectTimeout
        inner = self._inner.start_tls(ssl_context, server_hostname, within)
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Makes connections that keep deadlines."""

    def __init__(self, deadline: _Deadline) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        within = self._deadline.within(timeout)
        if within == 0.0:
            raise httpcore.ConnectTimeout
        inner = self._inner.connect_tcp(host, port, within, local_address, socket_options)
        return _Stream(inner, self._deadline)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Transport(httpx.HTTPTransport):
    """The transport of httpx over connections that keep deadlines."""

    def __init__(self, deadline: _Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=30.0,
            network_backend=_Backend(deadline),
        )
