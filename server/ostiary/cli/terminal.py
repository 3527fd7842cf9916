"""What the commands print on: plain text in a pipe, colour and the window's width on a terminal."""

from __future__ import annotations

import io
import re
import sys
from typing import IO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDEST = 120  # longer lines are hard to read
ROOMY = 108  # from here on a rule and its place fit on one line

BOLD, DIM = "bold", "dim"


class _Trimmed:
    """Standard output without the blanks that fill the last column of a table."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        """Write text; rich writes whole lines."""
        return self._stream.write(re.sub(" +$", "", text, flags=re.MULTILINE))

    def flush(self) -> None:
        """Write what waits."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Say whether a person looks on."""
        return False


def console() -> Console:
    """Give the console of standard output."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a name must not fail where it cannot be printed
    stream = out if out.isatty() else cast(IO[str], _Trimmed(out))
    made = Console(file=stream, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, WIDEST)
    return made


def clean(text: str) -> str:
    """Give text that moves no cursor and rings no bell, whoever wrote it."""
    return "".join(char if char.isprintable() else " " for char in text)


def styled(text: str, style: str = "") -> Text:
    """Give text in a style, free of control characters."""
    return Text(clean(text), style=style)


def heading(screen: Console, text: str) -> None:
    """Print the heading of a section."""
    screen.print()
    screen.print(styled(text, BOLD))


def grid(*columns: str) -> Table:
    """Give an indented table without lines; `fixed` columns do not wrap, `flow` columns do."""
    table = Table(
        box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True
    )
    for kind in columns:
        table.add_column(no_wrap=kind == "fixed", overflow="fold", ratio=None)
    return table


def show(screen: Console, table: Table, *, indent: int = 2) -> None:
    """Print a table below its heading."""
    screen.print(Padding(table, (0, 0, 0, indent)))


def place(screen: Console, rule_id: str, file: str, line: int) -> Text:
    """Give a rule with its place, on one line where there is room and on two otherwise."""
    between = "  " if screen.width >= ROOMY else "\n"
    return styled(rule_id).append(between).append(clean(f"{file}:{line}"), style=DIM)
