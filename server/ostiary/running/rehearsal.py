"""A rehearsal: a tenant's story through years in seconds, on the real code, touching nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from ostiary.analysis.playing import Player
from ostiary.domain.assignment import Assignment
from ostiary.domain.audit import AuditEvent
from ostiary.domain.errors import OstiaryError
from ostiary.domain.notice import Notice
from ostiary.domain.tables import Tables
from ostiary.lifecycle.ports import AssignmentQuery
from ostiary.operations.unit import EVERYTHING
from ostiary.rulebook.story_file import Act, Story
from ostiary.rulebook.tenant_files import LoadedTenant


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
        self._player = Player(loaded, tables, story.begins, story.visitors)

    def play(self, tell: Callable[[datetime], None] = lambda _: None) -> Calendar:
        """Play the story to its end; `tell` hears how far it has come."""
        player, refusals = self._player, []
        for act in self._story.acts:
            player.pass_until(act.at)
            tell(act.at)
            try:
                player.do(act)
            except OstiaryError as error:
                code = getattr(error, "code", error.reason)
                refusals.append(Refusal(act, code, str(error)))
            player.pass_until(act.at)
        player.pass_until(self._story.ends)
        tell(self._story.ends)
        with player.store.reading() as tx:
            held = [one for _, one in tx.assignments(AssignmentQuery(size=EVERYTHING))]
        return Calendar(
            player.events(player.first),
            player.notices,
            tuple(refusals),
            tuple(one for one in reversed(held) if one.current),
            tuple(one.place for one in self._story.acts if one.refused),
        )
