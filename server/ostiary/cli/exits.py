"""How the commands end: the exit codes that docs/command-line.md promises."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from ostiary.domain.errors import Fault


class Exit(enum.IntEnum):
    """What a script learns from the exit code."""

    DONE = 0  # answered, whatever the answer; no faults; stopped when asked to
    FAULTY = 1  # something that was given is wrong: a file, a name, a port
    USAGE = 2  # the command itself is wrong: an option, a path that cannot be read or written
    NO_ANSWER = 3  # a server does not answer or is not ready; later it may
    FAILED = 4  # Ostiary itself failed
    REFUSED = 5  # not done: no right to, not as things stand, a limit, a decision with no
    UNKNOWN = 6  # of a proof: something was not looked at, so that nothing is proved
    NEEDS_APPROVAL = 10  # 10 to 13 only with --exit-code
    NEEDS_CHOICE = 11
    DENY = 12
    INDETERMINATE = 13
    INTERRUPTED = 130  # as shells report SIGINT
    OUTPUT_CLOSED = 141  # as shells report SIGPIPE


class CommandError(Exception):
    """Ends a command: what to say on standard error, and the exit code."""

    def __init__(self, code: Exit, messages: Iterable[str]) -> None:
        self.code = code
        self.messages = tuple(messages)
        super().__init__("\n".join(self.messages))


def faulty(faults: Iterable[Fault]) -> CommandError:
    """Give the error that lists faults with their places, in order."""
    return CommandError(Exit.FAULTY, map(str, sorted(faults)))
