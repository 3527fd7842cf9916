"""Words of options: instants, lengths of time, people, states; what is wrong ends the command."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from google.protobuf.descriptor import EnumDescriptor

from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.plain import clean
from ostiary.rulebook.faults import did_you_mean
from ostiary.rulebook.times import parse_duration, parse_end, parse_instant

_SHORT = re.compile(r"(?:(\d{1,7})d)?(?:(\d{1,7})h)?(?:(\d{1,7})min)?(?:(\d{1,7})s)?", re.ASCII)
_ZONE = re.compile(r"(?:Z|[+-]\d\d:\d\d)$")
_HOLDERS = ("user", "service")


def wrong(option: str, text: str) -> CommandError:
    """Give the error that ends a command because of one of its options."""
    return CommandError(Exit.USAGE, (f"{option}: {text}",))


def instant(option: str, text: str) -> datetime:
    """Give the instant of an option; a bare date is its first moment, without a zone it is UTC."""
    try:
        return parse_instant(_with_zone(text))
    except ValueError as error:
        raise wrong(option, f"`{text}` {error}") from None


def instant_or_so(option: str, text: str) -> datetime:
    """Give an instant where a length of time might stand too, as what is wrong then says."""
    try:
        return parse_instant(_with_zone(text))
    except ValueError as error:
        how = f"`{text}` {error}, or a length of time like 30d, 36h or 90min"
        raise wrong(option, how) from None


def end(option: str, text: str) -> datetime:
    """Give the instant at which something ends; a bare date ends at the next midnight (S-6)."""
    try:
        return parse_end(_with_zone(text))
    except ValueError as error:
        raise wrong(option, f"`{text}` {error}") from None


def _with_zone(text: str) -> str:
    written = text.strip().replace(" ", "T")
    return f"{written}Z" if "T" in written and not _ZONE.search(written) else written


def length(option: str, text: str) -> timedelta:
    """Give the length of time of an option: 30d, 36h, 1d12h, 90min, or P30D as definitions say."""
    written = text.strip()
    short = _SHORT.fullmatch(written.replace(" ", ""))
    if short is not None and written:
        days, hours, minutes, seconds = (int(part or 0) for part in short.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    try:
        span = parse_duration(written)
    except ValueError:
        raise wrong(option, f"`{text}` is no length of time; write 30d, 36h or 90min") from None
    if span.months:
        raise wrong(option, f"`{text}` counts months, which differ; write days, e.g. 30d")
    return span.exact


def is_length(text: str) -> bool:
    """Tell a length of time from an instant."""
    written = text.strip()
    return written.startswith("P") or _SHORT.fullmatch(written.replace(" ", "")) is not None


def since(option: str, text: str, now: datetime) -> datetime:
    """Give an instant of the past: itself, or a length of time before now."""
    return now - length(option, text) if is_length(text) else instant_or_so(option, text)


def caller(option: str, text: str) -> str:
    """Give who asks: `user:ID` or `service:ID`."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in _HOLDERS or not name:
        meant = f"user:{text}" if text and not colon else None
        hint = f"; did you mean `{meant}`?" if meant else ""
        raise wrong(option, f"`{text}` is neither user:ID nor service:ID{hint}")
    if not (text.isascii() and text.isprintable()):
        raise wrong(option, f"`{clean(text)}` holds more than plain letters, digits and signs")
    return text


def values(option: str, kind: EnumDescriptor, prefix: str, words: Iterable[str]) -> list[int]:
    """Give the numbers of an enumeration that words stand for, in any case, `-` for `_`."""
    known = spellings(kind, prefix)
    numbers = []
    for word in words:
        spelled = word.strip().lower().replace("_", "-")
        if spelled not in known:
            listed = ", ".join(known)
            hint = did_you_mean(spelled, list(known)) or f"; one of {listed}"
            raise wrong(option, f"there is no `{word}`{hint}")
        numbers.append(known[spelled])
    return numbers


def spellings(kind: EnumDescriptor, prefix: str) -> Mapping[str, int]:
    """Give how the values of an enumeration are spelled in options."""
    return {
        value.name.removeprefix(prefix).lower().replace("_", "-"): value.number
        for value in kind.values
        if value.number
    }


def answers(option: str, given: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Give answers from `question=value`; a question that stands twice has several values."""
    found: dict[str, list[str]] = {}
    for text in given:
        question, equals, value = text.partition("=")
        if not equals or not question.strip():
            raise wrong(option, f"`{text}` is not QUESTION=VALUE")
        found.setdefault(question.strip(), []).append(value)
    return list(found.items())


def utc(moment: datetime) -> datetime:
    """Give a moment of a message, which bears no zone, as what it is: UTC."""
    return moment.replace(tzinfo=UTC)
