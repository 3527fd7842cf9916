"""The plan in words: what is due, when, and how long things take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.analysis.diff.words import length
from ostiary.cli.labels import Labels
from ostiary.v1 import decision_pb2 as contract

_SHOWN_PEOPLE = 4


def word_of(kind: EnumDescriptor, number: int, prefix: str) -> str:
    """Give an enumeration's value as people see it; one of a newer contract goes by its number."""
    value = kind.values_by_number.get(number)
    return f"{prefix}{number}" if value is None else value.name.removeprefix(prefix)


def instant(moment: Timestamp) -> str:
    """Give an instant in UTC to the minute, or to the second where that tells more."""
    at = moment.ToDatetime(UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S" if at.second else "%Y-%m-%d %H:%M")


def when(action: contract.ScheduledAction) -> str:
    """Give the instant of an action, or its distance from the event that it waits for."""
    if action.HasField("time"):
        return instant(action.time)
    alone, event = _EVENTS.get(action.anchor, ("later", "later"))
    offset = action.offset.ToTimedelta()
    if not offset:
        return alone.format(stage=action.stage)
    event = event.format(stage=action.stage)
    return f"{event} {'-' if offset < timedelta(0) else '+'} {length(offset)}"


def earliest(action: contract.ScheduledAction, submitted: Timestamp) -> datetime | None:
    """Give the instant of an action, or the earliest possible; None if it may come at any time."""
    if action.HasField("time"):
        return action.time.ToDatetime(UTC)
    if action.anchor not in _AFTER_SUBMISSION:
        return None
    begin = submitted.ToDatetime(UTC)
    if action.HasField("not_before_time"):
        begin = max(begin, action.not_before_time.ToDatetime(UTC))
    return begin + action.offset.ToTimedelta()


# Each event by itself, and with a distance from it.
_EVENTS: Mapping[int, tuple[str, str]] = {
    contract.ANCHOR_SUBMITTED: ("on submission", "submission"),
    contract.ANCHOR_STAGE_OPENED: ("stage {stage} opens", "stage {stage} opens"),
    contract.ANCHOR_APPROVED: ("on approval", "approval"),
    contract.ANCHOR_ASSIGNMENT_START: ("on the start", "start"),
    contract.ANCHOR_DELIVERED: ("on delivery", "delivery"),
    contract.ANCHOR_ASSIGNMENT_END: ("at the end", "end"),
    contract.ANCHOR_OUT_OF_SCOPE: ("on leaving scope", "leaving scope"),
    contract.ANCHOR_REVIEW_CALENDAR: ("at the review", "review"),
}
# Events that follow the submission.
_AFTER_SUBMISSION = frozenset(
    {
        contract.ANCHOR_STAGE_OPENED,
        contract.ANCHOR_APPROVED,
        contract.ANCHOR_ASSIGNMENT_START,
        contract.ANCHOR_DELIVERED,
    }
)


def people(ids: list[str], labels: Labels) -> str:
    """Give the names of a few people, and the number of the others."""
    shown = [labels.person(one) for one in ids[:_SHOWN_PEOPLE]]
    others = len(ids) - len(shown)
    if others:
        return f"{', '.join(shown)} and {others} more"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


class ActionWords:
    """Says what the actions of one decision do, in the names of its tenant."""

    def __init__(self, decision: contract.Decision, package: str, labels: Labels) -> None:
        self._stages = {stage.number: stage for stage in decision.stages}
        self._package = package
        self._labels = labels

    def what(self, actions: list[contract.ScheduledAction]) -> str:
        """Give what actions of one kind at one time do, as one sentence without full stop."""
        first = actions[0]
        sentence = _SENTENCES.get(first.kind)
        if sentence is None:
            kind = word_of(contract.ActionKind.DESCRIPTOR, first.kind, "ACTION_KIND_")
            return f"{kind} {first.subject}"
        return sentence(self, actions) + self._repetition(first)

    def _repetition(self, action: contract.ScheduledAction) -> str:
        if action.kind != contract.ACTION_KIND_OPEN_REVIEW or not action.HasField("repeats"):
            return ""
        repeats = action.repeats
        if repeats.WhichOneof("step") == "months":
            every = "month" if repeats.months == 1 else f"{repeats.months} months"
        else:
            every = length(repeats.every.ToTimedelta())
        return f", and every {every} from then on"

    def person(self, action: contract.ScheduledAction) -> str:
        """Give the name of the person an action is about."""
        return self._labels.person(action.subject)

    def approvers(self, action: contract.ScheduledAction) -> str:
        """Give the people of the action's stage."""
        stage = self._stages.get(action.stage)
        return "" if stage is None else people(list(stage.approvers), self._labels)

    def alternates(self, action: contract.ScheduledAction) -> str:
        """Give the people who join the action's stage when it is late."""
        stage = self._stages.get(action.stage)
        return "" if stage is None else people(list(stage.alternates), self._labels)

    def entries(self, actions: list[contract.ScheduledAction]) -> str:
        """Give the resource roles of the actions."""
        return ", ".join(self._labels.entry(self._package, one.target) for one in actions)

    def extension(self, action: contract.ScheduledAction) -> str:
        """Give the name of the custom extension that an action calls."""
        return self._labels.extension(self._package, action.target)


Sentence = Callable[[ActionWords, list[contract.ScheduledAction]], str]


def _about_person(text: str) -> Sentence:
    return lambda words, actions: text.format(words.person(actions[0]))


def _about_extension(text: str) -> Sentence:
    return lambda words, actions: text.format(words.extension(actions[0]))


def _about_entries(text: str) -> Sentence:
    return lambda words, actions: text.format(words.person(actions[0]), words.entries(actions))


def _about_stage(first: str, later: str) -> Sentence:
    """Give the sentence about a stage; `later` where it waits for the stage before it."""

    def said(words: ActionWords, actions: list[contract.ScheduledAction]) -> str:
        action = actions[0]
        waits = action.anchor == contract.ANCHOR_STAGE_OPENED and action.stage > 1
        return (later if waits else first).format(
            stage=action.stage,
            before=action.stage - 1,
            approvers=words.approvers(action),
            alternates=words.alternates(action),
        )

    return said


_SENTENCES: Mapping[int, Sentence] = {
    contract.ACTION_KIND_EXPIRE_ASSIGNMENT: _about_person("the access of {} ends"),
    contract.ACTION_KIND_REMOVE_OUT_OF_SCOPE: _about_person(
        "the access ends, as {} has left the requestor scope"
    ),
    contract.ACTION_KIND_REVOKE: _about_entries(
        "{} loses {}, unless another assignment gives the same"
    ),
    contract.ACTION_KIND_TIME_OUT_STAGE: _about_stage(
        "if nobody has decided stage {stage}, the request is denied",
        "if nobody has decided stage {stage}, the request is denied",
    ),
    contract.ACTION_KIND_TIME_OUT_EXTENSION: _about_extension(
        "if the extension {} has not replied, it counts as failed"
    ),
    contract.ACTION_KIND_ESCALATE_STAGE: _about_stage(
        "if nobody has decided stage {stage}, {alternates} may too",
        "if nobody has decided stage {stage}, {alternates} may too",
    ),
    contract.ACTION_KIND_OPEN_STAGE: _about_stage(
        "stage {stage} opens: {approvers} may decide",
        "stage {before} has approved: {approvers} may decide",
    ),
    contract.ACTION_KIND_CALL_EXTENSION: _about_extension("the extension {} is called"),
    contract.ACTION_KIND_START_DELIVERY: _about_person("delivery to {} begins, as asked for"),
    contract.ACTION_KIND_INVITE_GUEST: _about_person("{} is invited into the directory"),
    contract.ACTION_KIND_GRANT: _about_entries("{} gets {}"),
    contract.ACTION_KIND_CLOSE_REVIEW: lambda *_: "the access review closes and takes effect",
    contract.ACTION_KIND_OPEN_REVIEW: lambda *_: "an access review opens",
    contract.ACTION_KIND_REMIND_REVIEWERS: lambda *_: "the reviewers are reminded",
    contract.ACTION_KIND_REMIND_EXPIRY: _about_person("{} is reminded that the access will end"),
    contract.ACTION_KIND_BLOCK_GUEST: _about_person(
        "the guest account of {} is blocked, if this was the last assignment"
    ),
    contract.ACTION_KIND_DELETE_GUEST: _about_person(
        "the guest account of {} is deleted, if nothing was assigned since"
    ),
}
