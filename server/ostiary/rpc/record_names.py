"""Resource names of records: `tenants/T/requests/R`, `tenants/T/assignments/A` and so on."""

from __future__ import annotations

REQUESTS = "requests"
ASSIGNMENTS = "assignments"
REVIEWS = "accessReviews"
CALLOUTS = "callouts"
WORK = "work"


class RecordNames:
    """Makes the resource names of one tenant's records, and takes ids out of them."""

    def __init__(self, tenant_id: str) -> None:
        self._tenant = f"tenants/{tenant_id}"

    def name(self, collection: str, record_id: str) -> str:
        """Give the resource name of a record."""
        return f"{self._tenant}/{collection}/{record_id}"

    def id_of(self, collection: str, name: str) -> str:
        """Give the id of a record from its id or resource name.

        A name of another tenant or collection stays as it is, and nothing will be found.
        """
        return name.removeprefix(f"{self._tenant}/{collection}/")
