"""Frames that no honest peer sends, by hand: the server hangs up on them and goes on answering."""

from __future__ import annotations

import random
import socket
import struct
from contextlib import suppress

import pytest

from ostiary.rpc.server import Server
from tests.faults import hostile_messages as hostile
from tests.faults.hostile_messages import assert_answers_right

SEED = 20310310
PATIENCE = 20.0

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, CONTINUATION = 0, 1, 3, 4, 6, 9
END_STREAM, END_HEADERS = 1, 4


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))[1:]
        + bytes([kind, flags])
        + struct.pack(">I", stream)
        + content
    )


def _literal(text: str) -> bytes:
    data = text.encode()
    return bytes([len(data)]) + data


def _headers(**more: str) -> bytes:
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": "/ostiary.v1.DecisionService/Evaluate",
        ":authority": "harbour",
        "content-type": "application/grpc",
        "te": "trailers",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return b"".join(b"\x00" + _literal(name) + _literal(value) for name, value in fields.items())


def _opened(*frames: bytes) -> bytes:
    return PREFACE + _frame(SETTINGS, 0, 0, b"") + b"".join(frames)


def _message(claimed: int, content: bytes, *, compressed: int = 0) -> bytes:
    return bytes([compressed]) + struct.pack(">I", claimed) + content


def _call(message: bytes, *, ended: bool = True, **more: str) -> bytes:
    begun = _frame(HEADERS, END_HEADERS, 1, _headers(**more))
    return _opened(begun, _frame(DATA, END_STREAM if ended else 0, 1, message))


HONEST = hostile.refused().SerializeToString()
START = _frame(HEADERS, END_HEADERS, 1, _headers())
MANY_HEADERS = b"".join(b"\x00" + _literal(f"x-{n}") + _literal("y" * 100) for n in range(200))
RESET = b"\0\0\0\x08"
SIZE = len(HONEST)
SENT = {
    "nothing": b"",
    "HTTP/1": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "half a preface": PREFACE[:10],
    "half a frame head": _opened(b"\x00\x40\x00"),
    "half the headers": _opened(START[:-5]),
    "broken header compression": _opened(_frame(HEADERS, END_HEADERS, 1, b"\xff" * 40)),
    "headers interrupted": _opened(
        _frame(HEADERS, 0, 1, _headers()), _frame(PING, 0, 0, b"12345678")
    ),
    "a continuation of nothing": _opened(_frame(CONTINUATION, END_HEADERS, 1, _headers())),
    "an even stream": _opened(_frame(HEADERS, END_HEADERS, 2, _headers())),
    "endless headers": _opened(_frame(HEADERS, END_HEADERS, 1, _headers() + MANY_HEADERS)),
    "half a message": _call(_message(SIZE, HONEST[:9]), ended=False),
    "shorter than claimed": _call(_message(500, HONEST)),
    "longer than claimed": _call(_message(3, HONEST)),
    "4 GiB claimed": _call(_message(2**32 - 1, HONEST)),
    "compressed without saying how": _call(_message(SIZE, HONEST, compressed=1)),
    "unknown compression": _call(_message(SIZE, HONEST, compressed=1), grpc_encoding="rot13"),
    "two messages": _call(_message(SIZE, HONEST) * 2),
    "no message": _call(b""),
    "an odd deadline": _call(_message(SIZE, HONEST), grpc_timeout="99999999999H"),
    "a deadline in the past": _call(_message(SIZE, HONEST), grpc_timeout="0n"),
    "data for a stream nobody opened": _opened(START, _frame(DATA, 0, 7, HONEST)),
    "called off": _opened(START, _frame(RST_STREAM, 0, 1, RESET)),
    "a flood of pings": _opened(*[_frame(PING, 0, 0, b"12345678")] * 2000),
    "a flood of settings": _opened(*[_frame(SETTINGS, 0, 0, b"")] * 2000),
    "rapid reset": _opened(
        *[
            _frame(HEADERS, END_HEADERS, n, _headers()) + _frame(RST_STREAM, 0, n, RESET)
            for n in range(1, 1001, 2)
        ]
    ),
    "an unknown frame": _opened(_frame(255, 255, 1, b"x" * 100)),
}


@pytest.mark.parametrize("sent", [pytest.param(sent, id=name) for name, sent in SENT.items()])
@pytest.mark.parametrize("then", ["closed", "left open"])
def test_frames_that_no_honest_peer_sends(server: Server, sent: bytes, then: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
        with suppress(OSError):  # the server may have hung up already
            peer.sendall(sent)
            if then == "closed":
                peer.shutdown(socket.SHUT_WR)
        assert_answers_right(server)


def test_random_bytes_as_frames(server: Server) -> None:
    dice = random.Random(SEED)
    for number in range(200):
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
            start = _opened(START) if number % 2 else b""
            with suppress(OSError):
                peer.sendall(start + dice.randbytes(dice.randrange(1, 400)))


def test_callers_who_open_calls_and_say_nothing_hold_nobody_up(server: Server) -> None:
    """Each of these calls has a thread of the server; the others must not wait for them."""
    peers = []
    for _ in range(5):
        peer = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        streams = range(1, 21, 2)
        peer.sendall(_opened(*[_frame(HEADERS, END_HEADERS, n, _headers()) for n in streams]))
        peers.append(peer)
    assert_answers_right(server)
    for peer in peers:
        peer.close()
