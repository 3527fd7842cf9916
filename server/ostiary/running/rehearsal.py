"""A rehearsal: a tenant's story through years in seconds, on the real code, touching nothing.

Everything is as in a server but the clock, which is moved from one due instant to the next, the
store, which is in memory, and the systems behind, which only record what they are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.connectors.registry import connect
from ostiary.adapters.connectors.settings import Configuration
from ostiary.adapters.ids import CountedIds
from ostiary.adapters.memory import MemoryCaller, MemoryPostman
from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import OPEN_STATES, ExternalPerson, RequestKind
from ostiary.domain.assignment import Assignment
from ostiary.domain.audit import AuditEvent
from ostiary.domain.errors import OstiaryError
from ostiary.domain.notice import Notice
from ostiary.domain.people import AccountState
from ostiary.domain.review import ReviewState
from ostiary.domain.tables import Tables
from ostiary.lifecycle.ports import (
    AssignmentQuery,
    AuditQuery,
    RequestQuery,
    ReviewQuery,
)
from ostiary.operations import approve, cancel, deliver, resume, review
from ostiary.operations.definitions import apply
from ostiary.operations.office import Office
from ostiary.operations.people import set_state
from ostiary.operations.snapshots import SnapshotSource
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.operations.unit import EVERYTHING
from ostiary.rulebook.story_file import STAFF, Act, Story
from ostiary.rulebook.story_model import Deed
from ostiary.rulebook.tenant_files import LoadedTenant
from ostiary.worker.passing import MovingTime
from ostiary.worker.worker import Worker

_STATES = {
    Deed.BLOCK: AccountState.BLOCKED,
    Deed.UNBLOCK: AccountState.ENABLED,
    Deed.DELETE: AccountState.DELETED,
}


class Refusal(msgspec.Struct, frozen=True):
    """An act that could not be done as things stood."""

    act: Act
    code: str
    text: str


class Calendar(msgspec.Struct, frozen=True):
    """What came of a story."""

    events: tuple[AuditEvent, ...]
    notices: tuple[Notice, ...]
    refusals: tuple[Refusal, ...]
    holding: tuple[Assignment, ...]  # what is held when the story ends
    meant: tuple[str, ...] = ()  # places of the acts that are meant to be refused

    @property
    def surprises(self) -> tuple[str, ...]:
        """Give what went otherwise than the story says, by the place of the act."""
        refused = {one.act.place for one in self.refusals}
        unmeant = [
            f"{one.act.place}: {one.act.who} could not {one.act.does.value}: {one.text}"
            for one in self.refusals
            if not one.act.refused
        ]
        passed = [one for one in self.meant if one not in refused]
        return (*unmeant, *(f"{place}: was meant to be refused and was not" for place in passed))


class Rehearsal:
    """Plays one story."""

    def __init__(self, loaded: LoadedTenant, tables: Tables, story: Story) -> None:
        self._story = story
        self._clock = FixedClock(story.begins)
        self._store = open_store("memory:")
        self._source = SnapshotSource(tables)
        self._office = Office(self._store, self._source, self._clock, CountedIds())
        self._postman = MemoryPostman()
        connectors = connect(
            Configuration(),
            store=self._store,
            clock=self._clock,
            source="/rehearsal",
            most_members=self._most_members,
        )
        worker = Worker(self._office, connectors, MemoryCaller(), self._postman, jitter=lambda: 0.5)
        self._time = MovingTime(self._clock, self._store, worker)
        self._visitors = {one.id: one for one in story.visitors}
        self._labels: dict[str, str] = {}
        self._deeds: Mapping[Deed, Callable[[Act], None]] = {
            Deed.REQUEST: self._request,
            Deed.APPROVE: self._decide,
            Deed.DENY: self._decide,
            Deed.CANCEL: self._cancel,
            Deed.EXTEND: self._extend,
            Deed.GIVE_BACK: self._give_back,
            Deed.ASSIGN: self._assign,
            Deed.REMOVE: self._remove,
            Deed.REPROCESS: self._reprocess,
            Deed.REVIEW: self._review,
            Deed.REPLY: self._reply,
            **dict.fromkeys(_STATES, self._account),
        }
        self._latest = ""
        staff = Actor(STAFF, staff=True)
        apply(self._store, loaded, actor=staff, now=story.begins)
        with self._store.reading() as tx:  # what the folder itself wrote is not the story's
            self._first = max((one.sequence for one in tx.events(_ALL_EVENTS)), default=0)

    def _most_members(self) -> int | None:
        snapshot = self._source.latest()
        return None if snapshot is None else snapshot.profile.limits.get("group_members")

    def play(self, tell: Callable[[datetime], None] = lambda _: None) -> Calendar:
        """Play the story to its end; `tell` hears how far it has come."""
        refusals = []
        for act in self._story.acts:
            self._time.pass_until(act.at)
            tell(act.at)
            try:
                self._deeds[act.does](act)
            except OstiaryError as error:
                code = getattr(error, "code", error.reason)
                refusals.append(Refusal(act, code, str(error)))
            self._time.pass_until(act.at)
        self._time.pass_until(self._story.ends)
        tell(self._story.ends)
        query = AuditQuery(after=self._first, size=EVERYTHING)
        with self._store.reading() as tx:
            events = tuple(tx.events(query))
            held = [one for _, one in tx.assignments(AssignmentQuery(size=EVERYTHING))]
        return Calendar(
            events,
            tuple(notice for _, notice in self._postman.delivered),
            tuple(refusals),
            tuple(one for one in reversed(held) if one.current),
            tuple(one.place for one in self._story.acts if one.refused),
        )

    # acts

    def _actor(self, act: Act) -> Actor:
        return Actor(act.who, staff=act.who == STAFF)

    def _target(self, act: Act) -> str | ExternalPerson:
        name = act.target or act.who
        return self._visitors.get(name, name)

    def _about(self, act: Act) -> str:
        return self._labels[act.of] if act.of else self._latest

    def _submit(self, act: Act, kind: RequestKind, package: str) -> None:
        made = submit(
            self._office,
            Submission(
                kind=kind,
                target=self._target(act),
                package=package,
                policy=act.policy,
                justification=act.justification,
                answers=act.answers,
                schedule=act.schedule,
                bypass_approval=act.bypass_approval,
            ),
            self._actor(act),
        ).request
        if made is not None:
            self._latest = made.id
            if act.label:
                self._labels[act.label] = made.id

    def _request(self, act: Act) -> None:
        other = act.target not in ("", act.who)
        kind = RequestKind.ON_BEHALF_ADD if other else RequestKind.USER_ADD
        self._submit(act, kind, act.package)

    def _assign(self, act: Act) -> None:
        self._submit(act, RequestKind.ADMIN_ADD, act.package)

    def _extend(self, act: Act) -> None:
        self._submit(act, RequestKind.USER_UPDATE, self._package(act))

    def _give_back(self, act: Act) -> None:
        self._submit(act, RequestKind.USER_REMOVE, self._package(act))

    def _remove(self, act: Act) -> None:
        self._submit(act, RequestKind.ADMIN_REMOVE, self._package(act))

    def _package(self, act: Act) -> str:
        """Give the package that is meant: the one named, or the only one that is held."""
        if act.package:
            return act.package
        target = self._target(act)
        name = target.id if isinstance(target, ExternalPerson) else target
        with self._store.reading() as tx:
            held = [one for _, one in tx.assignments(AssignmentQuery(target=name))]
        return held[0].package if held else ""

    def _decide(self, act: Act) -> None:
        approve.decide(
            self._office,
            self._open_request(act),
            self._actor(act),
            approved=act.does is Deed.APPROVE,
            justification=act.justification or "",
        )

    def _open_request(self, act: Act) -> str:
        """Give the request that is meant: the one named, else the latest that is open."""
        if act.of:
            return self._labels[act.of]
        query = RequestQuery(states=OPEN_STATES, size=1, target=act.target or None)
        with self._store.reading() as tx:
            found = tx.requests(query)
        return found[0][1].id if found else self._latest

    def _cancel(self, act: Act) -> None:
        cancel.cancel(self._office, self._open_request(act), self._actor(act))

    def _reprocess(self, act: Act) -> None:
        deliver.reprocess_request(self._office, self._about(act), self._actor(act))

    def _review(self, act: Act) -> None:
        """Decide everything that waits for the reviewer, or what concerns one person."""
        query = ReviewQuery(states=frozenset({ReviewState.OPEN}), reviewer=act.who)
        with self._store.reading() as tx:
            found = [one for _, one in tx.reviews(query)]
        for one in found:
            for item in one.items:
                if act.who in item.reviewers and act.target in ("", item.target):
                    review.decide(
                        self._office,
                        one.id,
                        item.assignment,
                        self._actor(act),
                        verdict=act.verdict,
                        justification=act.justification or "",
                    )

    def _reply(self, act: Act) -> None:
        with self._store.reading() as tx:
            callouts = tx.callouts(self._open_request(act))
        waiting = [one for one in callouts if one.stage is act.stage]
        resume.resume(
            self._office,
            waiting[-1].id if waiting else "",
            self._actor(act),
            stage=act.stage,
            state=act.state,
            detail=act.detail,
        )

    def _account(self, act: Act) -> None:
        set_state(self._office, act.target, _STATES[act.does], self._actor(act))


_ALL_EVENTS = AuditQuery(size=EVERYTHING)
