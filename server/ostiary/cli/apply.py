"""`ostiary apply`: make a tenant what a folder says, in a store or through a server."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from google.protobuf.json_format import MessageToJson

from ostiary.adapters.clock import SystemClock
from ostiary.cli.asking import keep_proxies_off, valid_address
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.folders import refusing
from ostiary.cli.life.refusals import Refusals
from ostiary.cli.plain import clean
from ostiary.cli.stores import store_at
from ostiary.client import CallError, Services
from ostiary.domain.errors import StoreUnavailableError
from ostiary.operations.submission import Actor
from ostiary.rpc.bringing import bring
from ostiary.rulebook.faults import FaultList
from ostiary.rulebook.source import Spot
from ostiary.rulebook.tenant_files import definition_files
from ostiary.v1 import catalog_pb2
from ostiary.v1 import catalog_service_pb2 as contract

_PIECE = 1024 * 1024
_WORDS: Mapping[catalog_pb2.ChangeAction, tuple[str, str]] = {
    catalog_pb2.CHANGE_ACTION_CREATE: ("create", "created"),
    catalog_pb2.CHANGE_ACTION_UPDATE: ("change", "changed"),
    catalog_pb2.CHANGE_ACTION_DELETE: ("delete", "deleted"),
}
_KINDS: Mapping[str, str] = {
    "tenants": "tenant",
    "users": "user",
    "groups": "group",
    "connectedOrganizations": "connected organization",
    "catalogs": "catalog",
    "resources": "resource",
    "customExtensions": "custom extension",
    "accessPackages": "access package",
    "assignmentPolicies": "assignment policy",
}


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where a folder is applied to: a store, or a server as somebody."""

    store: str | None = None
    server: str | None = None
    caller: str | None = None
    roles: tuple[str, ...] = ()
    profile: str | None = None


def apply_folder(folder: Path, target: Target, *, dry_run: bool, as_json: bool) -> Exit:
    """Apply a folder, print what that changes, and give the exit code."""
    if (target.store is None) == (target.server is None):
        raise CommandError(Exit.USAGE, ("name either --store URL or --server HOST:PORT",))
    if target.server is not None and target.profile is not None:
        raise CommandError(Exit.USAGE, ("--profile goes with --store; a server has its own",))
    answer = _through_server if target.server is not None else _into_store
    said = answer(folder, target, dry_run=dry_run)
    if as_json:
        print(MessageToJson(said, ensure_ascii=False))
    else:
        _show(said, folder, dry_run=dry_run)
    sys.stdout.flush()
    if said.refusals:
        return Exit.REFUSED
    return Exit.FAULTY if any(not one.warning for one in said.faults) else Exit.DONE


def _into_store(folder: Path, target: Target, *, dry_run: bool) -> contract.ApplyResponse:
    store = store_at(target.store or "", missing="imagined" if dry_run else "made")
    try:
        return bring(
            store,
            folder,
            actor=Actor(target.caller or "system", staff=True),
            now=SystemClock().now(),
            profile=target.profile,
            dry_run=dry_run,
        )
    except StoreUnavailableError as error:
        raise CommandError(Exit.NO_ANSWER, (str(error),)) from None
    finally:
        store.close()


def _through_server(folder: Path, target: Target, *, dry_run: bool) -> contract.ApplyResponse:
    server = target.server or ""
    valid_address(server)
    files = _readable(folder)
    keep_proxies_off(server)
    with Services(server, caller=target.caller or "", roles=target.roles) as services:
        try:
            return services.send(services.catalogs.Apply, _pieces(folder, files, dry_run=dry_run))
        except CallError as error:
            refusals = Refusals(server, target.caller or "")
            raise refusals.ending(error, contract.ApplyRequest()) from None


def _readable(folder: Path) -> list[Path]:
    """Give the files to send; CommandError unless everything in the folder can be read.

    What is not sent would be deleted.
    """
    faults = FaultList()
    files = [path for path, _ in definition_files(folder, faults)]
    for path in files:
        try:
            path.open("rb").close()
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            faults.add(Spot(path.as_posix()), "FILE_UNREADABLE", said)
    with refusing(folder):
        faults.refuse_if_errors()
    return files


def _pieces(
    folder: Path, files: Iterable[Path], *, dry_run: bool
) -> Iterator[contract.ApplyRequest]:
    yield contract.ApplyRequest(options=contract.ApplyOptions(validate_only=dry_run))
    for path in files:
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            content = file.read(_PIECE)
            yield contract.ApplyRequest(piece=contract.ApplyPiece(file=name, content=content))
            while content := file.read(_PIECE):
                yield contract.ApplyRequest(piece=contract.ApplyPiece(content=content))


# printing


def _show(said: contract.ApplyResponse, folder: Path, *, dry_run: bool) -> None:
    errors = [one for one in said.faults if not one.warning]
    if errors:
        for fault in said.faults:
            print(clean(_fault(fault, folder)))
        return
    if said.refusals:
        for refusal in said.refusals:
            print(clean(f"{refusal.code}: {refusal.description}"))
        print("nothing was changed")
        return
    for change in said.changes:
        print(clean(_line(change)))
    if said.change_count > len(said.changes):
        print(f"... and {said.change_count - len(said.changes):,} more")
    for name in said.kept:
        print(clean(f"keep    {_called(name)}: changed since a folder last said something else"))
    for note in said.notes:
        print(clean(f"note    {note}"))
    print(_sum(said, dry_run=dry_run))
    if said.faults:
        warnings = "1 warning" if len(said.faults) == 1 else f"{len(said.faults)} warnings"
        print(f"{warnings} about the definitions; `ostiary check {folder}` lists them")


def _fault(fault: contract.DefinitionFault, folder: Path) -> str:
    place = f"{folder.as_posix()}/{fault.file}" if fault.file else folder.as_posix()
    mark = "warning " if fault.warning else ""
    return f"{place}:{fault.line}:{fault.column}: {mark}{fault.code}: {fault.message}"


def _line(change: catalog_pb2.DefinitionChange) -> str:
    verb, _ = _WORDS[change.action]
    line = f"{verb:7} {_called(change.name)}"
    if change.display_name and not change.name.endswith(f"/{change.display_name}"):
        line += f" ({change.display_name})"
    if change.action == catalog_pb2.CHANGE_ACTION_UPDATE:
        line += f": {', '.join(field.field for field in change.fields)}"
    return line


def _called(name: str) -> str:
    """Give what a resource name names, in words: `access package sales/sales-team`."""
    parts = name.split("/")
    inside = parts[3::2] if len(parts) > 2 else parts[1::2]
    return f"{_KINDS.get(parts[-2], parts[-2])} {'/'.join(inside)}"


def _sum(said: contract.ApplyResponse, *, dry_run: bool) -> str:
    counts = [
        f"{sum(one.action == action for one in said.changes):,} {done}"
        for action, (_, done) in _WORDS.items()
        if any(one.action == action for one in said.changes)
    ]
    for number, text in (
        (said.members_added, "members added"),
        (said.members_removed, "members removed"),
        (said.roles_added, "roles given"),
        (said.roles_removed, "roles taken"),
    ):
        if number:
            counts.append(f"{number:,} {text}")
    if not counts:
        return f"nothing to change, the tenant is at revision {said.revision}"
    summary = ", ".join(counts)
    if dry_run:
        return f"dry run, nothing was changed: {summary}"
    return f"{summary}; the tenant is at revision {said.revision}"
