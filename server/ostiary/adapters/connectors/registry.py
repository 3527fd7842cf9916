"""Finds the connector of a right: the first route that fits, else the directory or the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ostiary.adapters.clock import Clock
from ostiary.adapters.connectors.directory import DirectoryConnector
from ostiary.adapters.connectors.extension_caller import WebhookExtensionCaller
from ostiary.adapters.connectors.recorded import RecordedConnector
from ostiary.adapters.connectors.settings import (
    Configuration,
    GuestAccounts,
    LdapSettings,
    ScimSettings,
    Settings,
)
from ostiary.adapters.connectors.webhook import WebhookConnector
from ostiary.domain.access_request import Entry
from ostiary.domain.catalog import ResourceKind
from ostiary.lifecycle.ports import Connector, Store

DIRECTORY = "directory"
RECORDED = "recorded"
BUILT_IN = (DIRECTORY, RECORDED)


class ConfiguredConnectors:
    """The connectors of one server, made from its configuration.

    Groups without a route go into Ostiary's own directory; everything else without one is recorded
    only, and says so in the text of its grant.
    """

    def __init__(self, configuration: Configuration, connectors: Mapping[str, Connector]) -> None:
        self._routes = configuration.routes
        self._connectors = connectors
        self._guests = (
            connectors[DIRECTORY],
            *(
                connectors[name]
                for name, settings in configuration.connectors.items()
                if settings.guests is not GuestAccounts.NEVER
            ),
        )

    def of(self, entry: Entry) -> Connector:
        """Give the connector that delivers an entry."""
        return self._connectors[self.name_of(entry)]

    def name_of(self, entry: Entry) -> str:
        """Give the id of the connector that delivers an entry."""
        for route in self._routes:
            if route.fits(entry):
                return route.connector
        return DIRECTORY if entry.kind is ResourceKind.GROUP else RECORDED

    def of_guests(self) -> Sequence[Connector]:
        """Give the connectors that keep accounts of guests, Ostiary's own directory first."""
        return self._guests

    def close(self) -> None:
        """Let go of all connections."""
        for connector in self._connectors.values():
            connector.close()


def connect(
    configuration: Configuration,
    *,
    store: Store,
    clock: Clock,
    source: str,
    most_members: Callable[[], int | None],
) -> ConfiguredConnectors:
    """Make the connectors; nothing is called yet.

    `source` names the tenant in events, e.g. `/tenants/tailwind`; `most_members` gives the present
    maximum of a Microsoft 365 group, from the tenant's profile.
    """
    made: dict[str, Connector] = {
        DIRECTORY: DirectoryConnector(store, clock, most_members=most_members),
        RECORDED: RecordedConnector(),
    }
    for name, settings in configuration.connectors.items():
        made[name] = _connector(settings, clock=clock, source=source)
    return ConfiguredConnectors(configuration, made)


def extension_caller(
    configuration: Configuration, *, clock: Clock, source: str
) -> WebhookExtensionCaller:
    """Make the caller of custom extensions."""
    return WebhookExtensionCaller(configuration.extensions, source=source, now=clock)


def _connector(settings: Settings, *, clock: Clock, source: str) -> Connector:
    if isinstance(settings, ScimSettings):
        # Imported late: the models of SCIM take most of a second, and not everybody needs them.
        from ostiary.adapters.connectors.scim import ScimConnector

        return ScimConnector(settings)
    if isinstance(settings, LdapSettings):
        from ostiary.adapters.connectors.ldap import LdapConnector

        return LdapConnector(settings)
    return WebhookConnector(settings, source=source, now=clock)
