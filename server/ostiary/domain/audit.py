"""The audit log: one event for every change, under the names of section 17 (S-134)."""

from __future__ import annotations

from datetime import datetime

import msgspec

CATEGORY = "EntitlementManagement"

_REQUEST = "access package assignment request"
_OBJECTS = (
    "access package",
    "assignment policy",
    "catalog",
    "connected organization",
    "custom extension",
)
# The names of section 17; people search for them, so none is ever spelled otherwise.
SECTION_17 = frozenset(
    {
        # user
        "User requests access package assignment",
        "User requests access package assignment on behalf of another user",
        "User requests to extend access package assignment",
        "User requests to remove access package assignment",
        "Create access package assignment user update request",
        # approval
        f"Approval stage completed for {_REQUEST}",
        f"Approve {_REQUEST}",
        f"Deny {_REQUEST}",
        f"Auto approve {_REQUEST}",
        f"Cancel {_REQUEST}",
        "Update request answers by approver",
        # staff
        "Administrator directly assigns user to access package",
        "Administrator directly removes user access package assignment",
        # system
        f"Entitlement Management creates {_REQUEST} for user",
        f"Entitlement Management removes {_REQUEST} for user",
        "Schedule a future access package assignment",
        f"Ready to fulfill {_REQUEST}",
        f"Fulfill {_REQUEST}",
        f"Partially fulfill {_REQUEST}",
        f"Failed {_REQUEST}",
        "Fulfill access package resource assignment",
        "Remove access package resource assignment",
        "Extend access package assignment",
        f"Update {_REQUEST}",
        f"Delete {_REQUEST}",
        # objects
        *(f"{action} {one}" for action in ("Create", "Update", "Delete") for one in _OBJECTS),
        "Execute custom extension",
        "Create resource request",
        "Create resource remove request",
        "Update catalog resource",
        "Create incompatible access package",
        "Delete incompatible access package",
        "Create incompatible group",
        "Delete incompatible group",
        "Assign user as internal sponsor",
        "Assign user as external sponsor",
        "Remove user as internal sponsor",
        "Remove user as external sponsor",
        "Add role assignment",
        "Remove role assignment",
        "Update tenant setting",
    }
)
# What section 17 has no name for and must be in the log all the same: every change writes an event.
FURTHER = frozenset(
    {
        "Create access review",
        "Review access package assignment",
        "Close access review",
        "Create approval delegation",
        "Update approval delegation",
        "Delete approval delegation",
        "Create rule revision",
        "Activate rule revision",
        "Roll back rule revision",
        "Assign group as internal sponsor",
        "Assign group as external sponsor",
        "Remove group as internal sponsor",
        "Remove group as external sponsor",
        *(
            f"{action} {one}"
            for action in ("Create", "Update", "Delete")
            for one in ("user", "group")
        ),
        *(f"{action} group" for action in ("Add member to", "Add owner to")),
        *(f"{action} group" for action in ("Remove member from", "Remove owner from")),
    }
)


def named(name: str) -> str:
    """Give a name back; ValueError, which is our own fault, if no list above has it (S-134)."""
    if name not in SECTION_17 and name not in FURTHER:
        raise ValueError(f"no audit event is called `{name}`")
    return name


class Change(msgspec.Struct, frozen=True):
    """One field before and after."""

    field: str
    before: str
    after: str


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; `sequence` is given by the store and counts up without repeating."""

    sequence: int = 0
    at: datetime
    name: str  # one of SECTION_17 or FURTHER
    actor: str  # id of a person or service, or `system`
    target: str = ""  # id of the person it is about
    request: str = ""
    assignment: str = ""
    package: str = ""
    policy: str = ""
    catalog: str = ""
    object: str = ""  # resource name of a definition that changed, `resource/role` of a grant, …
    reason: str = ""  # a code of section 19
    details: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    revision: str = ""  # of the tenant's data
