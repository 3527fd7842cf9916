"""What all commands share that ask a server; nothing heavy, since most do nothing else."""

from __future__ import annotations

import os

import grpc

from ostiary.cli.exits import CommandError, Exit
from ostiary.client import CallError

_NO_PROXY = "no_grpc_proxy"  # as gRPC spells it


def valid_address(address: str) -> None:
    """Raise CommandError unless an address is HOST:PORT."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise CommandError(Exit.USAGE, (f"--server: `{address}` is not HOST:PORT",))


def keep_proxies_off(address: str) -> None:
    """Keep a proxy from standing between this machine and itself."""
    host = address.rpartition(":")[0].strip("[]")
    if host in {"localhost", "::1"} or host.startswith("127."):
        spared = os.environ.get(_NO_PROXY) or os.environ.get("no_proxy") or ""
        os.environ[_NO_PROXY] = f"{spared},{host}".lstrip(",")


def in_words(error: CallError) -> str:
    """Give what gRPC says, less what only its authors understand."""
    if error.code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "no answer in time"
    said = error.message or "no answer"
    return said.rpartition("Failed to connect to remote host: ")[2].removeprefix("connect: ")
