"""The snapshot that decisions are made from, as the store has it: never half, never an old one."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

import msgspec

from ostiary.decide.model import Snapshot
from ostiary.domain.errors import NotReadyError, OstiaryError, TablesUnavailableError
from ostiary.domain.tables import Tables
from ostiary.domain.tenant import Tenant
from ostiary.index import snapshot as index
from ostiary.index.renewal import renewed
from ostiary.lifecycle.ports import Store, Transaction
from ostiary.operations.replica import Replica

_log = logging.getLogger(__name__)
_REMEMBERED = 4  # revisions that a transaction may still look at while a newer one is there


class Held(msgspec.Struct, frozen=True):
    """One revision of the tenant, ready for deciding, with the rules that it is decided by."""

    revision: int
    snapshot: Snapshot
    tables: Tables


class SnapshotSource:
    """Gives snapshots by revision; may be shared by all threads of a process."""

    def __init__(self, tables: Tables) -> None:
        """Take the rules that decide; nothing is read before the first question."""
        self._tables = tables
        self._tables_of = OrderedDict({tables.digest: tables})
        self._replica: Replica | None = None
        self._held: OrderedDict[int, Held] = OrderedDict()
        self._latest: Held | None = None
        self._building = threading.Lock()
        self._told: list[Callable[[Held], None]] = []

    def current(self, tx: Transaction) -> Snapshot:
        """Give the snapshot of the revision that a transaction sees.

        INVARIANT: the transaction has changed no definition yet, for what it undoes must not stay
        here. Raises NotReadyError if the store holds no tenant.
        """
        return self.held(tx).snapshot

    def held(self, tx: Transaction) -> Held:
        """Give the snapshot of the revision that a transaction sees, with its rules.

        What holds for `current` holds here.
        """
        latest, revision = self._latest, tx.revision()
        if latest is not None and latest.revision == revision:
            return latest
        with self._building:
            return self._of(tx, revision)

    def latest(self) -> Snapshot | None:
        """Give the newest snapshot that was asked for, without a look at the store."""
        latest = self._latest
        return None if latest is None else latest.snapshot

    def tenant(self) -> Tenant:
        """Give the tenant of the newest snapshot; costs a walk over everybody in it."""
        with self._building:
            tenant = None if self._replica is None else self._replica.current_tenant()
        if tenant is None:
            raise NotReadyError("the store holds no tenant yet; apply one first")
        return tenant

    def when_new(self, tell: Callable[[Held], None]) -> None:
        """Have somebody told of each newer revision, in the thread that came upon it."""
        self._told.append(tell)

    def put_rules(self, tables: Tables) -> None:
        """Decide by other rules from now on."""
        with self._building:
            self._tables = tables
            self._tables_of[tables.digest] = tables
            self._tables_of.move_to_end(tables.digest)
            while len(self._tables_of) > _REMEMBERED:
                self._tables_of.popitem(last=False)
            self._held.clear()
            self._latest = None
            if self._replica is not None and self._replica.tenant is not None:
                self._keep(self._replica.revision, index.build(self._whole(), tables))

    def tables_of(self, digest: str) -> Tables:
        """Give the rules that made a decision; they may have been replaced since.

        Raises TablesUnavailableError if that was so many revisions ago that they are gone.
        """
        found = self._tables_of.get(digest)
        if found is None:
            raise TablesUnavailableError(f"rules {digest[:12]} were replaced meanwhile; ask again")
        return found

    def _of(self, tx: Transaction, revision: int) -> Held:
        found = self._held.get(revision)
        if found is not None:
            return found
        if self._replica is not None and revision < self._replica.revision:
            # A transaction that began before others committed: it is answered from what it sees.
            return Held(revision, self._built(Replica(tx)), self._tables)
        snapshot = self._followed(tx)
        return self._keep(revision, snapshot)

    def _followed(self, tx: Transaction) -> Snapshot:
        if self._replica is None or self._latest is None:
            self._replica = Replica(tx)
            return self._built(self._replica)
        before = self._latest.snapshot
        try:
            change = self._replica.follow(tx)
        except BaseException:
            self._replica = None  # it may be half way
            raise
        if change is None:
            return self._built(self._replica)
        digest = self._replica.digest
        return renewed(before, users=change.users, groups=change.groups, digest=digest)

    def _built(self, replica: Replica) -> Snapshot:
        if replica.tenant is None:
            raise NotReadyError("the store holds no tenant yet; apply one first")
        return index.build(replica.tenant, self._tables)

    def _whole(self) -> Tenant:
        tenant = None if self._replica is None else self._replica.current_tenant()
        if tenant is None:
            raise NotReadyError("the store holds no tenant yet; apply one first")
        return tenant

    def _keep(self, revision: int, snapshot: Snapshot) -> Held:
        held = self._held[revision] = Held(revision, snapshot, self._tables)
        while len(self._held) > _REMEMBERED:
            self._held.popitem(last=False)
        self._latest = held
        for tell in self._told:
            tell(held)
        return held


class Follower:
    """Looks for revisions that other processes wrote, again and again, until it is stopped."""

    def __init__(self, store: Store, source: SnapshotSource, *, every: float = 1.0) -> None:
        """Take how many seconds lie between two looks."""
        self._store = store
        self._source = source
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follows-store", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def look(self) -> None:
        """Look once."""
        with self._store.reading() as tx:
            self._source.current(tx)

    def stop(self) -> None:
        """Stop looking, after the look that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.look()
            except NotReadyError:
                continue
            except OstiaryError as error:
                _log.warning("cannot look for a newer revision: %s", error)
            except Exception:  # noqa: BLE001 whatever it is, the next look may do better
                _log.exception("cannot look for a newer revision")
