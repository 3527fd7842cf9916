"""Files that a command writes: what is said of them, and what if one cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ostiary.cli.exits import CommandError, Exit


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what hinders writing into the error that ends the command."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CommandError(Exit.FAULTY, (f"{error.filename or path}: {reason}",)) from None


def told(path: Path, tests: int) -> str:
    """Say which suite was written."""
    return f"wrote {path}: " + ("1 test" if tests == 1 else f"{tests:,} tests")
