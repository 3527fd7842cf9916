"""How gRPC waits for its sockets, which has to be settled before it is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, MutableMapping

VARIABLE = "GRPC_EXPERIMENTS"
LISTENER = "event_engine_listener"


def poll_while_serving(
    environment: MutableMapping[str, str] = os.environ, imported: Container[str] = sys.modules
) -> None:
    """Have the thread that takes gRPC's events read the sockets too, here and in child processes.

    Without it threads of gRPC's own read, and each call is handed over to the thread that takes
    the events, which costs processor time (ADR 9). Whoever has set this switch, either way, is left
    alone. A release of gRPC that no longer knows it says so once and serves all the same.

    Raises RuntimeError if gRPC is imported already: it looks at the environment only then.
    """
    said = environment.get(VARIABLE, "")
    if LISTENER in said:
        return
    if "grpc" in imported:
        raise RuntimeError("gRPC was imported before its polling was settled")
    environment[VARIABLE] = ",".join(filter(None, (said, f"-{LISTENER}")))
