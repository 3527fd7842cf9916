"""Tests of stories: people act while time goes by, and at each step it is looked how things are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ostiary.analysis.coverage.tenant import Sight
from ostiary.analysis.playing import Player
from ostiary.analysis.suites.comparing import compared, unknown_people
from ostiary.analysis.suites.questions import asked_of
from ostiary.analysis.suites.report import Mismatch, Touched
from ostiary.domain.access_request import OPEN_STATES, AccessRequest
from ostiary.domain.assignment import Assignment, GrantState
from ostiary.domain.audit import AuditEvent
from ostiary.domain.due import OUTSIDE, DueAction, WorkState
from ostiary.domain.errors import OstiaryError, RequestNotFoundError
from ostiary.domain.notice import Notice
from ostiary.domain.review import ReviewInstance
from ostiary.domain.tables import Phase, PhaseTable, Row, Rule, Tables
from ostiary.lifecycle.ports import AssignmentQuery, RequestQuery, ReviewQuery, WorkQuery
from ostiary.operations import staging
from ostiary.operations.unit import EVERYTHING, Unit
from ostiary.rulebook.source import MappingNode
from ostiary.rulebook.suite_file import Step, StoryTest, Wanted
from ostiary.rulebook.suite_shapes import EITHER, NONE
from ostiary.rulebook.tenant_files import LoadedTenant

# of a policy under which a request was made
_IN_FORCE = (Sight.SELECTED.value, Sight.OFFERED.value, Sight.IN.value)
# An act that names what is not there is a slip of the test, unless it says just that.
_NAMELESS = frozenset({"PACKAGE_NOT_FOUND", "POLICY_NOT_FOUND", "USER_NOT_FOUND"})
_HAD = frozenset({GrantState.GRANTED, GrantState.REVOKING, GrantState.REVOKE_FAILED})
_TIMES = frozenset({"at", "starts_at", "ends_at", "opened_at", "closes_at"})


Seen = dict[tuple[Phase, int], Row]  # in the order of the first look-ups


class RecordingTable:
    """A phase table that takes down which of its cells are looked up."""

    def __init__(self, table: PhaseTable, seen: Seen) -> None:
        self._table = table
        self._seen = seen
        self.phase = table.phase
        self.facts = table.facts
        self.cells = table.cells

    def offset(self, fact: str, word: str) -> int:
        """Give what a word adds to the cell number."""
        return self._table.offset(fact, word)

    def row(self, cell: int) -> Row:
        """Give the row of a cell, and remember that it was asked for."""
        row = self._table.row(cell)
        self._seen[(self.phase, cell)] = row
        return row

    def facts_of(self, cell: int) -> tuple[tuple[str, str], ...]:
        """Give the facts of a cell."""
        return self._table.facts_of(cell)


def recording(tables: Tables, seen: Seen) -> Tables:
    """Give tables that take down which cells are looked up."""
    phases = {phase: RecordingTable(table, seen) for phase, table in tables.phases.items()}
    return Tables(tables.digest, phases, tables.predicates)


Load = Callable[[Sequence[MappingNode]], LoadedTenant]


def check_story(
    test: StoryTest, load: Load, tables: Tables
) -> tuple[list[Mismatch], tuple[tuple[Phase, int], ...], tuple[Touched, ...]]:
    """Play the story; give what is otherwise, the cells that were looked up, and the policies.

    `load` gives the tenant with the changes of the story so far.
    """
    seen: Seen = {}
    now: Seen = {}  # at the present step
    seeing = recording(recording(tables, seen), now)
    player = Player(load(()), seeing, test.begins, test.visitors, source="/suite")
    try:
        found: list[Mismatch] = []
        telling = _Telling(test, player, load, now)
        for step in test.steps:
            now.clear()
            found += telling.step(step)
        return found, tuple(seen), telling.touched()
    finally:
        player.close()


class _Telling:
    """A story while it is told."""

    def __init__(self, test: StoryTest, player: Player, load: Load, now: Seen) -> None:
        self.begins = test.begins
        self.now = now
        self.load = load
        self.changes: list[MappingNode] = []
        self.visitors = {one.id for one in test.visitors}
        self.refused: list[str] = []  # codes, of the present step
        self.player = player
        self.told = player.first  # the last event that the step before has seen
        self.sent = 0  # notices that it has seen

    def step(self, step: Step) -> list[Mismatch]:
        """Carry out one step, and give what is otherwise than it says."""
        self.player.pass_until(step.at)
        found = self._act(step)
        self.player.pass_until(step.at)
        at = step.at.isoformat(timespec="minutes").replace("+00:00", "Z")
        wants = [_absolute(want, self.begins) for want in step.wants]
        found += unknown_people(wants, self._known)
        found += compared(wants, self._got, self._rules, at)
        events = self.player.events(self.told)
        self.told = max((one.sequence for one in events), default=self.told)
        self.sent = len(self.player.notices)
        return found

    def _known(self, name: str) -> bool:
        with self.player.store.reading() as tx:
            directory = self.player.snapshots.current(tx).directory
        return name in self.visitors or directory.user(name) is not None

    def _act(self, step: Step) -> list[Mismatch]:
        self.refused = []
        if step.act is None and step.change is None:
            return []
        loaded = None
        if step.change is not None:
            self.changes.append(step.change)
            loaded = self.load(self.changes)
        got = ""
        try:
            if loaded is not None:
                self.player.change(loaded)
            elif step.act is not None:
                self.player.do(step.act)
        except OstiaryError as error:
            if loaded is not None:
                self.changes.pop()  # it is not in force
            code = str(getattr(error, "code", error.reason))
            self.refused = [code]
            meant = ("*", EITHER, code) if code not in _NAMELESS else (code,)
            if step.refused in meant:
                return []
            got = f"refused with {code}: {error}"
        if not got and step.refused in ("", EITHER):
            return []
        expected = {"": "it is done", "*": "it is refused", EITHER: "it is done, or refused"}.get(
            step.refused, f"it is refused with {step.refused}"
        )
        what = "change" if step.act is None else f"{step.act.who} {step.act.does.value}"
        at = step.at.isoformat(timespec="minutes").replace("+00:00", "Z")
        rules = self._rules("act")
        return [Mismatch(what, expected, got or "it is done", step.place, rules, at)]

    def touched(self) -> tuple[Touched, ...]:
        """Give the policies under which requests were made."""
        with self.player.store.reading() as tx:
            made = [one for _, one in tx.requests(RequestQuery(size=EVERYTHING))]
        found = (Touched(one.package, one.terms.policy.id, _IN_FORCE) for one in reversed(made))
        return tuple(dict.fromkeys(found))

    # what is found

    def _got(self, field: str, wanted: Any) -> Any:
        return _GOT[field](self, wanted)

    def _rules(self, field: str) -> tuple[Rule, ...]:
        """Give the rules that decided at this step what a test looks at, if any did."""
        phases = _PHASES.get(field, ())
        rows = [row for (phase, _), row in self.now.items() if phase in phases]
        return tuple(dict.fromkeys(rule for row in rows for rule in row.deciders or row.fired))

    def requests(self, wanted: Mapping[str, Any]) -> Any:
        """Give the requests that labels name."""
        return {label: self._request(label) for label in wanted}

    def _request(self, label: str) -> Any:
        try:
            name = self.player.id_of(label)
        except RequestNotFoundError:
            return NONE
        with self.player.store.reading() as tx:
            found = tx.request(name)
        return NONE if found is None else _request(found)

    def asked(self, _: Any) -> Any:
        """Give everybody who is asked to decide an open request, or joins when that is late."""
        with self.player.store.reading() as tx:
            found = [
                one for _, one in tx.requests(RequestQuery(states=OPEN_STATES, size=EVERYTHING))
            ]
        return asked_of(stage for one in found for stage in one.stages)

    def refusals(self, _: Any) -> Any:
        """Give the codes with which the act of the step was refused."""
        return self.refused

    def assignments(self, _: Any) -> Any:
        """Give all assignments, the oldest first."""
        return list(map(_assignment, self._assignments()))

    def _assignments(self) -> list[Assignment]:
        with self.player.store.reading() as tx:
            found = [one for _, one in tx.assignments(AssignmentQuery(size=EVERYTHING))]
        return found[::-1]

    def holds(self, wanted: Mapping[str, Any]) -> Any:
        """Give which packages some people hold."""
        held = [one for one in self._assignments() if one.current]
        return {who: tuple(one.package for one in held if one.target == who) for who in wanted}

    def rights(self, wanted: Mapping[str, Any]) -> Any:
        """Give which rights some people have."""
        given = [(one.target, grant) for one in self._assignments() for grant in one.grants]
        return {
            who: tuple(
                dict.fromkeys(
                    grant.entry.key
                    for whose, grant in given
                    if whose == who and grant.state in _HAD
                )
            )
            for who in wanted
        }

    def notices(self, _: Any) -> Any:
        """Give the notices since the step before."""
        return list(map(_notice, self.player.notices[self.sent :]))

    def events(self, _: Any) -> Any:
        """Give the audit events since the step before."""
        return list(map(_event, self.player.events(self.told)))

    def due(self, _: Any) -> Any:
        """Give what is due later, in the order in which it comes."""
        query = WorkQuery(states=frozenset({WorkState.WAITING}), size=EVERYTHING)
        with self.player.store.reading() as tx:
            found = [one for one in tx.work(query) if one.kind not in OUTSIDE]
        return list(map(_due, found))

    def reviews(self, _: Any) -> Any:
        """Give the rounds of access reviews, the oldest first."""
        with self.player.store.reading() as tx:
            found = [one for _, one in tx.reviews(ReviewQuery(size=EVERYTHING))]
        return list(map(_review, found[::-1]))

    def may_decide(self, wanted: Mapping[str, Any]) -> Any:
        """Give who may decide the open stages of some requests."""
        return {label: self._deciders(label) for label in wanted}

    def _deciders(self, label: str) -> tuple[str, ...]:
        try:
            name = self.player.id_of(label)
        except RequestNotFoundError:
            return ()

        def look(unit: Unit) -> tuple[str, ...]:
            request = unit.tx.request(name)
            record = None if request is None else request.open_stage()
            if request is None or record is None:
                return ()
            return tuple(sorted(staging.deciders(unit, request, record)))

        return self.player.office.look(look)

    def accounts(self, wanted: Mapping[str, Any]) -> Any:
        """Give the state of some accounts."""
        with self.player.store.reading() as tx:
            directory = self.player.snapshots.current(tx).directory
        users = {who: directory.user(who) for who in wanted}
        return {who: NONE if user is None else user.state for who, user in users.items()}


_GOT: Mapping[str, Callable[[_Telling, Any], Any]] = {
    "requests": _Telling.requests,
    "asked": _Telling.asked,
    "refusals": _Telling.refusals,
    "assignments": _Telling.assignments,
    "holds": _Telling.holds,
    "rights": _Telling.rights,
    "notices": _Telling.notices,
    "events": _Telling.events,
    "due": _Telling.due,
    "reviews": _Telling.reviews,
    "may_decide": _Telling.may_decide,
    "accounts": _Telling.accounts,
}


# Which phases decide what a step looks at.
_PHASES: Mapping[str, tuple[Phase, ...]] = {
    "act": (Phase.POLICY_SELECTION, Phase.LIMITS),
    "requests": (Phase.POLICY_SELECTION, Phase.LIMITS),
    "may_decide": (Phase.APPROVER_RESOLUTION,),
    "asked": (Phase.APPROVER_RESOLUTION,),
    "due": (Phase.LIFECYCLE,),
    "assignments": (Phase.LIFECYCLE,),
    "reviews": (Phase.LIFECYCLE,),
}


def _absolute(want: Wanted, begins: datetime) -> Wanted:
    """Give what is wanted with lengths of time counted from the beginning of the story."""
    return Wanted(want.name, _instants(want.value, begins), want.place)


def _instants(value: Any, begins: datetime) -> Any:
    if isinstance(value, Mapping):
        return {
            name: begins + child
            if name in _TIMES and isinstance(child, timedelta)
            else _instants(child, begins)
            for name, child in value.items()
        }
    if isinstance(value, tuple):
        return tuple(_instants(child, begins) for child in value)
    return value


def _request(one: AccessRequest) -> dict[str, Any]:
    return {
        "state": one.state.name,
        "status": one.status.name,
        "policy": one.terms.policy.id,
        "stage": one.stage,
        "reason": one.reason or NONE,
        "starts_at": one.starts_at or NONE,
        "ends_at": one.ends_at or NONE,
    }


def _assignment(one: Assignment) -> dict[str, Any]:
    return {
        "target": one.target,
        "package": one.package,
        "policy": one.policy,
        "state": one.state.name,
        "starts_at": one.starts_at,
        "ends_at": one.ended_at or one.ends_at or NONE,
    }


def _notice(one: Notice) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "to": one.to[0] if one.to else NONE,
        "target": one.target,
        "package": one.package,
        "stage": one.stage,
        "reason": one.reason or NONE,
    }


def _event(one: AuditEvent) -> dict[str, Any]:
    return {
        "name": one.name,
        "actor": one.actor,
        "target": one.target or NONE,
        "package": one.package or NONE,
        "reason": one.reason or NONE,
    }


def _due(one: DueAction) -> dict[str, Any]:
    return {
        "type": one.kind,
        "at": one.due_at,
        "stage": one.stage,
        "target": one.target,
        "rule": one.rule or NONE,
    }


def _review(one: ReviewInstance) -> dict[str, Any]:
    return {
        "package": one.package,
        "policy": one.policy,
        "state": one.state.name,
        "opened_at": one.opened_at,
        "closes_at": one.closes_at,
        "targets": tuple(item.target for item in one.items),
    }
