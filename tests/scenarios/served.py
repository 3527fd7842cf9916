"""`ostiary serve` over a store as a process of its own, on a clock that its callers move."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scenarios.commands import command
from tests.scenarios.neighbours import Neighbours


@contextmanager
def served(store: str, tenant: Path, around: Neighbours, log: Path) -> Iterator[str]:
    """Give the address of a server that goes on until the end of the block.

    Its log must hold no error, and it must end well when it is told to.
    """
    words = command(
        *("serve", "--store", store, "--tenant", tenant, "--port", "0", "--clock", "movable"),
        *("--connectors", around.connectors, "--mail", around.mail_settings),
    )
    with log.open("wb") as said:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"serving tenant .* on (127\.0\.0\.1:\d+),", line)
        assert found is not None, line + log.read_text(encoding="utf-8")
        yield found[1]
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate(timeout=30)
    text = log.read_text(encoding="utf-8")
    assert "Traceback" not in text, text
