"""What the commands print on: plain text in a pipe, colour and the window's width on a terminal."""

from __future__ import annotations

import io
import re
import sys
from typing import IO, TextIO, cast

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ostiary.cli.plain import clean

NARROWEST = 72  # a table has no room in less; the terminal breaks the lines itself
WIDEST = 120  # longer lines are hard to read
ROOMY = 108  # from here on a rule and its place fit on one line

BOLD, DIM = "bold", "dim"


class _Trimmed:
    """Standard output without the blanks that fill the last column of a table."""

    def __init__(self, stream: TextIO) -> None:
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


class _Screen(Console):
    """A console that leaves it to the command how to end when nobody reads on."""

    def on_broken_pipe(self) -> None:
        """Raise the error again, which rich would turn into an exit of its own."""
        raise BrokenPipeError


def console() -> Console:
    """Give the console of standard output."""
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(errors="replace")  # a name must not fail where it cannot be printed
    stream = out if out.isatty() else cast(IO[str], _Trimmed(out))
    made = _Screen(file=stream, highlight=False, markup=False, emoji=False)
    made.width = max(NARROWEST, min(made.width, WIDEST))
    return made


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


def rule_columns(screen: Console) -> tuple[str, ...]:
    """Give the columns of a rule with its place: two where there is room, otherwise one."""
    return ("fixed", "fixed") if screen.width >= ROOMY else ("fixed",)


def rule_cells(screen: Console, rule_id: str, place: str) -> tuple[Text, ...]:
    """Give the cells of a rule with its place, for the columns of `rule_columns`."""
    name, where = styled(rule_id), styled(place, DIM)
    return (name, where) if screen.width >= ROOMY else (Text("\n").join((name, where)),)
