"""The audit log: what happened, once or as it happens, and the answer to why."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from ostiary.cli.interrupting import read_until_interrupted
from ostiary.cli.life import spelling, telling
from ostiary.cli.life.asking_lists import fill
from ostiary.cli.life.record_labels import RecordLabels
from ostiary.cli.life.remote import Remote
from ostiary.cli.life.suggesting import suggest_packages
from ostiary.cli.life.why import show_why
from ostiary.cli.message_json import message_json
from ostiary.cli.phrases import instant
from ostiary.cli.terminal import console, grid, show, styled
from ostiary.client import CallError
from ostiary.v1 import audit_pb2
from ostiary.v1 import audit_service_pb2 as service


class Asked(msgspec.Struct, frozen=True):
    """Which events are wanted, as the options say."""

    fields: Mapping[str, str | None]
    since: str | None = None
    until: str | None = None
    newest_first: bool = False
    most: int | None = None

    @property
    def of_one(self) -> tuple[str, str] | None:
        """Give the person and the package, if these two alone are named."""
        named = {name: value for name, value in self.fields.items() if value}
        whole = not self.since and not self.until and not self.newest_first
        if whole and set(named) == {"subject", "access_package"}:
            return named["subject"], named["access_package"]
        return None

    def filter(self, remote: Remote) -> service.AuditFilter:
        """Give what the server is asked for."""
        wanted = service.AuditFilter()
        fill(wanted, self.fields)
        now = remote.now() if self.since or self.until else None
        if self.since and now:
            wanted.since_time.FromDatetime(spelling.since("--since", self.since, now))
        if self.until and now:
            wanted.until_time.FromDatetime(spelling.since("--until", self.until, now))
        return wanted


def audit(remote: Remote, wanted: Asked) -> None:
    """Print events; of one person and one package the whole story, with the answer to why."""
    asked = service.ListAuditEventsRequest(
        filter=wanted.filter(remote), newest_first=wanted.newest_first
    )
    if wanted.of_one is not None:
        suggest_packages(remote, wanted.of_one[0])
    page = remote.listed(remote.services.audit.ListAuditEvents, asked, "events", wanted.most)
    if remote.options.as_json:
        remote.print_json(page)
    elif wanted.of_one is not None:
        show_why(console(), remote, *wanted.of_one, page.events)
    else:
        show_log(console(), page.events)
    remote.tell_more(page, "events")


def follow(remote: Remote, wanted: Asked) -> None:
    """Print what was asked for of the past, then each event as it happens, until interrupted.

    As JSON, each event is one line.
    """
    with read_until_interrupted(
        lambda: _past_and_coming(remote, wanted), end=remote.services.close
    ) as events:
        for told in events:
            _tell(remote, told)


def _past_and_coming(remote: Remote, wanted: Asked) -> Iterator[service.WatchAuditEventsResponse]:
    after = None
    if wanted.since:
        asked = service.ListAuditEventsRequest(filter=wanted.filter(remote))
        page = remote.listed(remote.services.audit.ListAuditEvents, asked, "events", None)
        for event in page.events:
            yield service.WatchAuditEventsResponse(event=event)
            after = event.sequence
    watched = service.WatchAuditEventsRequest(filter=wanted.filter(remote), after_sequence=after)
    try:
        yield from remote.services.stream(remote.services.audit.WatchAuditEvents, watched)
    except CallError as error:
        raise remote.refusals.ending(error, watched) from None


def _tell(remote: Remote, told: service.WatchAuditEventsResponse) -> None:
    if remote.options.as_json:
        sys.stdout.buffer.write(f"{message_json(told, one_line=True)}\n".encode())
    else:
        _print_event(console(), told.event)
    sys.stdout.flush()


def show_log(screen: Console, events: Sequence[audit_pb2.AuditEvent]) -> None:
    """Print events, each with whom and what it is about."""
    if not events:
        screen.print(styled("nothing happened that fits"))
    for event in events:
        _print_event(screen, event)


def _print_event(screen: Console, event: audit_pb2.AuditEvent) -> None:
    table = grid("fixed", "flow")
    text: Text = telling.event_text(event, RecordLabels([]), about=True)
    table.add_row(styled(instant(event.event_time)), text)
    show(screen, table, indent=0)
