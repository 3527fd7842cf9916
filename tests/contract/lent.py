"""What the tests of the contract share: the instant at which they ask, and where they ask."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ostiary.rpc.loading import LoadedDesk

HARBOUR = Path(__file__).parent / "harbour"
NOW = datetime(2031, 3, 10, 10, tzinfo=UTC)


class Lent:
    """A desk that is closed by whoever loaded it, not by the server that uses it."""

    def __init__(self, loaded: LoadedDesk) -> None:
        self.desk = loaded.desk
        self.tenant = loaded.tenant

    def close(self) -> None:
        """Leave the desk open."""
