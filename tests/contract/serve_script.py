"""Serves as `ostiary serve` does and prints one line when it is ready; for tests of processes."""

from __future__ import annotations

import sys

import msgspec

from ostiary.rpc import logs
from ostiary.rpc.reception import OpenDesk
from ostiary.rpc.serving import ServeOptions
from ostiary.running.serving import serve


def announce(address: str, opened: OpenDesk) -> None:
    """Tell the test where the server is."""
    print(f"{address} {opened.tenant.id}", flush=True)


if __name__ == "__main__":
    logs.configure()
    serve(msgspec.json.decode(sys.argv[1], type=ServeOptions), announce)
