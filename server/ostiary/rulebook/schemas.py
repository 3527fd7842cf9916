"""The JSON Schemas that editors check definitions with, made from what the loader reads.

`python -m ostiary.rulebook.schemas` writes them into rules/schemas; with `--check` it writes
nothing and fails if one of them is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ostiary.rulebook.connector_model import ConnectorsText
from ostiary.rulebook.mail_model import MailFile
from ostiary.rulebook.mutants_file import MutantsText
from ostiary.rulebook.pack_schema import rule_pack_schema
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.profile_model import ProfileText
from ostiary.rulebook.records import JsonSchema, Record, RecordShape
from ostiary.rulebook.story_model import StoryText
from ostiary.rulebook.suite_model import SuiteText
from ostiary.rulebook.tenant_model import FileText

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def tenant_schema() -> JsonSchema:
    """Give the schema of one file of a tenant folder."""
    return _schema_of(FileText, "A file of an Ostiary tenant")


def profile_schema() -> JsonSchema:
    """Give the schema of a profile."""
    return _schema_of(ProfileText, "An Ostiary profile")


def mail_schema() -> JsonSchema:
    """Give the schema of a file of mail settings."""
    return _schema_of(MailFile, "How Ostiary sends mail")


def connectors_schema() -> JsonSchema:
    """Give the schema of a file of connectors."""
    return _schema_of(ConnectorsText, "Where Ostiary provisions rights")


def story_schema() -> JsonSchema:
    """Give the schema of a file that `ostiary rehearse` plays."""
    return _schema_of(StoryText, "A story that Ostiary rehearses")


def suite_schema() -> JsonSchema:
    """Give the schema of a file that `ostiary test` runs."""
    return _schema_of(SuiteText, "A suite of tests of rules or of a tenant")


def mutants_schema() -> JsonSchema:
    """Give the schema of a file that accepts mutants."""
    return _schema_of(MutantsText, "Mutants of rules or of a tenant that may survive")


def _schema_of(record: type[Record], title: str) -> JsonSchema:
    defs: dict[str, JsonSchema] = {}
    root = RecordShape(record).schema(defs)
    return {"$schema": _DIALECT, "title": title, **root, "$defs": dict(sorted(defs.items()))}


SCHEMAS: Mapping[str, Callable[[], JsonSchema]] = {
    "tenant.schema.json": tenant_schema,
    "profile.schema.json": profile_schema,
    "rule_pack.schema.json": rule_pack_schema,
    "connectors.schema.json": connectors_schema,
    "mail.schema.json": mail_schema,
    "story.schema.json": story_schema,
    "suite.schema.json": suite_schema,
    "mutants.schema.json": mutants_schema,
}


def stale(folder: Path) -> tuple[str, ...]:
    """Give the names of the schemas whose files in a folder are missing or not as they would be."""
    return tuple(name for name, make in SCHEMAS.items() if _written(folder / name) != _text(make()))


def write(folder: Path) -> None:
    """Write all schemas into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in SCHEMAS.items():
        (folder / name).write_text(_text(make()), encoding="utf-8")


def _written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _text(schema: JsonSchema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the schemas, or with `--check` say which are stale; give the exit code."""
    folder = rules_dir() / "schemas"
    if arguments == ["--check"]:
        old = stale(folder)
        for name in old:
            line = f"{folder / name} is stale; run python -m ostiary.rulebook.schemas\n"
            sys.stderr.write(line)
        return 1 if old else 0
    if arguments:
        sys.stderr.write("usage: python -m ostiary.rulebook.schemas [--check]\n")
        return 2
    write(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
