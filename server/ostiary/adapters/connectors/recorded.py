"""The connector of what no system is configured for: the record in Ostiary is all there is."""

from __future__ import annotations

from ostiary.adapters.connectors.outcomes import done
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.lifecycle.ports import Delivered, Holder

ONLY_HERE = "recorded in Ostiary alone: no connector is configured, so people must"


class RecordedConnector:
    """Keeps the books: a grant counts as given in Ostiary, and says that nothing else was done.

    Whoever reads the assignment or the audit log sees the text, and carries it out by hand.
    """

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Say that somebody must give the role by hand."""
        return done(f"{ONLY_HERE} give `{holder.id}` {_right(entry)}")

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:  # noqa: ARG002
        """Say that somebody must take the role away by hand."""
        return done(f"{ONLY_HERE} take {_right(entry)} from `{holder.id}`")

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:  # noqa: ARG002
        """Say that somebody must make the account by hand."""
        return done(f"{ONLY_HERE} make an account for `{person.id}`")

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Say that somebody must block the account by hand."""
        return done(f"{ONLY_HERE} block the account of `{holder.id}`")

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:  # noqa: ARG002
        """Say that somebody must delete the account by hand."""
        return done(f"{ONLY_HERE} delete the account of `{holder.id}`")

    def close(self) -> None:
        """Do nothing: there is nothing behind it."""


def _right(entry: Entry) -> str:
    return f"the role `{entry.role}` of `{entry.target}`"
