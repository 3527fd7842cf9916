"""`make faults`: kill -9 at random instants, on SQLite and PostgreSQL; then all is looked at."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.faults.kills.run import Plan, Report, Run
from tests.services import postgres


def main() -> int:
    """Run both halves and print what happened."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    said = parser.parse_args()
    both = said.store == "both" and postgres.programs() is not None
    if said.store == "both" and not both:
        print("PostgreSQL is not installed (on Debian: apt-get install postgresql): SQLite alone")
    reports = []
    half = said.kills // 2 if both else said.kills
    if both or said.store != "postgresql":
        reports.append(_on_sqlite(said.kills - half if both else half, said.seed))
    if both or said.store == "postgresql":
        reports.append(_on_postgresql(half, said.seed))
    faults = sum(len(one.faults) for one in reports)
    if faults:
        print(f"{faults} faults; again: make faults KILLS={said.kills} SEED={said.seed}")
    return 1 if faults else 0


def _plan(kills: int, seed: int) -> Plan:
    return Plan(seed=seed, kills=kills, people=max(12, kills))


def _on_sqlite(kills: int, seed: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="ostiary-faults-") as folder:
        return _told(Run(_plan(kills, seed), f"sqlite:///{folder}/store.db", Path(folder)))


def _on_postgresql(kills: int, seed: int) -> Report:
    with (
        tempfile.TemporaryDirectory(prefix="ostiary-faults-") as folder,
        postgres.running() as server,
    ):
        return _told(Run(_plan(kills, seed), server.fresh(), Path(folder)))


def _told(run: Run) -> Report:
    report = run.go()
    print("\n".join(report.lines()), flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
