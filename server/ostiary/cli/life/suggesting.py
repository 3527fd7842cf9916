"""What a name that stands for nothing may have meant, among what the caller may see."""

from __future__ import annotations

from collections.abc import Iterable

from ostiary.cli.life.remote import Remote
from ostiary.v1 import decision_service_pb2 as decisions

_MOST = 1000


def suggest_packages(remote: Remote, person: str) -> None:
    """Have unknown packages compared with those that a person sees, and policies with theirs."""
    remote.refusals.suggest("access_package", lambda: _packages(remote, person))


def suggest_policies(remote: Remote, person: str, package: str) -> None:
    """Have an unknown policy compared with those that a person is offered."""
    remote.refusals.suggest("policy", lambda: _policies(remote, person, package))


def _packages(remote: Remote, person: str) -> Iterable[str]:
    asked = decisions.ListRequestableRequest(requestor_id=person, page_size=_MOST)
    page = remote.attempt(remote.services.decisions.ListRequestable, asked)
    listed = () if page is None else page.access_packages
    return [one.access_package.rpartition("/")[2] for one in listed]


def _policies(remote: Remote, person: str, package: str) -> Iterable[str]:
    asked = decisions.EvaluateRequest(access_package=package, requestor_id=person)
    answer = remote.attempt(remote.services.decisions.Evaluate, asked)
    return () if answer is None else answer.decision.offered_policies
