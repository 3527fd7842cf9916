"""Words of options about the life of requests, and words for every state of the contract."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.labels import Labels
from ostiary.cli.life import request_story, spelling, words
from ostiary.cli.life.refusals import option_of
from ostiary.cli.message_json import message_json
from ostiary.v1 import access_request_pb2 as requests
from ostiary.v1 import access_review_pb2 as reviews
from ostiary.v1 import assignment_pb2 as assignments
from ostiary.v1 import assignment_service_pb2 as assignment_service
from ostiary.v1 import audit_pb2, callout_pb2, person_pb2, work_pb2
from ostiary.v1 import request_service_pb2 as request_service

NOW = datetime(2031, 3, 10, 10, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("2031-04-01", "2031-04-01 00:00"),
        ("2031-04-01T08:30Z", "2031-04-01 08:30"),
        ("2031-04-01 08:30", "2031-04-01 08:30"),
        ("2031-04-01T08:30+02:00", "2031-04-01 06:30"),
    ],
)
def test_instants_without_a_zone_are_utc(text: str, want: str) -> None:
    assert spelling.instant("--start", text) == at(want)


def test_a_day_as_an_end_means_its_midnight() -> None:
    """S-6."""
    assert spelling.end("--end", "2031-04-01") == at("2031-04-02 00:00")
    assert spelling.end("--end", "2031-04-01T00:00") == at("2031-04-01 00:00")


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("30d", timedelta(days=30)),
        ("36h", timedelta(hours=36)),
        ("1d 12h", timedelta(days=1, hours=12)),
        ("90min", timedelta(minutes=90)),
        ("5s", timedelta(seconds=5)),
        ("P2W", timedelta(days=14)),
        ("PT12H", timedelta(hours=12)),
    ],
)
def test_lengths_of_time(text: str, want: timedelta) -> None:
    assert spelling.length("--duration", text) == want
    assert spelling.is_length(text)
    assert spelling.since("--since", text, NOW) == NOW - want


@pytest.mark.parametrize(
    ("read", "text", "want"),
    [
        pytest.param(spelling.instant, "soon", "`soon` is no date or instant", id="no instant"),
        pytest.param(spelling.instant, "2031-02-30", "is not a day of the", id="no day"),
        pytest.param(spelling.length, "", "`` is no length of time; write 30d", id="nothing"),
        pytest.param(spelling.length, "30", "`30` is no length of time", id="no unit"),
        pytest.param(spelling.length, "P1M", "counts months, which differ", id="months"),
        pytest.param(spelling.length, "-3d", "is no length of time", id="negative"),
        pytest.param(spelling.caller, "emil", "did you mean `user:emil`?", id="no kind"),
        pytest.param(spelling.caller, "group:x", "neither user:ID nor service:ID", id="a group"),
        pytest.param(spelling.caller, "user:", "neither user:ID nor service:ID", id="no id"),
        pytest.param(spelling.caller, "user:Zoë", "holds more than plain", id="not ASCII"),
        pytest.param(spelling.caller, "user:a\nb", "`user:a b` holds more", id="two lines"),
    ],
)
def test_words_that_are_wrong_name_their_option(
    read: Callable[[str, str], object], text: str, want: str
) -> None:
    with pytest.raises(CommandError) as caught:
        read("--option", text)
    assert caught.value.code == Exit.USAGE
    assert str(caught.value).startswith("--option: ")
    assert want in str(caught.value)


def test_answers_to_one_question_come_together() -> None:
    """S-57."""
    given = ("why=a=b", "where=north", "where=south")
    assert spelling.answers("--answer", given) == [("why", ["a=b"]), ("where", ["north", "south"])]
    for text in ("why", "=b"):
        with pytest.raises(CommandError, match="is not QUESTION=VALUE"):
            spelling.answers("--answer", (text,))


STATES: Any = requests.RequestState.DESCRIPTOR


def test_states_are_read_in_any_spelling_and_compared_with_those_that_are() -> None:
    read = spelling.values("--state", STATES, "REQUEST_STATE_", ["Delivery_Failed", "denied"])
    assert read == [requests.REQUEST_STATE_DELIVERY_FAILED, requests.REQUEST_STATE_DENIED]
    with pytest.raises(CommandError, match="one of submitted, pending-approval, "):
        spelling.values("--state", STATES, "REQUEST_STATE_", ["x"])
    with pytest.raises(CommandError, match="there is no `unspecified`"):
        spelling.values("--state", STATES, "REQUEST_STATE_", ["unspecified"])


@pytest.mark.parametrize(
    ("field", "request_", "want"),
    [
        (
            "schedule.end_time",
            request_service.CreateRequestRequest(),
            "--end",
        ),
        ("access_package", request_service.CreateRequestRequest(), "PACKAGE"),
        ("filter.access_package", request_service.ListRequestsRequest(), "--package"),
        ("request", request_service.ListWorkRequest(), "--request"),
        ("request", request_service.GetRequestRequest(), "REQUEST"),
        ("holder_id", assignment_service.AssignAccessRequest(), "USER"),
        ("answers[0].values", request_service.CreateRequestRequest(answers=[{}]), "--answer"),
        (
            "answers[1].values",
            request_service.CreateRequestRequest(answers=[{}, {}]),
            "--answer (number 2)",
        ),
        ("external_person.home.domain", request_service.CreateRequestRequest(), "--home"),
        ("something.new", request_service.CreateRequestRequest(), "something.new"),
    ],
)
def test_fields_go_by_the_options_that_they_were_typed_as(
    field: str, request_: Message, want: str
) -> None:
    """S-139."""
    assert option_of(field, request_) == want


def numbers(kind: Any) -> set[int]:
    return {value.number for value in kind.DESCRIPTOR.values if value.number}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (requests.RequestState, request_story._SENTENCES),
        (requests.RequestKind, words.KINDS),
        (requests.StageState, words._STAGE_WORDS),
        (assignments.AssignmentState, words._ASSIGNMENT_WORDS),
        (assignments.EndCause, words.END_CAUSES),
        (assignments.GrantState, words._GRANT_WORDS),
        (callout_pb2.CalloutStatus, words.CALLOUTS),
        (reviews.ReviewState, words.REVIEW_STATES),
        (reviews.ReviewVerdict, words.VERDICTS),
        (reviews.ReviewResult, words.RESULTS),
        (reviews.ReviewerKind, words.REVIEWERS),
        (reviews.NoResponse, words.NO_RESPONSES),
        (work_pb2.WorkKind, words._WORK),
        (work_pb2.WorkState, words.WORK_STATES),
        (person_pb2.SignIn, words._SIGN_INS),
    ],
)
def test_every_value_of_the_contract_has_words(kind: Any, told: Collection[int]) -> None:
    """S-88: whatever the state, a person can read it."""
    assert numbers(kind) <= set(told)


def test_values_of_a_newer_contract_go_by_their_numbers() -> None:
    assert words.assignment_state(99).plain == "99"
    item = work_pb2.WorkItem(target="app/User")
    item.kind = 99  # type: ignore[assignment]  # as a newer server would send it
    assert words.work(item, Labels()) == "WORK_KIND_99 app (User)"


@pytest.mark.parametrize(
    ("later", "want"),
    [
        (timedelta(days=29, hours=23), "in 29 d"),
        (timedelta(hours=-3), "3 h ago"),
        (timedelta(minutes=5), "in 5 min"),
        (timedelta(seconds=20), "now"),
    ],
)
def test_how_far_off_an_instant_is(later: timedelta, want: str) -> None:
    assert words.distance(words.stamp(NOW + later), NOW) == want


def test_equal_messages_give_equal_json() -> None:
    """Maps have no order of their own, wherever they stand."""
    one, other = (
        audit_pb2.AuditEvent(event_time=Timestamp(seconds=1), details=dict(pairs))
        for pairs in ([("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")])
    )
    told = [
        message_json(request_service.GetRequestResponse(timeline=[event])) for event in (one, other)
    ]
    assert told[0] == told[1]
    assert told[0].index('"a"') < told[0].index('"b"')
    assert message_json(one, one_line=True).count("\n") == 0
