"""How decisions are logged."""

from __future__ import annotations

from typing import Final

import msgspec

STORE: Final = "store"


class LogOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where decisions are logged, and which."""

    to: str  # a file, or `store`
    sample: float = 1.0
    # A file for what cannot be written, or for what is on its way to the store.
    spill: str | None = None
    waits: bool = True  # of a log in the store: answers wait when too many lines wait for it
