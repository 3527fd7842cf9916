"""Runs the command `ostiary` as it is, on a shared clock: `python -m … CLOCK serve --store …`."""

from __future__ import annotations

import faulthandler
import signal
import sys
from pathlib import Path
from typing import Any

from ostiary.adapters import clock
from tests.faults.kills.shared_clock import SharedClock


def main() -> None:
    """Put the clock in the place of the machine's before anybody looks for it, and begin."""
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    shared = SharedClock(Path(sys.argv.pop(1)))
    replaced: Any = clock
    replaced.SystemClock = lambda: shared
    from ostiary.cli.main import main as ostiary

    ostiary()


if __name__ == "__main__":
    main()
