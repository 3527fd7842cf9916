"""What holding a package makes of somebody: a guest, and a member of the groups that it gives."""

from __future__ import annotations

import msgspec

from ostiary.analysis.proof.possible import View
from ostiary.domain.catalog import ResourceKind
from ostiary.domain.people import PersonType
from ostiary.domain.request import InlinePerson

_OWNER = "Owner"  # the role on a group that makes nobody a member


def with_groups(
    person: InlinePerson, held: frozenset[str], views: tuple[View, ...]
) -> InlinePerson:
    """Give a person with the groups that the packages give which they hold."""
    if held and person.type is PersonType.EXTERNAL:  # who was invited is a guest (S-115)
        person = msgspec.structs.replace(person, type=PersonType.GUEST)
    groups = set(person.groups) if isinstance(person.groups, tuple) else set()
    given = {name for view in views if view.package.id in held for name in given_groups(view)}
    if given <= groups:
        return person
    return msgspec.structs.replace(person, groups=tuple(sorted(groups | given)))


def given_groups(view: View) -> frozenset[str]:
    """Give the groups that the package makes its holders members of."""
    groups = {
        one.id: one.target
        for one in view.package.catalog.resources
        if one.kind is ResourceKind.GROUP
    }
    return frozenset(
        groups[entry.resource]
        for entry in view.package.package.entries
        if entry.resource in groups and entry.role != _OWNER
    )
