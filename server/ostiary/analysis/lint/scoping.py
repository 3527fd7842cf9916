"""Findings about requestor scopes: whom a policy admits, and whom it names in vain."""

from __future__ import annotations

from collections.abc import Iterator

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.views import PolicyView, World
from ostiary.domain.policy import ScopeKind


def check_scope(_: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with the scope of a policy."""
    yield from _nobody(view)


def _nobody(view: PolicyView) -> Iterator[Finding]:
    scope = view.policy.scope
    if scope.kind is ScopeKind.SPECIFIC_SUBJECTS and not view.scope:
        text = "nobody who could request is in this scope"
        yield finding("SCOPE_ADMITS_NOBODY", view.path("scope"), text)
