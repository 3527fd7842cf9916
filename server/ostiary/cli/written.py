"""Files that a command writes: what is said of them, and what if one cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.whole_file import try_out, whole


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what hinders writing into the error that ends the command."""
    try:
        yield
    except OSError as error:
        raise CommandError(Exit.USAGE, (_unwritable(path, error),)) from None


def write(path: Path, text: str) -> None:
    """Put a text in the place of a file at once, so that nobody reads half of it."""
    with writing(path), whole(path) as file:
        file.write(text)


def try_targets(*paths: Path | None) -> None:
    """Try the files that are to take a result before it is worked out.

    CommandError names all that cannot be written, so that no work is done and then lost.
    """
    found = []
    for path in filter(None, paths):
        try:
            try_out(path)
        except OSError as error:
            found.append(_unwritable(path, error))
    if found:
        raise CommandError(Exit.USAGE, found)


def _unwritable(path: Path, error: OSError) -> str:
    return f"cannot write {path}: {(error.strerror or str(error)).lower()}"


def told(path: Path, tests: int) -> str:
    """Say which suite was written."""
    return f"wrote {path}: " + ("1 test" if tests == 1 else f"{tests:,} tests")
