"""Revisions of rule packs in a store: keeping them, finding them, and which is in force.

Whatever is written here is written under the lock of the case `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from ostiary.domain.audit import AuditEvent, named
from ostiary.domain.errors import NoEarlierRevisionError, RuleRevisionNotFoundError
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.lifecycle.ports import Transaction

RULES_CASE = "rules"
ACTIVE = "active"  # the name of whatever revision is in force
SHORTEST = 8  # digits that may stand for a whole digest
DIGITS = 64
_DIGITS = frozenset("0123456789abcdef")

_PAGE = 1000


def keep(tx: Transaction, revision: RuleRevision) -> bool:
    """Keep a revision with an event in the audit log; False if one of its digest is kept."""
    kept = tx.save_rule_revision(revision)
    if kept:
        tx.record(_event("Create rule revision", revision.digest, revision.created_at, revision))
    return kept


def find(tx: Transaction, name: str) -> RuleRevision:
    """Give the revision of a digest, of its first digits, or the one in force.

    Raises RuleRevisionNotFoundError, also if several begin with these digits or they are too few.
    """
    if name == ACTIVE:
        active = tx.active_rules()
        name = "" if active is None else active.digest
    elif 0 < len(name) < SHORTEST and _DIGITS.issuperset(name):
        raise RuleRevisionNotFoundError(name, f"at least {SHORTEST} digits are needed")
    elif SHORTEST <= len(name) < DIGITS:
        begin = (one.digest for one in kept(tx) if one.digest.startswith(name))
        first, second = next(begin, None), next(begin, None)
        if second is not None:
            raise RuleRevisionNotFoundError(name, "more than one begins with these digits")
        name = first or name
    found = tx.rule_revision(name)
    if found is None:
        raise RuleRevisionNotFoundError(name)
    return found


def kept(tx: Transaction) -> Iterator[RuleRevision]:
    """Give everything that is kept, without its text, the newest first."""
    up_to: int | None = None
    while page := tx.rule_revisions(up_to=up_to, size=_PAGE):
        yield from (one for _, one in page)
        up_to = page[-1][0]


def history(tx: Transaction) -> Iterator[Activation]:
    """Give all activations, the last first."""
    active = tx.active_rules()
    before = 1 if active is None else active.sequence + 1
    while page := tx.activations(before=before, size=_PAGE):
        yield from page
        before = page[-1].sequence


def next_activation(tx: Transaction, wanted: Activation) -> Activation:
    """Give what `put_in_force` would write: the activation with what a rollback goes back to.

    Of the revision in force, the present activation.
    """
    active = tx.active_rules()
    if active is None:
        return wanted
    if active.digest == wanted.digest and wanted.origin is not Origin.ROLLBACK:
        return active
    return msgspec.structs.replace(wanted, back=active.sequence)


def earlier(tx: Transaction) -> Activation:
    """Give the activation that a rollback goes back to; raises NoEarlierRevisionError."""
    active = tx.active_rules()
    target = tx.activation(active.back) if active is not None and active.back else None
    if target is None:
        raise NoEarlierRevisionError
    return target


def put_in_force(tx: Transaction, activation: Activation) -> Activation:
    """Append an activation with its event, and give it with its number."""
    sequence = tx.activate_rules(activation)
    name = "Roll back rule revision" if activation.origin is Origin.ROLLBACK else _ACTIVATE
    tx.record(_event(name, activation.digest, activation.at, activation))
    return msgspec.structs.replace(activation, sequence=sequence)


_ACTIVATE = "Activate rule revision"


def said_before(tx: Transaction, digest: str, origin: Origin) -> bool:
    """Tell whether a folder, or the product, need not be listened to: it says nothing new.

    What a folder said last was carried out or overruled since, and so was whatever the product
    ever came with: processes of two releases beside each other must not take turns.
    """
    told = (one.digest for one in history(tx) if one.origin is origin)
    if origin is Origin.FOLDER:
        return next(told, None) == digest
    active = tx.active_rules()
    if active is None:
        return False
    return active.origin is not Origin.SHIPPED or digest in set(told)


def _event(name: str, digest: str, at: datetime, said: RuleRevision | Activation) -> AuditEvent:
    details = [("note", said.note)] if said.note else []
    if isinstance(said, Activation):
        details.insert(0, ("origin", said.origin.value))
    return AuditEvent(
        at=at, name=named(name), actor=said.actor, object=f"rules/{digest}", details=tuple(details)
    )
