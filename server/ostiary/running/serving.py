"""Serving with or without a store, from one process or several."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from ostiary.rpc import processes
from ostiary.rpc.serving import Backing, Ready, ServeOptions
from ostiary.running.backing import StoreBacking
from ostiary.running.folder import FolderBacking


def serve(options: ServeOptions, ready: Ready) -> None:
    """Serve until told to stop; raises what loading raises."""
    with ExitStack() as until_stopped:
        if options.store is None and options.processes > 1:
            # The processes have the rules in common, so the revisions must be, too.
            room = until_stopped.enter_context(TemporaryDirectory(prefix="ostiary-revisions-"))
            options = replace(options, revisions=f"sqlite:///{Path(room).absolute()}/rules.db")
        processes.serve(options, ready, backing_of, child="ostiary.running.child")


def backing_of(options: ServeOptions, index: int) -> Backing | None:
    """Give what stands behind a process; the first one works, where work is wanted at all."""
    if options.store is None:
        return FolderBacking(options, index)
    return StoreBacking(
        options, options.store, works=options.store.works and index == 0, index=index
    )
