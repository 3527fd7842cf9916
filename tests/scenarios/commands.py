"""What the tests of the command line share: running a command, and the examples to run it on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from ostiary.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "rules" / "examples"
TAILWIND = EXAMPLES / "tailwind"
STANDARD = ROOT / "rules" / "packs" / "standard"
EMIL = ("--requestor", "emil", "--package", "sales-team-access", "--at", "2031-03-10T09:00Z")


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """Run a command in this process, as in a pipe of 80 columns."""
    words = [str(one) for one in arguments]
    return CliRunner().invoke(app, words, input=stdin, env={"COLUMNS": "80"})


def run_apart(*arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in a process of its own, e.g. since it sets up logging."""
    done = subprocess.run(command(*arguments), capture_output=True, timeout=60, check=False)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err
    return done.returncode, out, err


def command(*arguments: str | Path) -> list[str]:
    """Give what starts a command in a process of its own."""
    return [sys.executable, "-m", "ostiary.cli", *map(str, arguments)]


def spoil(path: Path, old: str, new: str) -> None:
    """Replace a piece of text in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
