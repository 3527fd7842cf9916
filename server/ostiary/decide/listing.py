"""What one person may request: the packages in their list, page by page (S-46, S-49 to S-52)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from pyroaring import BitMap

from ostiary.decide.evaluate import ask, decide, subject_of
from ostiary.decide.model import CompiledPackage, Snapshot
from ostiary.decide.subject import Subject
from ostiary.domain.decision import Decision
from ostiary.domain.request import EvaluationRequest, Holdings, InlinePerson

NOTHING_HELD = Holdings()


class ListedPackage(msgspec.Struct, frozen=True):
    """A package in somebody's list, with the decision about it (without a plan)."""

    package: CompiledPackage
    decision: Decision


class ListPage(msgspec.Struct, frozen=True):
    """A page of a person's list; `next_ordinal` is where the following one starts, if any."""

    items: tuple[ListedPackage, ...]
    next_ordinal: int | None


def list_requestable(
    snapshot: Snapshot,
    requestor: str | InlinePerson,
    at: datetime,
    *,
    holdings: Holdings = NOTHING_HELD,
    after: int = 0,
    size: int = 50,
) -> ListPage:
    """Give the visible packages from ordinal `after` on, `size` at most, in the order of names.

    Packages that a missing fact leaves undecided are not in the list. Raises UserNotFoundError.
    """
    subject = subject_of(snapshot, requestor, direct=False)
    items: list[ListedPackage] = []
    for ordinal in candidates(snapshot, subject).iter_equal_or_larger(after):
        package = snapshot.order[ordinal]
        request = EvaluationRequest(
            package=package.id, requestor=requestor, at=at, holdings=holdings
        )
        decision = decide(snapshot, ask(snapshot, request), planned=False)
        if not decision.visible:
            continue
        if len(items) == size:
            return ListPage(tuple(items), ordinal)
        items.append(ListedPackage(package, decision))
    return ListPage(tuple(items), None)


def candidates(snapshot: Snapshot, subject: Subject) -> BitMap:
    """Give the ordinals of all packages that could be in the person's list, and few others."""
    postings = snapshot.postings
    found = [postings[key] for key in subject.keys if key in postings]
    found.append(snapshot.typed[subject.person])
    if subject.belonging == "configured":
        found.append(snapshot.typed["configured"])
    if subject.person == "member":
        found.append(snapshot.showcased)
    return BitMap.union(*map(BitMap, found))
