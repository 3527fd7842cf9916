"""Telling a story for real, and what its history says."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from ostiary.domain.access_request import AccessRequest, RequestKind, RequestState, RequestStatus
from ostiary.domain.actions import ActionKind
from ostiary.domain.catalog import CustomExtension
from ostiary.domain.decision import Decision
from ostiary.domain.due import WorkState
from ostiary.domain.errors import OstiaryError
from ostiary.domain.policy import ExtensionStage
from ostiary.lifecycle.ports import Store
from ostiary.operations import cancel, resume
from ostiary.operations.submission import Actor, Submission
from ostiary.operations.submit import submit
from tests.life.prophecy import Event
from tests.life.stories import BEGIN, Story, end_of
from tests.life.world import World, example

TEAM = "sales-team-access"
STAFF = Actor("sol", staff=True)
_KINDS = {kind.value for kind in ActionKind}
_OF_REVIEWS = {"OPEN_REVIEW", "REMIND_REVIEWERS", "CLOSE_REVIEW"}


class Teller:
    """Tells one story in a world of its own."""

    def __init__(self, store: Store, story: Story) -> None:
        self.story = story
        self.world = World(store, example("tailwind"), f"{BEGIN:%Y-%m-%d %H:%M}")
        world = self.world
        world.tenants.change(
            catalogs=tuple(
                msgspec.structs.replace(
                    one, extensions=(CustomExtension("check", "Check", "https://flow.example/"),)
                )
                if one.id == "sales-resources"
                else one
                for one in world.tenants.tenant.catalogs
            )
        )
        self.policy = world.policy(TEAM, story.policy_id, **story.policy)
        self.decision: Decision | None = None
        self.request: AccessRequest | None = None

    def tell(self) -> Decision | None:
        """Submit, act, and let time pass; None if the submission is refused."""
        self._submit()
        if self.request is None:
            return None
        self.world.worker.run_until_idle()
        while (when := self._next_act()) is not None:
            self._pass_to(when)
            self._act(when)
            self.world.worker.run_until_idle()
        self._pass_to(end_of(self.story))
        return self.decision

    def _submit(self) -> None:
        story, target = self.story, self.story.target
        actor = Actor(target if isinstance(target, str) else target.id)
        submission = Submission(
            kind=RequestKind.USER_ADD,
            target=target,
            package=TEAM,
            policy=story.policy_id,
            schedule=story.schedule,
        )
        try:
            made = submit(self.world.office, submission, actor)
        except OstiaryError:
            return
        self.decision, self.request = made.decision, made.request

    def _pass_to(self, when: datetime) -> None:
        self.world.go(when.strftime("%Y-%m-%d %H:%M:%S.%f"))

    # acts: what the people would do next, given how things stand

    def _next_act(self) -> datetime | None:
        now = self.world.clock.instant
        times = [when for when in self._acts() if when > now and when <= end_of(self.story)]
        return min(times, default=None)

    def _acts(self) -> list[datetime]:
        story = self.story
        found = [
            BEGIN + one for one in (story.cancel, story.extend, story.remove) if one is not None
        ]
        found += [when for when, _ in self._decisions()]
        found += [when for when, _ in self._replies()]
        return found

    def _now(self) -> AccessRequest:
        assert self.request is not None
        return self.world.request(self.request.id)

    def _decisions(self) -> list[tuple[datetime, int]]:
        stage = self._now().open_stage()
        if stage is None or stage.opened_at is None:
            return []
        act = self.story.stages[stage.number - 1]
        return [] if act.after is None else [(stage.opened_at + act.after, stage.number)]

    def _replies(self) -> list[tuple[datetime, str]]:
        request = self._now()
        if request.status is not RequestStatus.WAITING_FOR_CALLBACK:
            return []
        created = request.waits_for == ExtensionStage.REQUEST_CREATED.value
        act = self.story.created if created else self.story.approved
        since = request.submitted_at if created else request.approved_at
        if act.after is None or since is None:
            return []
        return [(since + act.after, request.waits_for)]

    def _act(self, when: datetime) -> None:
        story, office = self.story, self.world.office
        request = self._now()
        try:
            if [one for one in self._decisions() if one[0] == when]:
                act = story.stages[request.stage - 1]
                if act.what == "approve":
                    self.world.approve(request, act.who)
                else:
                    self.world.deny(request, act.who)
            elif [one for one in self._replies() if one[0] == when]:
                self._reply(request)
            elif story.cancel is not None and when == BEGIN + story.cancel:
                cancel.cancel(office, request.id, Actor(request.target))
            elif story.extend is not None and when == BEGIN + story.extend:
                kind, actor = RequestKind.USER_UPDATE, Actor(request.target)
                self._about_access(request, kind, actor)
            elif request.state is not RequestState.DENIED:
                self._about_access(request, RequestKind.ADMIN_REMOVE, STAFF)
        except OstiaryError:
            return  # it cannot be done as things stand, and changes nothing

    def _about_access(self, request: AccessRequest, kind: RequestKind, actor: Actor) -> None:
        submission = Submission(kind=kind, target=request.target, package=TEAM)
        submit(self.world.office, submission, actor)

    def _reply(self, request: AccessRequest) -> None:
        stage = ExtensionStage(request.waits_for)
        act = self.story.created if stage is ExtensionStage.REQUEST_CREATED else self.story.approved
        with self.world.store.reading() as tx:
            [waiting] = [one for one in tx.callouts(request.id) if one.stage is stage]
        resume.resume(self.world.office, waiting.id, STAFF, stage=stage, state=act.what)

    # history

    def history(self) -> list[Event]:
        """Give everything of the plan that happened, sorted."""
        return sorted(
            Event(
                one.planned_at or one.due_at,
                one.kind.value,
                one.stage,
                "review" if one.kind.value in _OF_REVIEWS else one.target,
            )
            for one in self.world.work(WorkState.DONE)
            if one.kind.value in _KINDS
        )

    def bytes_of_history(self) -> str:
        """Give the digest of all that is in the store: the same in every process."""
        encoder = msgspec.json.Encoder(order="deterministic")
        digest = hashlib.sha256()
        for records in (
            self.world.requests(),
            self.world.assignments(),
            self.world.events(),
            self.world.work(),
        ):
            for one in records:
                digest.update(encoder.encode(one))
        return digest.hexdigest()
