"""A write that is carried out once, however often it is sent, and only on what the caller saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from ostiary.domain.errors import ConflictError, RequestIdReusedError
from ostiary.lifecycle.ports import Remembered, Transaction
from ostiary.operations.office import Office
from ostiary.operations.unit import Unit

Result = TypeVar("Result")


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a write before it begins."""

    key: str = ""  # method, caller and the caller's id of it; empty: the caller gave none
    digest: str = ""  # of its content
    request_id: str = ""  # the caller's id alone, to be told
    # gives the present version of what is changed, which must be `version` if that is set
    version: int | None = None
    present: Callable[[Transaction], int | None] = lambda _: None
    name: str = ""  # of what is changed, to be told


class _RepeatedError(Exception):
    """The write was carried out before; never leaves this module."""


def is_repeated(tx: Transaction, write: Write) -> bool:
    """Tell whether a write was carried out before; raises RequestIdReusedError (S-61)."""
    remembered = tx.remembered(write.key) if write.key else None
    if remembered is None:
        return False
    if remembered.digest != write.digest:
        raise RequestIdReusedError(write.request_id)
    return True


def once(office: Office, write: Write, work: Callable[[Office], Result]) -> Result | None:
    """Carry a write out in the office that `work` is given; None if it was carried out before.

    It is remembered in the transaction that carries it out, so that neither comes without the
    other. Raises RequestIdReusedError, ConflictError, and what `work` raises.
    """
    try:
        return work(_Guarded(office, write))
    except _RepeatedError:
        return None


class _Guarded(Office):
    """An office whose first case belongs to one write."""

    def __init__(self, office: Office, write: Write) -> None:
        super().__init__(office.store, office.snapshots, office.clock, office.ids)
        self._write = write
        self._begun = False

    @contextmanager
    def case(self, name: str, *, also: tuple[str, ...] = ()) -> Iterator[Unit]:
        """Work on a case as any office does, after a look at whether the write may go on."""
        with super().case(name, also=also) as unit:
            if self._begun:
                yield unit
                return
            self._begun = True
            self._check(unit)
            yield unit
            if self._write.key:
                remembered = Remembered(self._write.digest, b"")
                unit.tx.remember(self._write.key, remembered, unit.now)

    def _check(self, unit: Unit) -> None:
        if is_repeated(unit.tx, self._write):
            raise _RepeatedError
        wanted = self._write.version
        if wanted is not None and self._write.present(unit.tx) != wanted:
            raise ConflictError(self._write.name)
