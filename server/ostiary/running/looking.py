"""Looking at what other processes wrote, and at what follows from who people are now."""

from __future__ import annotations

from ostiary.operations.automatic import sweep
from ostiary.operations.definitions import TENANT_CASE
from ostiary.operations.office import Office
from ostiary.operations.snapshots import SnapshotSource
from ostiary.rpc.rules_in_force import RulesInForce


class Looking:
    """Brings a process up to date; if it works, also looks who left or entered scopes.

    People are looked at after each revision, and every hour, since dates of their own may pass
    (S-37, S-106). Raises StoreUnavailableError, or NotReadyError while there is no tenant.
    """

    def __init__(
        self, office: Office, source: SnapshotSource, rules: RulesInForce, *, works: bool
    ) -> None:
        self._office = office
        self._rules = rules
        self._source = source
        self._works = works
        self._swept: tuple[int, object] | None = None

    def __call__(self) -> None:
        """Look once."""
        self._rules.follow()
        with self._office.store.reading() as tx:
            revision = tx.revision()
            self._source.current(tx)
        if not self._works:
            return
        hour = self._office.now().replace(minute=0, second=0, microsecond=0)
        if self._swept == (revision, hour):
            return
        users = self._source.tenant().users
        with self._office.store.transaction() as tx:
            if tx.try_lock(TENANT_CASE):
                sweep(self._office.unit(tx, TENANT_CASE), users)
                self._swept = revision, hour
