"""What all tests share: golden files, and hypothesis without deadlines of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from ostiary.rpc.polling import poll_while_serving

# Servers under test, in this process or another, read their sockets as `ostiary serve` does.
poll_while_serving()

pytest_plugins = ["tests.services.postgres"]  # fixtures that start a real server when first asked

# pytest-timeout watches the clock; a slow machine must not fail a property.
settings.register_profile("ostiary", deadline=None, print_blob=True)
settings.load_profile("ostiary")

# A proxy of the machine must not stand between a test and its server on this machine.
for variable in ("no_grpc_proxy", "no_proxy", "NO_PROXY"):
    os.environ[variable] = "127.0.0.1,localhost"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that `make golden` sets."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a golden file; under `make golden` writes the file instead."""
    update = bool(request.config.getoption("--update-golden"))

    def compare(path: Path, text: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; make golden writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare
