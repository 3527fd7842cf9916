"""Does a piece of work again when others were in its way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from ostiary.domain.errors import StoreBusyError
from ostiary.lifecycle.ports import Store, Transaction

T = TypeVar("T")

_FIRST_PAUSE = 0.01  # seconds; doubled after each attempt, and drawn between nothing and that


def run(store: Store, work: Callable[[Transaction], T], *, attempts: int = 5) -> T:
    """Give what `work` returns from a transaction of its own.

    It is run again, after a pause, when the database undid it because of others (a deadlock, a
    lock that took too long); after `attempts` the StoreBusyError is raised. A store that cannot be
    reached raises StoreUnavailableError at once, since only the caller knows how long to wait.
    """
    for attempt in range(1, attempts):
        try:
            with store.transaction() as transaction:
                return work(transaction)
        except StoreBusyError:
            time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311  # not a secret
    with store.transaction() as transaction:
        return work(transaction)
