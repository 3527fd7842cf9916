"""What is read at a glance is what protobuf would have read: the same question or refusal."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from google.protobuf.message import DecodeError
from msgspec.structs import replace

from ostiary.domain.errors import BatchTooLargeError, InvalidRequestError
from ostiary.domain.request import (
    NOT_TOLD,
    UNCOUNTED,
    EvaluationRequest,
    Holdings,
    InlinePerson,
)
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.glance import glance, package_before
from ostiary.rpc.convert.requests import RequestReader
from ostiary.rpc.desk import Desk, _items
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.wire import entries, framed, part, tag
from ostiary.v1 import decision_pb2, decision_service_pb2, person_pb2
from ostiary.v1.decision_service_pb2 import (
    BatchEvaluateRequest,
    BatchEvaluateResponse,
    BatchEvaluateResult,
    EvaluateRequest,
)
from tests.contract.lent import NOW
from tests.contract.questions import CASES, asked

VIEWS = (
    decision_service_pb2.DECISION_VIEW_UNSPECIFIED,
    decision_service_pb2.DECISION_VIEW_BASIC,
    decision_service_pb2.DECISION_VIEW_FULL,
)
VISITOR = person_pb2.InlinePerson(
    id="visitor",
    type=person_pb2.PERSON_TYPE_MEMBER,
    state=person_pb2.ACCOUNT_STATE_ENABLED,
    groups=person_pb2.GroupMemberships(groups=[f"group-{number:02}" for number in range(20)]),
    manager=person_pb2.Manager(user="mona"),
)
PACKAGE, USER, PERSON = (
    tag(EvaluateRequest, field) for field in ("access_package", "requestor_id", "person")
)
REQUESTS = tag(BatchEvaluateRequest, "requests")
MUTATIONS = 20_000

Reading = Callable[[], object]


def _read(reading: Reading) -> object:
    """Give what was read, or why it was refused."""
    try:
        return reading()
    except DecodeError:
        return DecodeError
    except InvalidRequestError as error:
        return error.violations


def _same(reader: RequestReader, data: bytes) -> object:
    """Read at a glance twice and by protobuf; all must be the same, which is given."""
    at_once, remembered, slowly = (
        _read(lambda: reader.evaluation(data, NOW)),
        _read(lambda: reader.evaluation(data, NOW)),
        _read(lambda: reader._evaluation(EvaluateRequest.FromString(data), NOW)),
    )
    for quickly in (at_once, remembered):
        assert quickly == slowly, data
        assert _is_told(quickly) == _is_told(slowly), data
    return slowly


def _is_told(read: object) -> bool | None:
    """Whether the question says what the person holds; what it does not say the server knows."""
    if isinstance(read, tuple) and isinstance(read[0], EvaluationRequest):
        return read[0].holdings is not NOT_TOLD
    return None


@pytest.fixture
def reader(harbour: LoadedDesk) -> RequestReader:
    return RequestReader(harbour.desk.snapshot)


def test_every_question_is_read_as_protobuf_reads_it(reader: RequestReader) -> None:
    for case in CASES:
        _same(reader, case.request().SerializeToString())


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "question",
    [
        pytest.param({"requestor_id": "anna"}, id="by id"),
        pytest.param({"requestor_id": "é" * 64}, id="by an id of 128 bytes"),
        pytest.param({"person": VISITOR}, id="described"),
        pytest.param({"person": person_pb2.InlinePerson(id="v")}, id="described in few words"),
        pytest.param({"person": person_pb2.InlinePerson()}, id="described in none"),
    ],
)
def test_the_usual_questions_need_only_a_glance(
    reader: RequestReader, question: dict[str, object], view: decision_service_pb2.DecisionView
) -> None:
    message = EvaluateRequest(access_package="crane", view=view, **question)  # type: ignore[arg-type]
    data = message.SerializeToString()
    assert glance(data) is not None
    _same(reader, data)


@pytest.mark.parametrize("name", ["", "x", "c" * 127, "c" * 128, "a/b", "é" * 63, "é" * 64])
@pytest.mark.parametrize("question", [{"requestor_id": "anna"}, {"person": VISITOR}])
def test_only_the_package_differs_from_the_question_before(
    reader: RequestReader, question: dict[str, object], name: str
) -> None:
    for package in ("crane", name, "crane", name + "s"):
        message = EvaluateRequest(access_package=package, **question)  # type: ignore[arg-type]
        _same(reader, message.SerializeToString())


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (part(PACKAGE, b"crane") + b"REST", "crane"),
        (part(PACKAGE, b"crane"), None),
        (b"REST", None),
        (b"", None),
        (PACKAGE + b"\x04craneREST", None),
        (PACKAGE + b"\x06craneREST", None),
        (part(USER, b"crane") + b"REST", None),
        (part(PACKAGE, b"") + b"REST", None),
        (part(PACKAGE, b"a/b") + b"REST", None),
        (part(PACKAGE, b"\xff") + b"REST", None),
        (part(PACKAGE, b"c" * 127) + b"REST", "c" * 127),
        (part(PACKAGE, b"c" * 128) + b"REST", None),
        (PACKAGE + b"\x80" + b"c" * 128 + b"REST", None),
    ],
)
def test_a_package_is_all_that_stands_before_the_rest(data: bytes, want: str | None) -> None:
    assert package_before(data, b"REST") == want


def test_a_person_of_whom_nothing_is_said_is_refused_at_once(reader: RequestReader) -> None:
    data = EvaluateRequest(access_package="crane", person=person_pb2.InlinePerson())
    with pytest.raises(InvalidRequestError, match="is required"):
        reader.evaluation(data.SerializeToString(), NOW)


class Record:
    """Knows of everybody that they have the crane already."""

    def __init__(self) -> None:
        self.asked_of: list[str] = []

    def filled(self, question: EvaluationRequest) -> EvaluationRequest:
        """Fill in what the question does not tell."""
        assert question.holdings is NOT_TOLD
        assert question.counters is UNCOUNTED
        return replace(question, holdings=self.holdings(question.requestor))

    def holdings(self, requestor: str | InlinePerson) -> Holdings:
        """Give what everybody has."""
        self.asked_of.append(requestor if isinstance(requestor, str) else requestor.id)
        return Holdings(assigned=("crane",))


@pytest.mark.parametrize("question", [{"requestor_id": "anna"}, {"person": VISITOR}])
def test_what_is_on_record_is_asked_for_every_usual_question(
    harbour: LoadedDesk, question: dict[str, object]
) -> None:
    """S-60: at a glance as well, and again when the question before was the same."""
    snapshot, record = harbour.desk.snapshot, Record()
    writer = DecisionWriter(harbour.tables, snapshot.revision)
    desk = Desk(snapshot, RequestReader(snapshot), writer, recorded=record)
    message = EvaluateRequest(access_package="crane", **question)  # type: ignore[arg-type]
    data = BatchEvaluateRequest(requests=[message] * 3).SerializeToString()
    for result in BatchEvaluateResponse.FromString(desk.batch(data, NOW, lambda: True)).results:
        assert result.decision.outcome == decision_pb2.OUTCOME_DENY
        assert not result.decision.eligible
    assert record.asked_of == [message.requestor_id or VISITOR.id] * 3


def test_people_in_turn_are_kept_apart(reader: RequestReader) -> None:
    for name in ("ann", "bob", "ann", "bob", "bob"):
        data = EvaluateRequest(access_package="crane", person=person_pb2.InlinePerson(id=name))
        question, _ = reader.evaluation(data.SerializeToString(), NOW)
        assert not isinstance(question.requestor, str)
        assert question.requestor.id == name


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(PACKAGE + b"\x05crane", id="nobody"),
        pytest.param(part(USER, b"anna") + part(PACKAGE, b"crane"), id="another order"),
        pytest.param(part(PACKAGE, b"") + part(USER, b"anna"), id="an empty name"),
        pytest.param(part(PACKAGE, b"crane") + part(USER, b""), id="an empty id"),
        pytest.param(part(PACKAGE, b"c" * 130) + part(USER, b"anna"), id="a long name"),
        pytest.param(part(PACKAGE, b"a/b") + part(USER, b"anna"), id="a resource name"),
        pytest.param(part(PACKAGE, b"crane") + part(USER, b"tenants/t/users/a"), id="of a user"),
        pytest.param(part(PACKAGE, b"crane") + part(USER, b"a" * 257), id="too long an id"),
        pytest.param(part(PACKAGE, b"\xff") + part(USER, b"anna"), id="no text"),
        pytest.param(part(PACKAGE, b"crane") + part(USER, b"\xed\xa0\x80"), id="a lone surrogate"),
        pytest.param(part(PACKAGE, b"crane") + part(PERSON, b"\xff"), id="no person"),
        pytest.param(part(PACKAGE, b"crane") + part(PERSON, b"\x0a\x01\xff"), id="no text in it"),
        pytest.param(PACKAGE + b"\x85\x00crane" + part(USER, b"anna"), id="a length in two bytes"),
        pytest.param(
            part(PACKAGE, b"crane") + USER + b"\x84\x80\x00anna", id="a length in three bytes"
        ),
        pytest.param(part(PACKAGE, b"crane") + USER + b"\x05anna", id="cut off"),
        pytest.param(part(PACKAGE, b"crane") + PERSON + b"\x85", id="cut off in a length"),
        pytest.param(
            part(PACKAGE, b"crane") + part(PERSON, b"\x0a\x01a") + part(PERSON, b"\x10\x01"),
            id="a person in two parts",
        ),
        pytest.param(
            part(PACKAGE, b"crane") + part(PERSON, b"\x0a\x01a") + part(USER, b"anna"),
            id="a person, then an id",
        ),
        pytest.param(part(PACKAGE, b"crane") + part(USER, b"anna") + b"\x70\x07", id="no view"),
        pytest.param(
            part(PACKAGE, b"crane") + part(USER, b"anna") + b"\x70\x01\x70\x02", id="two views"
        ),
        pytest.param(
            part(PACKAGE, b"crane") + part(USER, b"anna") + b"\xa2\x06\x01x", id="unknown field"
        ),
    ],
)
def test_what_is_unusual_is_read_as_protobuf_reads_it(reader: RequestReader, data: bytes) -> None:
    _same(reader, data)


def test_mutated_questions_are_read_as_protobuf_reads_them(reader: RequestReader) -> None:
    dice = random.Random(20310310)
    usual = [
        EvaluateRequest(access_package="crane", person=VISITOR, view=VIEWS[1]).SerializeToString(),
        EvaluateRequest(access_package="crane", requestor_id="anna").SerializeToString(),
    ]
    told = [_same(reader, _mutated(dice.choice(usual), dice)) for _ in range(MUTATIONS)]
    understood = sum(isinstance(one, tuple) and isinstance(one[-1], bool) for one in told)
    assert MUTATIONS / 50 < understood < MUTATIONS


def _mutated(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                del changed[at]
            case 2:
                changed.insert(at, dice.choice(b"\x00\x01\x0a\x12\x1a\x70\x80\xff"))
            case _:
                del changed[dice.randrange(len(changed)) :]
        if not changed:
            break
    return bytes(changed)


def test_a_batch_is_split_as_protobuf_splits_it() -> None:
    dice = random.Random(7)
    for _ in range(300):
        sizes = [
            dice.choice((0, 1, 127, 128, 300, 16_383, 16_384)) for _ in range(dice.randrange(6))
        ]
        names = ["n" * max(0, size - 4) for size in sizes]
        data = BatchEvaluateRequest(
            requests=[EvaluateRequest(access_package=name) for name in names]
        ).SerializeToString()
        assert [EvaluateRequest.FromString(item).access_package for item in _items(data)] == names
        data = data[: dice.randrange(len(data) + 1)] + dice.choice((b"", b"\x0a", b"\x12\x01x"))
        if _read(lambda data=data: _items(data)) is DecodeError:  # type: ignore[misc]
            with pytest.raises(DecodeError):
                BatchEvaluateRequest.FromString(data)


def test_entries_are_given_only_if_there_is_nothing_else() -> None:
    one = part(REQUESTS, b"x")
    assert entries(b"", REQUESTS, 2) == []
    assert entries(one * 2, REQUESTS, 2) == [b"x", b"x"]
    assert entries(one * 3, REQUESTS, 2) is None
    assert entries(one + b"\x12\x00", REQUESTS, 2) is None
    assert entries(one[:-1], REQUESTS, 2) is None
    assert entries(REQUESTS, REQUESTS, 2) is None
    assert entries(REQUESTS + b"\x81\x80\x00x", REQUESTS, 2) is None
    assert entries(REQUESTS + b"\x81\x00x", REQUESTS, 2) == [b"x"]


def test_a_batch_that_is_too_large_is_counted() -> None:
    with pytest.raises(BatchTooLargeError, match="1001"):
        _items(part(REQUESTS, b"") * 1001)
    assert len(_items(part(REQUESTS, b"") * 1000)) == 1000


@pytest.mark.parametrize(
    "item", [b"\xff", part(PACKAGE, b"crane") + part(PERSON, b"\xff"), part(PACKAGE, b"\xff")]
)
def test_a_batch_of_which_an_item_is_no_message_is_no_message(
    harbour: LoadedDesk, item: bytes
) -> None:
    good = asked("crane").SerializeToString()
    data = part(REQUESTS, good) + part(REQUESTS, item)
    with pytest.raises(DecodeError):
        BatchEvaluateRequest.FromString(data)
    with pytest.raises(InvalidRequestError, match="BatchEvaluateRequest"):
        harbour.desk.batch(data, NOW, lambda: True)


@pytest.mark.parametrize("size", [0, 1, 120, 124, 125, 127, 128, 16_380, 16_383, 16_384, 70_000])
def test_what_stands_before_a_decision_tells_its_length(size: int) -> None:
    decision = decision_pb2.Decision(selected_policy="p" * size)
    content = decision.SerializeToString()
    before = framed(tag(BatchEvaluateResponse, "results"), tag(BatchEvaluateResult, "decision"))
    answer = BatchEvaluateResponse.FromString(before[len(content)] + content)
    assert answer == BatchEvaluateResponse(results=[BatchEvaluateResult(decision=decision)])


def test_the_items_of_a_batch_are_what_single_questions_are(harbour: LoadedDesk) -> None:
    """S-46: also the items that are errors, wherever they stand."""
    questions = [case.request() for case in CASES] + [EvaluateRequest()]
    for at in (NOW, NOW + timedelta(days=400)):
        answer = BatchEvaluateResponse.FromString(
            harbour.desk.batch(
                BatchEvaluateRequest(requests=questions).SerializeToString(), at, lambda: True
            )
        )
        assert len(answer.results) == len(questions)
        for question, result in zip(questions, answer.results, strict=True):
            try:
                single = harbour.desk.evaluate(question.SerializeToString(), at)
            except InvalidRequestError:
                assert result.HasField("error")
            else:
                want = decision_service_pb2.EvaluateResponse.FromString(single).decision
                assert result.decision == want
