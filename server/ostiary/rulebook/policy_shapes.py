"""The shapes of what policies say in several forms: approvers, ends, recurrences, reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from ostiary.domain.policy import Approver, ApproverKind, Recurrence, ReviewerKind
from ostiary.rulebook.directory_model import Named, NamedShape
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader, Where
from ostiary.rulebook.records import JsonSchema, Record, RecordShape, Shape, maybe, required
from ostiary.rulebook.shapes import Item, ListOf, Word, YesNo, scalar_text
from ostiary.rulebook.source import MappingNode, Node, ScalarNode
from ostiary.rulebook.time_shapes import Length, Moment, read_span
from ostiary.rulebook.times import Span


class ApproverShape(Shape[Approver]):
    """An entry of an approver list: a user, a group, or somebody by relation to the target."""

    relations: ClassVar[Mapping[str, Approver]] = {
        "manager": Approver(ApproverKind.MANAGER),
        "manager:1": Approver(ApproverKind.MANAGER),
        "manager:2": Approver(ApproverKind.MANAGER, level=2),
        "internal-sponsors": Approver(ApproverKind.INTERNAL_SPONSORS),
        "external-sponsors": Approver(ApproverKind.EXTERNAL_SPONSORS),
        "own-sponsors": Approver(ApproverKind.OWN_SPONSORS),
    }
    subject = NamedShape("user", "group")
    words = ("user:ID", "group:ID", *relations)

    def read(self, node: Node, where: Where, reader: Reader) -> Approver | Broken:
        """Give the approver."""
        text = scalar_text(node, where, reader, f"one of {', '.join(self.words)}")
        if isinstance(text, Broken):
            return text
        if text in self.relations:
            return self.relations[text]
        if text.startswith(("user:", "group:")):
            named = self.subject.read(node, where, reader)
            return named if isinstance(named, Broken) else approver_of(named)
        if text.startswith("manager:"):
            message = f"{quoted(text)}: the manager (level 1) and the manager's manager (level 2)"
            return reader.invalid(node, where, f"{message} can approve, no other level")
        near = reader.near(text, self.words)
        message = f"{quoted(text)} is not one of {', '.join(self.words)}{near}"
        reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
        return BROKEN

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give the relations, and the pattern of users and groups."""
        return {"anyOf": [{"enum": list(self.relations)}, self.subject.schema(defs)]}


def approver_of(named: Named) -> Approver:
    """Give the approver that a text such as `user:dana` names."""
    return Approver(ApproverKind(named.kind), named.id)


TIME = Length("days", "weeks", "hours")
APPROVERS = ListOf(ApproverShape())
JUSTIFICATION = Word({"required": True, "optional": False})


class AfterText(Record):
    """A length of time after which something happens."""

    after = required(TIME, "For example P7D.")


class EndText(Record):
    """When access ends: on a date or after a time."""

    on = maybe(Moment(end=True), "The last day (its end, UTC) or the exact instant of the end.")
    after = maybe(TIME, "The time from the start, e.g. P90D or PT12H.")


class ExpirationShape(Shape[EndText | None]):
    """`never`, or a mapping with `on` or `after`."""

    never = Word({"never": None})
    dated = RecordShape(EndText)

    def read(self, node: Node, where: Where, reader: Reader) -> EndText | None | Broken:
        """Give the end, or None for never."""
        if isinstance(node, ScalarNode) and not node.is_null:
            return self.never.read(node, where, reader)
        end = self.dated.read(node, where, reader)
        if isinstance(end, Broken) or end.has("on") != end.has("after"):
            return end
        return reader.invalid(node, where, "must be `never`, {on: DATE} or {after: DURATION}")

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [{"const": "never"}, self.dated.schema(defs)]}


class LeavingShape(Shape[timedelta | None]):
    """Whether leaving a scope ends the access: yes, no, or {after: DURATION} for a grace period."""

    flag = YesNo()
    grace = RecordShape(AfterText)

    def read(self, node: Node, where: Where, reader: Reader) -> timedelta | None | Broken:
        """Give the grace period, or None if the access stays."""
        if isinstance(node, MappingNode):
            record = self.grace.read(node, where, reader)
            return BROKEN if isinstance(record, Broken) else record.values.get("after", BROKEN)
        flag = self.flag.read(node, where, reader)
        return flag if isinstance(flag, Broken) else timedelta(0) if flag else None

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [self.flag.schema(defs), self.grace.schema(defs)]}


class RecurrenceShape(Shape[str | Recurrence]):
    """How often reviews come: a word that the profile may give a meaning, or a duration (S-122)."""

    months: ClassVar[Mapping[str, int]] = {"monthly": 1, "half-yearly": 6, "yearly": 12}
    words = ("monthly", "quarterly", "half-yearly", "yearly")

    def read(self, node: Node, where: Where, reader: Reader) -> str | Recurrence | Broken:
        """Give the recurrence, or the word `quarterly`."""
        text = node.text if isinstance(node, ScalarNode) else ""
        if text == "quarterly":
            return text
        if text in self.months:
            return Recurrence(months=self.months[text])
        if isinstance(node, ScalarNode) and text and not text.startswith(("P", "-P")):
            return self._unknown(node, text, where, reader)
        span = read_span(node, where, reader)
        return span if isinstance(span, Broken) else self._of(span, node, where, reader)

    def _unknown(self, node: Node, text: str, where: Where, reader: Reader) -> Broken:
        known = ", ".join(self.words)
        near = reader.near(text, self.words)
        message = f"{quoted(text)} is no duration and not one of {known}{near}"
        reader.fault(node, where, FaultCode.UNKNOWN_VALUE, message)
        return BROKEN

    def _of(self, span: Span, node: Node, where: Where, reader: Reader) -> Recurrence | Broken:
        if span.months and span.exact:
            return reader.invalid(node, where, "cannot mix calendar months with exact time")
        if not span.months and span.exact < timedelta(days=1):
            return reader.invalid(node, where, "must be at least P1D")
        return Recurrence(months=span.months) if span.months else Recurrence(every=span.exact)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:  # noqa: ARG002  # needs no others
        """Give the words and the form of durations."""
        return {"anyOf": [{"enum": list(self.words)}, {"type": "string", "pattern": "^P"}]}


class ReviewersShape(Shape[ReviewerKind | tuple[Item[Named], ...]]):
    """Who reviews: `self`, `manager`, or a list of users and groups (S-120)."""

    word = Word({"self": ReviewerKind.SELF, "manager": ReviewerKind.MANAGER})
    named = ListOf(NamedShape("user", "group"), at_least=1)

    def read(
        self, node: Node, where: Where, reader: Reader
    ) -> ReviewerKind | tuple[Item[Named], ...] | Broken:
        """Give the relation or the list."""
        if isinstance(node, ScalarNode) and not node.is_null:
            return self.word.read(node, where, reader)
        return self.named.read(node, where, reader)

    def schema(self, defs: dict[str, JsonSchema]) -> JsonSchema:
        """Give both forms."""
        return {"anyOf": [self.word.schema(defs), self.named.schema(defs)]}
