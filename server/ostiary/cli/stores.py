"""Stores that a command opens by their address: what is said of one that cannot be had."""

from __future__ import annotations

from ostiary.adapters.store import file_of, open_store
from ostiary.cli.exits import CommandError, Exit
from ostiary.domain.errors import StoreUnavailableError, StoreUrlError
from ostiary.lifecycle.ports import Store


def store_at(url: str, *, make: bool) -> Store:
    """Give the store at an address; with `make` an empty one where a file is not there yet.

    CommandError says why it cannot be had. Without `make` a mistyped address leaves no file.
    """
    file = None if make else file_of(url)
    if file is not None and not file.exists():
        raise CommandError(Exit.USAGE, (f"no such store: {file}",))
    try:
        return open_store(url)
    except StoreUrlError as error:
        raise CommandError(Exit.FAULTY, (str(error),)) from None
    except StoreUnavailableError as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None
