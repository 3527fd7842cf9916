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
├── StoreUrlError              the address of the store is wrong, or nothing of ours is there
├── StoreUnavailableError      the database cannot be reached just now
│   ├── LogUnavailableError        the decision log cannot be written, so no decision is given
│   ├── UnreadableDefinitionError  a newer version wrote what this one cannot read whole
│   └── StoreBusyError             others were in the way: a deadlock, or a lock that took too long
├── UnauthenticatedError       nobody is known to make the call, and it needs somebody
├── ForbiddenError             the caller may not do this; says nothing about what exists
├── LimitExceededError         a limit of section 18 would be passed by this write
├── RulesRefusedError          a revision of rules cannot be put in force here; the last good serves
├── NoEarlierRevisionError     there is no revision of rules to go back to
├── SuitesFailingError         a test does not pass as things are, so it can tell no mutant
├── ConflictError              somebody else changed it first: the etag is not the present one
├── RequestIdReusedError       a write's id was used before, for something else
├── RefusedError               legal, but not as things stand; `reason` is a code of section 19
│   ├── SubmissionRefusedError     the decision on a submission was no; carries the decision
│   ├── ChangeRefusedError         definitions that live data stand in the way of; carries all
│   └── …                          STAGE_CLOSED, SELF_APPROVAL, NOT_CANCELLABLE, NOT_EMPTY, …
└── NotFoundError              something that the request names does not exist
    ├── UserNotFoundError
    ├── PackageNotFoundError
    ├── PolicyNotFoundError
    ├── RequestNotFoundError
    ├── AssignmentNotFoundError
    ├── ReviewNotFoundError
    ├── CalloutNotFoundError
    ├── WorkNotFoundError
    ├── DefinitionNotFoundError
    └── RuleRevisionNotFoundError
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

import msgspec

from ostiary.domain.decision import Decision


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


class StoreUnavailableError(OstiaryError):
    """The database cannot be reached just now; nothing was changed, and a caller may try again."""

    reason = "STORE_UNAVAILABLE"


class StoreBusyError(StoreUnavailableError):
    """Others were in the way, so the database undid it; done again it will usually succeed."""


class LogUnavailableError(StoreUnavailableError):
    """The decision log cannot be written, and a decision that is not logged is not given."""


class UnreadableDefinitionError(StoreUnavailableError):
    """The store holds a definition that this version cannot read; a newer one may have written it.

    Nothing is decided without it. Whoever had definitions before goes on with those.
    """

    def __init__(self, kind: str, name: str, why: str) -> None:
        """Take the kind and the name of the definition, and what is wrong with it."""
        text = f"the store holds a definition that is not known here, {kind} `{name}`"
        super().__init__(f"{text}: {why}; was it written by a newer version?")


class StoreUrlError(OstiaryError):
    """The address of the store is wrong, or what is there is no store that we can use.

    `url` is the address without its password.
    """

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"cannot use the store `{url}`: {why}")
        self.url = url


class UnauthenticatedError(OstiaryError):
    """The call does not say who makes it, or what it says is not believed."""

    reason = "UNAUTHENTICATED"


class ForbiddenError(OstiaryError):
    """The caller may not do this; says nothing about whether what they name exists (S-133)."""

    reason = "FORBIDDEN"

    def __init__(self, text: str = "the caller may not do this") -> None:
        super().__init__(text)


class LimitExceededError(OstiaryError):
    """One more would pass a limit of section 18; nothing was stored."""

    reason = "LIMIT_EXCEEDED"

    def __init__(self, name: str, most: int) -> None:
        super().__init__(f"{name} would be passed, the maximum is {most:,}")
        self.name = name
        self.most = most

    def details(self) -> Mapping[str, str]:
        """Give the limit's name and number."""
        return {"name": self.name, "max": str(self.most)}


class ConflictError(OstiaryError):
    """Somebody changed the object since the caller read it."""

    reason = "CONFLICT"

    def __init__(self, name: str) -> None:
        super().__init__(f"changed by somebody else since it was read: `{name}`")
        self.name = name

    def details(self) -> Mapping[str, str]:
        """Give the name of what was changed."""
        return {"name": self.name}


class RequestIdReusedError(OstiaryError):
    """A caller's id of a write was used before, for a write of other content (S-61)."""

    reason = "REQUEST_ID_REUSED"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"request_id was used before for something else: `{request_id}`")
        self.request_id = request_id

    def details(self) -> Mapping[str, str]:
        """Give the id."""
        return {"request_id": self.request_id}


class RefusedError(OstiaryError):
    """Legal, but not as things stand; `code` is a reason code of section 19."""

    reason = "REFUSED"

    def __init__(self, code: str, text: str, **parameters: str) -> None:
        super().__init__(text)
        self.code = code
        self.parameters: Mapping[str, str] = parameters

    def details(self) -> Mapping[str, str]:
        """Give the code and what it leaves open."""
        return {**self.parameters, "code": self.code}


class SubmissionRefusedError(RefusedError):
    """A submission was decided with no; nothing was created (S-45)."""

    reason = "SUBMISSION_REFUSED"

    def __init__(self, decision: Decision) -> None:
        headline = decision.reasons[0]
        super().__init__(
            headline.code.value,
            f"the request is refused: {headline.code.value}",
            **dict(headline.parameters),
        )
        self.decision = decision


class ChangeRefusedError(RefusedError):
    """A change of definitions that live data stand in the way of; `refusals` holds all (S-139)."""

    def __init__(self, refusals: Iterable[tuple[str, str]]) -> None:
        self.refusals: tuple[tuple[str, str], ...] = tuple(refusals)  # (code, text)
        text = "\n".join(text for _, text in self.refusals)
        super().__init__(self.refusals[0][0], text, refusals=str(len(self.refusals)))


class RulesRefusedError(OstiaryError):
    """A revision of rules cannot be put in force by this process; it goes on with what it has."""

    reason = "RULES_REFUSED"

    def __init__(self, digest: str, cause: DefinitionError | EngineFailedError) -> None:
        faults = cause.faults if isinstance(cause, DefinitionError) else ()
        self.first = str(faults[0]) if faults else str(cause)
        named = (
            f"rules {digest[:12]} cannot be put in force" if digest else "what was sent is faulty"
        )
        super().__init__(f"{named}: {self.first}")
        self.digest = digest
        self.faults: tuple[Fault, ...] = faults

    def details(self) -> Mapping[str, str]:
        """Give the revision and the first of what is wrong."""
        return {"revision": self.digest, "first": self.first}


class SuitesFailingError(OstiaryError):
    """Tests do not pass as things are, so that they cannot tell mutants; says which."""

    reason = "SUITES_FAILING"

    def __init__(self, tests: Sequence[str]) -> None:
        """Take the tests with their places."""
        super().__init__("mutants mean something only where every test passes; these do not:")
        self.tests = tuple(tests)

    def details(self) -> Mapping[str, str]:
        """Give how many there are, and the first."""
        return {"count": str(len(self.tests)), "first": self.tests[0]}


class NoEarlierRevisionError(OstiaryError):
    """There is no revision of rules that could be gone back to."""

    reason = "NO_EARLIER_REVISION"

    def __init__(self) -> None:
        super().__init__("there is no earlier revision of the rules to go back to")


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


class RequestNotFoundError(NotFoundError):
    """There is no such request, or its record was deleted."""

    reason = "REQUEST_NOT_FOUND"
    kind = "request"


class AssignmentNotFoundError(NotFoundError):
    """There is no such assignment."""

    reason = "ASSIGNMENT_NOT_FOUND"
    kind = "assignment"


class ReviewNotFoundError(NotFoundError):
    """There is no such access review."""

    reason = "REVIEW_NOT_FOUND"
    kind = "access review"


class CalloutNotFoundError(NotFoundError):
    """There is no such call of an extension."""

    reason = "CALLOUT_NOT_FOUND"
    kind = "callout"


class WorkNotFoundError(NotFoundError):
    """There is no such piece of work."""

    reason = "WORK_NOT_FOUND"
    kind = "work"


class DefinitionNotFoundError(NotFoundError):
    """The tenant has no such catalog, resource, organization, group or extension."""

    reason = "DEFINITION_NOT_FOUND"
    kind = "definition"


class RuleRevisionNotFoundError(NotFoundError):
    """No revision of rules has this digest, or more than one begins with these digits."""

    reason = "RULE_REVISION_NOT_FOUND"
    kind = "revision of rules"

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(name)
        if why:
            self.args = (f"{self}; {why}",)
