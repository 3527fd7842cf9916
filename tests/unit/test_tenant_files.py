"""Loading a folder: all faults of all files at once, one digest whatever the files, examples."""

from __future__ import annotations

import gc
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from ostiary.domain.errors import DefinitionError
from ostiary.domain.policy import ScopeKind
from ostiary.domain.tenant import Tenant
from ostiary.rulebook import tenant_files
from ostiary.rulebook.places import rules_dir
from ostiary.rulebook.tenant_files import definition_files, load_tenant
from ostiary.v1 import decision_service_pb2
from tests.unit.defining import BASE, CATALOG, PACKAGE, POLICY, Content, load, policy, write

EXAMPLES = rules_dir() / "examples"


def refused(folder: Path, **more: Any) -> list[str]:
    """Every fault of a folder that must not load, with places, the folder left out."""
    with pytest.raises(DefinitionError) as caught:
        load_tenant(folder, **more)
    prefix = f"{folder.as_posix()}/"
    return [str(fault).removeprefix(prefix) for fault in caught.value.faults]


@pytest.mark.parametrize("example", ["tailwind", "overlap"])
def test_examples_load(example: str) -> None:
    """S-20, S-21, S-70: with no warnings but those that the pitfalls announce."""
    warnings = load_tenant(EXAMPLES / example).warnings
    announced = ["NO_FALLBACK", "EMPTY_PACKAGE", "NO_POLICY"] if example == "tailwind" else []
    assert [warning.code for warning in warnings] == announced
    assert all(warning.file.endswith("catalogs/pitfalls.yaml") for warning in warnings)


def test_the_story_under_entra() -> None:
    """S-69, W-1: managers cannot approve for external people there."""
    faults = refused(EXAMPLES / "tailwind", profile="entra")
    errors = [fault.split(": ")[0] for fault in faults if ": warning " not in f": {fault}"]
    assert {error.split(":")[0] for error in errors if ":" in error} >= {
        "catalogs/sales.yaml",
        "catalogs/projects.yaml",
    }


def test_one_folder_under_two_profiles() -> None:
    """S-2: only what the profiles say differs."""
    standard = load_tenant(EXAMPLES / "overlap").tenant
    entra = load_tenant(EXAMPLES / "overlap", profile="entra").tenant
    assert (standard.profile.name, entra.profile.name) == ("standard", "entra")
    assert standard.users == entra.users
    assert standard.digest != entra.digest


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.json")), ids=lambda path: path.relative_to(EXAMPLES).as_posix()
)
def test_example_requests_are_questions_about_their_tenant(path: Path) -> None:
    request = decision_service_pb2.EvaluateRequest()
    json_format.Parse(path.read_text(encoding="utf-8"), request)
    tenant = load_tenant(path.parents[1]).tenant
    packages = {package.id for catalog in tenant.catalogs for package in catalog.packages}
    assert request.access_package in packages
    assert request.requestor_id in {"", *(user.id for user in tenant.users)}


@pytest.mark.parametrize(
    "path",
    sorted(rules_dir().rglob("*.yaml")),
    ids=lambda path: path.relative_to(rules_dir()).as_posix(),
)
def test_the_first_line_names_a_schema_that_exists(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    mark, _, schema = first.partition("$schema=")
    assert mark == "# yaml-language-server: "
    assert "$schema" in json.loads((path.parent / schema).read_text(encoding="utf-8"))


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same content with keys and lists without an order of their own in another order."""
    if isinstance(value, dict):
        names = list(value)
        dice.shuffle(names)
        return {
            name: value[name] if name in {"stages", "questions"} else shuffled(value[name], dice)
            for name in names
        }
    if isinstance(value, list):
        items = [shuffled(item, dice) for item in value]
        dice.shuffle(items)
        return items
    return value


@pytest.mark.parametrize("seed", range(5))
def test_the_digest_is_of_the_content(tmp_path: Path, seed: int) -> None:
    """S-46: the names and the order of files, and the order of lists, never show."""
    dice = random.Random(seed)
    for example in ("tailwind", "overlap"):
        folder = tmp_path / example
        folder.mkdir()
        parts = [
            {name: content}
            for path, _ in definition_files(EXAMPLES / example)
            for name, content in yaml.load(path.read_text("utf-8"), yaml.BaseLoader).items()
        ]
        dice.shuffle(parts)
        for number, part in enumerate(parts):
            write(
                folder, **{f"part-{number}": yaml.safe_dump(shuffled(part, dice), sort_keys=False)}
            )
        assert load_tenant(folder).tenant == load_tenant(EXAMPLES / example).tenant


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "B"}, id="another name"),
        pytest.param({"enabled": False}, id="switched off"),
        pytest.param({"scope": {"kind": "all_members"}}, id="another scope"),
        pytest.param({"expiration": {"after": "P91D"}}, id="another duration"),
    ],
)
def test_another_content_has_another_digest(tmp_path: Path, change: Content) -> None:
    before = load(tmp_path, policy()).tenant.digest
    assert len(before) == 64
    assert load(tmp_path, policy(**change)).tenant.digest != before


def test_files_add_up(tmp_path: Path) -> None:
    """A package and a policy may stand in a file that is read before their catalog."""
    loose = {**PACKAGE, "id": "q", "name": "Q", "catalog": "c", "policies": []}
    files = {
        "a-policies": {"policies": [{**POLICY, "package": "q", "name": "Z"},
                                    {**POLICY, "package": "q", "id": "b", "name": "Y"}]},
        "b-packages": {"packages": [loose]},
        "c-rest": {name: BASE[name] for name in ("tenant", "users", "organizations", "groups")},
        "d-catalogs": {"catalogs": [CATALOG]},
    }  # fmt: skip
    tenant = load_tenant(write(tmp_path, **files)).tenant
    first, second = next(one for one in tenant.catalogs if one.id == "c").packages
    assert (first.id, second.id) == ("p", "q")
    assert [(one.name, one.id) for one in second.policies] == [("Y", "b"), ("Z", "a")]


def test_which_files_are_definitions(tmp_path: Path) -> None:
    write(tmp_path, tenant=BASE, broken_test="]", **{".hidden": "]"})
    for folder in ("requests", ".git", "folder.yaml"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, more="users: []" if folder == "folder.yaml" else "]")
    (tmp_path / "notes.txt").write_text("]", encoding="utf-8")
    (tmp_path / "more.yml").write_text("groups: []", encoding="utf-8")
    names = [path.relative_to(tmp_path).as_posix() for path, _ in definition_files(tmp_path)]
    assert names == ["folder.yaml/more.yaml", "more.yml", "tenant.yaml"]
    assert load_tenant(tmp_path).tenant.id == "t"


def without_tenant() -> Content:
    return {name: content for name, content in BASE.items() if name != "tenant"}


@pytest.mark.parametrize(
    ("files", "want"),
    [
        pytest.param({}, ["FILE_UNREADABLE: no file ending in .yaml below this folder"], id="none"),
        pytest.param(
            {"a": without_tenant()},
            ["MISSING_FIELD: tenant: no file has this section, which names the tenant"],
            id="no tenant",
        ),
        pytest.param(
            {"a": BASE, "b": {"tenant": {"id": "u"}}},
            ["DUPLICATE: tenant: there is one already, see FOLDER/a.yaml:1"],
            id="two tenants",
        ),
        pytest.param(
            {"a": {**BASE, "tenant": {"id": "t", "profile": "standart"}}},
            [
                "UNKNOWN_VALUE: tenant.profile: `standart` is not one of entra, standard; did you "
                "mean `standard`?"
            ],
            id="S-2 a profile that nobody knows",
        ),
        pytest.param(
            {"a": BASE, "b": {"user": []}},
            ["UNKNOWN_FIELD: file: no such field here: `user`; did you mean `users`?"],
            id="a section that would be overlooked",
        ),
        pytest.param(
            {"a": BASE, "b": "- a list"},
            ["INVALID_MODEL: file: must be a mapping, not a list"],
            id="a file that is a list",
        ),
        pytest.param(
            {"a": BASE, "b": {"users": [{"id": "ann"}]}},
            ["DUPLICATE: users[ann].id: user `ann` is there already, see FOLDER/a.yaml:4"],
            id="one id in two files",
        ),
        pytest.param(
            {"a": without_tenant(), "b": "tenant: {id: t}", "c": '"ten\\x61nt": {id: u}'},
            ["INVALID_MODEL: tenant: write this key without escapes"],
            id="a tenant in disguise",
        ),
        pytest.param(
            {"a": {**BASE, "tenant": "t"}},
            ["INVALID_MODEL: tenant: must be a mapping, not `t`"],
            id="a tenant that is a word",
        ),
    ],
)
def test_folders_that_do_not_load(
    tmp_path: Path, files: dict[str, Content | str], want: list[str]
) -> None:
    faults = [fault.split(": ", 1)[1] for fault in refused(write(tmp_path, **files))]
    assert [fault.replace(tmp_path.as_posix(), "FOLDER") for fault in faults] == want


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="1:1: FILE_UNREADABLE: no such folder"):
        load_tenant(tmp_path / "nowhere")


def test_a_profile_to_try_that_does_not_exist(tmp_path: Path) -> None:
    """S-2."""
    with pytest.raises(DefinitionError, match="no profile `intra`, only entra, standard"):
        load_tenant(write(tmp_path, all=BASE), profile="intra")


def test_the_garbage_collector_is_left_as_it_was(tmp_path: Path) -> None:
    assert gc.isenabled()
    load(tmp_path, BASE)
    assert gc.isenabled()
    gc.disable()
    try:
        load(tmp_path, BASE)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_policies_go_by_name(tmp_path: Path) -> None:
    """S-46."""
    policies = [{**POLICY, "id": "1", "name": "B"}, {**POLICY, "id": "2", "name": "A"}]
    content = {**BASE, "catalogs": [{**CATALOG, "packages": [{**PACKAGE, "policies": policies}]}]}
    tenant: Tenant = load(tmp_path, content).tenant
    found = next(one for one in tenant.catalogs if one.id == "c").packages[0].policies
    assert [one.id for one in found] == ["2", "1"]
    assert {one.scope.kind for one in found} == {ScopeKind.SPECIFIC_SUBJECTS}
    assert tenant_files.LoadedTenant(tenant).warnings == ()
