"""What connectors answer: done, there already, failed for good, or worth another attempt."""

from __future__ import annotations

from ostiary.lifecycle.ports import Delivered, Delivery

RESOURCE_GONE = "RESOURCE_GONE"
INSUFFICIENT_PERMISSION = "INSUFFICIENT_PERMISSION"
LIMIT_EXCEEDED = "LIMIT_EXCEEDED"

LONGEST_TEXT = 500  # of what staff read about one delivery

DONE = Delivered(Delivery.DONE)


def done(text: str) -> Delivered:
    """Give a success that staff should know something about."""
    return Delivered(Delivery.DONE, text=short(text))


def already(text: str = "") -> Delivered:
    """Give the success of finding things as they should be (S-93)."""
    return Delivered(Delivery.ALREADY, text=short(text))


def failed(text: str) -> Delivered:
    """Give a permanent failure without a code of its own."""
    return Delivered(Delivery.FAILED, text=short(text))


def gone(text: str) -> Delivered:
    """Give the failure of a resource that no longer exists (S-97)."""
    return Delivered(Delivery.FAILED, RESOURCE_GONE, short(text))


def forbidden(text: str) -> Delivered:
    """Give the failure of a resource that we may not write to (S-97)."""
    return Delivered(Delivery.FAILED, INSUFFICIENT_PERMISSION, short(text))


def full(name: str, most: int | None, text: str) -> Delivered:
    """Give the failure of a resource that takes no more (S-93); `most` if its maximum is known."""
    parameters = (("name", name),) if most is None else (("name", name), ("max", str(most)))
    return Delivered(Delivery.FAILED, LIMIT_EXCEEDED, short(text), parameters)


def again(text: str, retry_after: float | None = None) -> Delivered:
    """Give a failure that may pass by itself (S-92)."""
    return Delivered(Delivery.RETRY, text=short(text), retry_after=retry_after)


def awaiting_guest(text: str, retry_after: float | None = None) -> Delivered:
    """Give what is done once a guest has signed in for the first time (S-96)."""
    return Delivered(Delivery.AWAITING_GUEST, text=short(text), retry_after=retry_after)


def short(text: str) -> str:
    """Give a text on one line that fits where staff read it; outside systems write parts of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + "…"
