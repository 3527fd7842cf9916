"""Serving with or without a store, from one process or several."""

from __future__ import annotations

from ostiary.rpc import processes
from ostiary.rpc.serving import Backing, Ready, ServeOptions
from ostiary.running.backing import StoreBacking


def serve(options: ServeOptions, ready: Ready) -> None:
    """Serve until told to stop; raises what loading raises."""
    processes.serve(options, ready, backing_of, child="ostiary.running.child")


def backing_of(options: ServeOptions, index: int) -> Backing | None:
    """Give what stands behind a process; the first one works, where work is wanted at all."""
    if options.store is None:
        return None
    return StoreBacking(options, options.store, works=options.store.works and index == 0)
