"""Single calls of gRPC, in bytes."""

from __future__ import annotations

import grpc
from grpc_health.v1 import health_pb2

_HEALTH = "/grpc.health.v1.Health/Check"


def answer(address: str, method: str, message: bytes, *, seconds: float = 10.0) -> bytes:
    """The answer to one call; raises grpc.RpcError if there is none."""
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
        return call(message, timeout=seconds)


def serves(address: str) -> bool:
    """Whether the server says that it serves."""
    try:
        said = answer(address, _HEALTH, b"", seconds=1)
    except grpc.RpcError:
        return False
    serving = health_pb2.HealthCheckResponse.SERVING
    return health_pb2.HealthCheckResponse.FromString(said).status == serving
