"""Everything that Ostiary raises on purpose; a denial is an answer and never one of these.

OstiaryError
├── DefinitionError            rules or definitions are faulty; carries every fault with its place
├── EngineFailedError          durable-rules crashed, hung or disagreed while a pack was loaded
├── TablesUnavailableError     a cell of a large phase is not worked out yet and the worker is gone
├── AddressError               the server cannot listen where it was told to
├── NotReadyError              no tenant is loaded yet, or the server is stopping
├── InvalidRequestError        a request is malformed; carries every violation with its field
├── BatchTooLargeError         a batch asks more questions than one call may
├── PageTokenError             a page token is not ours, or not for this question
└── NotFoundError              something that the request names does not exist
    ├── UserNotFoundError
    ├── PackageNotFoundError
    └── PolicyNotFoundError
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

import msgspec


class Fault(msgspec.Struct, frozen=True, order=True):
    """One thing that is wrong in a file, with its place; faults sort by file, line and column."""

    file: str
    line: int  # from 1
    column: int  # from 1
    code: str
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        mark = "warning " if self.severity == "warning" else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.code}: {self.message}"


class OstiaryError(Exception):
    """The root of all errors that Ostiary raises on purpose."""

    reason: ClassVar[str] = "INTERNAL"

    def details(self) -> Mapping[str, str]:
        """Give what a program may want to know about the error, as text."""
        return {}


class DefinitionError(OstiaryError):
    """Rules or definitions are faulty; `faults` holds every fault of every file, sorted."""

    reason = "INVALID_DEFINITION"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))

    def details(self) -> Mapping[str, str]:
        """Give the number of errors and the first of them."""
        errors = [fault for fault in self.faults if fault.severity == "error"]
        return {"errors": str(len(errors)), "first": str(errors[0]) if errors else ""}


class EngineFailedError(OstiaryError):
    """The rule engine failed while a pack was loaded, so the pack is refused."""

    reason = "ENGINE_FAILED"


class TablesUnavailableError(OstiaryError):
    """A cell that a decision needs cannot be worked out at the moment."""

    reason = "TABLES_UNAVAILABLE"


class InvalidRequestError(OstiaryError):
    """A request is malformed; `violations` holds (field, description) for every fault of it."""

    reason = "INVALID_REQUEST"

    def __init__(self, violations: Iterable[tuple[str, str]]) -> None:
        self.violations: tuple[tuple[str, str], ...] = tuple(violations)
        super().__init__("; ".join(f"{field}: {text}" for field, text in self.violations))

    def within(self, path: str) -> InvalidRequestError:
        """Give the same error of a request that stands at `path` in a larger one."""
        return InvalidRequestError((f"{path}.{field}", text) for field, text in self.violations)

    def details(self) -> Mapping[str, str]:
        """Give the fields that are wrong."""
        return {"fields": ",".join(field for field, _ in self.violations)}


class AddressError(OstiaryError):
    """The server cannot listen where it was told to."""

    def __init__(self, address: str) -> None:
        super().__init__(f"cannot listen on {address}: the port is taken or the address not ours")
        self.address = address


class NotReadyError(OstiaryError):
    """Rules or definitions are not loaded yet."""

    reason = "NOT_READY"


class BatchTooLargeError(OstiaryError):
    """A batch asks more questions than one call may."""

    reason = "BATCH_TOO_LARGE"

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"a batch holds at most {most} requests, this one holds {size}")
        self.size = size
        self.most = most

    def details(self) -> Mapping[str, str]:
        """Give the size of the batch and the greatest that is allowed."""
        return {"size": str(self.size), "max": str(self.most)}


class PageTokenError(OstiaryError):
    """A page token was not given out for this question, or rules or data changed since."""

    reason = "PAGE_TOKEN_INVALID"


class NotFoundError(OstiaryError):
    """Something that a request names does not exist; `name` is what was asked for."""

    reason = "NOT_FOUND"
    kind: ClassVar[str] = "resource"

    def __init__(self, name: str) -> None:
        super().__init__(f"{self.kind} not found: `{name}`")
        self.name = name

    def details(self) -> Mapping[str, str]:
        """Give the kind and the name of what was asked for."""
        return {"kind": self.kind, "name": self.name}


class UserNotFoundError(NotFoundError):
    """The directory has no user with this id."""

    reason = "USER_NOT_FOUND"
    kind = "user"


class PackageNotFoundError(NotFoundError):
    """The tenant has no access package with this id."""

    reason = "PACKAGE_NOT_FOUND"
    kind = "access package"


class PolicyNotFoundError(NotFoundError):
    """No access package of the tenant has an assignment policy with this id."""

    reason = "POLICY_NOT_FOUND"
    kind = "assignment policy"
