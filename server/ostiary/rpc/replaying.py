"""A decision log asked again: whether it reproduces, and what a candidate decides otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import msgspec
from google.protobuf.message import DecodeError

from ostiary.domain.errors import OstiaryError
from ostiary.rpc.comparing import Differences, outcome
from ostiary.rpc.decision_lines import Begin, Decided, Flaw, Read
from ostiary.rpc.desk import Desk
from ostiary.v1 import decision_pb2

MOST_TOLD = 100  # flaws and lines that do not reproduce

MOST_UNKNOWN = 100  # pairs of rules and tenant that are told; what is beyond counts as one
LONGEST_DIGEST = 64
_SHOWN = 12  # digits of a digest for people

Key = tuple[str, str]  # the digests of rules and tenant
OTHERS: Key = ("", "")


class Deciders(Protocol):
    """Those who decided, by the digests of their rules and tenant; a mapping is one."""

    def get(self, key: Key, /) -> Desk | None:
        """Give the desk at which it was decided; None: nobody knows it."""


class Otherwise(msgspec.Struct, frozen=True):
    """A line whose own revision does not answer as it says."""

    number: int
    message: str


class Replay(msgspec.Struct):
    """What came of a log."""

    lines: int = 0
    decisions: int = 0
    runs: int = 0
    torn: list[int] = []  # numbers of lines that a kill left unfinished
    flaws: list[Flaw] = []
    flaw_count: int = 0
    reproduced: int = 0
    otherwise: list[Otherwise] = []
    otherwise_count: int = 0
    # rules and tenant that were not given -> how many lines they decided
    unknown: Counter[Key] = msgspec.field(default_factory=Counter)
    sample: float = 1.0  # the least part that a run says it logged
    differences: Differences = msgspec.field(default_factory=Differences)

    @property
    def sound(self) -> bool:
        """Tell whether nothing is wrong with the log itself."""
        return not self.flaw_count

    @property
    def reproduces(self) -> bool:
        """Tell whether every decision was made again, byte for byte."""
        return self.sound and not self.otherwise_count and not self.unknown

    def add(self, flaw: Flaw) -> None:
        """Note what is wrong."""
        self.flaw_count += 1
        if len(self.flaws) < MOST_TOLD:
            self.flaws.append(flaw)


def replay(
    lines: Iterable[Read],
    *,
    own: Deciders | None = None,
    candidate: Desk | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Replay:
    """Ask everything again: at the desks of its own revisions, at a candidate's, or both.

    Raises nothing for whatever is in the log: that is told.
    """
    found = Replay()
    for read in lines:
        found.lines += 1
        progress(1)
        for flaw in read.flaws:
            found.add(flaw)
        if read.torn:
            found.torn.append(read.number)
        if isinstance(read.line, Begin):
            found.runs += 1
            found.sample = min(found.sample, read.line.sample)
        if isinstance(read.line, Decided) and not read.flaws:
            _decided(found, read, read.line, own, candidate)
    return found


def _decided(
    found: Replay,
    read: Read,
    line: Decided,
    own: Deciders | None,
    candidate: Desk | None,
) -> None:
    found.decisions += 1
    try:
        question, answer = line.question, line.decision
        decision = decision_pb2.Decision.FromString(answer)
    except (ValueError, DecodeError) as error:
        found.add(Flaw(read.number, "NOT_A_DECISION", f"holds no decision: {error}"))
        return
    revision = decision.revision
    if (revision.rules, revision.tenant) != (line.rules, line.tenant):
        found.add(Flaw(read.number, "OTHER_REVISION", "its answer names another revision than it"))
        return
    if own is not None:
        _again(found, read.number, line, own, answer)
    if candidate is not None:
        if read.run is not None and read.run.tenant != candidate.snapshot.tenant_id:
            message = f"is of tenant `{read.run.tenant}`, not `{candidate.snapshot.tenant_id}`"
            found.add(Flaw(read.number, "OTHER_TENANT", message))
            return
        after = _asked(candidate, line, question)
        found.differences.compare(question, line.at.isoformat(), answer, after, number=read.number)


def _again(found: Replay, number: int, line: Decided, own: Deciders, answer: bytes) -> None:
    desk = own.get((line.rules, line.tenant))
    if desk is None:
        key = line.rules[:LONGEST_DIGEST], line.tenant[:LONGEST_DIGEST]
        known = key in found.unknown or len(found.unknown) < MOST_UNKNOWN
        found.unknown[key if known else OTHERS] += 1
        return
    again = _asked(desk, line, line.question)
    if again == answer:
        found.reproduced += 1
        return
    found.otherwise_count += 1
    if len(found.otherwise) < MOST_TOLD:
        message = again if isinstance(again, str) else _what_differs(answer, again)
        found.otherwise.append(Otherwise(number, message))


def _asked(desk: Desk, line: Decided, question: bytes) -> bytes | str:
    given = line.given
    try:
        if given is None:
            return desk.decision_again(question, line.at, None, {})
        return desk.decision_again(question, line.at, given.holdings, given.counters)
    except OstiaryError as error:
        return f"{error.reason}: {error}"
    except DecodeError:
        return "the question is no EvaluateRequest"
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        # A log may hold whatever somebody made a checksum of.
        return f"cannot be asked: {error}"


def _what_differs(before: bytes, after: bytes) -> str:
    """Give the fields in which two answers differ, with both values of the first where short."""
    one = decision_pb2.Decision.FromString(before)
    other = decision_pb2.Decision.FromString(after)
    fields = [
        field.name
        for field in decision_pb2.Decision.DESCRIPTOR.fields
        if getattr(one, field.name) != getattr(other, field.name)
    ]
    if not fields:
        return "says the same in other bytes"
    told = f" ({outcome(one)}, now {outcome(other)})" if one.outcome != other.outcome else ""
    return f"differs in {', '.join(fields)}{told}"


def as_plain(found: Replay) -> dict[str, Any]:
    """Give what came of a log for programs."""
    told = msgspec.to_builtins(found)
    told["unknown"] = [
        {"rules": rules, "tenant": tenant, "lines": count}
        for (rules, tenant), count in found.unknown.items()
    ]
    told["sound"], told["reproduces"] = found.sound, found.reproduces
    return dict(told)


def unknown_in_words(found: Replay) -> Iterator[str]:
    """Say of each revision that nobody knows how many decisions it made."""
    for (rules, tenant), count in found.unknown.items():
        made = f"rules {rules[:_SHOWN]} and tenant {tenant[:_SHOWN]}" if rules else "others"
        yield f"{counted(count, 'decision')} by {made}"


def reproduced_in_words(found: Replay) -> str:
    """Say how many decisions were made again, and whether the log is refused."""
    told = f"{counted(found.decisions, 'decision')}, {found.reproduced:,} reproduced"
    return f"{told} byte for byte" if found.reproduces else f"{told}: the log is refused"


def compared_in_words(found: Replay) -> str:
    """Say how many decisions were compared with a candidate's."""
    differences = found.differences
    compared = counted(differences.compared, "decision")
    return f"{compared} compared, {differences.differing:,} would differ"


def counted(count: int, noun: str) -> str:
    """Give a number of things in words."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
