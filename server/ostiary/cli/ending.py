"""The one way out of every command: a message in words, an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.plain import clean

TRACEBACK = "OSTIARY_TRACEBACK"


@contextmanager
def ending() -> Iterator[None]:
    """Turn whatever ends a command into its exit code and a message on standard error."""
    try:
        yield
        sys.stdout.flush()
    except CommandError as error:
        for message in error.messages:
            print(clean(message), file=sys.stderr)
        raise typer.Exit(error.code) from None
    except BrokenPipeError:
        # Python flushes once more at its end, into a pipe that nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.OUTPUT_CLOSED) from None
    except KeyboardInterrupt:
        raise typer.Exit(Exit.INTERRUPTED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # noqa: BLE001 a fault of ours; people get a line, we get the rest
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        text = f"ostiary failed: {type(error).__name__}: {error} ({TRACEBACK}=1 shows where)"
        print(clean(text), file=sys.stderr)
        raise typer.Exit(Exit.FAILED) from None
