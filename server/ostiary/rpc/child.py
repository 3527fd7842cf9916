"""One of several serving processes; started by `processes`, and ends when its parent does."""

from __future__ import annotations

import os
import signal
import sys
import threading

import msgspec

from ostiary.domain.errors import OstiaryError
from ostiary.rpc import logs
from ostiary.rpc.reception import log_faults
from ostiary.rpc.serving import Backed, ServeOptions, pin, serve_one

EXIT_FAULTY = 1


class ChildOptions(msgspec.Struct, frozen=True):
    """What a child is told by its parent."""

    serve: ServeOptions
    index: int  # which core it takes
    ready_pipe: int  # a line is written here once the child serves
    life_pipe: int  # ends when the parent is gone


def main(arguments: list[str], backed: Backed | None = None) -> int:
    """Serve until told to stop; give the exit code."""
    options = msgspec.json.decode(arguments[0], type=ChildOptions)
    if options.serve.pinned:
        pin(options.index)
    logs.configure()
    threading.Thread(target=_die_with_parent, args=(options.life_pipe,), daemon=True).start()
    try:
        backing = None if backed is None else backed(options.serve, options.index)
        serve_one(
            options.serve,
            lambda _, __: _report(options.ready_pipe),
            shared=True,
            backing=backing,
        )
    except OstiaryError as error:
        log_faults(error)
        return EXIT_FAULTY
    return 0


def _report(pipe: int) -> None:
    os.write(pipe, b"ready\n")


def _die_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
