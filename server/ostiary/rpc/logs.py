"""The server's log: standard error, one line for each thing that happened."""

from __future__ import annotations

import logging
import sys
import time

_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"
# What libraries tell of each step is of no use to whoever runs a server.
_CHATTY = ("alembic", "httpx", "httpcore")


class OneLine(logging.Formatter):
    """Formats a record with its traceback as a single line, in UTC."""

    converter = time.gmtime  # type: ignore[assignment]  # the stub forgets its optional argument
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        return super().format(record).replace("\n", "\\n").replace("\r", "\\r")


def configure(level: str = "INFO") -> None:
    """Send everything that is logged to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(_FORMAT))
    logging.getLogger("alembic.runtime.plugins").setLevel("WARNING")
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel("WARNING")
    # It tells which of its own parts it sets up, which helps nobody who runs a server.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
