"""Reading a question from a file, from standard input, from options: every fault has its place."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.question import LARGEST_FILE, Flags, Question, read_question
from ostiary.v1 import decision_service_pb2 as contract
from ostiary.v1 import person_pb2

WHOLE = contract.EvaluateRequest(
    access_package="sales-team",
    person=person_pb2.InlinePerson(
        id="ext-7",
        type=person_pb2.PERSON_TYPE_EXTERNAL,
        state=person_pb2.ACCOUNT_STATE_ENABLED,
        groups=person_pb2.GroupMemberships(groups=["a", "b"]),
        manager=person_pb2.Manager(none={}),
        sponsors=person_pb2.Sponsors(),
        home=person_pb2.HomeIdentity(sign_in=person_pb2.SIGN_IN_TENANT, tenant_id="t-1"),
        attributes=person_pb2.PersonAttributes(values={"department": "12", "on": "no"}),
        mail="x@tailwind.example",
        governed=True,
    ),
    request_type=contract.REQUEST_TYPE_ON_BEHALF_ADD,
    mode=contract.EVALUATION_MODE_SUBMISSION,
    submitter="mona",
    policy="partners",
    justification='a "quoted" \\ line\nand a second: café 😀',
    answers=[contract.Answer(question="q", values=["yes", "2031-01-01"])],
    schedule=contract.RequestedSchedule(duration=Duration(seconds=86400)),
    holdings=contract.Holdings(assigned=["other"]),
    counters=contract.Counters(assignments_per_package=2**40),
    view=contract.DECISION_VIEW_BASIC,
)
WHOLE.evaluate_time.FromDatetime(datetime(2031, 3, 10, 10, tzinfo=UTC))


def read(folder: Path, content: bytes, name: str = "ask.json") -> Question:
    path = folder / name
    path.write_bytes(content)
    return read_question(str(path))


def refused(folder: Path, content: bytes) -> list[str]:
    """Give the faults without the folder in front of them."""
    with pytest.raises(CommandError) as caught:
        read(folder, content)
    assert caught.value.code is Exit.FAULTY
    return [line.removeprefix(f"{folder}/") for line in caught.value.messages]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="names of JSON"),
        pytest.param({"preserving_proto_field_name": True}, id="names of the contract"),
        pytest.param({"use_integers_for_enums": True}, id="numbers of enumerations"),
        pytest.param({"indent": None, "ensure_ascii": False}, id="one line, not escaped"),
        pytest.param({"always_print_fields_with_no_presence": True}, id="empty fields written"),
    ],
)
def test_whatever_protobuf_writes_as_json_is_read(
    tmp_path: Path, options: dict[str, object]
) -> None:
    text = json_format.MessageToJson(WHOLE, **options)  # type: ignore[arg-type]  # a row of options
    assert read(tmp_path, text.encode()).request == WHOLE


def test_yaml_of_the_same_shape_is_read(tmp_path: Path) -> None:
    text = b"""\
# who, what, when
accessPackage: sales-team
person:
  id: ext-7
  governed: yes
  manager: {none: {}}
  attributes: {values: {department: 12, on: no}}
evaluateTime: 2031-03-10T10:00Z
schedule: {duration: 86400s}
justification: ~
"""
    request = read(tmp_path, text, "ask.yaml").request
    assert request.person.attributes.values == {"department": "12", "on": "no"}
    assert request.person.governed
    assert request.person.manager.WhichOneof("manager") == "none"
    assert request.evaluate_time.ToDatetime(UTC) == datetime(2031, 3, 10, 10, tzinfo=UTC)
    assert request.schedule.duration.ToSeconds() == 86400
    assert not request.HasField("justification")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"])))
def test_any_text_survives_the_way_through_escaped_json(text: str) -> None:
    content = json.dumps({"justification": text}).encode()
    stdin = SimpleNamespace(buffer=io.BytesIO(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        assert read_question("-").request.justification == text


@pytest.mark.parametrize(
    ("content", "want"),
    [
        pytest.param(b"", "ask.json:1:1: EMPTY_FILE: the file is empty", id="an empty file"),
        pytest.param(
            b"hello", "ask.json:1:1: INVALID_REQUEST: must be a mapping, not text", id="no mapping"
        ),
        pytest.param(
            b"\x7fELF\x01",
            "ask.json:1:1: CONTROL_CHARACTER: control character U+007F is not allowed",
            id="a program",
        ),
        pytest.param(
            b'{"a": "\xff"}',
            "ask.json:1:8: NOT_UTF8: byte 0xff is not valid UTF-8 here",
            id="bytes that are no text",
        ),
        pytest.param(
            b'{"accessPackage": "a',
            "ask.json:1:21: YAML_SYNTAX: found unexpected end of stream, while scanning a quoted"
            " scalar",
            id="cut off",
        ),
        pytest.param(
            b"[" * 100_000, "ask.json:1:65: TOO_DEEP: nested deeper than 64 levels", id="too deep"
        ),
        pytest.param(
            b"a: &a [*a]", "ask.json:1:8: ALIAS_CYCLE: alias `*a` contains itself", id="a cycle"
        ),
        pytest.param(
            b"accessPackage: !!python/object:os.system x",
            "ask.json:1:16: TAG: tags are not allowed: `tag:yaml.org,2002:python/object:os.system`",
            id="a tag that wants to be an object",
        ),
        pytest.param(
            b'{"acessPackage": "a"}',
            "ask.json:1:2: UNKNOWN_FIELD: no such field here: `acessPackage`; did you mean"
            " `accessPackage`?",
            id="a field nearly right",
        ),
        pytest.param(
            b'{"schedule": {"expires": "x"}}',
            "ask.json:1:15: UNKNOWN_FIELD: schedule: no such field here: `expires`; there are"
            " startTime, endTime, duration",
            id="a field that nobody knows",
        ),
        pytest.param(
            b'{"accessPackage": "a",\n "access_package": "b"}',
            "ask.json:2:2: DUPLICATE_KEY: access_package: is given twice",
            id="a field by both of its names",
        ),
        pytest.param(
            b'{"requestorId": "a", "person": {"id": "a"}}',
            "ask.json:1:1: INVALID_REQUEST: only one of requestor_id and person can be given",
            id="two requestors",
        ),
        pytest.param(
            b'{"requestorId": ["a"]}',
            "ask.json:1:17: INVALID_REQUEST: requestor_id: must be text, not a list",
            id="a list for a text",
        ),
        pytest.param(
            b'{"person": "emil"}',
            "ask.json:1:12: INVALID_REQUEST: person: must be a mapping, not text",
            id="a text for a message",
        ),
        pytest.param(
            b'{"answers": {}}',
            "ask.json:1:13: INVALID_REQUEST: answers: must be a list, not a mapping",
            id="a mapping for a list",
        ),
        pytest.param(
            b'{"person": {"attributes": {"values": []}}}',
            "ask.json:1:38: INVALID_REQUEST: person.attributes.values: must be a mapping, not a"
            " list",
            id="a list for a map",
        ),
        pytest.param(
            b'{"answers": [null]}',
            "ask.json:1:14: INVALID_REQUEST: answers[0]: must be a mapping, not nothing",
            id="nothing in a list",
        ),
        pytest.param(
            b'{"mode": "EVALUATION_MODE_QUERRY"}',
            "ask.json:1:10: UNKNOWN_VALUE: mode: has no value `EVALUATION_MODE_QUERRY`; did you"
            " mean `EVALUATION_MODE_QUERY`?",
            id="a word nearly right",
        ),
        pytest.param(
            b'{"mode": "explore"}',
            "ask.json:1:10: UNKNOWN_VALUE: mode: has no value `explore`; it takes"
            " EVALUATION_MODE_QUERY, EVALUATION_MODE_SUBMISSION",
            id="a word that nobody knows",
        ),
        pytest.param(
            b'{"mode": []}',
            "ask.json:1:10: INVALID_REQUEST: mode: must be a word, not a list",
            id="a list for a word",
        ),
        pytest.param(
            b'{"mode": 2147483648}',
            "ask.json:1:10: INVALID_REQUEST: mode: `2147483648` is beyond 2147483647",
            id="a word's number too large",
        ),
        pytest.param(
            b'{"counters": {"assignmentsPerPackage": -9223372036854775809}}',
            "ask.json:1:40: INVALID_REQUEST: counters.assignments_per_package:"
            " `-9223372036854775809` is beyond -9223372036854775808",
            id="a number too small",
        ),
        pytest.param(
            b'{"counters": {"assignmentsPerPackage": 1.5}}',
            "ask.json:1:40: INVALID_REQUEST: counters.assignments_per_package: must be a whole"
            " number, not `1.5`",
            id="a broken number",
        ),
        pytest.param(
            b'{"person": {"governed": "yes"}}',
            "ask.json:1:25: INVALID_REQUEST: person.governed: must be true or false, not `yes`",
            id="a text for a flag",
        ),
        pytest.param(
            b'{"evaluateTime": "tomorrow"}',
            "ask.json:1:18: INVALID_REQUEST: evaluate_time: `tomorrow` is no date or instant;"
            " write it like 2031-06-30 or 2031-06-30T18:00Z",
            id="no instant",
        ),
        pytest.param(
            b'{"evaluateTime": "2031-02-30T00:00:00Z"}',
            "ask.json:1:18: INVALID_REQUEST: evaluate_time: `2031-02-30T00:00:00Z` is not an"
            " instant of the calendar",
            id="no day of the calendar",
        ),
        pytest.param(
            b'{"schedule": {"duration": "P90D"}}',
            "ask.json:1:27: INVALID_REQUEST: schedule.duration: `P90D` is not a duration; write it"
            " in seconds, like 7776000s for 90 days",
            id="a duration as definitions write it",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, content: bytes, want: str) -> None:
    assert refused(tmp_path, content) == [want]


def test_what_only_protobuf_finds_is_still_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise json_format.ParseError("wrong in a way\nthat nobody foresaw")

    monkeypatch.setattr(json_format, "ParseDict", refuse)
    assert refused(tmp_path, b"accessPackage: a") == [
        "ask.json:1:1: INVALID_REQUEST: wrong in a way"
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """S-139."""
    faults = refused(tmp_path, b'{"x": 1,\n "mode": "y",\n "requestorId": []}')
    assert [fault.split(" ")[0] for fault in faults] == [
        "ask.json:1:2:",
        "ask.json:2:10:",
        "ask.json:3:17:",
    ]


def test_a_file_that_is_all_wrong_costs_no_endless_search_for_suggestions(tmp_path: Path) -> None:
    content = "\n".join(f"accessPackag{number}: x" for number in range(5000)).encode()
    faults = refused(tmp_path, content)
    assert len(faults) == 5000
    assert sum("did you mean" in fault for fault in faults) == 100


def test_a_request_larger_than_any_server_takes_is_refused(tmp_path: Path) -> None:
    content = b'{"justification": "' + b"x" * LARGEST_FILE + b'"}'
    assert refused(tmp_path, content) == [
        "ask.json:1:1: FILE_TOO_LARGE: a request is at most 4 MiB long"
    ]


def test_options_replace_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "ask.yaml"
    path.write_text("accessPackage: a\nperson: {id: x}\npolicy: p\n")
    flags = Flags(
        requestor="emil",
        policy="q",
        justification="",
        at="2031-03-10 10:00",
        type="on-behalf",
        submitter="mona",
        submission=True,
    )
    request = read_question(str(path), flags).request
    assert json_format.MessageToDict(request) == {
        "accessPackage": "a",
        "requestorId": "emil",
        "policy": "q",
        "justification": "",
        "evaluateTime": "2031-03-10T10:00:00Z",
        "requestType": "REQUEST_TYPE_ON_BEHALF_ADD",
        "submitter": "mona",
        "mode": "EVALUATION_MODE_SUBMISSION",
    }


@pytest.mark.parametrize(
    ("text", "want"),
    [
        pytest.param("2031-03-10", "2031-03-10T00:00:00Z", id="a date is its first moment"),
        pytest.param("2031-03-10 10:00", "2031-03-10T10:00:00Z", id="without a zone it is UTC"),
        pytest.param("2031-03-10T10:00:30+02:00", "2031-03-10T08:00:30Z", id="another zone"),
    ],
)
def test_instants_of_options(text: str, want: str) -> None:
    request = read_question(None, Flags("p", "r", at=text)).request
    assert request.evaluate_time.ToJsonString() == want


@pytest.mark.parametrize(
    ("file", "flags", "want"),
    [
        pytest.param(
            None,
            Flags(requestor="emil"),
            "what is asked? name a FILE (- for standard input), or --requestor and --package",
            id="half a question",
        ),
        pytest.param(
            None,
            Flags("p", "r", at="soon"),
            "--at: `soon` is no date or instant; write it like 2031-06-30 or 2031-06-30T18:00Z",
            id="no instant",
        ),
        pytest.param(
            None,
            Flags("p", "r", at="1969-12-31"),
            "--at: `1969-12-31` lies outside the years 1970 to 8999",
            id="before all time",
        ),
        pytest.param("no-such.json", Flags(), "no such file: no-such.json", id="no file"),
        pytest.param("/", Flags(), "/: is a directory", id="a folder"),
        pytest.param("a\0b", Flags(), "a\0b: embedded null byte", id="no name of a file"),
    ],
)
def test_wrong_usage(file: str | None, flags: Flags, want: str) -> None:
    with pytest.raises(CommandError) as caught:
        read_question(file, flags)
    assert (caught.value.code, caught.value.messages) == (Exit.USAGE, (want,))


def test_a_fault_in_an_option_has_no_place() -> None:
    question = read_question(None, Flags("p", "r"))
    assert question.fault("policy", "CODE", "text") == "CODE: text"
