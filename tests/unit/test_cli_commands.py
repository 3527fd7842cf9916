"""The commands from option to exit code, in process; the examples are what they work on."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from google.protobuf import json_format
from typer.testing import CliRunner

from ostiary.cli import answering
from ostiary.cli.exits import Exit
from ostiary.cli.main import app
from ostiary.v1 import decision_pb2
from ostiary.v1 import decision_service_pb2 as contract

ROOT = Path(__file__).resolve().parents[2]
TAILWIND = ROOT / "rules" / "examples" / "tailwind"
OVERLAP = ROOT / "rules" / "examples" / "overlap"
STANDARD = ROOT / "rules" / "packs" / "standard"


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)
