"""DecisionService over gRPC: parse, ask the desk, or say why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from ostiary.adapters.clock import Clock
from ostiary.rpc.arrivals import long
from ostiary.rpc.asking import Asker, Asking
from ostiary.rpc.desk import not_a
from ostiary.rpc.errors import failure_of, status_of
from ostiary.rpc.reception import Reception
from ostiary.v1 import decision_service_pb2 as contract

NAME: str = contract.DESCRIPTOR.services_by_name["DecisionService"].full_name

Request = TypeVar("Request", bound=Message)


class DecisionService:
    """Answers calls from bytes to bytes: building message objects is what costs (see wire)."""

    def __init__(self, reception: Reception, clock: Clock, asking: Asking | None = None) -> None:
        """Take who may ask what; without it, whoever reaches the server asks anything."""
        self._reception = reception
        self._clock = clock
        self._asking = asking

    def handlers(self) -> Mapping[str, grpc.RpcMethodHandler[bytes, bytes]]:
        """Give the methods by name, for the server; neither side is serialised by gRPC."""
        methods = {
            "Evaluate": self.evaluate,
            "BatchEvaluate": self.batch_evaluate,
            "ListRequestable": self.list_requestable,
            "ResolveApprovers": self.resolve_approvers,
            "Explain": self.explain,
        }
        return {
            name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()
        }

    def evaluate(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Decide one question."""
        try:
            desk = self._reception.desk()
            return desk.evaluate(data, self._clock.now(), self._asker("Evaluate", context))
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            _refuse(context, error)

    @long
    def batch_evaluate(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Decide many questions; stop when the caller no longer waits."""
        try:
            desk = self._reception.desk()
            return desk.batch(
                data,
                self._clock.now(),
                context.is_active,
                self._asker("BatchEvaluate", context),
            )
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            _refuse(context, error)

    @long
    def list_requestable(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """List what a person may request."""
        try:
            desk = self._reception.desk()
            request = _parsed(contract.ListRequestableRequest, data)
            asker = self._asker("ListRequestable", context)
            answer = desk.list_requestable(request, self._clock.now(), asker)
            return answer.SerializeToString()
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            _refuse(context, error)

    @long
    def resolve_approvers(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Find the people who would be asked."""
        try:
            desk = self._reception.desk()
            request = _parsed(contract.ResolveApproversRequest, data)
            asker = self._asker("ResolveApprovers", context)
            answer = desk.resolve_approvers(request, self._clock.now(), asker)
            return answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            _refuse(context, error)

    @long
    def explain(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Decide one question, and look for what would change the answer."""
        try:
            desk = self._reception.desk()
            request = _parsed(contract.ExplainRequest, data)
            asker = self._asker("Explain", context)
            answer = desk.explain(request, self._clock.now(), asker)
            return answer.SerializeToString(deterministic=True)
        except Exception as error:  # noqa: BLE001 the table of errors knows what becomes of each
            _refuse(context, error)

    def _asker(self, method: str, context: grpc.ServicerContext) -> Asker | None:
        if self._asking is None:
            return None
        return self._asking.asker(f"{NAME}/{method}", context.invocation_metadata())


def _parsed(kind: type[Request], data: bytes) -> Request:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise not_a(kind) from error


def _refuse(context: grpc.ServicerContext, error: Exception) -> NoReturn:
    context.abort_with_status(rpc_status.to_status(status_of(failure_of(error))))
