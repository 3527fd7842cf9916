"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.bench import peer
from tests.bench.processes import MissingError, program
from tests.services import postgres


def described(*, wire: bool, life: bool) -> tuple[tuple[str, str], ...]:
    """Names and values: the machine, and the versions of what was measured."""
    packages = ("grpcio", "protobuf", "msgspec", "pyroaring")
    lines = [
        ("Processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("Memory", f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
        ("Packages", ", ".join(f"{name} {version(name)}" for name in packages)),
    ]
    if wire:
        lines += [("Peer", f"Cerbos {peer.VERSION}"), ("Load", _h2load())]
    if life:
        databases = f"{_postgresql()}, SQLite {sqlite3.sqlite_version}"
        lines += [("Databases", databases), ("Queue", f"procrastinate {version('procrastinate')}")]
    return tuple(lines)


def _postgresql() -> str:
    folder = postgres.programs()
    if folder is None:
        raise MissingError("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    command = [str(folder / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return " ".join(said.replace("(PostgreSQL)", "").split()[:2]).replace("postgres", "PostgreSQL")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _h2load() -> str:
    command = [program("h2load", "nghttp2-client"), "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
