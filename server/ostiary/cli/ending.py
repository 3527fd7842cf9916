"""The one way out of every command: a message in words, an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ostiary.cli.exits import CommandError, Exit, faulty
from ostiary.cli.plain import clean
from ostiary.domain.errors import DefinitionError

TRACEBACK = "OSTIARY_TRACEBACK"
_OUTPUT = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})


@contextmanager
def ending() -> Iterator[None]:
    """Turn whatever ends a command into its exit code and a message on standard error."""
    with _interruptible():
        try:
            # Here, where what goes wrong can be told, however the command ends.
            with _written():
                yield
        except (CommandError, DefinitionError) as error:
            told = error if isinstance(error, CommandError) else faulty(error.faults)
            for message in told.messages:
                print(clean(message), file=sys.stderr)
            raise typer.Exit(told.code) from None
        except BrokenPipeError:
            _drop_output()
            raise typer.Exit(Exit.OUTPUT_CLOSED) from None
        except KeyboardInterrupt:
            raise typer.Exit(Exit.INTERRUPTED) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:  # noqa: BLE001 a fault of ours; people get a line, we get the rest
            if os.environ.get(TRACEBACK):
                traceback.print_exc()
            if isinstance(error, OSError) and _of_a_file(error):
                print(clean(_told(error)), file=sys.stderr)
                raise typer.Exit(Exit.FAULTY) from None
            text = f"ostiary failed: {type(error).__name__}: {error} ({TRACEBACK}=1 shows where)"
            print(clean(text), file=sys.stderr)
            raise typer.Exit(Exit.FAILED) from None


@contextmanager
def _written() -> Iterator[None]:
    """Write out all that was printed in the block, also where it ends by an exit code."""
    try:
        yield
    except typer.Exit:
        sys.stdout.flush()
        raise
    sys.stdout.flush()


def _of_a_file(error: OSError) -> bool:
    """Tell whether a file that was named, or the output, cannot be read or written."""
    return error.filename is not None or error.errno in _OUTPUT


def _told(error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    if error.filename is None:
        _drop_output()
        return f"the output cannot be written: {reason}"
    return f"{os.fsdecode(error.filename)}: {reason}"


def _drop_output() -> None:
    """Have what Python writes once more at its end go nowhere: it could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt in the block, if it ends the process outside of it."""
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
