"""What the services of the life of a request share: one look at the store, and writes done once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from google.protobuf.message import Message

from ostiary.decide.model import Snapshot
from ostiary.domain.access_request import AccessRequest
from ostiary.domain.assignment import Assignment
from ostiary.domain.callout import Callout
from ostiary.domain.decision import Decision
from ostiary.domain.errors import (
    AssignmentNotFoundError,
    CalloutNotFoundError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RequestNotFoundError,
    ReviewNotFoundError,
)
from ostiary.domain.review import ReviewInstance
from ostiary.domain.tables import Tables
from ostiary.lifecycle.ports import Transaction
from ostiary.operations.office import Office
from ostiary.operations.once import Write, is_repeated, once
from ostiary.operations.rights import Rights, rights_of
from ostiary.operations.unit import Unit
from ostiary.rpc.calls import Call
from ostiary.rpc.convert.decisions import DecisionWriter
from ostiary.rpc.convert.records import RecordWriter, etag
from ostiary.rpc.convert.submissions import SubmissionReader
from ostiary.rpc.record_names import RecordNames
from ostiary.v1 import decision_pb2

Result = TypeVar("Result")
Record = TypeVar("Record")

POLL = 0.2  # seconds between two looks of a watcher


class Look(msgspec.Struct, frozen=True):
    """One look at the store with the eyes of one caller."""

    unit: Unit
    rights: Rights
    reader: SubmissionReader
    writer: RecordWriter

    @property
    def tx(self) -> Transaction:
        """Give the transaction that looks."""
        return self.unit.tx

    @property
    def snapshot(self) -> Snapshot:
        """Give the tenant as it is seen."""
        return self.unit.snapshot

    def request(self, name: str) -> AccessRequest:
        """Give a request that is there; raises RequestNotFoundError or ForbiddenError (S-133)."""
        return self.there(self.tx.request(name), RequestNotFoundError(name))

    def assignment(self, name: str) -> Assignment:
        """Give an assignment that is there; raises AssignmentNotFoundError or ForbiddenError."""
        return self.there(self.tx.assignment(name), AssignmentNotFoundError(name))

    def review(self, name: str) -> ReviewInstance:
        """Give a review that is there; raises ReviewNotFoundError or ForbiddenError."""
        return self.there(self.tx.review(name), ReviewNotFoundError(name))

    def callout(self, name: str) -> Callout:
        """Give a callout that is there; raises CalloutNotFoundError or ForbiddenError."""
        return self.there(self.tx.callout(name), CalloutNotFoundError(name))

    def there(self, record: Record | None, missing: NotFoundError) -> Record:
        """Give a record; that there is none, only those are told who may see all of its kind."""
        if record is not None:
            return record
        if self.rights.administrator:
            raise missing
        raise ForbiddenError


class Life:
    """Stands behind the services; may be shared by all threads of a process."""

    def __init__(self, office: Office, tables: Callable[[str], Tables]) -> None:
        """Take the office, and what gives the rules by their digest that a decision names."""
        self.office = office
        self._tables = tables
        self._closing = threading.Event()
        self._decisions: tuple[object, DecisionWriter] | None = None

    @contextmanager
    def looking(self, call: Call, *, settled: bool = False) -> Iterator[Look]:
        """Look at the store on behalf of a caller; `settled` for who follows the audit log."""
        with self.office.store.reading(settled=settled) as tx:
            unit = self.office.unit(tx, "")
            yield Look(
                unit,
                rights_of(call.caller, tx.role_assignments(), unit.snapshot.directory),
                SubmissionReader(unit.snapshot),
                RecordWriter(RecordNames(unit.snapshot.tenant_id)),
            )

    def decision(self, made: Decision) -> decision_pb2.Decision:
        """Give a whole decision as a message."""
        known = self._decisions
        if known is None or known[0] != made.revision:
            writer = DecisionWriter(self._tables(made.revision.rules), made.revision)
            known = self._decisions = (made.revision, writer)
        return decision_pb2.Decision.FromString(known[1].decision(made, full=True))

    # writes

    def write(
        self,
        call: Call,
        message: Message,
        *,
        request_id: str,
        wanted: str = "",
        name: str = "",
        present: Callable[[Transaction], int | None] = lambda _: None,
    ) -> Write:
        """Give what is known of a write: its id, and the etag that the caller saw.

        Raises ConflictError for an etag that no version has.
        """
        version = None
        if wanted:
            version = _version(wanted, name)
        content = message.SerializeToString(deterministic=True)
        return Write(
            key=f"{call.name}/{call.caller.holder}/{request_id}" if request_id else "",
            digest=hashlib.sha256(content).hexdigest(),
            request_id=request_id,
            version=version,
            present=present,
            name=name,
        )

    def repeated(self, look: Look, write: Write) -> bool:
        """Tell whether a write was carried out before; raises RequestIdReusedError (S-61)."""
        return is_repeated(look.tx, write)

    def once(self, write: Write, work: Callable[[Office], Result]) -> Result | None:
        """Carry a write out; None if that was done before."""
        return once(self.office, write, work)

    # watchers

    def close(self) -> None:
        """Have all watchers go home."""
        self._closing.set()

    def wait(self, call: Call) -> bool:
        """Wait until a watcher should look again; False if it should go home."""
        return not self._closing.wait(POLL) and call.waited_for()


def _version(wanted: str, name: str) -> int:
    digits = wanted.removeprefix("v")
    if not digits.isascii() or not digits.isdigit() or etag(int(digits)) != wanted:
        raise ConflictError(name)
    return int(digits)


def request_version(name: str) -> Callable[[Transaction], int | None]:
    """Give what tells the present version of a request."""

    def present(tx: Transaction) -> int | None:
        found = tx.request(name)
        return None if found is None else found.version

    return present


def assignment_version(name: str) -> Callable[[Transaction], int | None]:
    """Give what tells the present version of an assignment."""

    def present(tx: Transaction) -> int | None:
        found = tx.assignment(name)
        return None if found is None else found.version

    return present


def within(allowed: frozenset[str] | None, wanted: str) -> frozenset[str] | None:
    """Confine a list to the catalog that is wanted; raises ForbiddenError if it is not allowed."""
    if not wanted:
        return allowed
    if allowed is not None and wanted not in allowed:
        raise ForbiddenError
    return frozenset({wanted})
