"""What a tenant's files may say about findings of lint that are meant as they are."""

from __future__ import annotations

import re

import msgspec

from ostiary.rulebook.records import Record, RecordShape, RecordsOf, maybe, optional, required
from ostiary.rulebook.shapes import Matching, Text
from ostiary.rulebook.source import Spot

_CODE = re.compile(r"[A-Z][A-Z_]{0,63}", re.ASCII)


class IgnoreText(Record):
    """Findings that are meant as they are."""

    code = required(Matching(_CODE, "a code such as DEAD_END"), "The code of the findings.")
    where_ = maybe(
        Text("description"), "The path of the findings, or of what they stand in; all if left out."
    )
    why = required(Text("description"), "Why this is meant.")


class LintText(Record):
    """What `ostiary check` says about these definitions."""

    ignore = optional(RecordsOf(IgnoreText), (), "Findings that are not to be reported.")


LINT = RecordShape(LintText)


class Ignored(msgspec.Struct, frozen=True):
    """Findings that are not to be reported, with the reason and the place that says so."""

    code: str
    where: str | None
    why: str
    spot: Spot


def ignored_of(text: LintText) -> tuple[Ignored, ...]:
    """Give what a section says."""
    return tuple(
        Ignored(
            one.code,
            one.where_,
            one.why,
            Spot(one.node.file, one.node.line, one.node.column),
        )
        for one in text.ignore
    )
