"""The worker process that runs durable-rules over cells: the only module that imports it.

Started anew for each pack, spoken to over its standard input and output in frames of a length (four
bytes, big-endian) and JSON. It has one thread and one live state at a time. It is expected to crash
or hang: the parent has a deadline, and so has the worker itself, should the parent be gone.

Requests: {"load": {"name", "ruleset", "owners", "facts"}} -> {"loaded": name}
          {"fire": {"name", "first", "count"}} -> {"first", "sets", "cells"} for each chunk, where
          `cells` has one position in `sets` for each cell, and a set holds numbers of rules.
Either may be answered by {"error": text}; then the worker ends. Each request has an `alarm`, the
time allowed in seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import struct
import sys
from typing import Any, BinaryIO

CHUNK = 2_048
LARGEST_FRAME = 64 * 1024 * 1024
MOST_MEMORY = 4 * 1024**3
_LENGTH = struct.Struct(">I")
_MATCHED = (0, 1)  # asserting a fact: 0 some rule matched, 1 none did; 2 and 3 are failures


class Ruleset:
    """The rules of one phase inside the engine."""

    def __init__(self, engine: Any, number: int, load: dict[str, Any]) -> None:
        self.engine = engine
        self.owners: dict[str, int] = load["owners"]
        self.words = [
            [f",{json.dumps(fact)}:{json.dumps(word)}" for word in words]
            for fact, words in load["facts"]
        ]
        self.handle = engine.create_ruleset(f"p{number}", load["ruleset"])

    def fact(self, cell: int) -> str:
        """Give a cell as the engine reads it; the first fact is the most significant."""
        parts = []
        rest = cell
        for words in reversed(self.words):
            rest, number = divmod(rest, len(words))
            parts.append(words[number])
        if rest:
            raise ValueError(f"no cell {cell}")
        parts.append('{"sid":"w","id":"c","t":"cell"')
        return "".join(reversed(parts)) + "}"

    def fired(self, cell: int) -> tuple[int, ...]:
        """Give the numbers of the rules that fire in one cell."""
        engine, handle, found = self.engine, self.handle, []
        # An action must have run before delete_state is safe: the sentinel is there for that.
        self._assert('{"sid":"w","id":"z","t":"sentinel"}')
        try:
            offset = self._assert(self.fact(cell), run=False)
            result = engine.start_action_for_state(handle, offset)
            message = result[1] if result else None
            while message:
                # {"r7_0":{"m":{...}}}: the names are ours, so nothing in them is escaped
                found.append(self.owners[message.split('"', 2)[1]])
                message = engine.complete_and_start_action(handle, offset)
        finally:
            engine.delete_state(handle, "w")
        rules = tuple(sorted(found))
        if len(set(rules)) != len(rules):
            raise ValueError(f"a rule fired twice in cell {cell}")
        return rules

    def _assert(self, fact: str, *, run: bool = True) -> int:
        code, offset = self.engine.assert_fact(self.handle, fact)
        if code not in _MATCHED:
            raise ValueError(f"asserting a fact gave {code}")
        if run:
            self.engine.start_action_for_state(self.handle, offset)
            self.engine.complete_and_start_action(self.handle, offset)
        return int(offset)


class Worker:
    """Reads requests and answers them until there are no more."""

    def __init__(self, engine: Any, source: BinaryIO, sink: BinaryIO) -> None:
        self.engine = engine
        self.source = source
        self.sink = sink
        self.rulesets: dict[str, Ruleset] = {}

    def run(self) -> None:
        """Answer requests until the parent closes the pipe."""
        while (request := self._read()) is not None:
            # without a handler the alarm ends the process, also from within the engine
            signal.setitimer(signal.ITIMER_REAL, float(request["alarm"]))
            if "load" in request:
                load = request["load"]
                self.rulesets[load["name"]] = Ruleset(self.engine, len(self.rulesets), load)
                self.write({"loaded": load["name"]})
            else:
                self._fire(request["fire"])
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _fire(self, fire: dict[str, Any]) -> None:
        ruleset = self.rulesets[fire["name"]]
        end = fire["first"] + fire["count"]
        for first in range(fire["first"], end, CHUNK):
            sets: dict[tuple[int, ...], int] = {}
            cells = [
                sets.setdefault(ruleset.fired(cell), len(sets))
                for cell in range(first, min(first + CHUNK, end))
            ]
            self.write({"first": first, "sets": list(sets), "cells": cells})

    def write(self, answer: dict[str, Any]) -> None:
        """Send one frame."""
        content = json.dumps(answer, separators=(",", ":")).encode()
        self.sink.write(_LENGTH.pack(len(content)) + content)
        self.sink.flush()

    def _read(self) -> Any:
        head = self.source.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > LARGEST_FRAME:
            return None
        content = self.source.read(length)
        return json.loads(content) if len(content) == length else None


def main() -> int:
    """Serve the parent process; give the exit code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # a stricter limit is there already
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the engine prints stays out of the frames
    worker = Worker(None, source, sink)
    try:
        import durable_rules_engine

        worker.engine = durable_rules_engine
        worker.run()
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001  # the parent refuses the pack and says why
        worker.write({"error": f"{type(error).__name__}: {error}"[:1_000]})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
