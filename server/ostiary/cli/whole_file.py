"""A file that is there whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """Give a file to write text to; once that is done it takes the place of the one at `path`.

    Raises OSError if it cannot be written. What is no regular file, such as a pipe, is written to
    as it is.
    """
    if _as_it_is(path):
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    path = path.resolve()  # a link stays a link
    with tempfile.NamedTemporaryFile(
        "w",
        encoding="utf-8",
        errors="replace",
        newline="",
        dir=path.parent,
        prefix=f".{path.name}.",
        delete=False,
    ) as file:
        made = Path(file.name)
        try:
            yield file
            file.flush()
            made.chmod(path.stat().st_mode if path.exists() else 0o644)
            made.replace(path)
        except BaseException:
            made.unlink(missing_ok=True)
            raise


def try_out(path: Path) -> None:
    """Raise the OSError that `whole` would raise as things are; nothing is left behind."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if _as_it_is(path):
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return
    path = path.resolve()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
        pass


def _as_it_is(path: Path) -> bool:
    return path.exists() and not path.is_file()
