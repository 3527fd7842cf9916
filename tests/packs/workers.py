"""Commands that start a worker which is sick in one way or another."""

from __future__ import annotations

import sys

_REAL = "import sys, os, time, signal; from ostiary.rulebook import engine_worker as w\n"
_RUN = "\nsys.exit(w.main())"


def python(code: str) -> tuple[str, ...]:
    """A process that runs some Python instead of the worker."""
    return (sys.executable, "-c", "import os, signal, sys, time\n" + code)


def sick(code: str) -> tuple[str, ...]:
    """The real worker with something of it, the module `w`, changed."""
    return (sys.executable, "-c", _REAL + code + _RUN)


CRASHES_AT_ONCE = python("os.kill(os.getpid(), signal.SIGSEGV)")
CRASHES_IN_A_CELL = sick(
    """
real = w.Ruleset.fired
def fired(self, cell):
    if cell == 100:
        os.kill(os.getpid(), signal.SIGSEGV)
    return real(self, cell)
w.Ruleset.fired = fired"""
)
HANGS = python("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass")
HANGS_IN_A_CELL = sick(
    """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def fired(self, cell):
    while True: pass
w.Ruleset.fired = fired"""
)
WRONG_IN_ONE_CELL = sick(
    """
real = w.Ruleset.fired
def fired(self, cell):
    rules = real(self, cell)
    return rules[1:] if cell == 100 else rules
w.Ruleset.fired = fired"""
)


def frames(*contents: bytes) -> tuple[str, ...]:
    """A worker that sends these frames whatever it is asked, and then waits."""
    sent = b"".join(len(content).to_bytes(4, "big") + content for content in contents)
    return raw(sent)


def raw(content: bytes) -> tuple[str, ...]:
    """A worker that sends these bytes whatever it is asked, and then waits."""
    return python(
        f"sys.stdout.buffer.write({content!r})\nsys.stdout.flush()\nsys.stdin.read()\ntime.sleep(9)"
    )
