"""Revisions of rules on the command line, on a server or in a store without one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from google.protobuf.message import Message

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import refusing
from ostiary.cli.interrupting import read_until_interrupted
from ostiary.cli.life import spelling
from ostiary.cli.life.remote import Options, Remote, asking
from ostiary.cli.message_json import message_json
from ostiary.cli.phrases import instant
from ostiary.cli.plain import clean
from ostiary.cli.store_rules import InStore
from ostiary.cli.stores import Missing
from ostiary.cli.terminal import BOLD, DIM, console, grid, heading, styled
from ostiary.cli.terminal import show as show_table
from ostiary.cli.written import writing
from ostiary.client import CallError
from ostiary.rulebook.pack_files import read_files
from ostiary.v1 import catalog_service_pb2
from ostiary.v1 import rule_service_pb2 as contract

SHOWN = 12  # digits of a digest in lists
_PAGE = 1000
_ORIGINS: Mapping[int, str] = {
    contract.ACTIVATION_ORIGIN_SHIPPED: "shipped",
    contract.ACTIVATION_ORIGIN_FOLDER: "folder",
    contract.ACTIVATION_ORIGIN_CALLER: "activated",
    contract.ACTIVATION_ORIGIN_ROLLBACK: "rolled back",
}


class Place(Protocol):
    """Where revisions are: on a server, or in a store."""

    as_json: bool

    def call(self, method: str, request: Message) -> Any:
        """Give the answer of a method of RuleService; CommandError says why there is none."""


class OnServer:
    """The revisions of a server."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.as_json = remote.options.as_json

    def call(self, method: str, request: Message) -> Any:
        """Give the answer of a method of RuleService."""
        return self._remote.call(getattr(self._remote.services.rules, method), request)


@contextmanager
def somewhere(
    options: Options, store: str | None, *, missing: Missing = "refused"
) -> Iterator[Place]:
    """Open the store that is named, or else the connection to the server."""
    if store is None:
        with asking(options) as remote:
            yield OnServer(remote)
        return
    if options.caller is not None:
        spelling.caller("--as", options.caller)
    with closing(InStore(store, options.caller, as_json=options.as_json, missing=missing)) as place:
        yield place


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How something is put in force."""

    note: str | None = None
    etag: str | None = None
    dry_run: bool = False
    request_id: str | None = None

    def fields(self) -> dict[str, Any]:
        """Give it as fields of a request."""
        return {
            "note": self.note or "",
            "etag": self.etag or "",
            "validate_only": self.dry_run,
            "request_id": self.request_id or "",
        }


def list_(place: Place, most: int | None) -> None:
    """Print what is kept."""
    page = _listed(place, "ListRevisions", contract.ListRevisionsRequest(), "revisions", most)
    if place.as_json:
        print_json(page)
        return
    rows = [
        (
            one.revision[:SHOWN],
            "in force" if one.active else "",
            instant(one.create_time),
            one.actor,
            one.note,
        )
        for one in page.revisions
    ]
    _table(("revision", "", "kept", "by", "note"), rows, "no revisions are kept")
    _tell_more(page, len(rows))


def history(place: Place, most: int | None) -> None:
    """Print what was put in force."""
    asked = contract.ListActivationsRequest()
    page = _listed(place, "ListActivations", asked, "activations", most)
    if place.as_json:
        print_json(page)
        return
    rows = [
        (
            str(one.sequence),
            one.revision[:SHOWN],
            _ORIGINS.get(one.origin, ""),
            instant(one.activate_time),
            one.actor,
            one.note,
        )
        for one in page.activations
    ]
    _table(("number", "revision", "how", "when", "by", "note"), rows, "nothing was put in force")
    _tell_more(page, len(rows))


def show(place: Place, name: str, out: Path | None) -> None:
    """Print a revision, and write its files into a folder if one is named."""
    found = place.call("GetRevision", contract.GetRevisionRequest(revision=name)).revision
    if out is not None:
        _write(found.files, out)
    if place.as_json:
        print_json(contract.GetRevisionResponse(revision=found))
        return
    screen = console()
    table = grid("fixed", "flow")
    table.add_row(styled("revision"), styled(found.revision, BOLD))
    table.add_row(styled("in force"), styled("yes" if found.active else "no"))
    table.add_row(styled("kept"), styled(f"{instant(found.create_time)} by {found.actor}"))
    if found.note:
        table.add_row(styled("note"), styled(found.note))
    show_table(screen, table, indent=0)
    heading(screen, "Files")
    files = grid("fixed", "fixed")
    for one in found.files:
        lines = one.content.count(b"\n")
        files.add_row(styled(one.name), styled(f"{lines:,} lines", DIM))
    show_table(screen, files)
    if out is not None:
        screen.print(styled(f"written to {out}"))


def _write(files: Sequence[contract.RuleFile], out: Path) -> None:
    for one in files:
        path = out / one.name
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.content)


def upload(
    place: Place, folder: Path, *, note: str | None, dry_run: bool, request_id: str | None
) -> Exit:
    """Keep the pack of a folder, print its digest or what is wrong, and give the exit code."""
    with refusing(folder):
        files = read_files(folder)
    asked = contract.CreateRevisionRequest(
        files=[contract.RuleFile(name=name, content=text) for name, text in files.items()],
        note=note or "",
        validate_only=dry_run,
        request_id=request_id or "",
    )
    answer = place.call("CreateRevision", asked)
    if place.as_json:
        print_json(answer)
    else:
        _tell_faults(answer.faults, str(folder))
        if answer.HasField("revision"):
            kept = "would be kept" if dry_run else "kept"
            print(f"{answer.revision.revision} {kept if answer.created else 'was kept before'}")
    sys.stdout.flush()
    return Exit.DONE if answer.HasField("revision") else Exit.FAULTY


def activate(place: Place, name: str, change: Change) -> None:
    """Put a revision in force and print what that is."""
    asked = contract.ActivateRequest(revision=name, **change.fields())
    _tell_activation(place, place.call("Activate", asked), change)


def rollback(place: Place, change: Change) -> None:
    """Go back and print to what."""
    answer = place.call("Rollback", contract.RollbackRequest(**change.fields()))
    _tell_activation(place, answer, change)


def _tell_activation(place: Place, answer: Any, change: Change) -> None:
    if place.as_json:
        print_json(answer)
        return
    one = answer.activation
    if change.dry_run:
        print(f"{one.revision} could be put in force")
    else:
        print(f"{one.revision} is in force, activation {one.sequence}")
    sys.stdout.flush()


def status(place: Place) -> None:
    """Print what decides, and what was refused."""
    told = place.call("GetStatus", contract.GetStatusRequest())
    if place.as_json:
        print_json(told)
        return
    screen, one = console(), told.activation
    table = grid("fixed", "flow")
    how = f"{_ORIGINS.get(one.origin, '')} {instant(one.activate_time)} by {one.actor}"
    table.add_row(styled("rules"), styled(told.revision.rules, BOLD))
    table.add_row(styled(""), styled(f"activation {one.sequence}, {how}", DIM))
    table.add_row(styled("tenant"), styled(told.revision.tenant, BOLD))
    profile = f"{told.revision.profile} {told.revision.profile_version}"
    table.add_row(styled("profile"), styled(profile))
    table.add_row(styled("folders"), styled("watched" if told.watching else "not watched"))
    show_table(screen, table, indent=0)
    if told.HasField("refused"):
        refused = told.refused
        heading(screen, f"Refused {instant(refused.refuse_time)}: {refused.source}")
        if not refused.faults:
            screen.print(styled(f"  {refused.message}"))
        for fault in refused.faults:
            screen.print(styled(f"  {_fault(fault, '')}"))


def shadow(place: Place, revision: str | None, *, end: bool, exit_code: bool) -> Exit:
    """Begin or end a shadow, or print what it has seen; give the exit code."""
    if end and revision is not None:
        raise CommandError(Exit.USAGE, ("name a revision or --end, not both",))
    if end or revision is not None:
        answer = place.call("SetShadow", contract.SetShadowRequest(revision=revision or ""))
        if place.as_json:
            print_json(answer)
        elif end:
            print("nothing decides beside any more")
        else:
            print(f"{answer.revision} decides beside what is in force")
        return Exit.DONE
    told = place.call("GetShadow", contract.GetShadowRequest())
    if place.as_json:
        print_json(told)
    elif not told.HasField("shadow"):
        print("nothing decides beside")
    else:
        _show_shadow(told.shadow)
    sys.stdout.flush()
    return Exit.FAULTY if exit_code and told.shadow.differences.differing else Exit.DONE


def _show_shadow(seen: contract.ShadowReport) -> None:
    found = seen.differences
    print(f"{seen.revision[:SHOWN]} decides beside since {instant(seen.since_time)}")
    counted = "1 decision" if found.compared == 1 else f"{found.compared:,} decisions"
    print(f"{counted} compared, {found.differing:,} would differ")
    for count, words in (
        (seen.dropped, "left out, since too many waited"),
        (seen.passed_over, "left out, since the tenant had changed"),
        (seen.waiting, "wait to be looked at"),
    ):
        if count:
            print(f"{count:,} {words}")
    screen = console()
    for title, counts in (("What differs", found.kinds), ("Outcomes", found.changes)):
        if counts:
            heading(screen, title)
            table = grid("fixed", "fixed")
            for one in counts:
                table.add_row(styled(one.name), styled(f"{one.count:,}"))
            show_table(screen, table)
    if found.samples:
        heading(screen, "For example")
        table = grid("fixed", "flow", "flow")
        for sample in found.samples:
            who = f"{sample.requestor}, {sample.access_package}"
            change = f"{sample.before} -> {sample.after}"
            table.add_row(styled(sample.time), styled(who), styled(change))
        show_table(screen, table)


def watch(remote: Remote) -> None:
    """Print each activation until interrupted; as JSON, each is one line."""
    asked = contract.WatchRequest()

    def told() -> Iterator[contract.WatchResponse]:
        try:
            yield from remote.services.stream(remote.services.rules.Watch, asked)
        except CallError as error:
            raise remote.refusals.ending(error, asked) from None

    with read_until_interrupted(told, end=remote.services.close) as answers:
        for answer in answers:
            if remote.options.as_json:
                sys.stdout.buffer.write(f"{message_json(answer, one_line=True)}\n".encode())
            else:
                one = answer.activation
                how = f"{_ORIGINS.get(one.origin, '')} by {clean(one.actor)}"
                note = f": {clean(one.note)}" if one.note else ""
                print(f"{instant(one.activate_time)}  {one.revision[:SHOWN]}  {how}{note}")
            sys.stdout.flush()


# what the commands share


def print_json(message: Message) -> None:
    """Print a message in the JSON of the contract."""
    sys.stdout.buffer.write(f"{message_json(message)}\n".encode())
    sys.stdout.flush()


def _listed(place: Place, method: str, asked: Any, items: str, most: int | None) -> Any:
    """Give up to `most` items of all pages as one page; None: all."""
    whole: Any = None
    while True:
        have = 0 if whole is None else len(getattr(whole, items))
        asked.page_size = _PAGE if most is None else min(most - have, _PAGE)
        page = place.call(method, asked)
        if whole is None:
            whole = page
        else:
            getattr(whole, items).extend(getattr(page, items))
            whole.next_page_token = page.next_page_token
        asked.page_token = page.next_page_token
        if not page.next_page_token or (most is not None and len(getattr(whole, items)) >= most):
            return whole


def _tell_more(page: Any, count: int) -> None:
    if page.next_page_token:
        sys.stdout.flush()
        print(f"the first {count}; more follow: --limit N or --all", file=sys.stderr)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    screen = console()
    if not rows:
        screen.print(styled(nothing))
        return
    table = grid(*("fixed" for _ in columns[:-1]), "flow")
    table.add_row(*(styled(name, DIM) for name in columns))
    for row in rows:
        table.add_row(*map(styled, row))
    show_table(screen, table, indent=0)


def _tell_faults(faults: Sequence[catalog_service_pb2.DefinitionFault], folder: str) -> None:
    for fault in faults:
        print(_fault(fault, folder), file=sys.stderr)


def _fault(fault: catalog_service_pb2.DefinitionFault, folder: str) -> str:
    place = "/".join(filter(None, (folder, fault.file)))
    mark = "warning " if fault.warning else ""
    return clean(f"{place}:{fault.line}:{fault.column}: {mark}{fault.code}: {fault.message}")
