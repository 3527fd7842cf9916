"""Notices in the log, where no mail server is set."""

from __future__ import annotations

import logging

from ostiary.adapters.mail.address import one_line
from ostiary.domain.notice import Notice
from ostiary.lifecycle.ports import Delivered, Delivery

_log = logging.getLogger(__name__)


class LogPostman:
    """Writes one line for each notice; nobody is told."""

    carries_secrets = False  # whoever reads a log must not be able to decide

    def deliver(self, notice: Notice, *, key: str, secret: str = "") -> Delivered:  # noqa: ARG002  # the port's signature
        """Write the line, in which nothing that a person wrote can pass for another line."""
        said = {
            "target": notice.target,
            "package": notice.package,
            "request": notice.request,
            "assignment": notice.assignment,
            "review": notice.review,
            "deadline": "" if notice.deadline is None else notice.deadline.isoformat(),
            "reason": notice.reason,
            "key": key,
        }
        told = ", ".join(f"{name} {one_line(text)}" for name, text in said.items() if text)
        people = one_line(" ".join(notice.to))
        _log.info("notice %s to %s: %s", notice.kind.value, people, told)
        return Delivered(Delivery.DONE)
