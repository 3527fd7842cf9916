"""Messages that no honest caller sends, all about somebody who must not get anything.

The target of every question is blocked, unknown to the directory, or described without an enabled
account, so that any answer that leads to access is wrong.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

from ostiary.client import Client
from ostiary.rpc.server import Server
from ostiary.v1 import decision_pb2, person_pb2
from ostiary.v1.decision_service_pb2 import EvaluateRequest
from tests.contract.questions import asked

BLOCKED = "bert"
PACKAGES = ("crane", "berth", "ways", "asking", "pilotage", "nothing", "")
TEXTS = (
    "", " ", "anna", "bert", "crew", "\0", "\n", "ю", "\U0001f511", "../../etc/passwd", "{0}", "%s",
    "tenants/harbour/users/bert", "tenants//users/", "a" * 300, "tenants/" * 200, "\ud7ff",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 7, 99, 2**31 - 1, -(2**31))
LONG_NUMBERS = (*NUMBERS, 2**63 - 1, -(2**63), 253_402_300_799, 253_402_300_800, -62_135_596_801)

_LENGTH_DELIMITED, _START_GROUP = 2, 3


def assert_answers_right(server: Server) -> None:
    """Ask the server one question with a yes and one with a no."""
    with Client(server.address, timeout=20) as client:
        assert client.evaluate(asked("crane")).outcome == decision_pb2.OUTCOME_GRANT
        assert client.evaluate(refused()).outcome == decision_pb2.OUTCOME_DENY


def varint(number: int) -> bytes:
    """Give a number as protobuf writes it."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, content: bytes) -> bytes:
    """Give a length-delimited field with any content."""
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(content)) + content


def refused() -> EvaluateRequest:
    """Give a well-formed question whose answer is no."""
    return EvaluateRequest(access_package="crane", requestor_id=BLOCKED)


def large() -> EvaluateRequest:
    """Give a well-formed question about the same person that fills nearly every field."""
    request = EvaluateRequest(
        access_package="asking",
        person=person_pb2.InlinePerson(
            id=BLOCKED,
            type=person_pb2.PERSON_TYPE_MEMBER,
            state=person_pb2.ACCOUNT_STATE_BLOCKED,
            mail="bert@harbour.example",
        ),
        policy="members",
        justification="let me in",
    )
    request.person.groups.groups.extend(["crew", "deck"])
    request.person.manager.user = "mona"
    request.person.attributes.values["department"] = "quay"
    request.person.home.sign_in = person_pb2.SIGN_IN_TENANT
    request.person.home.tenant_id = "t-north"
    request.answers.add(question="colour", values=["red"])
    request.schedule.duration.seconds = 60
    request.holdings.assigned.append("berth")
    request.counters.assignments_per_package = 1
    request.evaluate_time.seconds = 1_930_000_000
    return request


def mutated(dice: random.Random, message: bytes) -> bytes:
    """Give a message with some bytes flipped, cut out, doubled or put in."""
    data = bytearray(message)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(5):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << dice.randrange(8)
            case 1:
                del data[at : at + dice.randint(1, 8)]
            case 2:
                data[at:at] = data[at : at + dice.randint(1, 30)]
            case 3:
                data[at:at] = dice.randbytes(dice.randint(1, 6))
            case _:
                del data[at:]
    return bytes(data)


def wrong_wire_types() -> Iterator[bytes]:
    """Give each field of a question with each wire type."""
    honest = refused().SerializeToString()
    for number in (*range(1, 20), 1000, 2**29 - 1):
        for wire_type in range(8):
            for content in (b"", b"\x01", b"\xff" * 10, b"\x05hello", b"\xff\xff\xff\xff\x07x"):
                yield honest + varint(number << 3 | wire_type) + content


def invalid_texts() -> Iterator[bytes]:
    """Give text that is not UTF-8 for the texts of a question and of a person."""
    for bad in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"bert\xc3"):
        for number in (1, 2, 6, 7, 8):
            yield refused().SerializeToString() + field(number, bad)
        for number in (1, 9):
            yield field(1, b"crane") + field(3, field(1, b"bert") + field(number, bad))
        yield field(1, b"crane") + field(3, field(1, b"bert") + field(4, field(1, bad)))


def deep() -> Iterator[bytes]:
    """Give unknown groups nested ever deeper, closed and left open."""
    for depth in (10, 99, 100, 101, 1000, 100_000):
        opened = varint(90 << 3 | _START_GROUP) * depth
        yield refused().SerializeToString() + opened
        yield refused().SerializeToString() + opened + varint(90 << 3 | 4) * depth
    for depth in (10, 100, 1000):
        nested = b""
        for _ in range(depth):
            nested = field(3, nested)
        yield field(1, b"crane") + nested


def unknown_enumerations() -> Iterator[EvaluateRequest]:
    """Give numbers that no enumeration has, in every enumeration of a question."""
    for number in (4, 7, 99, 2**31 - 1, -1, -(2**31)):
        for name in ("request_type", "mode", "view"):
            request = large()
            setattr(request, name, number)
            yield request
        for name in ("type", "state"):
            request = large()
            setattr(request.person, name, number)
            yield request
        request = large()
        request.person.home.sign_in = number  # type: ignore[assignment]
        yield request


def huge() -> Iterator[EvaluateRequest]:
    """Give 1 MB texts and lists of ten thousand entries and one more, wherever they fit."""
    long = "é" * 500_000
    for name in ("access_package", "policy", "submitter", "justification"):
        yield EvaluateRequest(**(_honest() | {name: long}))
    yield EvaluateRequest(access_package="crane", requestor_id=long)
    yield EvaluateRequest(access_package="/" * 1_000_000, requestor_id=BLOCKED)
    for size in (10_000, 10_001, 200_000):
        request = refused()
        request.holdings.assigned.extend(["a"] * size)
        yield request
        request = large()
        del request.person.groups.groups[:]
        request.person.groups.groups.extend(f"g{n}" for n in range(size))
        yield request
        request = refused()
        for number in range(size):
            request.answers.add(question=f"q{number}", values=["x"])
        yield request
    request = large()
    request.person.attributes.values[long[:100_000]] = long
    yield request
    request = large()
    for number in range(10_001):
        request.person.attributes.values[str(number)] = ""
    yield request


def _honest() -> dict[str, Any]:
    return {"access_package": "crane", "requestor_id": BLOCKED}


def scrambled(dice: random.Random) -> EvaluateRequest:
    """Give a question with random fields set to random values, about nobody with access."""
    request = EvaluateRequest()
    _fill(request, dice, 0)
    request.access_package = dice.choice(PACKAGES)
    if request.WhichOneof("requestor") == "person":
        request.person.state = person_pb2.ACCOUNT_STATE_BLOCKED
    elif dice.random() < 0.8:
        request.requestor_id = dice.choice((BLOCKED, "dora", "nobody"))
    else:
        request.ClearField("requestor_id")
    return request


def _fill(message: Message, dice: random.Random, depth: int) -> None:
    for one in message.DESCRIPTOR.fields:
        if dice.random() < (0.85 if depth == 0 else 0.5):
            continue
        if one.message_type is not None and one.message_type.GetOptions().map_entry:
            getattr(message, one.name)[dice.choice(TEXTS)] = dice.choice(TEXTS)
        elif one.is_repeated:
            _fill_list(getattr(message, one.name), one, dice, depth)
        elif one.message_type is not None:
            getattr(message, one.name).SetInParent()
            _fill(getattr(message, one.name), dice, depth + 1)
        else:
            setattr(message, one.name, _value(one, dice))


def _fill_list(values: Any, one: Any, dice: random.Random, depth: int) -> None:
    for _ in range(dice.choice((0, 1, 2, 5))):
        if one.message_type is not None:
            _fill(values.add(), dice, depth + 1)
        else:
            values.append(_value(one, dice))


def _value(one: Any, dice: random.Random) -> Any:
    match one.cpp_type:
        case one.CPPTYPE_STRING:
            return dice.choice(TEXTS)
        case one.CPPTYPE_BOOL:
            return dice.random() < 0.5
        case one.CPPTYPE_INT64:
            return dice.choice(LONG_NUMBERS)
        case _:
            return dice.choice(NUMBERS)
