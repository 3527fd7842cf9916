"""What the log of decisions costs over the wire: the same server with it and without."""

from __future__ import annotations

import contextlib
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import h2load, server
from tests.bench.figures import MOST_FOREIGN, Part, Table, ratio_of_rounds
from tests.bench.h2load import Job, Run
from tests.bench.processes import MissingError
from tests.bench.tenants import EVERYBODY, group_id

PACKAGES = 100
SAMPLE = "0.1"

_SERVER_CORE, _LOAD_CORE = 0, 1
_GROUPS = [*map(group_id, range(19)), EVERYBODY]
_LOG = "decisions"
_WAYS: dict[str, tuple[str, ...]] = {
    "no log": (),
    "one in ten": ("--decision-log", _LOG, "--decision-log-sample", SAMPLE),
    "every decision": ("--decision-log", _LOG),
}

Say = Callable[[str], None]


def measure(rounds: int, say: Say) -> Part:
    """Ask servers that log nothing, a tenth and everything, all in turn within each round."""
    if not {_SERVER_CORE, _LOAD_CORE} <= os.sched_getaffinity(0):
        raise MissingError("the log part needs two cores: one for the server, one for h2load")
    with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as room, _jobs(Path(room)) as jobs:
        runs: dict[str, list[Run]] = {job.name: [] for job in jobs}
        for number in range(rounds):
            say(f"log: round {number + 1} of {rounds}")
            for job in jobs:
                log = Path(room) / f"{number}-{len(runs[job.name])}.log"
                runs[job.name].append(h2load.run(job, _LOAD_CORE, log))
                for path in Path(room).glob(f"*/{_LOG}"):
                    os.truncate(path, 0)  # it would fill the disk, and nobody reads it
    rows = [_row(job, runs[job.name], runs[_plain(job)]) for job in jobs]
    columns = ("log", "decisions/s", "p50 ms", "CPU us/decision", "foreign cores", "CPU vs no log")
    note = f"Medians over {rounds} rounds; figures with more than {MOST_FOREIGN} foreign cores say"
    table = Table("Logging decisions", columns, tuple(rows), f"{note} nothing.")
    return Part((table,), ())


@contextlib.contextmanager
def _jobs(room: Path) -> Iterator[list[Job]]:
    with contextlib.ExitStack() as until:
        jobs: list[Job] = []
        for way, options in _WAYS.items():
            folder = room / way.replace(" ", "-")
            folder.mkdir()
            placed = [str(folder / one) if one == _LOG else one for one in options]
            ours = until.enter_context(server.serving(PACKAGES, folder, _SERVER_CORE, *placed))
            for view in (server.BASIC, server.FULL):
                job = server.job(*ours, _GROUPS, 1, view, folder)
                name = f"{way}, {'FULL' if view == server.FULL else 'BASIC'}"
                jobs.append(job._replace(name=name))
        for job in jobs:
            h2load.verify(job, _LOAD_CORE)
        yield jobs


def _plain(job: Job) -> str:
    return f"no log, {job.name.rpartition(' ')[2]}"


def _row(job: Job, runs: list[Run], plain: list[Run]) -> tuple[str, ...]:
    middle = Run(*(statistics.median(values) for values in zip(*runs, strict=True)))
    ratio = ratio_of_rounds([one.cpu for one in runs], [one.cpu for one in plain])
    return (
        job.name,
        f"{middle.decisions_per_second:,.0f}",
        f"{middle.p50:.1f}",
        f"{middle.cpu:.1f}",
        f"{middle.foreign:.2f}",
        f"{ratio:.2f}",
    )
