"""Revisions of rule packs, which of them were put in force, and the log of decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, insert, select

from ostiary.adapters.store import tables
from ostiary.adapters.store.rows import Rows
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.lifecycle.ports import LoggedLine

_encode = msgspec.json.Encoder(order="deterministic").encode
_files_of = msgspec.json.Decoder(dict[str, bytes]).decode


class RuleRows(Rows):
    """The revisions of rules of a transaction."""

    def rule_revision(self, digest: str) -> RuleRevision | None:
        """Give a revision of a rule pack with the text of its files."""
        row = self._first(
            select(tables.rule_revision).where(tables.rule_revision.c.digest == digest)
        )
        return row and _revision(row, _files_of(row.files))

    def rule_revisions(
        self, *, up_to: int | None = None, size: int = 50
    ) -> Sequence[tuple[int, RuleRevision]]:
        """Give revisions with their positions, without their files, the newest first."""
        c = tables.rule_revision.c
        wanted = select(c.position, c.digest, c.at, c.actor, c.note)
        if up_to is not None:
            wanted = wanted.where(c.position < up_to)
        rows = self._rows(wanted.order_by(c.position.desc()).limit(size))
        return [(row.position, _revision(row, {})) for row in rows]

    def save_rule_revision(self, revision: RuleRevision) -> bool:
        """Keep a revision; False, and nothing changes, if one of the same digest is kept."""
        c = tables.rule_revision.c
        row = {
            "digest": revision.digest,
            "at": revision.created_at,
            "actor": revision.actor,
            "note": revision.note,
            "files": _encode(revision.files),
        }
        self._may_write()
        # A look first: a database gives a number out for a row, also if it then leaves it alone.
        if self._first(select(c.position).where(c.digest == revision.digest)) is not None:
            return False
        return self._insert_new(tables.rule_revision, row) == 1

    def log_decisions(self, lines: Iterable[LoggedLine]) -> None:
        """Keep lines of the decision log; one that is there is left as it is."""
        rows = [msgspec.structs.asdict(one) for one in lines]
        if rows:
            self._insert_new(tables.decision_log, rows)

    def logged_runs(self) -> Sequence[str]:
        """Give the runs of the decision log, in the order in which they were kept."""
        c = tables.decision_log.c
        first = func.min(c.position)
        return [row.run for row in self._rows(select(c.run, first).group_by(c.run).order_by(first))]

    def logged_decisions(
        self, run: str, *, after: int = -1, size: int = 1000
    ) -> Sequence[LoggedLine]:
        """Give lines of a run by their numbers."""
        c = tables.decision_log.c
        wanted = select(c.run, c.number, c.text).where(c.run == run, c.number > after)
        rows = self._rows(wanted.order_by(c.number).limit(size))
        return [LoggedLine(row.run, row.number, row.text) for row in rows]

    def activations(
        self, *, after: int = 0, before: int | None = None, size: int = 50
    ) -> Sequence[Activation]:
        """Give activations of rules in their order, or with `before` the newest first."""
        c = tables.rule_activation.c
        wanted = select(tables.rule_activation).where(c.sequence > after)
        order: Any = c.sequence
        if before is not None:
            wanted = wanted.where(c.sequence < before)
            order = c.sequence.desc()
        return [_activation(row) for row in self._rows(wanted.order_by(order).limit(size))]

    def active_rules(self) -> Activation | None:
        """Give the activation that is in force: the last one."""
        newest = select(tables.rule_activation).order_by(tables.rule_activation.c.sequence.desc())
        row = self._first(newest.limit(1))
        return row and _activation(row)

    def activation(self, sequence: int) -> Activation | None:
        """Give one activation."""
        c = tables.rule_activation.c
        row = self._first(select(tables.rule_activation).where(c.sequence == sequence))
        return row and _activation(row)

    def activate_rules(self, activation: Activation) -> int:
        """Append an activation and give its sequence."""
        self._may_write()
        newest = self._connection.scalar(select(func.max(tables.rule_activation.c.sequence)))
        sequence = int(newest or 0) + 1
        row = {
            "sequence": sequence,
            "digest": activation.digest,
            "at": activation.at,
            "actor": activation.actor,
            "origin": activation.origin.value,
            "note": activation.note,
            "back": activation.back,
        }
        self._write(insert(tables.rule_activation), row)
        return sequence


def _revision(row: Any, files: Mapping[str, bytes]) -> RuleRevision:
    return RuleRevision(
        digest=row.digest, created_at=row.at, actor=row.actor, note=row.note, files=files
    )


def _activation(row: Any) -> Activation:
    return Activation(
        digest=row.digest,
        at=row.at,
        actor=row.actor,
        origin=Origin(row.origin),
        note=row.note,
        back=row.back,
        sequence=row.sequence,
    )
