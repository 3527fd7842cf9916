"""Whom a notice goes to, as the directory knows them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ostiary.domain.notice import NoticeKind
from ostiary.domain.people import AccountState


class Recipient(msgspec.Struct, frozen=True):
    """A person as far as mail needs to know them."""

    id: str
    name: str = ""
    mail: str | None = None
    state: AccountState = AccountState.ENABLED


# Gives the person of an id, None for nobody; may raise StoreUnavailableError.
Directory = Callable[[str], Recipient | None]


def why_not(person: Recipient | None, kind: NoticeKind) -> str:
    """Give why a person is not told, or nothing.

    Whoever is blocked is told all the same that their access ended: it may be why (S-99, S-116).
    """
    if person is None:
        return "not in the directory"
    if person.state is AccountState.DELETED:
        return "the account is deleted"
    if person.state is AccountState.BLOCKED and kind is not NoticeKind.ACCESS_ENDED:
        return "the account is blocked"
    return "" if person.mail else "no mail address"
