"""The file `mutants.yaml` beside suites: mutants that no test kills, and why nobody minds.

It explains; it hides nothing: a line that no mutant survives any more is a fault.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from ostiary.domain.errors import Fault
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import FaultList, quoted
from ostiary.rulebook.folder_kinds import MUTANTS_FILE
from ostiary.rulebook.reader import Broken, Reader
from ostiary.rulebook.records import Record, RecordShape, RecordsOf, records, required, run_checks
from ostiary.rulebook.shapes import Matching, Text
from ostiary.rulebook.source import Spot, load

_LARGEST_FILE = 1024 * 1024
_TEXT_LIMITS = {"name": 512, "description": 4_096}
_MUTANT = re.compile(r"[^\s/][^\n]{0,510}/[^\n]{1,510}")


class AcceptedText(Record):
    """A mutant that may survive."""

    id = required(Matching(_MUTANT, "the id of a mutant, as `ostiary mutate` tells it"), "Its id.")
    why = required(Text("description"), "Why no test needs to see it.")


class MutantsText(Record):
    """The file."""

    accepted = required(RecordsOf(AcceptedText), "Mutants that may survive, each with why.")


class Accepted(msgspec.Struct, frozen=True):
    """A mutant that may survive, with the place that says so."""

    id: str
    why: str
    place: Spot

    def stale(self, because: str) -> Fault:
        """Give the fault of an entry that explains nothing."""
        spot = self.place
        text = f"{quoted(self.id)} {because}: take the entry out"
        return Fault(spot.file, spot.line, spot.column, FaultCode.UNUSED.value, text)


def read_accepted(folder: Path) -> tuple[Accepted, ...]:
    """Give what the file of a folder accepts; nothing if there is none.

    DefinitionError holds every fault of it.
    """
    file = folder / MUTANTS_FILE
    if not file.exists():
        return ()
    faults = FaultList()
    reader = Reader(faults, _TEXT_LIMITS)
    root = load(file, file.as_posix(), faults, largest=_LARGEST_FILE)
    text = None if root is None else RecordShape(MutantsText).read(root, None, reader)
    found: dict[str, Accepted] = {}
    for one in () if text is None or isinstance(text, Broken) else records(text, "accepted"):
        run_checks([lambda one=one: _take(one, found, reader)])  # type: ignore[misc]
    faults.refuse_if_errors()
    return tuple(found.values())


def _take(one: AcceptedText, found: dict[str, Accepted], reader: Reader) -> None:
    node = one.node
    made = Accepted(one.id, one.why, Spot(node.file, node.line, node.column))
    first = found.setdefault(one.id, made)
    if first is not made:
        text = f"{quoted(one.id)} stands in line {first.place.line} already"
        reader.fault(one.at("id"), one.to("id"), FaultCode.DUPLICATE, text)
