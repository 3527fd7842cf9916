"""A progress bar on standard error, for people only and only if the work takes a while."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds before a bar is worth showing


@contextmanager
def progress_bar(
    total: int, *, wanted: bool, about: str = "rules", unit: str = "cells"
) -> Iterator[Callable[[int], None]]:
    """Give a function that takes the number of cells, or of other units, done since."""
    if not wanted or not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(about), BarColumn(), MofNCompleteColumn(), TextColumn(unit))
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(unit, total=total)
    begun = time.monotonic()
    lock = threading.Lock()

    def advance(cells: int) -> None:
        with lock:
            if not bar.live.is_started and time.monotonic() - begun > PATIENCE:
                bar.start()
            bar.advance(task, cells)

    try:
        yield advance
    finally:
        bar.stop()


def _nothing(_: int) -> None:
    pass
