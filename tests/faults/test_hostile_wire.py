"""More than ten thousand hostile messages and broken frames: no crash, no hang, no yes (S-25, S-47).

Whatever comes, the caller is told what is wrong or gets a decision that is no yes, and afterwards
the server answers as before.
"""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import pytest

from ostiary.adapters.clock import FixedClock
from ostiary.client import CallError, Client
from ostiary.rpc.loading import Definitions, LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import LARGEST_MESSAGE, Server
from ostiary.v1 import decision_pb2
from ostiary.v1.decision_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    EvaluateRequest,
    EvaluateResponse,
    ListRequestableRequest,
)
from tests.contract.lent import HARBOUR, NOW, Lent
from tests.contract.questions import asked
from tests.faults import hostile_messages as hostile

SEED = 20310310
TOLD = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
YES = {
    decision_pb2.OUTCOME_GRANT,
    decision_pb2.OUTCOME_NEEDS_APPROVAL,
    decision_pb2.OUTCOME_NEEDS_CHOICE,
}
PATIENCE = 20.0
AT_ONCE = 64


@pytest.fixture(scope="module")
def loaded() -> Iterator[LoadedDesk]:
    desk = Definitions(tenant=str(HARBOUR)).load()
    yield desk
    desk.close()


@pytest.fixture
def server(loaded: LoadedDesk) -> Iterator[Server]:
    """Give a server that must answer right after whatever the test has done to it."""
    serving = Server(Reception(lambda: Lent(loaded)), FixedClock(NOW))
    serving.start()
    serving.load()
    yield serving
    _answers_right(serving)
    serving.stop(0)


def _answers_right(server: Server) -> None:
    with Client(server.address, timeout=PATIENCE) as client:
        assert client.evaluate(asked("crane")).outcome == decision_pb2.OUTCOME_GRANT
        denied = client.evaluate(asked("crane", hostile.BLOCKED))
        assert denied.outcome == decision_pb2.OUTCOME_DENY


def _method(channel: grpc.Channel, name: str) -> Any:
    return channel.unary_unary(f"/ostiary.v1.DecisionService/{name}")


def _sent(server: Server, messages: Iterable[bytes], name: str = "Evaluate") -> Iterator[bytes]:
    """Send each message, many at once; give the answers that are no errors."""
    with grpc.insecure_channel(server.address) as channel:
        call = _method(channel, name)
        waiting: list[Any] = []
        for message in messages:
            waiting.append(call.future(message, timeout=PATIENCE))
            if len(waiting) == AT_ONCE:
                yield from _answers(waiting)
                waiting.clear()
        yield from _answers(waiting)


def _answers(calls: Iterable[Any]) -> Iterator[bytes]:
    for call in calls:
        if call.code() is grpc.StatusCode.OK:
            yield call.result()
        else:
            assert call.code() in TOLD, (call.code(), call.details())


def _no_yes(answers: Iterable[bytes]) -> int:
    """Check that no answer leads to access; give how many there were."""
    count = 0
    for answer in answers:
        decision = EvaluateResponse.FromString(answer).decision
        assert decision.outcome not in YES, decision
        assert decision.outcome != decision_pb2.OUTCOME_UNSPECIFIED
        assert not decision.eligible
        assert not decision.scheduled_actions
        count += 1
    return count


def test_random_bytes(server: Server) -> None:
    dice = random.Random(SEED)
    messages = (dice.randbytes(dice.randrange(200)) for _ in range(2000))
    _no_yes(_sent(server, messages))


@pytest.mark.parametrize("name", ["BatchEvaluate", "ListRequestable", "ResolveApprovers"])
def test_random_bytes_to_the_other_methods(server: Server, name: str) -> None:
    dice = random.Random(SEED)
    messages = [dice.randbytes(dice.randrange(1, 100)) for _ in range(500)]
    assert all(isinstance(answer, bytes) for answer in _sent(server, messages, name))


@pytest.mark.parametrize("make", [hostile.refused, hostile.large])
def test_flipped_cut_and_doubled_bytes(server: Server, make: Any) -> None:
    dice = random.Random(SEED)
    honest = make().SerializeToString()
    _no_yes(_sent(server, (hostile.mutated(dice, honest) for _ in range(2000))))


def test_every_beginning_of_a_message(server: Server) -> None:
    whole = hostile.large().SerializeToString()
    answered = _no_yes(_sent(server, (whole[:size] for size in range(len(whole) + 1))))
    assert answered > 0


def test_random_fields_with_random_values(server: Server) -> None:
    dice = random.Random(SEED)
    messages = (hostile.scrambled(dice).SerializeToString() for _ in range(3000))
    answered = _no_yes(_sent(server, messages))
    assert answered > 100, "some of them are well-formed, and are answered with no"


def test_random_fields_in_batches(server: Server) -> None:
    """A thousand hostile items a call: each has its answer or its error in its place."""
    dice = random.Random(SEED + 1)
    batches = [
        BatchEvaluateRequest(requests=[hostile.scrambled(dice) for _ in range(1000)])
        for _ in range(3)
    ]
    messages = [batch.SerializeToString() for batch in batches]
    for answer in _sent(server, messages, "BatchEvaluate"):
        results = BatchEvaluateResponse.FromString(answer).results
        assert len(results) == 1000
        for result in results:
            if result.WhichOneof("result") == "decision":
                assert result.decision.outcome not in YES
            else:
                assert result.error.code in {3, 5}, result.error


def test_fields_of_the_wrong_wire_type(server: Server) -> None:
    _no_yes(_sent(server, hostile.wrong_wire_types()))


def test_text_that_is_not_utf_8(server: Server) -> None:
    """None of it is answered: the message as a whole is malformed."""
    assert _no_yes(_sent(server, hostile.invalid_texts())) == 0


def test_numbers_that_no_enumeration_has(server: Server) -> None:
    """None of it is answered: an unknown number never stands for a default (S-25)."""
    messages = (one.SerializeToString() for one in hostile.unknown_enumerations())
    assert _no_yes(_sent(server, messages)) == 0


def test_nesting_deeper_than_any_message(server: Server) -> None:
    _no_yes(_sent(server, hostile.deep()))


def test_texts_of_a_megabyte_and_lists_of_ten_thousand(server: Server) -> None:
    messages = (one.SerializeToString() for one in hostile.huge())
    answered = _no_yes(_sent(server, messages))
    assert answered == 3, "lists of exactly ten thousand entries are answered"


def test_empty_scopes_and_lists_never_mean_everybody(server: Server) -> None:
    """S-25: a person with empty everything is in no scope of named subjects."""
    with Client(server.address) as client:
        for package in ("berth", "pilotage", "ways"):
            person = {
                "id": "",
                "type": "PERSON_TYPE_EXTERNAL",
                "state": "ACCOUNT_STATE_ENABLED",
                "groups": {},
                "sponsors": {},
                "attributes": {},
                "home": {"signIn": "SIGN_IN_NONE"},
            }
            with pytest.raises(CallError):
                client.evaluate(asked(package, person))
            decision = client.evaluate(asked(package, person | {"id": "x"}))
            assert decision.outcome == decision_pb2.OUTCOME_DENY


def test_a_message_over_the_bound_is_refused(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        for size in (LARGEST_MESSAGE + 1, 3 * LARGEST_MESSAGE):
            with pytest.raises(grpc.RpcError) as raised:
                _method(channel, "Evaluate")(b"\x00" * size, timeout=PATIENCE)
            assert CallError.of_call(raised.value).code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_page_tokens_of_all_kinds(server: Server) -> None:
    dice = random.Random(SEED)
    tokens = (
        "".join(chr(dice.randrange(1, 0x250)) for _ in range(dice.randrange(1, 60)))
        for _ in range(500)
    )
    messages = (
        ListRequestableRequest(requestor_id="anna", page_token=token).SerializeToString()
        for token in tokens
    )
    assert list(_sent(server, messages, "ListRequestable")) == []


def test_methods_that_do_not_exist(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        for path in ("/ostiary.v1.DecisionService/Grant", "/", "/a/b", "/ostiary.v2.X/Evaluate"):
            call: Any = channel.unary_unary(path)
            with pytest.raises(grpc.RpcError) as raised:
                call(b"", timeout=PATIENCE)
            assert CallError.of_call(raised.value).code is grpc.StatusCode.UNIMPLEMENTED


# Frames of HTTP/2, by hand.
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


HONEST = hostile.refused().SerializeToString()
START = _frame(HEADERS, END_HEADERS, 1, _headers())
CONNECTIONS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="HTTP/1"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
    pytest.param(PREFACE[:10], id="half a preface"),
    pytest.param(_opened(b"\x00\x40\x00"), id="half a frame head"),
    pytest.param(_opened(START[:-5]), id="half the headers"),
    pytest.param(_opened(_frame(HEADERS, END_HEADERS, 1, b"\xff" * 40)), id="broken compression"),
    pytest.param(_opened(_frame(HEADERS, 0, 1, _headers()), _frame(PING, 0, 0, b"12345678")),
                 id="headers interrupted"),
    pytest.param(_opened(_frame(CONTINUATION, END_HEADERS, 1, _headers())), id="no beginning"),
    pytest.param(_opened(_frame(HEADERS, END_HEADERS, 2, _headers())), id="even stream"),
    pytest.param(_opened(START, _frame(DATA, 0, 1, _message(500, HONEST)[:20])), id="half a message"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, _message(500, HONEST))), id="shorter than claimed"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, _message(3, HONEST))), id="longer than claimed"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, _message(2**32 - 1, HONEST))), id="4 GiB claimed"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, _message(len(HONEST), HONEST, compressed=1))),
                 id="compressed without saying how"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, _message(len(HONEST), HONEST) * 2)), id="two messages"),
    pytest.param(_opened(START, _frame(DATA, END_STREAM, 1, b"")), id="no message"),
    pytest.param(_opened(START, _frame(DATA, 0, 7, HONEST)), id="data for a stream nobody opened"),
    pytest.param(_opened(START, _frame(RST_STREAM, 0, 1, b"\0\0\0\x08")), id="called off"),
    pytest.param(_opened(_frame(HEADERS, END_HEADERS, 1, _headers(grpc_encoding="rot13")),
                         _frame(DATA, END_STREAM, 1, _message(len(HONEST), HONEST, compressed=1))),
                 id="unknown compression"),
    pytest.param(_opened(_frame(HEADERS, END_HEADERS, 1, _headers(grpc_timeout="99999999999H")),
                         _frame(DATA, END_STREAM, 1, _message(len(HONEST), HONEST))), id="odd deadline"),
    pytest.param(_opened(_frame(HEADERS, END_HEADERS, 1, _headers() + b"".join(
        b"\x00" + _literal(f"x-{n}") + _literal("y" * 100) for n in range(200)))), id="endless headers"),
    pytest.param(_opened(*[_frame(PING, 0, 0, b"12345678")] * 2000), id="a flood of pings"),
    pytest.param(_opened(*[_frame(SETTINGS, 0, 0, b"")] * 2000), id="a flood of settings"),
    pytest.param(_opened(*[_frame(HEADERS, END_HEADERS, n, _headers()) + _frame(RST_STREAM, 0, n, b"\0\0\0\x08")
                           for n in range(1, 1001, 2)]), id="rapid reset"),
    pytest.param(_opened(_frame(255, 255, 1, b"x" * 100)), id="unknown frame"),
]  # fmt: skip


@pytest.mark.parametrize("sent", CONNECTIONS)
@pytest.mark.parametrize("then", ["closed", "left open"])
def test_frames_that_no_honest_peer_sends(server: Server, sent: bytes, then: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
        peer.sendall(sent)
        if then == "closed":
            peer.shutdown(socket.SHUT_WR)
        _answers_right(server)


def test_random_bytes_as_frames(server: Server) -> None:
    dice = random.Random(SEED)
    for number in range(200):
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as peer:
            start = _opened(START) if number % 2 else b""
            peer.sendall(start + dice.randbytes(dice.randrange(1, 400)))


def test_callers_who_open_calls_and_say_nothing_hold_nobody_up(server: Server) -> None:
    """Each of these calls has a thread of the server; the others must not wait for them."""
    peers = []
    for _ in range(5):
        peer = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        streams = range(1, 21, 2)
        peer.sendall(_opened(*[_frame(HEADERS, END_HEADERS, n, _headers()) for n in streams]))
        peers.append(peer)
    _answers_right(server)
    for peer in peers:
        peer.close()
