"""`python -m tests.bench`: run everything, print the tables, exit 1 if a target is missed."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from tests.bench import (
    diff,
    in_process,
    life,
    lint,
    logged,
    machine,
    mutation,
    page,
    report,
    wire,
)
from tests.bench.figures import Part
from tests.bench.h2load import WrongAnswerError
from tests.bench.processes import MissingError

PARTS = {
    "in-process": in_process.measure,
    "wire": wire.measure,
    "life": life.measure,
    "log": logged.measure,
    "lint": lint.measure,
    "diff": diff.measure,
    "mutation": mutation.measure,
}
FAILED, MISSING = 1, 2


def main(arguments: list[str]) -> int:
    """Give the exit code: 1 a target was missed, 2 the bench could not be run."""
    options = _parser().parse_args(arguments)
    # A proxy of the machine must not stand between the bench and its servers.
    os.environ.update({"no_grpc_proxy": "127.0.0.1", "no_proxy": "127.0.0.1"})
    names = [name for name in PARTS if options.only is None or name in options.only]
    try:
        described = machine.described(wire="wire" in names, life="life" in names)
        parts = [(name, _run(name, options.rounds)) for name in names]
    except (MissingError, WrongAnswerError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return MISSING
    if options.write is not None:
        command = " ".join(("python -m tests.bench", *arguments))
        date = f"{datetime.now(UTC):%Y-%m-%d}"
        before = options.write.read_text(encoding="utf-8") if options.write.exists() else ""
        text = page.written(parts, described, command=command, date=date, before=before)
        options.write.write_text(text, encoding="utf-8")
    missed = [target for _, part in parts for target in part.targets if not target.reached]
    return FAILED if missed else 0


def _run(name: str, rounds: int) -> Part:
    part = PARTS[name](rounds, lambda text: print(text, file=sys.stderr, flush=True))
    report.show(Console(width=160), part)
    return part


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(PARTS), help="one part of the bench; repeatable"
    )
    parser.add_argument("--rounds", type=_at_least_one, default=5, help="default: 5")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="write the page, e.g. docs/benchmarks.md; parts that are not run stay in it",
    )
    return parser


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one round")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
