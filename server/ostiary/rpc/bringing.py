"""A folder brought into a store, with the answer that Apply gives, wherever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from ostiary.domain.errors import ChangeRefusedError, DefinitionError, Fault
from ostiary.lifecycle.ports import Store
from ostiary.operations.definitions import apply
from ostiary.operations.revising import Changes
from ostiary.operations.submission import Actor
from ostiary.rpc.convert.definition_messages import change
from ostiary.rulebook.tenant_files import load_tenant
from ostiary.v1 import catalog_service_pb2 as contract

MOST_CHANGES = 10_000


def bring(
    store: Store,
    folder: Path,
    *,
    actor: Actor,
    now: datetime,
    profile: str | None = None,
    dry_run: bool = False,
) -> contract.ApplyResponse:
    """Make the tenant what a folder says, and say what that changed, or why it did not.

    The names of files in faults are relative to the folder.
    """
    try:
        loaded = load_tenant(folder, profile=profile, now=now)
    except DefinitionError as error:
        return contract.ApplyResponse(faults=_faults(error.faults, folder))
    faults = _faults(loaded.warnings, folder)
    try:
        changes = apply(store, loaded, actor=actor, now=now, dry_run=dry_run)
    except ChangeRefusedError as error:
        refusals = [
            contract.DefinitionRefusal(code=code, description=text) for code, text in error.refusals
        ]
        return contract.ApplyResponse(faults=faults, refusals=refusals)
    return _answer(changes, faults)


def _answer(changes: Changes, faults: list[contract.DefinitionFault]) -> contract.ApplyResponse:
    members = [one.added for one in changes.members]
    roles = [one.added for one in changes.roles]
    return contract.ApplyResponse(
        faults=faults,
        changes=map(change, changes.objects[:MOST_CHANGES]),
        change_count=len(changes.objects),
        members_added=members.count(True),
        members_removed=members.count(False),
        roles_added=roles.count(True),
        roles_removed=roles.count(False),
        kept=changes.kept,
        notes=changes.warnings,
        revision=changes.revision,
    )


def _faults(found: Iterable[Fault], folder: Path) -> list[contract.DefinitionFault]:
    inside = f"{folder.as_posix()}/"
    return [
        contract.DefinitionFault(
            file="" if one.file == folder.as_posix() else one.file.removeprefix(inside),
            line=one.line,
            column=one.column,
            code=one.code,
            # a message may point to another place, e.g. `see FILE:LINE`
            message=one.message.replace(inside, ""),
            warning=one.severity == "warning",
        )
        for one in found
    ]
