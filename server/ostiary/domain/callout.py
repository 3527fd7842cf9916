"""Calls of custom extensions and their replies (S-125 to S-130)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from ostiary.domain.enumeration import Enumeration
from ostiary.domain.policy import ExtensionStage


class CalloutStatus(Enumeration):
    """Where a call stands (S-130)."""

    QUEUED = "queued"
    SENT = "callout_sent"
    WAITING = "waiting_for_callback"
    RECEIVED = "callback_received"
    FAILED = "callout_failed"
    TIMED_OUT = "callback_timed_out"


class Callout(msgspec.Struct, frozen=True, kw_only=True):
    """One call of one extension; `id` is the stage-instance id that a resume must name."""

    id: str
    extension: str
    url: str
    catalog: str
    stage: ExtensionStage
    case: str
    target: str
    request: str
    assignment: str = ""
    package: str = ""
    policy: str = ""
    status: CalloutStatus
    created_at: datetime
    deadline: datetime | None = None  # None: launch and continue
    answered_at: datetime | None = None
    state: str = ""  # what the reply asked for: "", denied or canceled
    detail: str = ""  # shown to approvers
    failure: str = ""
    version: int = 0
