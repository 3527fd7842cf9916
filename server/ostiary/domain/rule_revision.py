"""Rule packs as revisions: immutable, named by their digest, and put in force one after another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ostiary.domain.enumeration import Enumeration


class Origin(Enumeration):
    """How a revision came to be in force."""

    SHIPPED = "shipped"  # with the product, where nobody named other rules
    FOLDER = "folder"  # a server was started with the folder, or found it changed
    CALLER = "caller"  # somebody activated it
    ROLLBACK = "rollback"  # somebody went back to it


class RuleRevision(msgspec.Struct, frozen=True, kw_only=True):
    """A rule pack that was fit to be in force when it was kept; never changed afterwards."""

    digest: str  # of what the pack says and of where its rules stand: answers tell both
    created_at: datetime
    actor: str  # who kept it: the id of a user, `service:ID` or `system`
    note: str = ""
    # The text of the files by their names inside the folder; left out in lists.
    files: Mapping[str, bytes] = {}


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the rules in force; the last one of a store says which are."""

    digest: str
    at: datetime
    actor: str
    origin: Origin
    note: str = ""
    back: int = 0  # the sequence of the activation that a rollback goes back to; 0: there is none
    sequence: int = 0  # given by the store, from 1; 0: not stored yet
