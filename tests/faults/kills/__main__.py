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
    """Run on each store and print what happened."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="on each store")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    said = parser.parse_args()
    stores = ["sqlite", "postgresql"] if said.store == "both" else [said.store]
    if said.store == "both" and postgres.programs() is None:
        print("PostgreSQL is not installed (on Debian: apt-get install postgresql): SQLite alone")
        stores.remove("postgresql")
    print(f"KILLS={said.kills} SEED={said.seed}", flush=True)
    runs = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
    faults = sum(len(runs[store](said.kills, said.seed).faults) for store in stores)
    if faults:
        again = f"make faults KILLS={said.kills} SEED={said.seed} STORE={said.store}"
        print(f"{faults} faults; again: {again}")
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
