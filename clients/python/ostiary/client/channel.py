"""The connection to a server, with calls tried again where that is safe."""

from __future__ import annotations

import json
from collections.abc import Iterable

import grpc

_PACKAGE = "ostiary.v1"
LARGEST_ANSWER = 64 * 1024 * 1024
# Milliseconds. grpcio itself would wait up to two minutes before it looks whether a server that was
# away is back, and fail every call until then.
FIRST_PAUSE, LONGEST_PAUSE = 200, 2000


def open_channel(
    target: str,
    services: Iterable[str],
    credentials: grpc.ChannelCredentials | None,
    *,
    streams: Iterable[tuple[str, str]] = (),
) -> grpc.Channel:
    """Connect to `HOST:PORT`, in the clear without credentials.

    Calls of the services that end with UNAVAILABLE are tried again a few times, so they must be
    free of side effects or name a `request_id`. `streams`, services with their methods, are not:
    whoever reads one begins again where it ended, and with grpcio 1.85 a stream without a time
    limit that is tried again while the server starts may wait for ever. A server that was away is
    found again two seconds after it is back.
    """
    config = {
        "methodConfig": [
            {
                "name": [{"service": f"{_PACKAGE}.{service}"} for service in services],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            },
            # What is said of a method wins over what is said of its service.
            *(
                {"name": [{"service": f"{_PACKAGE}.{service}", "method": method}]}
                for service, method in streams
            ),
        ]
    }
    options = (
        ("grpc.service_config", json.dumps(config)),
        ("grpc.max_receive_message_length", LARGEST_ANSWER),
        ("grpc.initial_reconnect_backoff_ms", FIRST_PAUSE),
        ("grpc.max_reconnect_backoff_ms", LONGEST_PAUSE),
    )
    if credentials is None:
        return grpc.insecure_channel(target, options=options)
    return grpc.secure_channel(target, credentials, options=options)
