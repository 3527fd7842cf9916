"""Where a password comes from: a file or a variable of the environment, read when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec


class Password(msgspec.Struct, frozen=True):
    """The place of a password, never the password: settings are printed and compared."""

    file: Path | None = None
    variable: str = ""

    def read(self, environment: Mapping[str, str]) -> str:
        """Give the password without its last line break; PasswordError says why there is none.

        A file is read each time, so that a new password needs no restart.
        """
        if self.file is not None:
            return _not_empty(_content(self.file), f"the file {self.file}")
        return _not_empty(environment.get(self.variable, ""), f"the variable {self.variable}")


class PasswordError(Exception):
    """A password cannot be read; the text names the place."""


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise PasswordError(f"no password in the file {file}: {reason}") from None
    except UnicodeDecodeError:
        raise PasswordError(f"no password in the file {file}: it is not UTF-8") from None


def _not_empty(password: str, place: str) -> str:
    if not password:
        raise PasswordError(f"no password in {place}: it is empty or missing")
    return password
