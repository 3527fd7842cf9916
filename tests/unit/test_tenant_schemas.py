"""The JSON Schemas for editors: made from what the loader reads, and up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ostiary.rulebook import schemas
from ostiary.rulebook.connector_model import ConnectorsText
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.profile_model import ProfileText
from ostiary.rulebook.records import RecordShape
from ostiary.rulebook.tenant_files import definition_files
from ostiary.rulebook.tenant_model import FileText

FOLDER = rules_dir() / "schemas"


def test_the_schemas_are_up_to_date() -> None:
    assert schemas.stale(FOLDER) == ()
    assert schemas.main(["--check"]) == 0


def test_a_stale_schema_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schemas, "rules_dir", lambda: tmp_path)
    assert schemas.main(["--check"]) == 1
    assert capsys.readouterr().err.count("is stale; run python -m ostiary.rulebook.schemas") == len(
        schemas.SCHEMAS
    )
    assert schemas.main([]) == 0
    assert schemas.main(["--check"]) == 0
    (tmp_path / "schemas" / "profile.schema.json").write_text("{}", encoding="utf-8")
    assert schemas.stale(tmp_path / "schemas") == ("profile.schema.json",)
    assert schemas.main(["--wrong"]) == 2


def test_each_field_is_explained() -> None:
    """An editor shows something for each name that can be written."""
    defs: dict[str, dict[str, Any]] = {}
    for record in (FileText, ProfileText, ConnectorsText):
        RecordShape(record).schema(defs)
    for name, definition in defs.items():
        for field, schema in definition["properties"].items():
            assert schema["description"].endswith("."), f"{name}.{field}"
        assert set(definition.get("required", ())) <= definition["properties"].keys()
        assert definition["additionalProperties"] is False


def objects(schema: Any, root: Any) -> Iterator[dict[str, Any]]:
    """The objects that a schema allows at one place."""
    if "$ref" in schema:
        yield from objects(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    for part in schema.get("anyOf", ()):
        yield from objects(part, root)
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        yield schema
    if "items" in schema:
        yield schema


def unknown_names(content: Any, schema: Any, root: Any) -> Iterator[str]:
    """The names in the content that the schema does not know."""
    for known in objects(schema, root):
        if isinstance(content, list) and "items" in known:
            for item in content:
                yield from unknown_names(item, known["items"], root)
        if isinstance(content, dict) and "properties" in known:
            for name, value in content.items():
                if name not in known["properties"]:
                    yield name
                else:
                    yield from unknown_names(value, known["properties"][name], root)


def test_the_examples_use_only_names_that_the_schema_knows() -> None:
    root = json.loads((FOLDER / "tenant.schema.json").read_text(encoding="utf-8"))
    for path, _ in definition_files(rules_dir() / "examples"):
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
        assert list(unknown_names(content, root, root)) == [], path
    wrong = {"catalogs": [{"id": "c", "packages": [{"policies": [{"scop": {}}]}]}]}
    assert list(unknown_names(wrong, root, root)) == ["scop"]
