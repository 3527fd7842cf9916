"""`ostiary work --store URL` and `ostiary migrate`: processes that serve nobody."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ostiary.adapters.store.opening import migrate as bring_up_to_date
from ostiary.adapters.store.opening import without_password
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import pack_folder, refusing
from ostiary.domain.errors import NotReadyError, StoreUnavailableError, StoreUrlError
from ostiary.rpc import logs
from ostiary.rpc.serving import STOP, StoreOptions, told_by_signals
from ostiary.running.workplace import Workplace

_FORGOTTEN = ("memory:", "memory", "sqlite:", "sqlite://", "sqlite:///:memory:")


def work(stored: StoreOptions, rules: Path | None, *, once: bool) -> None:
    """Carry out what is due until SIGTERM or Ctrl-C, or once; CommandError says why not."""
    if stored.url in _FORGOTTEN:
        text = (
            f"--store: `{stored.url}` is forgotten with the process, so that nothing is due in it"
        )
        raise CommandError(Exit.USAGE, (text,))
    logs.configure("WARNING" if sys.stderr.isatty() else "INFO")
    with _refusing_store(), refusing(pack_folder(rules)):
        place = Workplace(stored, rules)
    with closing(place), _refusing_store():
        if once:
            print(f"carried out: {place.once()}", flush=True)
            return
        words: queue.SimpleQueue[str] = queue.SimpleQueue()
        with told_by_signals(words.put):
            place.loop.start()
            print(f"working on {without_password(stored.url)}", flush=True)
            while words.get() != STOP:
                pass  # SIGHUP: there is nothing to load again
    print("stopped", flush=True)


def migrate(url: str) -> None:
    """Bring the tables of a store up to date, and print the name of their version."""
    with _refusing_store():
        version = bring_up_to_date(url)
    print(f"{without_password(url)}: tables of version {version}")


@contextmanager
def _refusing_store() -> Iterator[None]:
    try:
        yield
    except StoreUrlError as error:
        raise CommandError(Exit.FAULTY, (str(error),)) from None
    except (StoreUnavailableError, NotReadyError) as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None
