"""Blocking, unblocking and deleting an account of the directory (S-35, S-107)."""

from __future__ import annotations

import msgspec

from ostiary.domain.errors import ForbiddenError, UserNotFoundError
from ostiary.domain.people import AccountState, User
from ostiary.lifecycle.ports import DefinitionKind
from ostiary.operations.definitions import TENANT_CASE
from ostiary.operations.documents import Key, decode, encode
from ostiary.operations.office import Office
from ostiary.operations.revising import Revising
from ostiary.operations.submission import Actor


def set_state(office: Office, user_id: str, state: AccountState, actor: Actor) -> None:
    """Put an account into a state, as a new revision; raises ForbiddenError, UserNotFoundError.

    A deleted account keeps its object, so that it can be restored for a while.
    """
    if not actor.staff:
        raise ForbiddenError
    with office.store.transaction() as tx:
        tx.lock(TENANT_CASE)
        row = tx.definition(DefinitionKind.USER, "", user_id)
        if row is None:
            raise UserNotFoundError(user_id)
        user: User = decode(row)
        if user.state is state:
            return
        now = office.now()
        deleted_at = now if state is AccountState.DELETED else None
        changed = msgspec.structs.replace(user, state=state, deleted_at=deleted_at)
        key = Key(row.kind, row.within, row.id)
        revising = Revising(tx, actor=actor.id, now=now)
        revising.put(key, encode(row.kind, changed), applied=row.applied, before=row)
