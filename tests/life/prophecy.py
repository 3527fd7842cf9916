"""What must happen, worked out from the decision's plan and the people's acts alone.

Knows nothing of lifecycle/, operations/ or the store: it reads the announced actions of a decision
as a caller would, and walks through them by hand. The slow and obvious twin of the real thing.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from ostiary.domain.actions import ActionKind, Anchor
from ostiary.domain.decision import Decision, ScheduledAction
from ostiary.domain.policy import (
    AssignmentPolicy,
    ExpirationKind,
    NoResponse,
)
from tests.life.stories import BEGIN, LATE, Act, Story, end_of

ZERO = timedelta(0)
K = ActionKind


class Event(NamedTuple):
    """Something that happened: what, when, at which stage, to what."""

    at: datetime
    kind: str
    stage: int
    target: str


class Over(Exception):  # noqa: N818  # the way of a story that ends early, not a fault
    """The request has come to its end without access."""


class Prophet:
    """Foretells one story."""

    def __init__(self, story: Story, policy: AssignmentPolicy, decision: Decision) -> None:
        self.story = story
        self.policy = policy
        self.plan = decision.actions
        self.stages = {one.number: one for one in decision.stages}
        self.horizon = end_of(story)
        self.events: list[Event] = []
        self.cancel = None if story.cancel is None else BEGIN + story.cancel

    def foretell(self) -> list[Event]:
        """Give everything that happens until the telling stops, sorted."""
        with suppress(Over):
            self._request()
        return sorted(one for one in self.events if one.at <= self.horizon)

    # the small things

    def _happens(self, action: ScheduledAction, when: datetime) -> None:
        self.events.append(Event(when, action.kind.value, action.stage, action.target))

    def _actions(self, *kinds: ActionKind, anchor: Anchor | None = None) -> list[ScheduledAction]:
        return [
            one
            for one in self.plan
            if one.kind in kinds and (anchor is None or one.anchor is anchor)
        ]

    def _canceled_by(self, when: datetime) -> bool:
        """Whether the requestor has cancelled before something; what is due at once comes first."""
        return self.cancel is not None and self.cancel < when

    def _wait(self, since: datetime, deadline: ScheduledAction | None, reply: Act) -> datetime:
        """Wait for an extension, and give when it lets the request go on."""
        if deadline is None:
            return since
        over = since + deadline.offset
        said = None if reply.after is None else since + reply.after
        if said is None or said >= over:
            if not self._canceled_by(over):
                self._happens(deadline, over)
            raise Over
        if self._canceled_by(said) or said > self.horizon or reply.what:
            raise Over
        return said

    # the request

    def _request(self) -> None:
        for one in self._actions(K.CALL_EXTENSION, anchor=Anchor.SUBMITTED):
            self._happens(one, BEGIN)
        waits = self._actions(K.TIME_OUT_EXTENSION, anchor=Anchor.SUBMITTED)
        now = self._wait(BEGIN, waits[0] if waits else None, self.story.created)
        for number in sorted(self.stages):
            now = self._stage(number, now)
        approved = now
        for one in self._actions(K.CALL_EXTENSION, anchor=Anchor.APPROVED):
            if one.offset == ZERO:
                self._happens(one, approved)
        waits = self._actions(K.TIME_OUT_EXTENSION, anchor=Anchor.APPROVED)
        now = self._wait(approved, waits[0] if waits else None, self.story.approved)
        self._deliver(approved, now)

    def _stage(self, number: int, opens: datetime) -> datetime:
        own = {one.kind: one for one in self.plan if one.stage == number}
        people = self.stages[number].approvers
        self._happens(own[K.OPEN_STAGE], opens)
        over = opens + own[K.TIME_OUT_STAGE].offset
        late = opens + own[K.ESCALATE_STAGE].offset if K.ESCALATE_STAGE in own else None
        act = self.story.stages[number - 1]
        decided = None if act.after is None else opens + act.after
        if decided is not None and (decided >= over or decided > self.horizon):
            decided = None
        if decided is not None and act.who == LATE:
            let_in = late is not None and late <= decided
            decided = decided if let_in or LATE in people else None
        ended = over if decided is None else decided
        canceled = self._canceled_by(ended)
        if canceled and self.cancel is not None:
            ended = self.cancel
        if late is not None and late <= ended:
            self._happens(own[K.ESCALATE_STAGE], late)
        if canceled:
            raise Over
        if decided is None:
            self._happens(own[K.TIME_OUT_STAGE], over)
            raise Over
        if act.what == "deny":
            raise Over
        return decided

    # access

    def _deliver(self, approved: datetime, now: datetime) -> None:
        asked = self.story.schedule.start if self.story.schedule is not None else None
        starts = approved if asked is None else max(approved, asked)
        expires = self._actions(K.EXPIRE_ASSIGNMENT)
        end = None
        if expires:
            end = expires[0].at
            if end is None:
                base = approved if expires[0].anchor is Anchor.APPROVED else starts
                end = base + expires[0].offset
        if starts > now:
            if self._canceled_by(starts):
                raise Over
            for one in self._actions(K.START_DELIVERY):
                self._happens(one, starts)
            now = starts
        if end is not None and end <= now:
            self._too_late(approved, now)
        if now > self.horizon:
            raise Over
        for one in self._actions(K.INVITE_GUEST, K.GRANT):
            self._happens(one, now)
        for one in self._actions(K.CALL_EXTENSION, anchor=Anchor.DELIVERED):
            self._happens(one, now)
        self._lasts(now, end)

    def _too_late(self, approved: datetime, now: datetime) -> None:
        """Nobody is told of an approval that came after the policy's fixed end (S-99)."""
        if now == approved:
            self.events = [one for one in self.events if one.at != approved or one.stage]
        raise Over

    def _lasts(self, since: datetime, end: datetime | None) -> None:
        extended, removed = self._acts(since, end)
        marks = self._marks(since, end)
        if extended is not None and end is not None:
            later = self._longer(end, extended)
            if later != end:
                marks = [(one, when) for one, when in marks if when <= extended]
                marks += self._marks(extended, later)
            end = later
        ends, by_time = end, True
        if removed is not None and (end is None or removed < end):
            ends, by_time = removed, False
        reviewed = self._reviews(since, end, ends)
        if reviewed is not None and (ends is None or reviewed < ends):
            ends, by_time = reviewed, False
        for one, when in marks:
            if ends is None or when < ends:
                self._happens(one, when)
        # An extension that answers late is given up on, unless access ended first.
        for one in self._actions(K.TIME_OUT_EXTENSION, anchor=Anchor.DELIVERED):
            if ends is None or since + one.offset < ends:
                self._happens(one, since + one.offset)
        if ends is not None and ends <= self.horizon:
            self._ends(ends, by_time=by_time)

    def _marks(
        self, since: datetime, end: datetime | None
    ) -> list[tuple[ScheduledAction, datetime]]:
        """What counts back from an end and lies after an instant."""
        if end is None:
            return []
        before = self._before_the_end()
        return [(one, end - lead) for one, lead in before if end - lead > since]

    def _acts(
        self, since: datetime, end: datetime | None
    ) -> tuple[datetime | None, datetime | None]:
        """When the holder extends, and when staff take the access away."""
        extend = remove = None
        if self.story.extend is not None and end is not None and self.policy.extension_allowed:
            when = BEGIN + self.story.extend
            extend = when if since < when < end else None
        if self.story.remove is not None:
            when = BEGIN + self.story.remove
            remove = when if since < when else None
        return extend, remove

    def _longer(self, end: datetime, granted: datetime) -> datetime | None:
        """Give the end after an extension; a policy without an end leaves none (S-101)."""
        expiration = self.policy.expiration
        if expiration.kind is ExpirationKind.DURATION and expiration.after is not None:
            return max(end, granted + expiration.after)
        return None if expiration.at is None else max(end, expiration.at)

    def _before_the_end(self) -> list[tuple[ScheduledAction, timedelta]]:
        """What is announced for before the end, by its distance from it."""
        expires = self._actions(K.EXPIRE_ASSIGNMENT)
        if not expires:
            return []
        [end] = expires
        found = []
        for one in self._actions(K.REMIND_EXPIRY, K.CALL_EXTENSION):
            both = one.at is not None and end.at is not None
            lead = end.at - one.at if both else end.offset - one.offset  # type: ignore[operator]
            called = one.kind is K.CALL_EXTENSION
            at_event = one.anchor in (Anchor.SUBMITTED, Anchor.DELIVERED) or (
                one.offset == ZERO and one.anchor in (Anchor.APPROVED, Anchor.ASSIGNMENT_END)
            )
            if not (called and at_event):
                found.append((one, lead))
        return found

    def _reviews(
        self, since: datetime, end: datetime | None, ends: datetime | None
    ) -> datetime | None:
        """Open the reviews of the calendar; give when one of them takes the access away."""
        reviews = self.policy.reviews
        if reviews is None or reviews.recurrence.every is None:
            return None
        step = reviews.recurrence.every
        opens = reviews.start
        while opens <= since:
            opens += step
        while opens <= self.horizon and (ends is None or opens < ends):
            if end is not None and opens >= end:
                break
            for kind, after in (
                (K.OPEN_REVIEW, ZERO),
                (K.REMIND_REVIEWERS, reviews.window / 2),
                (K.CLOSE_REVIEW, reviews.window),
            ):
                self.events.append(Event(opens + after, kind.value, 0, "review"))
            closes = opens + reviews.window
            if reviews.no_response is NoResponse.REMOVE and (ends is None or closes < ends):
                return closes
            opens += step
        return None

    def _ends(self, when: datetime, *, by_time: bool) -> None:
        if by_time:
            for one in self._actions(K.EXPIRE_ASSIGNMENT):
                self._happens(one, when)
        announced = self._actions(K.REVOKE)
        if announced:
            for one in announced:
                self._happens(one, when)
        else:
            for one in self._actions(K.GRANT):  # what was given is taken away, announced or not
                self.events.append(Event(when, K.REVOKE.value, 0, one.target))
        for one in self._actions(K.CALL_EXTENSION, K.TIME_OUT_EXTENSION):
            if one.anchor is Anchor.ASSIGNMENT_END and one.offset >= ZERO:
                self._happens(one, when + one.offset)
        expires = self._actions(K.EXPIRE_ASSIGNMENT)
        guest = not isinstance(self.story.target, str)
        for one in self._actions(K.BLOCK_GUEST, K.DELETE_GUEST):
            self._happens(one, when + self._after(one, expires[0]))
        if guest and not expires:
            self.events.append(Event(when, K.BLOCK_GUEST.value, 0, ""))
            self.events.append(Event(when + timedelta(days=30), K.DELETE_GUEST.value, 0, ""))

    @staticmethod
    def _after(one: ScheduledAction, end: ScheduledAction) -> timedelta:
        if one.at is not None and end.at is not None:
            return one.at - end.at
        return one.offset - end.offset
