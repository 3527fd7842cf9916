"""Text that does nothing but stand there."""

from __future__ import annotations


def clean(text: str) -> str:
    """Give text that moves no cursor and rings no bell, whoever wrote it."""
    return "".join(char if char.isprintable() else " " for char in text)
