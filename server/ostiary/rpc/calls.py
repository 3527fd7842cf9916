"""One call of a method: who makes it, whether its row of the permission table allows it.

The handlers made here parse, ask the identity source, look the row up, and turn what is raised into
a status; a service is left with a method from a request to an answer. A method without a row cannot
be served.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn, TypeAlias, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from grpc_status import rpc_status

from ostiary.domain.caller import Caller
from ostiary.domain.errors import (
    ForbiddenError,
    InvalidRequestError,
    StoreBusyError,
    UnauthenticatedError,
)
from ostiary.operations.rights import Rights
from ostiary.operations.submission import Actor
from ostiary.rpc.arrivals import WAITS
from ostiary.rpc.errors import failure_of, status_of
from ostiary.rpc.identity import IdentitySource
from ostiary.rpc.permissions import TABLE, Relation, Row

Request = TypeVar("Request", bound=Message)
_PAUSES = (0.005, 0.02, 0.08, 0.3)  # seconds between attempts while others are in the way

Handler: TypeAlias = "grpc.RpcMethodHandler[bytes, bytes]"


class Call:
    """One call on its way through a service."""

    def __init__(
        self, name: str, caller: Caller, row: Row, waited_for: Callable[[], bool] = lambda: True
    ) -> None:
        """Take the method's full name, who calls, the row, and what tells that nobody waits."""
        self.name = name
        self.caller = caller
        self.row = row
        self.waited_for = waited_for

    @property
    def actor_id(self) -> str:
        """Give the caller as records and the audit log name them."""
        return self.caller.holder if self.caller.service else self.caller.id

    def actor(self, rights: Rights, catalog: str) -> Actor:
        """Give the caller as operations know them."""
        return Actor(id=self.actor_id, staff=rights.have(self.row.roles, catalog))

    def is_user(self, user_id: str) -> bool:
        """Tell whether a user is the one who calls."""
        return bool(user_id) and not self.caller.service and self.caller.id == user_id

    def allow(
        self, rights: Rights, catalog: str, *held: Relation | None, row: Row | None = None
    ) -> None:
        """Raise ForbiddenError unless a role or one of the relations that hold allows the call."""
        row = self.row if row is None else row
        if row.relations.intersection(held):
            return
        if row.services_only and not self.caller.service:
            raise ForbiddenError
        if not rights.have(row.roles, catalog):
            raise ForbiddenError

    def catalogs(self, rights: Rights, *held: Relation | None) -> frozenset[str] | None:
        """Give to which catalogs a list is confined; None: to none, e.g. since it is one's own.

        Raises ForbiddenError if there is nothing that the caller may see.
        """
        if self.row.relations.intersection(held):
            return None
        catalogs = rights.catalogs(self.row.roles)
        if catalogs is not None and not catalogs:
            raise ForbiddenError
        return catalogs


def handlers(
    descriptor: ServiceDescriptor, service: object, identity: IdentitySource
) -> Mapping[str, Handler]:
    """Give the methods of a service by name, for the server; neither side is serialised by gRPC.

    A method `CreateRequest` is carried out by `service.create_request(request, call)`; one that is
    sent many messages takes an iterator of them.
    """
    made: dict[str, Handler] = {}
    for method in descriptor.methods:
        work = getattr(service, _snake(method.name))
        answer = _Answering(method, work, identity)
        if method.client_streaming and method.server_streaming:
            made[method.name] = grpc.stream_stream_rpc_method_handler(answer.exchange)
        elif method.client_streaming:
            made[method.name] = grpc.stream_unary_rpc_method_handler(answer.collected)
        elif method.server_streaming:
            made[method.name] = grpc.unary_stream_rpc_method_handler(answer.stream)
        else:
            unary = partial(answer.unary)
            setattr(unary, WAITS, True)
            made[method.name] = grpc.unary_unary_rpc_method_handler(unary)
    return made


class _Answering:
    """Answers the calls of one method."""

    def __init__(
        self, method: MethodDescriptor, work: Callable[..., Any], identity: IdentitySource
    ) -> None:
        self._name = f"{method.containing_service.full_name}/{method.name}"
        self._row = TABLE[self._name]
        self._request = GetMessageClass(method.input_type)
        self._work = work
        self._identity = identity

    def unary(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Give the one answer."""
        try:
            answer: Message = self._patiently(data, context)
            return answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            refuse(context, error)

    def stream(self, data: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """Give answer after answer."""
        try:
            answers: Iterator[Message] = self._begin(data, context)
            for answer in answers:
                yield answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            refuse(context, error)

    def _patiently(self, data: bytes, context: grpc.ServicerContext) -> Any:
        """Begin again where others were in the way; what was begun is undone by then."""
        for pause in _PAUSES:
            try:
                return self._begin(data, context)
            except StoreBusyError:
                time.sleep(pause)
        return self._begin(data, context)

    def collected(self, parts: Iterator[bytes], context: grpc.ServicerContext) -> bytes:
        """Give the one answer to many messages, which the method takes one by one."""
        try:
            call = self._call(context)
            requests = (parsed(self._request, data) for data in parts)
            answer: Message = self._work(requests, call)
            return answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            refuse(context, error)

    def exchange(self, parts: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """Give answer after answer to many messages, which the method takes one by one."""
        try:
            call = self._call(context)
            requests = (parsed(self._request, data) for data in parts)
            answers: Iterator[Message] = self._work(requests, call)
            for answer in answers:
                yield answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            refuse(context, error)

    def _begin(self, data: bytes, context: grpc.ServicerContext) -> Any:
        call = self._call(context)
        return self._work(parsed(self._request, data), call)

    def _call(self, context: grpc.ServicerContext) -> Call:
        caller = self._identity.caller(context.invocation_metadata() or ())
        if self._row.needs_caller and not caller.id:
            raise UnauthenticatedError("the call does not say who makes it")
        return Call(self._name, caller, self._row, context.is_active)


def parsed(kind: type[Request], data: bytes) -> Request:
    """Give a message from its bytes; raises InvalidRequestError."""
    try:
        return kind.FromString(data)
    except DecodeError as error:
        name = kind.DESCRIPTOR.full_name
        raise InvalidRequestError([("", f"the message is not a serialised {name}")]) from error


def refuse(context: grpc.ServicerContext, error: Exception) -> NoReturn:
    """End a call with the status of an error."""
    context.abort_with_status(rpc_status.to_status(status_of(failure_of(error))))


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
