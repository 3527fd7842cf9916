"""Load by h2load: one run, with the processor time that the server spent meanwhile."""

from __future__ import annotations

import re
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import quantile
from tests.bench.processes import foreign_cores, on_core, own_cores, program, usage

CONNECTIONS = 8
STREAMS = 8  # a connection; batches take one, which is enough to saturate a core
WARM_UP = 1
SECONDS = 3
CHECKED = 20

_MARGIN = 0.25  # seconds between the edges of a run and the readings of processor time
_SLACK = 0.1  # by which the sizes of answers may differ: instants have no fixed length
_DONE = re.compile(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored")
_RATE = re.compile(r"finished in [\d.]+\w+, ([\d.]+) req/s")
_DATA = re.compile(r"\((\d+)\) data")


class WrongAnswerError(Exception):
    """A server did not answer what it was asked; its figures would mean nothing."""


class Job(NamedTuple):
    """What is asked of which server, and how long a right answer is."""

    name: str
    server: int  # process id
    url: str
    body: Path
    answer_size: int  # of the DATA bytes of one answer
    decisions: int  # in one call


class Run(NamedTuple):
    """One run of a job."""

    decisions_per_second: float
    p50: float  # milliseconds of a call
    p99: float
    cpu: float  # microseconds of processor time a decision
    cores: float  # that the server used
    foreign: float  # cores that neither the server nor h2load used


def frame(message: bytes) -> bytes:
    """A message as gRPC sends it."""
    return b"\0" + struct.pack(">I", len(message)) + message


def verify(job: Job, core: int) -> None:
    """Send a few calls, one after another: an error of gRPC is HTTP 200 too, but has no DATA."""
    options = ["-c", "1", "-m", "1", "-n", str(CHECKED)]
    text = subprocess.run(
        _command(job, core, options), capture_output=True, text=True, timeout=60, check=True
    ).stdout
    size = _number(_DATA, text) / CHECKED
    if abs(size / job.answer_size - 1) > _SLACK or f"{CHECKED} succeeded" not in text:
        raise WrongAnswerError(
            f"{job.name}: {size:.0f} bytes an answer, {job.answer_size} were expected\n{text}"
        )


def run(job: Job, core: int, log: Path) -> Run:
    """Saturate the server for some seconds after a warm-up."""
    streams = STREAMS if job.decisions == 1 else 1
    options = ["-c", str(CONNECTIONS), "-m", str(streams), "-t", "1"]
    options += ["-D", str(SECONDS), "--warm-up-time", str(WARM_UP), "--log-file", str(log)]
    with subprocess.Popen(
        _command(job, core, options), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as load:
        time.sleep(WARM_UP + _MARGIN)
        before = usage(job.server, load.pid)
        time.sleep(SECONDS - 2 * _MARGIN)
        after = usage(job.server, load.pid)
        text, _ = load.communicate(timeout=60)
    rate = _number(_RATE, text) * job.decisions
    _must_be_right(job, text)
    calls = [int(line.split("\t")[2]) / 1e3 for line in log.read_text("ascii").splitlines()]
    cores, foreign = own_cores(before, after), foreign_cores(before, after)
    return Run(
        rate, quantile(calls, 0.5), quantile(calls, 0.99), 1e6 * cores / rate, cores, foreign
    )


def _command(job: Job, core: int, options: list[str]) -> list[str]:
    headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"]
    h2load = program("h2load", "nghttp2-client")
    return on_core(core, [h2load, *options, *headers, "-d", str(job.body), job.url])


def _must_be_right(job: Job, text: str) -> None:
    match = _DONE.search(text)
    done, succeeded, failed, errored = map(int, match.groups()) if match else (0, 0, 1, 1)
    # DATA counts the warm-up too, so that it is more; errors would have none.
    if not done or done != succeeded or failed or errored:
        raise WrongAnswerError(f"{job.name}: calls failed\n{text}")
    if _number(_DATA, text) < done * job.answer_size * (1 - _SLACK):
        raise WrongAnswerError(f"{job.name}: some answers were errors\n{text}")


def _number(pattern: re.Pattern[str], text: str) -> float:
    match = pattern.search(text)
    if match is None:
        raise WrongAnswerError(f"h2load said something unexpected\n{text}")
    return float(match[1])
