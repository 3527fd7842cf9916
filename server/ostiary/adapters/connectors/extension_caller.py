"""Calls of custom extensions: signed webhooks whose reply, if any, comes through Resume (S-125)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import msgspec

from ostiary.adapters.clock import Clock, SystemClock
from ostiary.adapters.connectors.http_calls import HttpCaller, place_of, url_problem
from ostiary.adapters.connectors.outcomes import failed
from ostiary.adapters.connectors.settings import ExtensionSettings
from ostiary.adapters.connectors.signed_events import Event, Sender
from ostiary.domain.callout import Callout
from ostiary.lifecycle.ports import Delivered

CALL = "ostiary.v1.extension.call"


class WebhookExtensionCaller:
    """Calls extensions where their catalogs say, with one signing secret for all.

    Without settings nothing is called: a call that nobody signed could be anybody's.
    """

    def __init__(
        self,
        settings: ExtensionSettings | None,
        *,
        source: str,
        now: Clock,
        stamps: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._sender: Sender | None = None
        if settings is not None:
            caller = HttpCaller(patience=settings.patience, ca_file=settings.ca_file)
            clock = stamps or SystemClock()
            self._sender = Sender(caller, settings.secret, source=source, now=now, stamps=clock)

    def call(self, callout: Callout, facts: Mapping[str, object], *, key: str) -> Delivered:
        """Tell an extension; `facts` is what else it should know, e.g. answers, justification.

        What the callout says itself wins over a fact of the same name.
        """
        if self._settings is None or self._sender is None:
            return failed("no signing secret is configured for extensions, so none is called")
        problem = _problem(self._settings, callout.url)
        if problem:
            return failed(f"{place_of(callout.url)}: {problem}")
        event = Event(type=CALL, subject=callout.target, data=payload(callout, facts))
        return self._sender.send(callout.url, event, key=key)

    def close(self) -> None:
        """Let go of connections."""
        if self._sender is not None:
            self._sender.close()


def payload(callout: Callout, facts: Mapping[str, object]) -> dict[str, Any]:
    """Give what an extension is told: everything that its reply must name, and the facts."""
    own = {
        "callout": callout.id,
        "stage": callout.stage.value,
        "waits": callout.deadline is not None,
        "deadline": callout.deadline,
        "extension": callout.extension,
        "catalog": callout.catalog,
        "request": callout.request,
        "assignment": callout.assignment,
        "target": callout.target,
        "package": callout.package,
        "policy": callout.policy,
    }
    plain: dict[str, Any] = msgspec.to_builtins({**facts, **own})
    return plain


def _problem(settings: ExtensionSettings, url: str) -> str:
    """Say why a URL is not called; catalog owners write them, so they are not trusted."""
    problem = url_problem(url, plain=settings.plain_http)
    if problem or settings.hosts is None:
        return problem
    host = httpx.URL(url).host.lower()
    if any(_covers(pattern.lower(), host) for pattern in settings.hosts):
        return ""
    return "the host is not among those that extensions may call"


def _covers(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern
