"""Folders that are loaded again when they change, and only once they have come to rest.

Whoever writes a folder file by file is waited for: it is looked at until nothing has changed for
the time to settle. What is then read is compared with what is there after reading it, so that a
folder that is changed meanwhile is not taken either, and the next look finds it changed.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.pack_files import changed_meanwhile
from ostiary.rulebook.pack_reader import pack_files
from ostiary.rulebook.tenant_files import LoadedTenant, definition_files, load_tenant

_log = logging.getLogger(__name__)

_EVERY = 0.25  # seconds between two looks
_PIECE = 1024 * 1024

Look = tuple[object, ...]


class FolderWatch:
    """Looks at folders in a thread of its own until it is stopped."""

    def __init__(
        self, tenant: Path | None, rules: Path | None, *, settle: float, every: float = _EVERY
    ) -> None:
        """Take the folders, and for how many seconds they must rest before they are loaded.

        What is there now counts as loaded: whoever loads it does so afterwards.
        """
        self._tenant = tenant
        self._rules = rules
        self._settle = settle
        self._every = every
        self._known = self._look()
        self._stopping = threading.Event()
        self._reload: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name="watches", daemon=True)

    def start(self, reload: Callable[[], object]) -> None:
        """Begin to look; `reload` is called when the folders have changed and come to rest."""
        self._reload = reload
        self._thread.start()

    def stop(self) -> None:
        """Stop looking, after a load that is under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                found = self._look()
                if found == self._known:
                    continue
                rested = self._rested(found)
                if rested is None:
                    return
                self._known = rested
                _log.info("the folders have changed")
                self._reload()
            except Exception:  # noqa: BLE001 the thread must not end while the process goes on
                _log.exception("cannot look at the folders")

    def _rested(self, found: Look) -> Look | None:
        """Give what the folders look like once they have come to rest; None: told to stop."""
        since = time.monotonic()
        while not self._stopping.wait(self._every):
            again = self._look()
            if again != found:
                found, since = again, time.monotonic()
            elif time.monotonic() - since >= self._settle:
                return found
        return None

    def _look(self) -> Look:
        tenant = () if self._tenant is None else _seen(_definitions(self._tenant))
        rules = () if self._rules is None else _seen(_pack(self._rules))
        return tenant, rules


def _definitions(folder: Path) -> Iterable[Path]:
    return (path for path, _ in definition_files(folder)) if folder.is_dir() else ()


def _pack(folder: Path) -> Iterable[Path]:
    return [file.path for file in pack_files(folder, FaultList()) or ()]


def _seen(paths: Iterable[Path]) -> Look:
    found: list[object] = []
    for path in paths:
        try:
            told = path.stat()
        except OSError:
            found.append((path, None))
        else:
            found.append((path, told.st_mtime_ns, told.st_size, told.st_ino))
    return tuple(found)


def load_steadily(
    folder: Path, *, profile: str | None = None, now: datetime | None = None
) -> LoadedTenant:
    """Load a tenant from a folder that does not change meanwhile; raises DefinitionError."""
    before = _digest(_definitions(folder))
    loaded = load_tenant(folder, profile=profile, now=now)
    if _digest(_definitions(folder)) != before:
        raise changed_meanwhile(folder)
    return loaded


def _digest(paths: Iterable[Path]) -> Sequence[tuple[Path, str]]:
    return [(path, _digest_of(path)) for path in paths]


def _digest_of(path: Path) -> str:
    said = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                said.update(piece)
    except (OSError, ValueError):
        return ""  # loading it tells why
    return said.hexdigest()
