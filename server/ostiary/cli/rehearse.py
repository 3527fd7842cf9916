"""`ostiary rehearse`: a story through years in seconds, and the calendar that came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from ostiary.cli.exits import Exit
from ostiary.cli.folders import load_rules, pack_folder, refusing
from ostiary.cli.labels import Labels
from ostiary.cli.terminal import BOLD, DIM, console, grid, show, styled
from ostiary.domain.audit import AuditEvent
from ostiary.domain.notice import Notice
from ostiary.rulebook.story_file import Story, load_story
from ostiary.rulebook.tenant_files import load_tenant
from ostiary.running.rehearsal import Calendar, Refusal, Rehearsal

_LONG = 200  # acts from which on a bar shows how far it has come


class Line(msgspec.Struct, frozen=True, order=True):
    """One line of the calendar."""

    at: datetime
    order: int
    kind: str  # event, mail or refused
    what: str
    who: str = ""
    about: str = ""
    target: str = ""


def rehearse(
    folder: Path, file: Path, rules: Path | None, profile: str | None, *, as_json: bool
) -> Exit:
    """Play the story of a file and print its calendar; FAULTY if it went otherwise than it says."""
    with refusing(folder, file.parent, pack_folder(rules)):
        story = load_story(file)
        loaded = load_tenant(folder, profile=profile)
        pack = load_rules(rules)
    try:
        calendar = _play(Rehearsal(loaded, pack.tables, story), story)
    finally:
        pack.close()
    if as_json:
        print(json.dumps(as_plain(story, calendar), indent=2, ensure_ascii=False))
    else:
        show_calendar(console(), story, calendar, Labels(loaded.tenant))
    return Exit.FAULTY if calendar.surprises else Exit.DONE


def _play(rehearsal: Rehearsal, story: Story) -> Calendar:
    if len(story.acts) < _LONG or not sys.stderr.isatty():
        return rehearsal.play()
    columns = (TextColumn("{task.fields[day]}"), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        days = (story.ends - story.begins).days + 1
        task = progress.add_task("rehearsing", total=days, day="")

        def tell(now: datetime) -> None:
            progress.update(task, completed=(now - story.begins).days, day=f"{now:%Y-%m-%d}")

        return rehearsal.play(tell)


def lines(calendar: Calendar) -> list[Line]:
    """Give everything that happened, in the order of time."""
    found = [_of_event(order, one) for order, one in enumerate(calendar.events)]
    found += [_of_notice(one) for one in calendar.notices]
    found += [_of_refusal(one) for one in calendar.refusals]
    return sorted(found)


def _of_event(order: int, one: AuditEvent) -> Line:
    guest = dict(one.details).get("guest", "")
    parts = (one.package, one.object, one.reason, f"guest {guest}" if guest else "")
    about = " ".join(part for part in parts if part)
    return Line(one.at, order, "event", one.name, one.actor, about, one.target)


_AFTER_EVENTS = 1_000_000_000


def _of_notice(one: Notice) -> Line:
    what = one.kind.value.replace("_", " ")
    return Line(one.at, _AFTER_EVENTS, "mail", what, ", ".join(one.to), one.package, one.target)


def _of_refusal(one: Refusal) -> Line:
    what = f"{one.act.does.value} refused: {one.code}"
    return Line(one.act.at, _AFTER_EVENTS + 1, "refused", what, one.act.who, one.act.package)


def show_calendar(screen: Console, story: Story, calendar: Calendar, labels: Labels) -> None:
    """Print the calendar as a person reads it: each instant once, then what happened at it."""
    screen.print(styled(f"{story.name}, {story.begins:%Y-%m-%d} to {story.ends:%Y-%m-%d}", BOLD))
    screen.print()
    table = grid("fixed", "flow")
    before = ""
    for line in lines(calendar):
        when = _instant(line.at)
        table.add_row(styled("" if when == before else when), _said(line, labels))
        before = when
    show(screen, table)
    screen.print()
    screen.print(styled(_closing(calendar, labels)))
    for surprise in calendar.surprises:
        screen.print(styled(surprise))


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def _said(line: Line, labels: Labels) -> Text:
    whom = line.target if line.kind == "event" else line.who
    if line.kind == "mail":
        text = styled(f"mail to {labels.person(whom)}: {line.what}", DIM)
    elif line.kind == "refused":
        text = styled(f"{labels.person(whom)}: {line.what}", "red")
    else:
        text = styled(f"{labels.person(whom)}: {line.what}" if whom else line.what)
    if line.about and line.kind != "mail":
        text.append_text(styled(f"  {line.about}", DIM))
    if line.kind == "event" and line.who not in ("system", line.target, ""):
        text.append_text(styled(f"  by {labels.person(line.who)}", DIM))
    return text


def _closing(calendar: Calendar, labels: Labels) -> str:
    if not calendar.holding:
        return "When the story ends, nobody holds anything."
    held = "; ".join(
        f"{labels.person(one.target)} holds {one.terms.package_name}"
        + ("" if one.ends_at is None else f" until {_instant(one.ends_at)}")
        for one in calendar.holding
    )
    return f"When the story ends, {held}."


def as_plain(story: Story, calendar: Calendar) -> dict[str, Any]:
    """Give the calendar for programs."""
    return {
        "story": story.name,
        "begins": story.begins.isoformat(),
        "ends": story.ends.isoformat(),
        "calendar": list(_plain_lines(calendar)),
        "held": [
            {
                "target": one.target,
                "access_package": one.package,
                "ends": None if one.ends_at is None else one.ends_at.isoformat(),
            }
            for one in calendar.holding
        ],
        "surprises": list(calendar.surprises),
    }


def _plain_lines(calendar: Calendar) -> Iterator[dict[str, str]]:
    for line in lines(calendar):
        yield {
            "time": line.at.isoformat(),
            "kind": line.kind,
            "what": line.what,
            "who": line.who,
            "target": line.target,
            "about": line.about,
        }
