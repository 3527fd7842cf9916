"""The processes of a run: a server and two workers over one store, killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
_COMPILES_ANEW = "PYTHONDONTWRITEBYTECODE"
_PATIENCE = 120.0  # seconds for a start or an orderly end on a busy machine


def _environment() -> dict[str, str]:
    """As ours, but that compiled modules are kept: everybody starts many times."""
    ours = {name: value for name, value in os.environ.items() if name != _COMPILES_ANEW}
    return ours | {"GRPC_VERBOSITY": "NONE"}


class Process:
    """One process of the product, which may be killed and started again any number of times."""

    def __init__(self, name: str, folder: Path, words: Callable[[], Sequence[str]], ready: str):
        self.name = name
        self._log = folder / f"{name}.log"
        self._said = folder / f"{name}.out"
        self._words = words
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    def start(self) -> None:
        """Start it, without waiting until it is ready."""
        assert self._process is None
        self.starts += 1
        with self._said.open("wb") as said, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.kills.process", *self._words()],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=log,
                env=_environment(),
            )

    def ended(self) -> int | None:
        """The exit code of a process that ended by itself; None while it runs."""
        return None if self._process is None else self._process.poll()

    def wait_ready(self) -> None:
        """Wait until it says that it works."""
        deadline = time.monotonic() + _PATIENCE
        while self._ready not in self._said.read_text(errors="replace"):
            code = self.ended()
            if code is not None or time.monotonic() > deadline:
                text = f"{self.name} did not start (exit code {code}):\n{self.log()[-3000:]}"
                raise AssertionError(text)
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it as a machine does whose power goes: at whatever instruction it is."""
        assert self._process is not None
        code = self._process.poll()
        assert code is None, f"{self.name} ended by itself ({code}):\n{self.log()[-3000:]}"
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> int:
        """Ask it to end, and give its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return -signal.SIGKILL
        finally:
            self._process = None

    def end(self) -> None:
        """Leave nothing behind, however the run went."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def log(self) -> str:
        """Everything it wrote in all its lives."""
        return self._log.read_text(errors="replace")


class Crew:
    """A server that works beside serving, or does not, and two workers."""

    def __init__(self, folder: Path, url: str, clock: Path, tenant: Path, connectors: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        kept = ("--store", url, "--connectors", str(connectors))

        def serve() -> list[str]:
            words = [str(clock), "serve", *kept, "--callers", "headers", "--port", str(self.port)]
            first = self.server.starts == 1
            applied = ("--tenant", str(tenant)) if first else ()
            # Every other life it leaves the work to the workers.
            idle = () if self.server.starts % 2 else ("--no-worker",)
            return [*words, *applied, *idle]

        self.server = Process("server", folder, serve, "serving tenant")
        work = [str(clock), "work", *kept]
        self.workers = [
            Process(f"worker-{number}", folder, lambda: work, "working on") for number in (1, 2)
        ]
        self.all = (self.server, *self.workers)

    @property
    def address(self) -> str:
        """Where the server listens, in all its lives."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start everything at once over an empty store, to which the server brings the tenant."""
        for one in self.all:
            one.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until everybody works."""
        for one in self.all:
            one.wait_ready()

    def stop(self) -> None:
        """End everything in order; whoever cannot is a fault."""
        codes = {one.name: one.stop() for one in self.all}
        assert set(codes.values()) == {0}, f"exit codes after SIGTERM: {codes}"

    def end(self) -> None:
        """Leave no process behind."""
        for one in self.all:
            one.end()
