"""Which desk answers: none until everything is loaded, then always the last good one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from ostiary.domain.errors import DefinitionError, NotReadyError, OstiaryError
from ostiary.domain.tenant import Tenant
from ostiary.rpc.desk import Desk

_log = logging.getLogger(__name__)


class OpenDesk(Protocol):
    """A desk together with what must be closed when nobody asks at it any more."""

    @property
    def desk(self) -> Desk:
        """Give the desk."""

    @property
    def tenant(self) -> Tenant:
        """Give the tenant that it answers for."""

    def close(self) -> None:
        """Let go of whatever the desk's tables hold."""


class Reception:
    """Sends each question to the desk in charge; readers take no lock."""

    def __init__(self, load: Callable[[], OpenDesk], *, farewell: float = 30.0) -> None:
        """Take what loads a desk, and how long a desk outlives its replacement, in seconds."""
        self._load = load
        self._farewell = farewell
        self._open: OpenDesk | None = None
        self._desk: Desk | None = None
        self._loading = threading.Lock()
        self._placing = threading.Lock()
        self._put = 0  # how often a desk was put in charge that was not loaded here

    def desk(self) -> Desk:
        """Give the desk in charge."""
        if self._desk is None:
            raise NotReadyError("rules and definitions are not loaded yet")
        return self._desk

    def opened(self) -> OpenDesk:
        """Give the desk in charge with the tenant that it answers for."""
        if self._open is None:
            raise NotReadyError("rules and definitions are not loaded yet")
        return self._open

    def load(self) -> None:
        """Load rules and definitions and put a new desk in charge; raises what loading raises."""
        with self._loading:
            put = self._put
            opened = self._load()
            with self._placing:
                before = self._open
                if put == self._put:  # else somebody has put a newer one there meanwhile
                    self._open, self._desk = opened, opened.desk
        revision = opened.desk.snapshot.revision
        _log.info(
            "loaded rules %.12s, tenant %.12s, profile %s %s",
            revision.rules,
            revision.tenant,
            revision.profile,
            revision.profile_version,
        )
        if before is not None:
            # Calls that have begun may still look up in the old tables.
            timer = threading.Timer(self._farewell, before.close)
            timer.daemon = True
            timer.start()

    def put(self, opened: OpenDesk) -> None:
        """Put a newer desk in charge that somebody else has opened."""
        # Never waits for a load: whoever puts may hold what the load waits for.
        with self._placing:
            if self._open is None:
                return  # not open yet, or closed already
            self._open, self._desk = opened, opened.desk
            self._put += 1

    def reload(self) -> bool:
        """Load again; if anything is wrong, log it and leave the last good desk in charge."""
        try:
            self.load()
        except OstiaryError as error:
            log_faults(error)
            _log.warning("not reloaded: the last good rules and definitions stay in force")
            return False
        except Exception:  # noqa: BLE001 whatever it is, the server goes on with what it has
            _log.exception("not reloaded: the last good rules and definitions stay in force")
            return False
        return True

    def close(self) -> None:
        """Close the desk in charge."""
        with self._loading, self._placing:
            opened, self._open, self._desk = self._open, None, None
        if opened is not None:
            opened.close()


def log_faults(error: OstiaryError) -> None:
    """Log an error of loading, one line for each fault."""
    if isinstance(error, DefinitionError):
        for fault in error.faults:
            _log.error("%s", fault)
    else:
        _log.error("%s", error)
