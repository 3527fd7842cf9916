"""The rules that one process decides by: those that the store says are in force.

A revision is loaded beside the one in force, and takes its place only when nothing is wrong with
it. Other processes over the same store are followed. What could not be taken is remembered, so that
whoever asks is told.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec

from ostiary.adapters.clock import Clock
from ostiary.domain.access_request import SYSTEM
from ostiary.domain.errors import (
    DefinitionError,
    EngineFailedError,
    Fault,
    OstiaryError,
    RulesRefusedError,
)
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.domain.tables import Tables
from ostiary.lifecycle.ports import Store, Transaction
from ostiary.operations.rule_revisions import (
    RULES_CASE,
    earlier,
    keep,
    next_activation,
    put_in_force,
    said_before,
)
from ostiary.rulebook.pack_files import Files, load_files, read_steadily
from ostiary.rulebook.tabulate import LoadedPack, standard_pack_dir

_log = logging.getLogger(__name__)

_FAREWELL = 30.0  # seconds that a pack outlives its replacement: calls may still look up in it
_PATIENCE = 30.0  # seconds before a revision that could not be loaded is tried again
_FAULTS_KEPT = 100


class Refused(msgspec.Struct, frozen=True):
    """What was not taken last, and why."""

    at: datetime
    source: str
    message: str
    faults: tuple[Fault, ...] = ()


class InForce(msgspec.Struct, frozen=True):
    """A pack with the activation that put it in force."""

    pack: LoadedPack
    activation: Activation

    @property
    def tables(self) -> Tables:
        """Give the decision tables."""
        return self.pack.tables


Told = Callable[[InForce], None]


class RulesInForce:
    """Follows the rules of a store; may be shared by all threads of a process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take where revisions are kept; nothing is in force before `begin`."""
        self.store = store
        self.clock = clock
        self.refused: Refused | None = None
        self._held: InForce | None = None
        self._changing = threading.Lock()
        self._tell: Told = lambda _: None
        self._failed: tuple[int, float] = (0, 0.0)  # an activation, and when to try it again

    def when_changed(self, tell: Told) -> None:
        """Have somebody told of each change, in the thread that made it, before it is over."""
        self._tell = tell

    @property
    def held(self) -> InForce:
        """Give what is in force here."""
        assert self._held is not None  # noqa: S101  # `begin` comes first
        return self._held

    @property
    def tables(self) -> Tables:
        """Give the decision tables in force here."""
        return self.held.tables

    def begin(self, folder: Path | None) -> None:
        """Bring a folder, or else the shipped rules, into the store, and load what is in force.

        Raises DefinitionError or EngineFailedError for rules that cannot be loaded.
        """
        origin = Origin.SHIPPED if folder is None else Origin.FOLDER
        self.bring(standard_pack_dir() if folder is None else folder, origin=origin)

    def bring(self, folder: Path, *, origin: Origin = Origin.FOLDER) -> bool:
        """Put in force what a folder says, if it says something new; tell whether that was so.

        Raises DefinitionError or EngineFailedError; what was in force stays so.
        """
        return self.take(read_steadily(folder), folder, origin=origin)

    def take(self, files: Files, folder: Path, *, origin: Origin = Origin.FOLDER) -> bool:
        """Do what `bring` does with files that were read from the folder already."""
        pack = load_files(files, named=folder.as_posix())
        for fault in pack.faults:
            _log.warning("%s", fault)
        with self._changing:
            active, new = self._told_by(files, pack, origin, folder.as_posix())
            if active.digest == pack.tables.digest:
                self._adopt(pack, active)
            else:  # overruled since; the folder says nothing new
                pack.close()
                self._load(active)
        self.refused = None
        return new

    def _told_by(
        self, files: Files, pack: LoadedPack, origin: Origin, note: str
    ) -> tuple[Activation, bool]:
        digest, now = pack.tables.digest, self.clock.now()
        with self.store.transaction() as tx:
            tx.lock(RULES_CASE)
            revision = RuleRevision(digest=digest, created_at=now, actor=SYSTEM, files=files)
            keep(tx, revision)
            active = tx.active_rules()
            if active is not None and said_before(tx, digest, origin):
                return active, False
            wanted = Activation(
                digest=digest,
                at=now,
                actor=SYSTEM,
                origin=origin,
                note=note if origin is Origin.FOLDER else "",
            )
            if active is None or active.digest != digest:
                return put_in_force(tx, next_activation(tx, wanted)), True
            if origin is Origin.FOLDER:
                # Somebody put it in force before; from now on it is what the folder said last.
                active = put_in_force(tx, msgspec.structs.replace(wanted, back=active.back))
            return active, False

    def follow(self) -> None:
        """Come to what the store says is in force; what cannot be loaded is logged and left."""
        with self.store.reading() as tx:
            active = tx.active_rules()
        held = self._held
        if active is None or (held is not None and active.sequence <= held.activation.sequence):
            return
        failed, again = self._failed
        if active.sequence == failed and time.monotonic() < again:
            return
        try:
            with self._changing:
                self._load(active)
            self.refused = None
        except (DefinitionError, EngineFailedError, RulesRefusedError) as error:
            self._failed = active.sequence, time.monotonic() + _PATIENCE
            self.refuse(active.digest, error)

    def refuse(self, source: str, error: OstiaryError) -> None:
        """Remember and log what was not taken; the last good serves on."""
        self.remember(source, error)
        faults = getattr(error, "faults", ())
        for text in map(str, faults or (error,)):
            _log.error("%s", text)
        _log.warning("not taken: %s; the last good rules and definitions stay in force", source)

    def remember(self, source: str, error: OstiaryError) -> None:
        """Remember what was not taken, for whoever asks."""
        faults = getattr(error, "faults", ())
        message = str(error).partition("\n")[0]
        self.refused = Refused(self.clock.now(), source, message, faults[:_FAULTS_KEPT])

    def change(
        self,
        revision: RuleRevision,
        write: Callable[[Transaction], Activation],
        *,
        only_tried: bool = False,
    ) -> Activation:
        """Load a revision and put it in force by what `write` does in one transaction.

        When this is over, this process decides by it. With `only_tried` nothing is written. Raises
        RulesRefusedError if it cannot be loaded, and what `write` raises.
        """
        pack = loaded(revision)
        if only_tried:
            with closing(pack), self.store.reading() as tx:
                return write(tx)
        with self._changing:
            try:
                with self.store.transaction() as tx:
                    tx.lock(RULES_CASE)
                    activation = write(tx)
            except BaseException:
                pack.close()
                raise
            self._adopt(pack, activation)
        self.refused = None
        return activation

    def _load(self, active: Activation) -> None:
        if self._held is not None and self._held.activation.digest == active.digest:
            self._held = InForce(self._held.pack, active)
            return
        with self.store.reading() as tx:
            revision = tx.rule_revision(active.digest)
        assert revision is not None  # noqa: S101  # nothing is activated that is not kept
        self._adopt(loaded(revision), active)

    def _adopt(self, pack: LoadedPack, active: Activation) -> None:
        before = self._held
        if before is not None and active.sequence < before.activation.sequence:
            pack.close()  # somebody was quicker with a newer one
            return
        if before is not None and before.activation.digest == active.digest:
            pack.close()
            self._held = InForce(before.pack, active)
            return
        self._held = InForce(pack, active)
        _log.info("rules %.12s are in force, activation %d", active.digest, active.sequence)
        self._tell(self._held)
        if before is not None:
            timer = threading.Timer(_FAREWELL, before.pack.close)
            timer.daemon = True
            timer.start()

    def close(self) -> None:
        """End whatever the pack in force holds."""
        with self._changing:
            if self._held is not None:
                self._held.pack.close()


def loaded(revision: RuleRevision) -> LoadedPack:
    """Give the pack of a revision; raises RulesRefusedError if this process cannot load it."""
    try:
        pack = load_files(revision.files)
    except (DefinitionError, EngineFailedError) as error:
        raise RulesRefusedError(revision.digest, error) from error
    if pack.tables.digest != revision.digest:
        pack.close()
        faults = (Fault("", 1, 1, "DIGEST", f"its text has the digest {pack.tables.digest}"),)
        raise RulesRefusedError(revision.digest, DefinitionError(faults))
    return pack


def rollback_of(tx: Transaction, wanted: Activation) -> Activation:
    """Give the activation that undoes the one in force; raises NoEarlierRevisionError."""
    target = earlier(tx)
    return msgspec.structs.replace(
        wanted, digest=target.digest, origin=Origin.ROLLBACK, back=target.back
    )
