"""Every ErrorReason over a socket, with its status code and its google.rpc details."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any, NoReturn, TypeAlias

import grpc
import pytest
from google.protobuf.json_format import ParseDict

from ostiary.adapters.clock import FixedClock
from ostiary.client import CallError, Client
from ostiary.domain.decision import Decision, Outcome, Reason, Revision
from ostiary.domain.errors import (
    AssignmentNotFoundError,
    CalloutNotFoundError,
    ConflictError,
    DefinitionError,
    DefinitionNotFoundError,
    EngineFailedError,
    Fault,
    ForbiddenError,
    LimitExceededError,
    NoEarlierRevisionError,
    NotReadyError,
    PageTokenError,
    RefusedError,
    RequestIdReusedError,
    RequestNotFoundError,
    ReviewNotFoundError,
    RuleRevisionNotFoundError,
    RulesRefusedError,
    StoreUnavailableError,
    SubmissionRefusedError,
    SuitesFailingError,
    TablesUnavailableError,
    UnauthenticatedError,
    WorkNotFoundError,
)
from ostiary.domain.reasons import Code
from ostiary.rpc.loading import LoadedDesk
from ostiary.rpc.reception import Reception
from ostiary.rpc.server import Server
from ostiary.v1 import decision_pb2, error_pb2, reason_pb2
from ostiary.v1.decision_service_pb2 import (
    EvaluateRequest,
    ListRequestableRequest,
    ResolveApproversRequest,
)
from ostiary.v1.decision_service_pb2_grpc import DecisionServiceStub
from tests.contract.lent import NOW, Lent
from tests.contract.questions import asked

Raw: TypeAlias = "grpc.UnaryUnaryMultiCallable[bytes, bytes]"


def _refused(client: Client, request: EvaluateRequest) -> CallError:
    with pytest.raises(CallError) as raised:
        client.evaluate(request)
    return raised.value


@pytest.mark.parametrize(
    ("request_", "reason", "metadata"),
    [
        pytest.param(asked("crane", "emil"), "USER_NOT_FOUND", {"user": "emil"}, id="user"),
        pytest.param(
            asked("crane", "tenants/other/users/anna"),
            "USER_NOT_FOUND",
            {"user": "tenants/other/users/anna"},
            id="user of another tenant",
        ),
        pytest.param(
            asked("carne"), "ACCESS_PACKAGE_NOT_FOUND", {"access_package": "carne"}, id="package"
        ),
        pytest.param(
            asked("crane", policy="nowhere"), "POLICY_NOT_FOUND", {"policy": "nowhere"}, id="policy"
        ),
    ],
)
def test_a_name_that_nobody_has_is_not_found_and_named(
    client: Client, request_: EvaluateRequest, reason: str, metadata: dict[str, str]
) -> None:
    error = _refused(client, request_)
    assert (error.code, error.reason) == (grpc.StatusCode.NOT_FOUND, reason)
    assert error.metadata == metadata
    assert f"`{next(iter(metadata.values()))}`" in error.message


def test_all_violations_are_told_at_once_with_their_paths(client: Client) -> None:
    """S-139."""
    request = ParseDict(
        {
            "person": {
                "type": 17,
                "groups": {"groups": ["crew", ""]},
                "manager": {},
                "home": {"signIn": "SIGN_IN_FEDERATION", "domain": "x.example"},
            },
            "requestType": "REQUEST_TYPE_ON_BEHALF_ADD",
            "mode": 99,
            "answers": [{"question": "a"}, {"question": "a"}, {}],
            "schedule": {"duration": "3155760000s", "endTime": "9000-01-01T00:00:00Z"},
            "counters": {"assignmentsPerPackage": -1},
            "view": -3,
        },
        EvaluateRequest(),
    )
    error = _refused(client, request)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert {one.field for one in error.violations} == {
        "access_package",
        "person.id",
        "person.type",
        "person.groups.groups[1]",
        "person.manager",
        "person.home.issuer",
        "submitter",
        "mode",
        "answers[1].question",
        "answers[2].question",
        "schedule.duration",
        "schedule.end_time",
        "counters.assignments_per_package",
        "view",
    }
    assert error.metadata == {"violations": "14"}
    assert all(one.description for one in error.violations)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        pytest.param({"policy": "p" * 257}, "policy", id="id too long"),
        pytest.param({"policy": "a/" * 513}, "policy", id="resource name too long"),
        pytest.param({"submitter": "mona"}, "submitter", id="somebody else's own request"),
        pytest.param({"justification": "j" * 10_001}, "justification", id="justification"),
        pytest.param(
            {"answers": [{"question": "q", "values": ["v" * 10_001]}]},
            "answers[0].values[0]",
            id="answer",
        ),
        pytest.param({"holdings": {"assigned": ["a"] * 10_001}}, "holdings.assigned", id="list"),
        pytest.param({"holdings": {"pending": [""]}}, "holdings.pending[0]", id="empty id"),
        pytest.param(
            {"schedule": {"startTime": "1969-12-31T23:59:59Z"}}, "schedule.start_time", id="1969"
        ),
        pytest.param({"evaluateTime": "9000-01-01T00:00:00Z"}, "evaluate_time", id="9000"),
        pytest.param({"requestType": 4}, "request_type", id="enumeration"),
    ],
)
def test_each_bound_is_kept(client: Client, fields: dict[str, Any], path: str) -> None:
    error = _refused(client, asked("crane", **fields))
    assert [one.field for one in error.violations] == [path]


@pytest.mark.parametrize(
    ("sign_in", "given", "path"),
    [
        ("SIGN_IN_UNSPECIFIED", {"domain": "x.example"}, "person.home.sign_in"),
        ("SIGN_IN_TENANT", {"domain": "x.example"}, "person.home.tenant_id"),
        ("SIGN_IN_ONE_TIME_PASSCODE", {}, "person.home.domain"),
        ("SIGN_IN_FEDERATION", {"issuer": "i"}, "person.home.domain"),
        ("SIGN_IN_OTHER_CLOUD", {}, "person.home.identifier"),
        ("SIGN_IN_SOCIAL", {}, "person.home.identifier"),
        ("SIGN_IN_NONE", {"domain": "x.example"}, "person.home.domain"),
        (9, {}, "person.home.sign_in"),
    ],
)
def test_a_sign_in_says_what_it_needs(
    client: Client, sign_in: str, given: dict[str, str], path: str
) -> None:
    """S-112: half an identity is no identity."""
    person = {"id": "x", "home": {"signIn": sign_in, **given}}
    error = _refused(client, asked("crane", person))
    assert [one.field for one in error.violations] == [path]


def test_ten_thousand_violations_still_fit_into_an_error(client: Client) -> None:
    request = asked("crane", holdings={"assigned": [""] * 10_000})
    error = _refused(client, request)
    assert error.metadata == {"violations": "10000"}
    assert error.violations[0].field == "holdings.assigned[0]"
    assert "more violations" in error.violations[-1].description


def test_what_is_no_message_is_malformed(channel: grpc.Channel) -> None:
    raw: Raw = channel.unary_unary("/ostiary.v1.DecisionService/Evaluate")
    with pytest.raises(grpc.RpcError) as raised:
        raw(b"\xff\xff\xff", timeout=5)
    error = CallError.of_call(raised.value)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")


def test_a_list_is_asked_for_with_a_size_that_exists(client: Client) -> None:
    with pytest.raises(CallError) as raised:
        list(client.list_requestable("anna", page_size=-1))
    assert [one.field for one in raised.value.violations] == ["page_size"]
    with pytest.raises(CallError) as raised:
        list(client.list_requestable("emil"))
    assert raised.value.reason == "USER_NOT_FOUND"


def test_a_batch_that_is_too_large(client: Client) -> None:
    with pytest.raises(CallError) as raised:
        client.batch_evaluate([EvaluateRequest()] * 1001)
    assert raised.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_page_token_from_elsewhere(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        DecisionServiceStub(channel).ListRequestable(
            ListRequestableRequest(requestor_id="anna", page_token="Mg==")
        )
    error = CallError.of_call(raised.value)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID")


class _Failing:
    """A desk whose every answer fails with the error that was set."""

    def __init__(self, real: LoadedDesk) -> None:
        self.snapshot = real.desk.snapshot
        self.error: Exception = NotReadyError("x")
        self.desk = self

    def evaluate(self, request: EvaluateRequest, now: object, asker: object) -> NoReturn:
        """Fail."""
        raise self.error

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def failing(harbour: LoadedDesk) -> Iterator[tuple[_Failing, Client]]:
    desk = _Failing(harbour)
    server = Server(Reception(lambda: desk), FixedClock(NOW))  # type: ignore[arg-type, return-value]
    server.start()
    server.load()
    with Client(server.address) as client:
        yield desk, client
    server.stop(0)


def test_a_table_that_cannot_be_had_is_unavailable(failing: tuple[_Failing, Client]) -> None:
    desk, client = failing
    desk.error = TablesUnavailableError("the worker of the limits phase is gone")
    error = _refused(client, asked("crane"))
    assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "TABLES_UNAVAILABLE")


def test_an_error_that_nobody_foresaw_is_numbered_and_only_logged(
    failing: tuple[_Failing, Client], caplog: pytest.LogCaptureFixture
) -> None:
    desk, client = failing
    desk.error = ZeroDivisionError("secret of the house")
    with caplog.at_level(logging.ERROR):
        error = _refused(client, asked("crane"))
    assert (error.code, error.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in error.message
    correlation_id = error.metadata["correlation_id"]
    (record,) = [one for one in caplog.records if correlation_id in one.getMessage()]
    assert record.exc_info is not None
    assert "secret of the house" in str(record.exc_info[1])


def test_an_error_of_ours_that_has_no_row_in_the_table_is_internal(
    failing: tuple[_Failing, Client],
) -> None:
    desk, client = failing
    desk.error = DefinitionError([Fault("a.yaml", 1, 1, "X", "y")])
    assert _refused(client, asked("crane")).reason == "INTERNAL"


def test_before_anything_is_loaded_the_server_is_not_ready(harbour: LoadedDesk) -> None:
    server = Server(Reception(lambda: Lent(harbour)), FixedClock(NOW))
    server.start()
    try:
        with Client(server.address) as client:
            error = _refused(client, asked("crane"))
            assert (error.code, error.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_READY")
            server.load()
            assert client.evaluate(asked("crane")).eligible
    finally:
        server.stop(0)


def _ask_anything(client: Client) -> object:
    return client.evaluate(asked("crane"))


def _refusal(*reasons: Reason) -> Decision:
    return Decision(
        subject="anna",
        outcome=Outcome.DENY,
        visible=True,
        eligible=False,
        offered=("staff",),
        selected=None,
        choice_required=False,
        reasons=reasons,
        stages=(),
        dated=(),
        waiting=(),
        steps=(),
        revision=Revision("r", "t", "standard", "1"),
        evaluated_at=NOW,
    )


REFUSAL = _refusal(Reason(Code.NOT_IN_SCOPE, policy="staff", parameters=(("cause", "no_match"),)))


# Each reason with its status, and the call that fails with it or the error behind it.
REASONS: dict[str, tuple[grpc.StatusCode, Exception | Callable[[Client], object]]] = {
    "USER_NOT_FOUND": (
        grpc.StatusCode.NOT_FOUND,
        lambda client: client.evaluate(asked("crane", "emil")),
    ),
    "ACCESS_PACKAGE_NOT_FOUND": (
        grpc.StatusCode.NOT_FOUND,
        lambda client: client.resolve_approvers(
            ResolveApproversRequest(access_package="carne", requestor_id="anna")
        ),
    ),
    "POLICY_NOT_FOUND": (
        grpc.StatusCode.NOT_FOUND,
        lambda client: client.evaluate(asked("crane", policy="nowhere")),
    ),
    "INVALID_REQUEST": (
        grpc.StatusCode.INVALID_ARGUMENT,
        lambda client: client.evaluate(EvaluateRequest()),
    ),
    "BATCH_TOO_LARGE": (
        grpc.StatusCode.INVALID_ARGUMENT,
        lambda client: client.batch_evaluate([EvaluateRequest()] * 1001),
    ),
    "PAGE_TOKEN_INVALID": (
        grpc.StatusCode.INVALID_ARGUMENT,
        PageTokenError("the page token is not one of this server's"),
    ),
    "NOT_READY": (grpc.StatusCode.UNAVAILABLE, NotReadyError("nothing is loaded yet")),
    "TABLES_UNAVAILABLE": (grpc.StatusCode.UNAVAILABLE, TablesUnavailableError("worker gone")),
    "STORE_UNAVAILABLE": (grpc.StatusCode.UNAVAILABLE, StoreUnavailableError("no connection")),
    "UNAUTHENTICATED": (
        grpc.StatusCode.UNAUTHENTICATED,
        UnauthenticatedError("the call does not say who makes it"),
    ),
    "FORBIDDEN": (grpc.StatusCode.PERMISSION_DENIED, ForbiddenError()),
    "LIMIT_EXCEEDED": (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        LimitExceededError("packages_per_catalog", 500),
    ),
    "CONFLICT": (grpc.StatusCode.ABORTED, ConflictError("tenants/harbour/requests/r1")),
    "REQUEST_ID_REUSED": (grpc.StatusCode.INVALID_ARGUMENT, RequestIdReusedError("my-17")),
    "REFUSED": (
        grpc.StatusCode.FAILED_PRECONDITION,
        RefusedError("STAGE_CLOSED", "the stage is decided already"),
    ),
    "SUBMISSION_REFUSED": (grpc.StatusCode.FAILED_PRECONDITION, SubmissionRefusedError(REFUSAL)),
    "REQUEST_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, RequestNotFoundError("r1")),
    "ASSIGNMENT_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, AssignmentNotFoundError("a1")),
    "REVIEW_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, ReviewNotFoundError("v1")),
    "CALLOUT_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, CalloutNotFoundError("c1")),
    "WORK_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, WorkNotFoundError("w1")),
    "DEFINITION_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, DefinitionNotFoundError("carnes")),
    "RULE_REVISION_NOT_FOUND": (grpc.StatusCode.NOT_FOUND, RuleRevisionNotFoundError("0a1b2c3d")),
    "RULES_REFUSED": (
        grpc.StatusCode.FAILED_PRECONDITION,
        RulesRefusedError("0a1b2c3d", EngineFailedError("it hung")),
    ),
    "SUITES_FAILING": (
        grpc.StatusCode.FAILED_PRECONDITION,
        SuitesFailingError(["a_test.yaml:4: a guest"]),
    ),
    "NO_EARLIER_REVISION": (grpc.StatusCode.FAILED_PRECONDITION, NoEarlierRevisionError()),
    "INTERNAL": (grpc.StatusCode.INTERNAL, RecursionError("too deep")),
}


@pytest.mark.parametrize("name", list(error_pb2.ErrorReason.DESCRIPTOR.values_by_name)[1:])
def test_every_error_reason_reaches_the_caller(
    client: Client, failing: tuple[_Failing, Client], name: str
) -> None:
    reason = name.removeprefix("ERROR_REASON_")
    code, how = REASONS[reason]
    if isinstance(how, Exception):
        failing[0].error = how
        client, how = failing[1], _ask_anything
    with pytest.raises(CallError) as raised:
        how(client)
    assert (raised.value.code, raised.value.reason) == (code, reason)
    assert raised.value.message
    assert raised.value.message[0].islower()
    assert not raised.value.message.endswith(".")


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        pytest.param(REFUSAL, True, id="a small decision is told"),
        pytest.param(_refusal(*REFUSAL.reasons * 100), False, id="a large one is left out"),
    ],
)
def test_a_refused_submission_says_why(
    failing: tuple[_Failing, Client], decision: Decision, told: bool
) -> None:
    """S-45: the headline as a code with its parameters, and the decision as a detail."""
    failing[0].error = SubmissionRefusedError(decision)
    with pytest.raises(CallError) as raised:
        _ask_anything(failing[1])
    assert raised.value.metadata == {"code": "NOT_IN_SCOPE", "cause": "no_match"}
    if not told:
        assert raised.value.decision is None
        return
    shown = raised.value.decision
    assert shown is not None
    assert shown.outcome == decision_pb2.OUTCOME_DENY
    assert shown.offered_policies == ["staff"]
    assert [one.code for one in shown.reasons] == [reason_pb2.REASON_CODE_NOT_IN_SCOPE]
    assert shown.evaluate_time.ToDatetime(UTC) == NOW
