"""All services of one server, called as somebody, with messages of the contract in and out."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import grpc
from google.protobuf.message import Message

from ostiary.client.channel import open_channel
from ostiary.client.errors import CallError
from ostiary.v1 import (
    access_review_service_pb2,
    access_review_service_pb2_grpc,
    assignment_service_pb2,
    assignment_service_pb2_grpc,
    audit_service_pb2,
    audit_service_pb2_grpc,
    catalog_service_pb2,
    catalog_service_pb2_grpc,
    clock_service_pb2,
    clock_service_pb2_grpc,
    decision_service_pb2,
    decision_service_pb2_grpc,
    directory_service_pb2,
    directory_service_pb2_grpc,
    request_service_pb2,
    request_service_pb2_grpc,
    rule_service_pb2,
    rule_service_pb2_grpc,
)

CALLER_HEADER = "ostiary-caller"
ROLES_HEADER = "ostiary-roles"
DEFAULT_TIMEOUT = 10.0

Asked = TypeVar("Asked", bound=Message)
Response = TypeVar("Response")

_CONTRACT = (
    decision_service_pb2,
    request_service_pb2,
    assignment_service_pb2,
    access_review_service_pb2,
    audit_service_pb2,
    clock_service_pb2,
    catalog_service_pb2,
    directory_service_pb2,
    rule_service_pb2,
)
_SERVICES = tuple(name for module in _CONTRACT for name in module.DESCRIPTOR.services_by_name)


class Services:
    """Calls one server as one caller; to be used in a `with` statement or closed.

    `caller` is `user:ID` or `service:ID`, and `roles` are roles of the whole tenant: the server
    believes them only if it was started for development. Every failure is a CallError.
    """

    def __init__(
        self,
        target: str,
        *,
        caller: str = "",
        roles: Iterable[str] = (),
        timeout: float = DEFAULT_TIMEOUT,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Connect to `HOST:PORT`; without credentials, in the clear."""
        self._channel = open_channel(target, _SERVICES, credentials, streams=_streams())
        self._timeout = timeout
        said = ((CALLER_HEADER, caller), (ROLES_HEADER, ",".join(roles)))
        self._metadata = tuple((name, value) for name, value in said if value)
        self.decisions = decision_service_pb2_grpc.DecisionServiceStub(self._channel)
        self.requests = request_service_pb2_grpc.RequestServiceStub(self._channel)
        self.assignments = assignment_service_pb2_grpc.AssignmentServiceStub(self._channel)
        self.reviews = access_review_service_pb2_grpc.AccessReviewServiceStub(self._channel)
        self.audit = audit_service_pb2_grpc.AuditServiceStub(self._channel)
        self.catalogs = catalog_service_pb2_grpc.CatalogServiceStub(self._channel)
        self.directory = directory_service_pb2_grpc.DirectoryServiceStub(self._channel)
        self.rules = rule_service_pb2_grpc.RuleServiceStub(self._channel)
        self.clock = clock_service_pb2_grpc.ClockServiceStub(self._channel)

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

    def call(
        self, method: Callable[..., Response], request: Message, *, timeout: float | None = None
    ) -> Response:
        """Call a method once; a write without a `request_id` is given one.

        So a write that is sent again, since its answer was lost on the way, is carried out once.
        """
        try:
            return method(
                _named(request),
                timeout=self._timeout if timeout is None else timeout,
                metadata=self._metadata,
            )
        except grpc.RpcError as error:
            raise CallError.of_call(error) from error

    def send(
        self,
        method: Callable[..., Response],
        requests: Iterable[Message],
        *,
        timeout: float | None = None,
    ) -> Response:
        """Call a method that takes many messages and answers once; without a limit unless given."""
        try:
            return method(iter(requests), timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise CallError.of_call(error) from error

    def pages(self, method: Callable[..., Response], request: Message) -> Iterator[Response]:
        """Call a method that lists, page after page."""
        asked = _copied(request)
        while True:
            page = self.call(method, asked)
            yield page
            token = cast(Any, page).next_page_token
            if not token:
                return
            cast(Any, asked).page_token = token

    def stream(self, method: Callable[..., Iterator[Response]], request: Message) -> Iterator[Any]:
        """Give what a method of a stream says, as it comes; without a time limit."""
        yield from self._said(method(request, metadata=self._metadata))

    def exchange(
        self, method: Callable[..., Iterator[Response]], requests: Iterable[Message]
    ) -> Iterator[Any]:
        """Give what a method says while it takes many messages; without a time limit."""
        yield from self._said(method(iter(requests), metadata=self._metadata))

    @staticmethod
    def _said(call: Iterator[Response]) -> Iterator[Any]:
        try:
            yield from call
        except grpc.RpcError as error:
            raise CallError.of_call(error) from error
        finally:
            cast(Any, call).cancel()


def _streams() -> Iterator[tuple[str, str]]:
    for module in _CONTRACT:
        for name, service in module.DESCRIPTOR.services_by_name.items():
            for method in service.methods:
                if method.server_streaming or method.client_streaming:
                    yield name, method.name


def _named(request: Asked) -> Asked:
    """Give a write an id of its own if it has none."""
    names: Sequence[str] = [field.name for field in request.DESCRIPTOR.fields]
    if "request_id" not in names or cast(Any, request).request_id:
        return request
    named = _copied(request)
    cast(Any, named).request_id = uuid.uuid4().hex
    return named


def _copied(request: Asked) -> Asked:
    copy = type(request)()
    copy.CopyFrom(request)
    return copy
