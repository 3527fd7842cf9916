"""The entries of a package, and its holders when they change (S-16)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ostiary.decide.model import CompiledPackage
from ostiary.domain.access_request import Entry, Terms
from ostiary.domain.assignment import Assignment, AssignmentState, Grant
from ostiary.domain.due import DueAction
from ostiary.lifecycle.machines import ASSIGNMENT, GRANT, AssignmentEvent, GrantEvent
from ostiary.operations import delivery, ending
from ostiary.operations.unit import Unit

_REOPENS = {
    AssignmentState.DELIVERED: AssignmentEvent.REPAIR,
    AssignmentState.PARTIALLY_DELIVERED: AssignmentEvent.REPROCESS,
}


def entries_of(package: CompiledPackage) -> tuple[Entry, ...]:
    """Give what a package delivers now, with all that is needed to take it away later (S-90)."""
    resources = {one.id: one for one in package.catalog.resources}
    return tuple(
        Entry(
            resource=entry.resource,
            role=entry.role,
            kind=resources[entry.resource].kind,
            target=resources[entry.resource].target,
            resource_name=resources[entry.resource].name,
            catalog=package.catalog.id,
        )
        for entry in sorted(set(package.package.entries))
    )


def as_they_are_now(unit: Unit, terms: Terms) -> Terms:
    """Give terms with the package's present entries; those recorded if the package is gone."""
    package = unit.snapshot.packages.get(terms.package)
    return terms if package is None else msgspec.structs.replace(terms, entries=entries_of(package))


def change_entries(unit: Unit, action: DueAction) -> bool:
    """Grant what a package gives since, and take away what it gives no more (S-16, S-104)."""
    assignment = unit.assignment(action.assignment)
    if not assignment.current or assignment.package not in unit.snapshot.packages:
        return False
    wanted = as_they_are_now(unit, assignment.terms)
    given = {one.entry.key: one for one in assignment.grants if one.state in delivery.GIVING}
    added = [entry for entry in wanted.entries if entry.key not in given]
    kept = {entry.key for entry in wanted.entries}
    removed = [one for key, one in given.items() if key not in kept]
    if not added and not removed:
        return False
    assignment = _with_entries(unit, assignment, wanted, added)
    for one in removed:
        _take_away(unit, assignment, one)
        assignment = unit.assignment(assignment.id)
    if added:
        assignment = _deliver(unit, assignment, added)
    delivery.settle(unit, assignment)
    return True


def _with_entries(
    unit: Unit, assignment: Assignment, terms: Terms, added: Iterable[Entry]
) -> Assignment:
    new = {entry.key: Grant(entry, changed_at=unit.at) for entry in added}
    older = tuple(one for one in assignment.grants if one.entry.key not in new)
    changed: Assignment = unit.change(assignment, terms=terms, grants=(*older, *new.values()))
    return changed


def _take_away(unit: Unit, assignment: Assignment, one: Grant) -> None:
    # INVARIANT: a right is revoked only when no current assignment gives it.
    keeps = ending.given_by_another(unit, assignment, one.entry)
    event = GrantEvent.KEEP if keeps else GrantEvent.REVOKE
    state = GRANT.after(one.state, event)
    changed = delivery.with_grant(unit, assignment, one.entry.key, state=state)
    if not keeps:
        ending.deprovision(unit, changed, one)


def _deliver(unit: Unit, assignment: Assignment, added: Iterable[Entry]) -> Assignment:
    event = _REOPENS.get(assignment.state)
    opened: Assignment = unit.change(
        assignment,
        state=assignment.state if event is None else ASSIGNMENT.after(assignment.state, event),
        delivery_opened_at=unit.at,
        late=False,
    )
    if not unit.outside_directory(opened.target):
        for entry in added:
            delivery.provision(unit, opened, entry)
    unit.schedule(*delivery.windows(opened, unit.at))
    return opened
