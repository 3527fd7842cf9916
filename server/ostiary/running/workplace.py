"""A worker by itself: a store, the systems behind, and nobody served."""

from __future__ import annotations

import logging
from pathlib import Path

from ostiary.adapters.clock import SystemClock
from ostiary.adapters.ids import RandomIds
from ostiary.adapters.store.opening import open_store
from ostiary.domain.errors import StoreUnavailableError
from ostiary.operations.office import Office
from ostiary.operations.snapshots import SnapshotSource
from ostiary.rpc.rules_in_force import RulesInForce
from ostiary.rpc.serving import StoreOptions
from ostiary.running.behind import Behind
from ostiary.running.looking import Looking
from ostiary.worker.loop import Loop

_log = logging.getLogger(__name__)


class Workplace:
    """Everything that one working process has; any number of them may share a store.

    Raises StoreUrlError, StoreUnavailableError, DefinitionError or EngineFailedError when made.
    """

    def __init__(self, stored: StoreOptions, rules: Path | None) -> None:
        """Open the store and bring the folder of rules into it, if one is named."""
        self.store = open_store(stored.url)
        clock = SystemClock()
        self._rules = RulesInForce(self.store, clock)
        self._rules.begin(rules)
        source = SnapshotSource(self._rules.tables)
        self._rules.when_changed(lambda held: source.put_rules(held.tables))
        office = Office(self.store, source, clock, RandomIds())
        self._behind = Behind(
            self.store,
            clock,
            source.latest,
            connectors=stored.connectors,
            mail=stored.mail,
            source=stored.source,
        )
        self._look = Looking(office, source, self._rules, works=True)
        self._worker = self._behind.worker(office)
        self.loop = Loop(office, self._worker, look=self._look)

    def once(self) -> int:
        """Carry out what is due now and what comes of it; give how much it was.

        Raises StoreUnavailableError; NotReadyError if the store holds no tenant.
        """
        self._look()
        done = 0
        while count := self._worker.run():
            done += count
        return done

    def close(self) -> None:
        """Finish what is under way and let go of everything."""
        self.loop.stop(_LONGEST_ROUND)
        self._behind.close()
        try:
            self.store.close()
        except StoreUnavailableError as error:
            _log.warning("the store was gone when it was to be closed: %s", error)
        self._rules.close()


# Seconds: no call outside takes longer. What is cut off all the same is made again by others.
_LONGEST_ROUND = 70.0
