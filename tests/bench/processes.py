"""Processes under measurement: started on one core, watched through /proc, ended by their id."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TICKS = os.sysconf("SC_CLK_TCK")


class MissingError(Exception):
    """Something that the bench needs is not there; the text says how to get it."""


def program(name: str, package: str) -> str:
    """The path of a program, or MissingError with the package that has it."""
    path = shutil.which(name)
    if path is None:
        raise MissingError(f"`{name}` is missing; on Debian: apt-get install {package}")
    return path


def on_core(core: int, command: Sequence[str]) -> list[str]:
    """The command held to one core."""
    return [program("taskset", "util-linux"), "--cpu-list", str(core), *command]


@contextlib.contextmanager
def started(
    command: Sequence[str], core: int, log: Path, ready: Callable[[], bool], wait: float
) -> Iterator[int]:
    """Run a server on one core until the block ends; gives its process id once it is ready."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            on_core(core, command), stdout=out, stderr=out, stdin=subprocess.DEVNULL
        )
    try:
        _await(process, ready, wait, log)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], wait: float, log: Path
) -> None:
    until = time.monotonic() + wait
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise MissingError(f"{process.args!r} did not begin to serve:\n{said}")
        time.sleep(0.1)


def free_port() -> int:
    """A free port below the ephemeral ones, which an outgoing connection could take."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Usage(NamedTuple):
    """Seconds of processor time so far, and when they were read."""

    at: float
    own: float  # of the process and all its children
    load: float  # of the load generator
    busy: float  # of the whole machine


def usage(measured: int, load: int | None = None) -> Usage:
    """Read the processor time of a process with its children, of a load generator, and of all."""
    own = sum(map(_seconds, tree(measured)))
    return Usage(time.monotonic(), own, 0.0 if load is None else _seconds(load), _busy())


def own_cores(before: Usage, after: Usage) -> float:
    """The cores that the measured process used."""
    return (after.own - before.own) / (after.at - before.at)


def foreign_cores(before: Usage, after: Usage) -> float:
    """The cores that neither the measured process nor the load generator used."""
    known = after.own - before.own + after.load - before.load
    return max(0.0, (after.busy - before.busy - known) / (after.at - before.at))


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # a thread that ended meanwhile
                found.extend(map(int, children.read_text(encoding="ascii").split()))
    return found


def cores_of(pid: int) -> set[int]:
    """The cores that a process may use."""
    return set(os.sched_getaffinity(pid))


def _seconds(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / TICKS


def _busy() -> float:
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal, *_ = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / TICKS
