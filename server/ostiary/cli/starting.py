"""The first lines of the command, before anything that takes time is imported."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command and exit with its code."""
    # Until a command has begun there is nothing to tidy: Ctrl-C ends the process, without a word.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    _open_streams()
    from ostiary.cli.main import main as run

    run()


def _open_streams() -> None:
    """Have something to read and to write where whoever started the command closed a stream."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open until the process ends.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
