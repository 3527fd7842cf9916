"""What `ostiary check` has to say, a line each: which lines are wanted, and in which form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from ostiary.analysis.lint.codes import CODES
from ostiary.analysis.lint.placed import Placed
from ostiary.cli.exits import CommandError, Exit
from ostiary.cli.plain import clean
from ostiary.cli.written import write
from ostiary.domain.errors import Fault
from ostiary.rulebook.fault_codes import FaultCode
from ostiary.rulebook.faults import did_you_mean, quoted
from ostiary.rulebook.pack_codes import PackCode

SEVERITIES = ("error", "warning", "advice")  # worst first
Form = Literal["text", "json", "github"]

_GITHUB = {"error": "error", "warning": "warning", "advice": "notice"}
_SARIF = {"error": "error", "warning": "warning", "advice": "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Line(msgspec.Struct, frozen=True, order=True):
    """A fault of loading or a finding of lint, with its place."""

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: str
    where: str = ""  # the path; a fault has it in its message
    mend: str = ""
    witness: str = ""  # `person nils`

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f"{self.severity} "
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.code}: {self.text}"

    @property
    def text(self) -> str:
        """Give what is said, the path in front and how to mend it at the end."""
        path = f"{self.where}: " if self.where else ""
        return f"{path}{self.message}" + (f"; {self.mend}" if self.mend else "")


def line_of_fault(fault: Fault) -> Line:
    """Give a fault of loading as a line."""
    return Line(fault.file, fault.line, fault.column, fault.code, fault.message, fault.severity)


def line_of_finding(one: Placed) -> Line:
    """Give a finding of lint as a line."""
    found = one.finding
    return Line(
        one.file,
        one.line,
        one.column,
        found.code,
        found.message,
        found.severity.value,
        found.where,
        found.mend,
        "" if found.witness is None else str(found.witness),
    )


class Shown(msgspec.Struct, frozen=True):
    """Which lines are wanted, in which form, and when they make the command fail."""

    select: frozenset[str] = frozenset()  # empty: all
    ignore: frozenset[str] = frozenset()
    severity: str = "advice"  # the least that is shown
    strict: bool = False  # anything shown fails
    form: Form = "text"
    sarif: Path | None = None

    def wants(self, line: Line) -> bool:
        """Say whether a line is shown; errors always are."""
        if line.severity == "error":
            return True
        if line.code in self.ignore or (self.select and line.code not in self.select):
            return False
        return SEVERITIES.index(line.severity) <= SEVERITIES.index(self.severity)

    def print(self, lines: list[Line]) -> None:
        """Print the lines, and write them to the file that is asked for."""
        if self.sarif is not None:
            text = json.dumps(sarif_of(lines), indent=2, ensure_ascii=False) + "\n"
            write(self.sarif, text)
        if self.form == "json":
            print(json.dumps(json_of(lines), indent=2, ensure_ascii=False))
            return
        for line in lines:
            print(github_of(line) if self.form == "github" else clean(str(line)))

    def exit_of(self, lines: list[Line]) -> Exit:
        """Give how the command ends."""
        bad = any(self.strict or line.severity == "error" for line in lines)
        return Exit.FAULTY if bad else Exit.DONE


def codes_of(given: Iterable[str]) -> frozenset[str]:
    """Give the codes of an option, which may be repeated or hold several; refuses unknown ones."""
    known = known_codes()
    found = {word for text in given for word in text.replace(",", " ").split()}
    unknown = sorted(found - known)
    if unknown:
        messages = (f"no such code: {quoted(one)}{did_you_mean(one, known)}" for one in unknown)
        raise CommandError(Exit.USAGE, messages)
    return frozenset(found)


def known_codes() -> frozenset[str]:
    """Give every code that a line can have."""
    return frozenset((*CODES, *(one.value for one in FaultCode), *(one.value for one in PackCode)))


def json_of(lines: list[Line]) -> dict[str, Any]:
    """Give the lines for programs: faults of loading, and findings of lint."""
    faults = [line for line in lines if line.code not in CODES]
    findings = [line for line in lines if line.code in CODES]
    fields = ("file", "line", "column", "code", "message", "severity")
    return {
        "faults": [{name: getattr(line, name) for name in fields} for line in faults],
        "findings": [msgspec.to_builtins(line) for line in findings],
    }


def github_of(line: Line) -> str:
    """Give a line as a workflow command that GitHub shows beside the changed lines."""
    place = f"file={_property(line.file)},line={line.line},col={line.column}"
    words = f"title={_property(line.code)}::{_data(clean(line.text))}"
    return f"::{_GITHUB[line.severity]} {place},{words}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clean(text)).replace(":", "%3A").replace(",", "%2C")


def sarif_of(lines: list[Line]) -> dict[str, Any]:
    """Give the lines in the format that code scanning reads (SARIF 2.1.0)."""
    rules = [
        {
            "id": code,
            "shortDescription": {"text": CODES[code].title if code in CODES else code},
            **({"help": {"text": CODES[code].mend}} if code in CODES else {}),
        }
        for code in sorted({line.code for line in lines})
    ]
    driver = {"name": "ostiary", "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(line) for line in lines]}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(line: Line) -> dict[str, Any]:
    region = {"startLine": line.line, "startColumn": line.column}
    place = {"artifactLocation": {"uri": Path(line.file).as_posix()}, "region": region}
    return {
        "ruleId": line.code,
        "level": _SARIF[line.severity],
        "message": {"text": clean(line.text)},
        "locations": [{"physicalLocation": place}],
    }
