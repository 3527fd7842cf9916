"""A worker of a test, as a process: claims until nothing is left, and says what it did.

    python -m tests.store.claimer URL NAME BEGAN

What it did inside the database is a request for each action; what it did outside is a line.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from ostiary.adapters.store import open_store, run
from ostiary.domain.due import WorkState
from ostiary.lifecycle.ports import Store, Transaction
from tests.store.records import NOW, event, request

BATCH = 7
CALL = 0.01  # seconds that a call outside takes


def inside(store: Store, name: str) -> int:
    """Carry out what is due inside: effect, event and completion in one transaction."""

    def work(tx: Transaction) -> int:
        done = 0
        for case in tx.due_cases(NOW, most=BATCH):
            if not tx.try_lock(case):
                continue
            for action in tx.waiting(case):
                before = tx.request(action.id)
                count = 1 if before is None else before.version + 1
                tx.save_request(request(action.id, target=name, version=count))
                tx.finish(action.id, WorkState.DONE, NOW)
                tx.record(event(action.id))
                done += 1
        return done

    return run(store, work)


def outside(store: Store, name: str, now_: float) -> int:
    """Lease, call, complete; the instants of leases are the machine's, so that they run out."""
    now = NOW + timedelta(seconds=now_)
    with store.transaction() as tx:
        leased = list(tx.lease(now, now + timedelta(seconds=1.5), most=BATCH))
    for action in leased:
        print("call", action.id, action.fence, name, flush=True)
        time.sleep(CALL)
        with store.transaction() as tx:
            if tx.complete(action, WorkState.DONE, now):
                tx.record(event(action.id))
    return len(leased)


def main(url: str, name: str, began: float) -> None:
    """Work until nothing waits."""
    store = open_store(url, connections=4)
    while True:
        done = inside(store, name) + outside(store, name, time.time() - began)
        with store.reading() as tx:
            if tx.next_due() is None:
                break
        if not done:
            time.sleep(0.02)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
