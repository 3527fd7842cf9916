"""The parts that every story is told in: facts, what comes, deliveries, what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary.cli.labels import Labels
from ostiary.cli.life import words
from ostiary.cli.phrases import ActionWords, instant, when
from ostiary.cli.show_decision import merged
from ostiary.cli.terminal import BOLD, DIM, grid, heading, show, styled
from ostiary.v1 import assignment_pb2, audit_pb2, callout_pb2, work_pb2
from ostiary.v1 import decision_pb2 as plans

SYSTEM = "system"
_QUIET = frozenset({"stage", "attempts"})  # told in the line itself, or of no use there
_LAST = 1000  # events that a server gives with a record


class Headline(msgspec.Struct, frozen=True):
    """How a story begins: what it is about, and where that stands in a word."""

    title: str
    state: Text


def headline(screen: Console, told: Headline, sentence: str) -> None:
    """Print what a story is about and where it stands."""
    screen.print(styled(told.title, BOLD))
    screen.print()
    screen.print(Text.assemble(told.state, "  ", styled(sentence)))


def facts(screen: Console, rows: Iterable[tuple[str, str]]) -> None:
    """Print facts, one a line."""
    screen.print()
    table = grid("fixed", "flow")
    for name, text in rows:
        table.add_row(styled(name, DIM), styled(text))
    show(screen, table)


def show_upcoming(screen: Console, plan: plans.Decision, package: str, labels: Labels) -> None:
    """Print what is still to come, day by day."""
    if not plan.scheduled_actions:
        return
    heading(screen, "What happens next (times in UTC)")
    said = ActionWords(plan, package, labels)
    table = grid("fixed", "flow")
    before = ""
    for group in merged(plan):
        due = when(group[0])
        table.add_row(styled("" if due == before else due), styled(said.what(group)))
        before = due
    show(screen, table)


class Delivery(msgspec.Struct, frozen=True):
    """The resource roles of an assignment, and the work on them as far as it may be seen."""

    grants: Sequence[assignment_pb2.Grant]
    work: Sequence[work_pb2.WorkItem] = ()


def show_delivery(screen: Console, delivery: Delivery) -> None:
    """Print each resource role with its state, and why it failed or waits."""
    if not delivery.grants:
        return
    heading(screen, "Delivery (times in UTC)")
    table = grid("fixed", "fixed", "flow")
    for grant in delivery.grants:
        changed = instant(grant.change_time) if grant.HasField("change_time") else ""
        text = styled(words.entry(grant))
        for line in _grant_lines(grant, delivery.work):
            text.append("\n").append_text(styled(line, DIM))
        table.add_row(words.grant_state(grant.state), styled(changed), text)
    show(screen, table)


def _grant_lines(grant: assignment_pb2.Grant, work: Sequence[work_pb2.WorkItem]) -> Iterable[str]:
    cause = failure_of(grant)
    if cause:
        yield cause
    if grant.state == assignment_pb2.GRANT_STATE_KEPT:
        yield "another assignment gives the same"
    target = f"{grant.resource}/{grant.role}"
    calls = (work_pb2.WORK_KIND_PROVISION, work_pb2.WORK_KIND_DEPROVISION)
    for item in work:
        if item.target == target and item.kind in calls and item.attempts:
            yield tries(item)


def failure_of(grant: assignment_pb2.Grant) -> str:
    """Give why a resource role could not be given or taken away, or not yet (S-97)."""
    if not grant.failure and not grant.failure_text:
        return ""
    told = dict(grant.failure_parameters)
    name = told.pop("name", "")  # of the limit: what the others are about
    rest = (f"{key} {text}" for key, text in sorted(told.items()))
    left = ", ".join([*([name] if name else []), *rest])
    cause = f"{grant.failure} ({left})" if grant.failure and left else grant.failure
    return ": ".join(part for part in (cause, grant.failure_text) if part)


def tries(item: work_pb2.WorkItem) -> str:
    """Give how often work was tried, and when it is tried again."""
    count = "tried once" if item.attempts == 1 else f"tried {item.attempts} times"
    if item.state == work_pb2.WORK_STATE_PARKED:
        return f"{count} and given up"
    return f"{count}, next at {instant(item.due_time)}"


def show_parked(screen: Console, work: Sequence[work_pb2.WorkItem], labels: Labels) -> None:
    """Print the work that failed for good and waits for staff."""
    parked = [one for one in work if one.state == work_pb2.WORK_STATE_PARKED]
    if not parked:
        return
    heading(screen, "Given up, until staff have it tried again")
    for item in parked:
        screen.print(styled(f"  {words.work(item, labels)}"))
        if item.failure:
            screen.print(styled(f"  {item.failure}", DIM))
        # Whole, since it is to be copied.
        screen.print(styled(f"  ostiary work retry {item.id}", DIM), soft_wrap=True)


def show_callouts(screen: Console, callouts: Sequence[callout_pb2.Callout]) -> None:
    """Print the calls of custom extensions with their replies."""
    if not callouts:
        return
    heading(screen, "Custom extensions (times in UTC)")
    table = grid("fixed", "flow")
    for one in callouts:
        status = words.CALLOUTS.get(one.status, str(one.status))
        where = words.stage_of_extension(one.stage)
        text = styled(f"{one.extension} {status} ({where}, callout {one.id})")
        for line in _callout_lines(one):
            text.append("\n").append_text(styled(line, DIM))
        table.add_row(styled(instant(one.create_time)), text)
    show(screen, table)


def _callout_lines(one: callout_pb2.Callout) -> Iterable[str]:
    if one.status == callout_pb2.CALLOUT_STATUS_WAITING_FOR_CALLBACK:
        yield f"until {instant(one.deadline_time)}"
    if one.reply == callout_pb2.CALLOUT_REPLY_DENIED:
        yield "it denied the request"
    elif one.reply == callout_pb2.CALLOUT_REPLY_CANCELED:
        yield "it cancelled the request"
    yield from (text for text in (one.detail, one.failure) if text)


def show_events(screen: Console, events: Sequence[audit_pb2.AuditEvent], labels: Labels) -> None:
    """Print what happened, in order."""
    if not events:
        return
    heading(screen, "What happened (times in UTC)")
    table = grid("fixed", "flow")
    before = ""
    for event in events:
        at = instant(event.event_time)
        table.add_row(styled("" if at == before else at), event_text(event, labels))
        before = at
    show(screen, table)
    if len(events) >= _LAST:
        screen.print(styled("  only the first events; `ostiary audit` has them all", DIM))


def event_text(event: audit_pb2.AuditEvent, labels: Labels, *, about: bool = False) -> Text:
    """Give an event: its name, who did it, and what goes with it; `about` adds whom and what."""
    by = "" if event.actor in ("", SYSTEM) else f", by {labels.person(event.actor)}"
    text = styled(f"{event.display_name}{by}")
    for line in _event_lines(event, labels, about=about):
        text.append("\n  ").append_text(styled(line, DIM))
    return text


def _event_lines(event: audit_pb2.AuditEvent, labels: Labels, *, about: bool) -> Iterable[str]:
    if about:
        whom = [
            f"{name} {value}"
            for name, value in (
                ("for", event.subject),
                ("package", event.access_package),
                ("request", event.request),
                ("assignment", event.assignment),
            )
            if value
        ]
        if whom:
            yield ", ".join(whom)
    stage = event.details.get("stage")
    what = labels.entry(event.access_package, event.object) if event.object else ""
    parts = [f"stage {stage}" if stage else "", what, event.reason]
    if any(parts):
        yield ", ".join(part for part in parts if part)
    for name, value in sorted(event.details.items()):
        if name not in _QUIET:
            yield value if name == "error" else f"{name}: {value}"
    for change in event.changes:
        yield f"{change.field}: {change.before or 'nothing'} -> {change.after or 'nothing'}"


def pending(delivery: Delivery) -> str:
    """Give in one sentence what a delivery still waits for."""
    waits = [one for one in delivery.grants if one.state in _UNSETTLED]
    given = sum(one.state == assignment_pb2.GRANT_STATE_GRANTED for one in delivery.grants)
    guests = [one for one in waits if one.state == assignment_pb2.GRANT_STATE_AWAITING_GUEST]
    whole = len(delivery.grants)
    roles = "resource role is" if whole == 1 else "resource roles are"
    said = f"{given} of {whole} {roles} given"
    rest = [one for one in waits if one not in guests]
    if rest:
        said += f"; {_names(rest)} under way"
        tried = [one for one in rest if failure_of(one)]
        if tried:
            said += f", the last attempt failed: {failure_of(tried[0])}"
    if guests:
        verb = "waits" if len(guests) == 1 else "wait"
        said += f"; {_names(guests)} {verb} for the guest's first sign-in or consent"
    return said


_UNSETTLED = frozenset(
    {assignment_pb2.GRANT_STATE_PENDING, assignment_pb2.GRANT_STATE_AWAITING_GUEST}
)


def failed(grants: Iterable[assignment_pb2.Grant]) -> str:
    """Give the resource roles that could not be given, each with its cause."""
    lost = [one for one in grants if one.state == assignment_pb2.GRANT_STATE_FAILED]
    return "; ".join(
        f"{words.entry(one)}: {failure_of(one) or 'no answer in time'}" for one in lost
    )


def _names(grants: Iterable[assignment_pb2.Grant]) -> str:
    return ", ".join(map(words.entry, grants))
