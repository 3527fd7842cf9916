"""Ctrl-C while a command reads without an end: it always ends the reading, and at once.

Python runs the handlers of signals in the main thread, wherever that is, and an exception that a
handler raises inside a callback of grpcio is printed at most, then forgotten. So nothing of grpcio
runs in the main thread, and a Ctrl-C that got lost all the same is met again behind what was read.
"""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import msgspec

Item = TypeVar("Item")

_AHEAD = 1000  # items that are read before somebody looks at them
_PATIENCE = 5.0  # seconds for the reading to notice that it was ended


class _End(msgspec.Struct, frozen=True):
    error: BaseException | None = None


@contextmanager
def read_until_interrupted(
    items: Callable[[], Iterator[Item]], *, end: Callable[[], None]
) -> Iterator[Iterator[Item]]:
    """Give what is read in a thread of its own; its errors, and KeyboardInterrupt, are raised.

    `end` has the reading end, whatever it waits for; only in the main thread.
    """
    # A put of this kind of queue may interrupt another one, as that of a handler does.
    told: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()
    room = threading.Semaphore(_AHEAD)

    def read() -> None:
        try:
            for item in items():
                room.acquire()
                told.put(item)
        except BaseException as error:  # noqa: BLE001  # raised again where it is waited for
            told.put(_End(error))
        else:
            told.put(_End())

    def interrupt(number: int, frame: FrameType | None) -> None:
        told.put(_End(KeyboardInterrupt()))
        signal.default_int_handler(number, frame)

    reading = threading.Thread(target=read, name="reads", daemon=True)
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        reading.start()
        yield _taken(told, room)
    finally:
        signal.signal(signal.SIGINT, before)
        end()
        room.release(_AHEAD)
        reading.join(_PATIENCE)


def _taken(told: queue.SimpleQueue[Item | _End], room: threading.Semaphore) -> Iterator[Item]:
    while True:
        item = told.get()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        room.release()
        yield item
