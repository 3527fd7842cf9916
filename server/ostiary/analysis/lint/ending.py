"""Findings about the end of access: what never ends, and what is meant to come before the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ostiary.analysis.lint.codes import finding
from ostiary.analysis.lint.findings import Finding
from ostiary.analysis.lint.views import PolicyView, World
from ostiary.domain.policy import ExpirationKind, ExtensionStage, ScopeKind
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.times import spell_duration

_BEFORE_END = {
    ExtensionStage.FOURTEEN_DAYS_BEFORE_EXPIRY: timedelta(days=14),
    ExtensionStage.ONE_DAY_BEFORE_EXPIRY: timedelta(days=1),
}


def check_end(world: World, view: PolicyView) -> Iterator[Finding]:
    """Give what is likely wrong with how access under a policy ends."""
    policy = view.policy
    if policy.expiration.kind is ExpirationKind.NEVER:
        yield from _endless(view)
    end = policy.expiration.at
    if end is not None and world.now is not None and end <= world.now:
        text = f"the end {end:%Y-%m-%d} has passed, so that nobody can request"
        yield finding("END_PASSED", view.path("expiration", "on"), text)
    yield from _extension(world, view)
    yield from _calls(view)


def _endless(view: PolicyView) -> Iterator[Finding]:
    policy, path = view.policy, view.path("expiration")
    if view.for_externals:
        text = "people from outside keep the access for ever"
        yield finding("EXTERNAL_NEVER_EXPIRES", path, text)
    elif policy.scope.kind is ScopeKind.AUTOMATIC:
        if not policy.remove_when_unfit and policy.reviews is None:
            text = "whom the rule no longer fits keeps the access for ever"
            yield finding("AUTOMATIC_NEVER_ENDS", path, text)
    elif policy.reviews is None and not policy.revoke_when_out_of_scope:
        text = "the access has no end, no review, and outlives the scope"
        yield finding("NEVER_ENDS_NOR_REVIEWED", path, text)
    if policy.custom_schedule:
        text = "requests may name any end, as the policy has none"
        yield finding("SCHEDULE_WITHOUT_LIMIT", view.path("custom_schedule"), text)


def _extension(world: World, view: PolicyView) -> Iterator[Finding]:
    policy = view.policy
    if not policy.extension_allowed:
        return
    path = view.path("extension_allowed")
    kind, length = policy.expiration.kind, policy.expiration.after
    own_end = policy.custom_schedule  # which a request may name (S-99), so that access has an end
    if kind is ExpirationKind.NEVER and not own_end:
        yield finding("EXTENDS_IN_VAIN", path, "the access has no end that could be put off")
    elif kind is ExpirationKind.DATE and not own_end:
        text = "the access lasts until the fixed end already, and never beyond it"
        yield finding("EXTENDS_IN_VAIN", path, text)
    elif length is not None and length <= min(world.profile.expiry_reminders, default=length):
        text = f"the access lasts {spell_duration(length)}, so that no reminder is ever due"
        yield finding("NO_REMINDER_BEFORE_END", path, text)


def _calls(view: PolicyView) -> Iterator[Finding]:
    """S-130: a call that would lie before the start is left out."""
    end = view.policy.expiration
    for call in view.policy.extensions:
        before = _BEFORE_END.get(call.stage)
        if before is None:
            continue
        path = view.path("extensions", f"[{call.extension}@{call.stage.value}]")
        if end.kind is ExpirationKind.NEVER and not view.policy.custom_schedule:
            text = f"{quoted(call.extension)} is never called, as the access has no end"
            yield finding("CALL_NEVER_MADE", path, text)
        elif end.after is not None and end.after <= before:
            text = f"{quoted(call.extension)} is never called: the access is no longer than that"
            yield finding("CALL_NEVER_MADE", path, text)
