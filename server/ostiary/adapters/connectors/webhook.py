"""A receiver of signed webhooks: it is told what to do, and says whether it has done it."""

from __future__ import annotations

from typing import Any

import msgspec

from ostiary.adapters.clock import Clock, SystemClock
from ostiary.adapters.connectors.http_calls import HttpCaller
from ostiary.adapters.connectors.outcomes import done
from ostiary.adapters.connectors.settings import GuestAccounts, WebhookSettings
from ostiary.adapters.connectors.signed_events import Event, Sender
from ostiary.domain.access_request import Entry, ExternalPerson
from ostiary.lifecycle.ports import Delivered, Holder

GRANT = "ostiary.v1.grant"
REVOKE = "ostiary.v1.revoke"
MAKE_GUEST = "ostiary.v1.guest.create"
BLOCK_GUEST = "ostiary.v1.guest.block"
DELETE_GUEST = "ostiary.v1.guest.delete"


class WebhookConnector:
    """Provisions by telling one receiver, which knows a repetition by its `webhook-id`."""

    def __init__(
        self, settings: WebhookSettings, *, source: str, now: Clock, stamps: Clock | None = None
    ) -> None:
        caller = HttpCaller(patience=settings.patience, ca_file=settings.ca_file)
        self._settings = settings
        self._sender = Sender(
            caller, settings.secret, source=source, now=now, stamps=stamps or SystemClock()
        )

    def grant(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Have the holder given a role of a resource."""
        data = _right(holder, entry)
        event = Event(type=GRANT, subject=holder.id, data=data, to_guest=holder.guest)
        return self._sender.send(self._settings.url, event, key=key)

    def revoke(self, holder: Holder, entry: Entry, *, key: str) -> Delivered:
        """Have the role taken away."""
        return self._send(REVOKE, holder.id, _right(holder, entry), key, taking=True)

    def make_guest(self, person: ExternalPerson, *, key: str) -> Delivered:
        """Have the account of an external person made (S-115)."""
        if self._settings.guests is not GuestAccounts.AT_ONCE:
            return done("the receiver learns of the guest with the first grant")
        return self._send(MAKE_GUEST, person.id, {"person": msgspec.to_builtins(person)}, key)

    def block_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Have the sign-in of a guest blocked (S-116)."""
        return self._send(BLOCK_GUEST, holder.id, _holder(holder), key, taking=True)

    def delete_guest(self, holder: Holder, *, key: str) -> Delivered:
        """Have the account of a guest deleted (S-116)."""
        return self._send(DELETE_GUEST, holder.id, _holder(holder), key, taking=True)

    def close(self) -> None:
        """Let go of connections."""
        self._sender.close()

    def _send(
        self, kind: str, subject: str, data: dict[str, Any], key: str, *, taking: bool = False
    ) -> Delivered:
        event = Event(type=kind, subject=subject, data=data, taking=taking)
        return self._sender.send(self._settings.url, event, key=key)


def _holder(holder: Holder) -> dict[str, Any]:
    return {"holder": msgspec.to_builtins(holder)}


def _right(holder: Holder, entry: Entry) -> dict[str, Any]:
    resource = {
        "id": entry.resource,
        "name": entry.resource_name,
        "kind": entry.kind.value,
        "target": entry.target,
        "catalog": entry.catalog,
    }
    return {**_holder(holder), "resource": resource, "role": entry.role}
