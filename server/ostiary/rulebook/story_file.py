"""Reads the file of a rehearsal: every fault at once, with its place, or a story to tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ostiary.domain.access_request import ExternalPerson
from ostiary.domain.people import HomeIdentity
from ostiary.domain.policy import ExtensionStage
from ostiary.domain.request import Answer, Schedule
from ostiary.domain.review import ReviewVerdict
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.reader import BROKEN, Broken, Reader
from ostiary.rulebook.records import RecordShape, records, run_checks
from ostiary.rulebook.source import load
from ostiary.rulebook.story_model import ActText, Deed, DeedText, StoryText, VisitorText

STAFF = "staff"
_NOTHING = timedelta(0)
_TEXT_LIMITS = {"name": 256, "description": 4_096, "answer": 10_000}
_LARGEST_FILE = 4 * 1024 * 1024
_NEEDS_PACKAGE = frozenset({Deed.REQUEST, Deed.ASSIGN})
_NEEDS_PERSON = frozenset({Deed.ASSIGN, Deed.REMOVE, Deed.BLOCK, Deed.UNBLOCK, Deed.DELETE})
_BY_STAFF = _NEEDS_PERSON | {Deed.REPROCESS, Deed.REPLY}


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody does at an instant; `place` is where the file says so."""

    at: datetime
    who: str
    does: Deed
    place: str
    label: str = ""
    of: str = ""
    target: str = ""  # for whom; empty: whoever acts
    package: str = ""
    policy: str | None = None
    justification: str | None = None
    answers: tuple[Answer, ...] = ()
    schedule: Schedule | None = None
    bypass_approval: bool = False
    verdict: ReviewVerdict = ReviewVerdict.NONE
    stage: ExtensionStage = ExtensionStage.REQUEST_CREATED
    state: str = ""
    detail: str = ""
    refused: bool = False


class Story(msgspec.Struct, frozen=True):
    """A story with all instants worked out; acts are in the order of time."""

    name: str
    begins: datetime
    ends: datetime
    visitors: tuple[ExternalPerson, ...]
    acts: tuple[Act, ...]


def load_story(file: Path) -> Story:
    """Give the story of a file; DefinitionError holds every fault of it."""
    faults = FaultList()
    reader = Reader(faults, _TEXT_LIMITS)
    root = load(file, file.as_posix(), faults, largest=_LARGEST_FILE)
    text = BROKEN if root is None else RecordShape(StoryText).read(root, None, reader)
    draft = None if isinstance(text, Broken) else _Draft(reader, text)
    if draft is not None:
        draft.check()
    faults.refuse_if_errors()
    assert draft is not None  # noqa: S101  # for the types: else there was a fault
    return draft.story()


class _Draft:
    def __init__(self, reader: Reader, text: StoryText) -> None:
        self.reader = reader
        self.text = text
        self.acts: tuple[ActText, ...] = records(text, "acts")
        self.visitors: tuple[VisitorText, ...] = records(text, "visitors")

    def check(self) -> None:
        """Report everything that is wrong."""
        run_checks([self._span, self._times])
        labels: set[str] = set()
        for act in self.acts:
            run_checks([lambda act=act: self._act(act, labels)])  # type: ignore[misc]
            if isinstance(act.values.get("label"), str):
                labels.add(act.values["label"])

    def _span(self) -> None:
        if self.text.ends <= self.text.begins:
            self.reader.invalid(self.text.at("ends"), self.text.to("ends"), "must be after begins")

    def _times(self) -> None:
        before = self.text.begins
        for act, at in zip(self.acts, self._instants(), strict=True):
            name = "at" if act.has("at") else "after" if act.has("after") else "does"
            if act.has("at") and act.has("after"):
                self.reader.invalid(act.at("after"), act.to("after"), "goes without `at`")
            elif not act.has("at") and not act.has("after"):
                self.reader.invalid(act.at(name), act.to(name), "when? say `at` or `after`")
            elif at < before or at > self.text.ends:
                text = f"lies outside the story or before the act before it: {at.isoformat()}"
                self.reader.invalid(act.at(name), act.to(name), text)
            before = max(before, at)

    def _instants(self) -> Iterator[datetime]:
        at = self.text.begins
        for act in self.acts:
            at = act.at_ if act.at_ is not None else at + (act.after or _NOTHING)
            yield at

    def _act(self, act: ActText, labels: set[str]) -> None:
        check_act(self.reader, act, act.who, act.does, labels)

    def story(self) -> Story:
        """Give the story of a file without faults."""
        pairs = zip(self.acts, self._instants(), strict=True)
        return Story(
            self.text.story,
            self.text.begins,
            self.text.ends,
            tuple(map(visitor_of, self.visitors)),
            tuple(act_of(act, act.who, act.does, at, refused=act.refused) for act, at in pairs),
        )


def check_act(reader: Reader, text: DeedText, who: str, does: Deed, labels: set[str]) -> None:
    """Report what an act lacks; `labels` are those of the acts before it."""
    wrong = reader.invalid
    if does in _NEEDS_PACKAGE and not text.has("package"):
        wrong(text.at("does"), text.to("does"), f"{does.value} names a `package`")
    if does in _NEEDS_PERSON and not text.has("for"):
        wrong(text.at("does"), text.to("does"), f"{does.value} says `for` whom")
    if does in _BY_STAFF and who != STAFF:
        wrong(text.at("who"), text.to("who"), f"only `staff` can {does.value}")
    if does is Deed.REVIEW and text.verdict in (None, ReviewVerdict.NONE):
        wrong(text.at("does"), text.to("does"), "a review says `verdict: keep` or `remove`")
    if text.of is not None and text.of not in labels:
        near = reader.near(text.of, labels)
        message = f"no act before bears the label {quoted(text.of)}{near}"
        wrong(text.at("of"), text.to("of"), message)


def visitor_of(text: VisitorText) -> ExternalPerson:
    """Give the person from outside that a file describes."""
    home = None
    if text.home is not None:
        one = text.home
        home = HomeIdentity(
            one.sign_in,
            tenant_id=one.tenant_id,
            domain=one.domain,
            issuer=one.issuer,
            identifier=one.identifier,
        )
    return ExternalPerson(text.id, mail=text.mail, home=home)


def act_of(text: DeedText, who: str, does: Deed, at: datetime, *, refused: bool) -> Act:
    """Give an act of a file without faults."""
    schedule = None
    if text.start is not None or text.end is not None:
        schedule = Schedule(start=text.start, end=text.end)
    return Act(
        at=at,
        who=who,
        does=does,
        place=f"{text.node.file}:{text.node.line}",
        label=text.label or "",
        of=text.of or "",
        target=text.for_ or "",
        package=text.package or "",
        policy=text.policy,
        justification=text.justification,
        answers=tuple(Answer(name, (said,)) for name, said in sorted(text.answers.items())),
        schedule=schedule,
        bypass_approval=text.bypass_approval,
        verdict=text.verdict or ReviewVerdict.NONE,
        stage=text.stage or ExtensionStage.REQUEST_CREATED,
        state=text.state or "",
        detail=text.detail or "",
        refused=refused,
    )
