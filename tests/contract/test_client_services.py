"""The client of all services: who calls, writes that are sent again, pages, streams, failures."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures

import grpc
import pytest

from ostiary.client import CallError, Services
from ostiary.v1 import (
    access_request_pb2,
    audit_pb2,
    audit_service_pb2,
    audit_service_pb2_grpc,
    request_service_pb2,
    request_service_pb2_grpc,
)


class Requests(request_service_pb2_grpc.RequestServiceServicer):
    """Keeps what it is asked; the first write finds it unavailable."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, str | bytes]] = []
        self.writes: list[str] = []

    def CancelRequest(  # noqa: N802  # as the contract names it
        self, request: request_service_pb2.CancelRequestRequest, context: grpc.ServicerContext
    ) -> request_service_pb2.CancelRequestResponse:
        self.metadata.append(dict(context.invocation_metadata()))
        self.writes.append(request.request_id)
        if len(self.writes) == 1:
            context.abort(grpc.StatusCode.UNAVAILABLE, "starting")
        return request_service_pb2.CancelRequestResponse()

    def ListRequests(  # noqa: N802  # as the contract names it
        self, request: request_service_pb2.ListRequestsRequest, context: grpc.ServicerContext
    ) -> request_service_pb2.ListRequestsResponse:
        number = int(request.page_token or 1)
        return request_service_pb2.ListRequestsResponse(
            requests=[access_request_pb2.AccessRequest(id=f"r-{number}")],
            next_page_token=str(number + 1) if number < 3 else "",
        )


class Audit(audit_service_pb2_grpc.AuditServiceServicer):
    """Tells two events and fails."""

    def WatchAuditEvents(  # noqa: N802  # as the contract names it
        self, request: audit_service_pb2.WatchAuditEventsRequest, context: grpc.ServicerContext
    ) -> Iterator[audit_service_pb2.WatchAuditEventsResponse]:
        for number in (1, 2):
            event = audit_pb2.AuditEvent(sequence=number)
            yield audit_service_pb2.WatchAuditEventsResponse(event=event)
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "no more")


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def target(requests: Requests) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    request_service_pb2_grpc.add_RequestServiceServicer_to_server(requests, server)
    audit_service_pb2_grpc.add_AuditServiceServicer_to_server(Audit(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(0)


CANCEL = request_service_pb2.CancelRequestRequest(request="r-1")


def test_a_write_is_sent_again_under_the_same_id(target: str, requests: Requests) -> None:
    """S-61: carried out once, however often it is sent."""
    with Services(target, caller="user:emil", roles=("administrator", "evaluator")) as services:
        services.call(services.requests.CancelRequest, CANCEL)
        assert len(requests.writes) == 2
        assert len(set(requests.writes)) == 1
        assert not CANCEL.request_id
        own = request_service_pb2.CancelRequestRequest(request="r-1", request_id="mine")
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
    asked = request_service_pb2.ListRequestsRequest()
    with Services(target) as services:
        pages = list(services.pages(services.requests.ListRequests, asked))
    assert [page.requests[0].id for page in pages] == ["r-1", "r-2", "r-3"]
    assert not asked.page_token


def test_a_stream_that_breaks_says_why_after_what_came(target: str) -> None:
    asked = audit_service_pb2.WatchAuditEventsRequest()
    with Services(target) as services:
        told = services.stream(services.audit.WatchAuditEvents, asked)
        assert [next(told).event.sequence for _ in range(2)] == [1, 2]
        with pytest.raises(CallError, match="no more") as caught:
            next(told)
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED


def test_what_a_server_does_not_offer_is_an_error_of_the_call(target: str) -> None:
    with Services(target) as services:
        asked = request_service_pb2.GetRequestRequest(request="r-1")
        with pytest.raises(CallError) as caught:
            services.call(services.requests.GetRequest, asked)
    assert caught.value.code is grpc.StatusCode.UNIMPLEMENTED
