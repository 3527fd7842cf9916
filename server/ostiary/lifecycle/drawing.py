"""The state machines as a page with diagrams: `python -m ostiary.lifecycle.drawing`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any

from ostiary.lifecycle.machines import MACHINES, Machine

_HEAD = """\
# The life of a request, as state machines

Made by `make diagrams` from `server/ostiary/lifecycle/machines.py`; a transition that is not here
does not exist (S-84). The number on an arrow is that of the semantics. A state that is not an end
says which due work leaves it, whatever people do.
"""


def page() -> str:
    """Give the page with every machine."""
    return "\n".join([_HEAD, *(section(machine) for machine in MACHINES)])


def section(machine: Machine[Any, Any]) -> str:
    """Give one machine: its diagram, and what ends each state."""
    rows = [
        f"| {state.value} | {machine.deadlines[state].value} |"
        for state in type(machine.transitions[0].target)
        if state in machine.deadlines
    ]
    return "\n".join(
        [
            f"## {machine.name.capitalize()}",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {line}" for line in _lines(machine)),
            "```",
            "",
            "| state | is left at the latest by |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


def _lines(machine: Machine[Any, Any]) -> Iterator[str]:
    for one in machine.transitions:
        for source in one.sources:
            label = f"{one.number} {one.event.value}".replace(":", ",")
            yield f"{_named(source)} --> {_named(one.target)}: {label}"
    for state in type(machine.transitions[0].target):
        if state in machine.terminal:
            yield f"{_named(state)} --> [*]"


def _named(state: Enum | None) -> str:
    return "[*]" if state is None else str(state.value)


if __name__ == "__main__":
    sys.stdout.write(page())
