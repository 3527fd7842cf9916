"""One clock for many processes: it runs faster than time, and whoever tells the story moves it.

The product knows the machine's clock alone, and a movable one for a single process. Here several
processes are killed and started again while hours pass, so they read a file that all have mapped.
"""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_LAYOUT = struct.Struct("<qqq")  # ns of the machine, microseconds of ours at that, ours per theirs
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SharedClock:
    """Tells the time of a file; CLOCK_MONOTONIC is one for all processes of a machine."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _LAYOUT.size)

    @classmethod
    def begin(cls, file: Path, at: datetime, *, rate: int) -> SharedClock:
        """Have a new clock run from an instant, `rate` times as fast as the machine's."""
        file.write_bytes(_LAYOUT.pack(time.monotonic_ns(), (at - _BEGINNING) // _MICROSECOND, rate))
        return cls(file)

    def now(self) -> datetime:
        """Give the present instant."""
        since, at, rate = _LAYOUT.unpack_from(self._map)
        passed = (time.monotonic_ns() - since) * rate // 1000
        return _BEGINNING + timedelta(microseconds=at + passed)

    def jump(self, by: timedelta) -> None:
        """Let time pass at once; for moments at which nobody is in the middle of anything."""
        since, at, rate = _LAYOUT.unpack_from(self._map)
        _LAYOUT.pack_into(self._map, 0, since, at + by // _MICROSECOND, rate)
