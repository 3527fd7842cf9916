"""A secret of a connector: read where it is kept whenever it is needed, and never shown."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

LARGEST = 64 * 1024  # bytes of a file that holds a secret
HIDDEN = "[hidden]"


class SecretUnavailableError(Exception):
    """A secret cannot be read just now; says where it was looked for, never what was found."""


class Secret(msgspec.Struct, frozen=True):
    """Where a secret is kept: in a file, which may be replaced at any time, or in the environment.

    A file holds one secret a line; all but the first are for changing over, where that is possible.
    """

    file: Path | None = None
    variable: str = ""

    @property
    def place(self) -> str:
        """Give where the secret is kept, in words."""
        return f"environment variable {self.variable}" if self.file is None else f"file {self.file}"

    def read_all(self) -> tuple[str, ...]:
        """Give the secrets, the present one first; SecretUnavailableError if there is none."""
        found = tuple(line.strip() for line in self._text().splitlines() if line.strip())
        if not found:
            raise SecretUnavailableError(f"{self.place} is empty")
        if not all(line.isascii() and line.isprintable() for line in found):
            raise SecretUnavailableError(f"{self.place} holds more than printable ASCII")
        return found

    def read(self) -> str:
        """Give the present secret; SecretUnavailableError if there is none."""
        return self.read_all()[0]

    def _text(self) -> str:
        if self.file is None:
            text = os.environ.get(self.variable)
            if text is None:
                raise SecretUnavailableError(f"{self.place} is not set")
            return text
        try:
            with self.file.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            reason = (error.strerror or "cannot be read").lower()
            raise SecretUnavailableError(f"{self.place}: {reason}") from None
        if len(content) > LARGEST:
            raise SecretUnavailableError(f"{self.place} is larger than {LARGEST // 1024} KiB")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SecretUnavailableError(f"{self.place} is not UTF-8") from None


def hide(text: str, *secrets: str) -> str:
    """Give a text, e.g. what a server answered, without the secrets that may stand in it."""
    for secret in filter(None, secrets):
        text = text.replace(secret, HIDDEN)
    return text
