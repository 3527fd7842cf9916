"""The systems behind a running Ostiary: connectors, mail and the caller of extensions."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

from ostiary.adapters.clock import Clock
from ostiary.adapters.connectors.configuration import load_connectors
from ostiary.adapters.connectors.registry import ConfiguredConnectors, connect, extension_caller
from ostiary.adapters.connectors.settings import Configuration
from ostiary.adapters.mail.log_postman import LogPostman
from ostiary.adapters.mail.postman import SmtpPostman
from ostiary.adapters.mail.recipient import Recipient
from ostiary.adapters.mail.settings import load_mail_settings
from ostiary.decide.model import Snapshot
from ostiary.lifecycle.ports import Postman, Store
from ostiary.operations.office import Office
from ostiary.worker.worker import Worker

_log = logging.getLogger(__name__)

Latest = Callable[[], Snapshot | None]


class Behind:
    """What a worker calls; faults of the files are raised as DefinitionError when it is made."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        latest: Latest,
        *,
        connectors: str | None,
        mail: str | None,
        source: str,
    ) -> None:
        """Read the files that are named; `source` names the tenant in events."""
        configuration = Configuration()
        if connectors is not None:
            loaded = load_connectors(Path(connectors))
            for fault in loaded.warnings:
                _log.warning("%s", fault)
            configuration = loaded.configuration
        self._latest = latest
        self.connectors: ConfiguredConnectors = connect(
            configuration,
            store=store,
            clock=clock,
            source=source,
            most_members=self._most_members,
        )
        self.caller = extension_caller(configuration, clock=clock, source=source)
        self.postman: Postman = LogPostman()
        if mail is not None:
            self.postman = SmtpPostman(load_mail_settings(Path(mail)), self._recipient)

    def worker(self, office: Office) -> Worker:
        """Give the worker of an office."""
        jitter = random.SystemRandom().random
        return Worker(office, self.connectors, self.caller, self.postman, jitter=jitter)

    def close(self) -> None:
        """Let go of all connections."""
        self.connectors.close()
        self.caller.close()

    def _most_members(self) -> int | None:
        snapshot = self._latest()
        return None if snapshot is None else snapshot.profile.limits.get("group_members")

    def _recipient(self, person: str) -> Recipient | None:
        snapshot = self._latest()
        user = None if snapshot is None else snapshot.directory.user(person)
        return None if user is None else Recipient(user.id, user.name, user.mail, user.state)
