"""The client of all services: who calls, writes that are sent again, pages, streams, failures."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from ostiary.client import CallError, Services
from ostiary.v1 import access_request_pb2, audit_pb2
from ostiary.v1 import audit_service_pb2 as audit
from ostiary.v1 import request_service_pb2 as contract


class Requests:
    """Keeps what it is asked; the first write finds it unavailable."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, str | bytes]] = []
        self.writes: list[str] = []

    def cancel(
        self, request: contract.CancelRequestRequest, context: grpc.ServicerContext
    ) -> contract.CancelRequestResponse:
        self.metadata.append(dict(context.invocation_metadata()))
        self.writes.append(request.request_id)
        if len(self.writes) == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
        return contract.CancelRequestResponse()


def list_requests(
    request: contract.ListRequestsRequest, _: grpc.ServicerContext
) -> contract.ListRequestsResponse:
    number = int(request.page_token or 1)
    return contract.ListRequestsResponse(
        requests=[access_request_pb2.AccessRequest(id=f"r-{number}")],
        next_page_token=str(number + 1) if number < 3 else "",
    )


def watch(
    asked: audit.WatchAuditEventsRequest, context: grpc.ServicerContext
) -> Iterator[audit.WatchAuditEventsResponse]:
    if asked.after_sequence > 2:
        context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
    for number in (1, 2):
        yield audit.WatchAuditEventsResponse(event=audit_pb2.AuditEvent(sequence=number))
    context.abort(grpc.StatusCode.PERMISSION_DENIED, "no more")


def unary(behave: Callable[..., Message], asked: type[Message]) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.unary_unary_rpc_method_handler(
        behave, asked.FromString, lambda answer: answer.SerializeToString()
    )


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def watched() -> list[int]:
    """After what each stream was begun."""
    return []


@pytest.fixture
def target(requests: Requests, watched: list[int]) -> Iterator[str]:
    def watch_and_tell(
        asked: audit.WatchAuditEventsRequest, context: grpc.ServicerContext
    ) -> Iterator[audit.WatchAuditEventsResponse]:
        watched.append(asked.after_sequence)
        yield from watch(asked, context)

    server = grpc.server(futures.ThreadPoolExecutor(2))
    watching: grpc.RpcMethodHandler[Any, Any] = grpc.unary_stream_rpc_method_handler(
        watch_and_tell,
        audit.WatchAuditEventsRequest.FromString,
        lambda answer: answer.SerializeToString(),
    )
    cancel = unary(requests.cancel, contract.CancelRequestRequest)
    listing = unary(list_requests, contract.ListRequestsRequest)
    methods = {"CancelRequest": cancel, "ListRequests": listing}
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("ostiary.v1.RequestService", methods),
            grpc.method_handlers_generic_handler(
                "ostiary.v1.AuditService", {"WatchAuditEvents": watching}
            ),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(0)


CANCEL = contract.CancelRequestRequest(request="r-1")
ASKED = contract.ListRequestsRequest()
_NO_ANSWER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_a_write_is_sent_again_under_the_same_id(target: str, requests: Requests) -> None:
    """S-61: carried out once, however often it is sent."""
    with Services(target, caller="user:emil", roles=("administrator", "evaluator")) as services:
        services.call(services.requests.CancelRequest, CANCEL)
        assert len(requests.writes) == 2
        assert len(set(requests.writes)) == 1
        assert not CANCEL.request_id
        own = contract.CancelRequestRequest(request="r-1", request_id="mine")
        services.call(services.requests.CancelRequest, own)
        services.call(services.requests.CancelRequest, CANCEL)
    assert requests.writes[2] == "mine"
    assert len(set(requests.writes)) == 3
    said = requests.metadata[-1]
    assert said["ostiary-caller"] == "user:emil"
    assert said["ostiary-roles"] == "administrator,evaluator"


def test_nobody_sends_no_header(target: str, requests: Requests) -> None:
    with Services(target) as services:
        services.call(services.requests.CancelRequest, CANCEL)
    assert not any(name.startswith("ostiary-") for name in requests.metadata[-1])


def test_all_pages_are_asked_for_and_the_question_stays_as_it_is(target: str) -> None:
    asked = contract.ListRequestsRequest()
    with Services(target) as services:
        pages = list(services.pages(services.requests.ListRequests, asked))
    assert [page.requests[0].id for page in pages] == ["r-1", "r-2", "r-3"]
    assert not asked.page_token


def test_a_stream_that_breaks_says_why_after_what_came(target: str) -> None:
    asked = audit.WatchAuditEventsRequest()
    with Services(target) as services:
        told = services.stream(services.audit.WatchAuditEvents, asked)
        assert [next(told).event.sequence for _ in range(2)] == [1, 2]
        with pytest.raises(CallError, match="no more") as caught:
            next(told)
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED


def test_a_stream_that_is_not_to_be_had_is_begun_once_and_again_by_whoever_reads_it(
    target: str, watched: list[int]
) -> None:
    with Services(target) as services:
        told = services.stream(
            services.audit.WatchAuditEvents, audit.WatchAuditEventsRequest(after_sequence=3)
        )
        with pytest.raises(CallError, match="starting") as caught:
            next(told)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert watched == [3]


def test_what_a_server_does_not_offer_is_an_error_of_the_call(target: str) -> None:
    with Services(target) as services:
        asked = contract.GetRequestRequest(request="r-1")
        with pytest.raises(CallError) as caught:
            services.call(services.requests.GetRequest, asked)
    assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED


def test_a_server_that_is_away_is_looked_for_again_and_again() -> None:
    """Eight times in seven seconds; with grpcio's own pauses it would take a minute."""
    tries = 0
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.1)
        with Services(f"127.0.0.1:{listening.getsockname()[1]}") as services:
            deadline = time.monotonic() + 20
            while tries < 8:
                assert time.monotonic() < deadline, f"tried {tries} times in 20 seconds"
                with contextlib.suppress(TimeoutError):
                    listening.accept()[0].close()
                    tries += 1
                with pytest.raises(CallError) as caught:
                    services.call(services.requests.ListRequests, ASKED, timeout=0.05)
                assert caught.value.code in _NO_ANSWER
