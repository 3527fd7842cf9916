"""A small HTTP server in a thread whose every answer a test decides, down to the bytes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec


class Asked(msgspec.Struct, frozen=True):
    """A request that came."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    def json(self) -> Any:
        """Give the body as JSON."""
        return json.loads(self.body)


Respond = Callable[[Asked, socket.socket], bytes | None]


def answer(
    status: int, body: bytes | object = b"", *, kind: str = "application/json", **headers: str
) -> bytes:
    """Give the bytes of an answer; underscores in names of headers become dashes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\nconnection: close\r\n\r\n" + content


class HttpServer:
    """Answers each request with what `respond` gives; None: the connection is just closed."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self.asked: list[Asked] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            asked = _read(connection)
            if asked is None:
                return
            self.asked.append(asked)
            content = self.respond(asked, connection)
            if content is not None:
                connection.sendall(content)

    def close(self) -> None:
        """Stop taking connections."""
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@contextlib.contextmanager
def http_server(respond: Respond | bytes) -> Iterator[HttpServer]:
    """Run a server until the end of the block; bytes are the answer to everything."""
    server = HttpServer((lambda *_: respond) if isinstance(respond, bytes) else respond)
    try:
        yield server
    finally:
        server.close()


def _read(connection: socket.socket) -> Asked | None:
    content = b""
    while b"\r\n\r\n" not in content:
        part = connection.recv(65536)
        if not part:
            return None
        content += part
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    while len(body) < int(headers.get("content-length", 0)):
        part = connection.recv(65536)
        if not part:
            return None
        body += part
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, body)
