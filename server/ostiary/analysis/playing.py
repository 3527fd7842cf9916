"""Plays what people do while time goes by, on the real code, touching nothing outside.

Everything is as in a server but the clock, which is moved from one due instant to the next, the
store, which is in memory, and the systems behind, which only record what they are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ostiary.adapters.clock import FixedClock
from ostiary.adapters.connectors.registry import connect
from ostiary.adapters.connectors.settings import Configuration
from ostiary.adapters.ids import CountedIds
from ostiary.adapters.memory import MemoryCaller, MemoryPostman
from ostiary.adapters.store.opening import open_store
from ostiary.domain.access_request import OPEN_STATES, ExternalPerson, RequestKind
from ostiary.domain.audit import AuditEvent
from ostiary.domain.errors import RequestNotFoundError
from ostiary.domain.notice import Notice
from ostiary.domain.people import AccountState
from ostiary.domain.review import ReviewState
from ostiary.domain.tables import Tables
from ostiary.lifecycle.ports import AssignmentQuery, AuditQuery, RequestQuery, ReviewQuery
from ostiary.operations import approve, cancel, deliver, resume, review
from ostiary.operations.automatic import sweep
from ostiary.operations.definitions import TENANT_CASE, apply
from ostiary.operations.office import Office
from ostiary.operations.people import set_state
from ostiary.operations.snapshots import SnapshotSource
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from ostiary.operations.unit import EVERYTHING
from ostiary.rulebook.story_file import STAFF, Act
from ostiary.rulebook.story_model import Deed
from ostiary.rulebook.tenant_files import LoadedTenant
from ostiary.worker.passing import MovingTime
from ostiary.worker.worker import Worker

_STATES = {
    Deed.BLOCK: AccountState.BLOCKED,
    Deed.UNBLOCK: AccountState.ENABLED,
    Deed.DELETE: AccountState.DELETED,
}
_ALL_EVENTS = AuditQuery(size=EVERYTHING)


class Player:
    """A world of one tenant in which acts are carried out as they come."""

    def __init__(
        self,
        loaded: LoadedTenant,
        tables: Tables,
        begins: datetime,
        visitors: Iterable[ExternalPerson] = (),
        *,
        source: str = "/rehearsal",
    ) -> None:
        self._clock = FixedClock(begins)
        self.store = open_store("memory:")
        self.snapshots = SnapshotSource(tables)
        self.office = Office(self.store, self.snapshots, self._clock, CountedIds())
        self._postman = MemoryPostman()
        connectors = connect(
            Configuration(),
            store=self.store,
            clock=self._clock,
            source=source,
            most_members=self._most_members,
        )
        worker = Worker(self.office, connectors, MemoryCaller(), self._postman, jitter=lambda: 0.5)
        self._time = MovingTime(self._clock, self.store, worker)
        self._visitors = {one.id: one for one in visitors}
        self.labels: dict[str, str] = {}  # of acts -> ids of requests
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
        self.change(loaded)
        with self.store.reading() as tx:  # what the folder itself wrote is not the story's
            self.first = max((one.sequence for one in tx.events(_ALL_EVENTS)), default=0)

    def _most_members(self) -> int | None:
        snapshot = self.snapshots.latest()
        return None if snapshot is None else snapshot.profile.limits.get("group_members")

    def pass_until(self, at: datetime) -> None:
        """Let time go by, doing what is due on the way at its own instant."""
        self._time.pass_until(at)

    def change(self, loaded: LoadedTenant) -> None:
        """Make the definitions what a folder says; raises ChangeRefusedError if they may not be.

        What follows of it for people, e.g. that they left a scope, is then due as in a server.
        """
        apply(self.store, loaded, actor=Actor(STAFF, staff=True), now=self._clock.now())
        self._look()

    def do(self, act: Act) -> None:
        """Carry out an act at the present instant; raises OstiaryError if it is refused."""
        self._deeds[act.does](act)
        if act.does in _STATES:
            self._look()

    def _look(self) -> None:
        """Have done what follows from who people are now, as a server does after each revision."""
        with self.store.transaction() as tx:
            tx.lock(TENANT_CASE)
            unit = self.office.unit(tx, TENANT_CASE)
            sweep(unit, self.snapshots.tenant().users)

    def events(self, after: int) -> tuple[AuditEvent, ...]:
        """Give the audit events that follow on a sequence."""
        with self.store.reading() as tx:
            return tuple(tx.events(AuditQuery(after=after, size=EVERYTHING)))

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Give every notice so far, each to one person, in order."""
        return tuple(notice for _, notice in self._postman.delivered)

    def id_of(self, label: str) -> str:
        """Give the id of the request that a label names; RequestNotFoundError if none was made."""
        found = self.labels.get(label)
        if found is None:
            raise RequestNotFoundError(label)
        return found

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    # acts

    def _actor(self, act: Act) -> Actor:
        return Actor(act.who, staff=act.who == STAFF)

    def _target(self, act: Act) -> str | ExternalPerson:
        name = act.target or act.who
        return self._visitors.get(name, name)

    def _about(self, act: Act) -> str:
        return self.id_of(act.of) if act.of else self._latest

    def _submit(self, act: Act, kind: RequestKind, package: str) -> None:
        made = submit(
            self.office,
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
                self.labels[act.label] = made.id

    def _request(self, act: Act) -> None:
        # Somebody may be their own manager, so that `for` oneself is another request than without.
        kind = RequestKind.ON_BEHALF_ADD if act.target else RequestKind.USER_ADD
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
        with self.store.reading() as tx:
            held = [one for _, one in tx.assignments(AssignmentQuery(target=name))]
        return held[0].package if held else ""

    def _decide(self, act: Act) -> None:
        approve.decide(
            self.office,
            self._open_request(act),
            self._actor(act),
            approved=act.does is Deed.APPROVE,
            justification=act.justification or "",
        )

    def _open_request(self, act: Act) -> str:
        """Give the request that is meant: the one named, else the latest that is open."""
        if act.of:
            return self.id_of(act.of)
        query = RequestQuery(states=OPEN_STATES, size=1, target=act.target or None)
        with self.store.reading() as tx:
            found = tx.requests(query)
        return found[0][1].id if found else self._latest

    def _cancel(self, act: Act) -> None:
        cancel.cancel(self.office, self._open_request(act), self._actor(act))

    def _reprocess(self, act: Act) -> None:
        deliver.reprocess_request(self.office, self._about(act), self._actor(act))

    def _review(self, act: Act) -> None:
        """Decide everything that waits for the reviewer, or what concerns one person."""
        query = ReviewQuery(states=frozenset({ReviewState.OPEN}), reviewer=act.who)
        with self.store.reading() as tx:
            found = [one for _, one in tx.reviews(query)]
        for one in found:
            for item in one.items:
                if act.who in item.reviewers and act.target in ("", item.target):
                    review.decide(
                        self.office,
                        one.id,
                        item.assignment,
                        self._actor(act),
                        verdict=act.verdict,
                        justification=act.justification or "",
                    )

    def _reply(self, act: Act) -> None:
        with self.store.reading() as tx:
            callouts = tx.callouts(self._open_request(act))
        waiting = [one for one in callouts if one.stage is act.stage]
        resume.resume(
            self.office,
            waiting[-1].id if waiting else "",
            self._actor(act),
            stage=act.stage,
            state=act.state,
            detail=act.detail,
        )

    def _account(self, act: Act) -> None:
        set_state(self.office, act.target, _STATES[act.does], self._actor(act))
