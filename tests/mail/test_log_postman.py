"""Without a mail server a notice is a line in the log."""

from __future__ import annotations

import logging

import pytest

from ostiary.adapters.mail.log_postman import LogPostman
from ostiary.lifecycle.ports import Delivered, Delivery, Postman
from tests.mail.writing import NOTICE, notice, postman


def test_one_line_a_notice(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert LogPostman().deliver(NOTICE, key="act-1") == Delivered(Delivery.DONE)
    assert caplog.messages == [
        "notice action_needed to fran: target priya, package sales-team-access, request rq1,"
        " deadline 2031-04-09T10:05:00+00:00, key act-1"
    ]


def test_nothing_makes_a_second_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    LogPostman().deliver(notice(to=("a\nb",), request="x\ny\x1b[1m", reason="z\r\nw"), key="k\n")
    (line,) = caplog.messages
    assert line.isprintable()


def test_both_postmen_fit_the_port() -> None:
    postmen: list[Postman] = [LogPostman(), postman(25)]
    assert len(postmen) == 2
