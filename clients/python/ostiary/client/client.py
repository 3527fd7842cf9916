"""The client: one method for each method of DecisionService."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import grpc

from ostiary.client.channel import open_channel
from ostiary.client.errors import CallError
from ostiary.v1 import (
    decision_pb2,
    decision_service_pb2,
    decision_service_pb2_grpc,
    person_pb2,
)

Request = TypeVar("Request")
Response = TypeVar("Response")

DEFAULT_TIMEOUT = 5.0


class Client:
    """Asks one server; to be used in a `with` statement or closed."""

    def __init__(
        self,
        target: str,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Connect to `HOST:PORT`; without credentials, in the clear."""
        # Every method is free of side effects, so that asking again is always safe.
        self._channel = open_channel(target, ("DecisionService",), credentials)
        self._stub = decision_service_pb2_grpc.DecisionServiceStub(self._channel)
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def evaluate(
        self, request: decision_service_pb2.EvaluateRequest, *, timeout: float | None = None
    ) -> decision_pb2.Decision:
        """Give the decision on one request."""
        return self._call(self._stub.Evaluate, request, timeout).decision

    def batch_evaluate(
        self,
        requests: Iterable[decision_service_pb2.EvaluateRequest],
        *,
        timeout: float | None = None,
    ) -> list[decision_pb2.Decision | CallError]:
        """Give for each request, in order, the decision or why there is none; at most 1,000."""
        batch = decision_service_pb2.BatchEvaluateRequest(requests=requests)
        answer = self._call(self._stub.BatchEvaluate, batch, timeout)
        return [
            CallError.of_item(result.error) if result.HasField("error") else result.decision
            for result in answer.results
        ]

    def list_requestable(
        self,
        requestor: str | person_pb2.InlinePerson,
        *,
        evaluate_time: datetime | None = None,
        holdings: decision_service_pb2.Holdings | None = None,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Iterator[decision_service_pb2.RequestablePackage]:
        """Give everything that a person sees as available, page after page."""
        request = decision_service_pb2.ListRequestableRequest(
            evaluate_time=evaluate_time, holdings=holdings, page_size=page_size
        )
        if isinstance(requestor, str):
            request.requestor_id = requestor
        else:
            request.person.CopyFrom(requestor)
        while True:
            page = self._call(self._stub.ListRequestable, request, timeout)
            yield from page.access_packages
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def resolve_approvers(
        self,
        request: decision_service_pb2.ResolveApproversRequest,
        *,
        timeout: float | None = None,
    ) -> decision_service_pb2.ResolveApproversResponse:
        """Give the people who would be asked to approve."""
        return self._call(self._stub.ResolveApprovers, request, timeout)

    def explain(
        self,
        request: decision_service_pb2.ExplainRequest,
        *,
        timeout: float | None = None,
    ) -> decision_service_pb2.ExplainResponse:
        """Give the decision on one request and, if asked, what would change it."""
        return self._call(self._stub.Explain, request, timeout)

    def _call(
        self,
        method: Callable[..., Response],
        request: object,
        timeout: float | None,
    ) -> Response:
        try:
            return method(request, timeout=self._timeout if timeout is None else timeout)
        except grpc.RpcError as error:
            raise CallError.of_call(error) from error
