"""Stores that a command opens by their address: what is said of one that cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ostiary.adapters.store import file_of, open_store
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.whole_file import try_out
from ostiary.domain.errors import StoreUnavailableError, StoreUrlError
from ostiary.lifecycle.ports import Store

Missing = Literal["refused", "made", "imagined"]  # what becomes of a file that is not there


def store_at(url: str, *, missing: Missing = "refused") -> Store:
    """Give the store at an address; CommandError says why it cannot be had.

    Where a file is not there yet, an empty store is made; for what changes nothing it is imagined,
    i.e. in memory. Unless it is to be made, a mistyped address leaves no file.
    """
    file = file_of(url)
    try:
        if missing == "made" or file is None or file.exists():
            return open_store(url)
        if missing == "refused":
            raise CommandError(Exit.USAGE, (f"no such store: {file}",))
        _could_be_made(url, file)
        return open_store("memory:")
    except StoreUrlError as error:
        raise CommandError(Exit.FAULTY, (str(error),)) from None
    except StoreUnavailableError as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None


def _could_be_made(url: str, file: Path) -> None:
    try:
        try_out(file)
    except OSError as error:
        raise StoreUrlError(url, f"{file}: {error.strerror}") from None
