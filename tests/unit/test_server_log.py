"""The server's log: one line for each thing, whatever the thing holds."""

from __future__ import annotations

import logging

import pytest

from ostiary.rpc.logs import OneLine


def _record(message: str, error: BaseException | None = None) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord("a", logging.ERROR, "f.py", 1, message, (), exc_info)
    record.created, record.msecs = 0.0, 0.0
    return record


def test_a_record_is_one_line_with_its_instant_in_utc() -> None:
    line = OneLine("%(asctime)s %(levelname)s %(message)s").format(_record("hello"))
    assert line == "1970-01-01T00:00:00.000Z ERROR hello"


def test_line_breaks_of_others_do_not_make_lines() -> None:
    line = OneLine("%(message)s").format(_record("first\nERROR forged\r\n"))
    assert line == "first\\nERROR forged\\r\\n"


def test_a_traceback_stays_on_the_line_of_its_record() -> None:
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int("two\nlines")
    line = OneLine("%(message)s").format(_record("failed", raised.value))
    assert line.startswith("failed\\nTraceback")
    assert "ValueError: invalid literal" in line
    assert "\n" not in line
