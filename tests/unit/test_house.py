"""The house itself: what is installed, who imports whom, and that its checks can fail."""

from __future__ import annotations

import ast
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOTS = (ROOT / "server" / "ostiary", ROOT / "clients" / "python" / "ostiary")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def run(*command: str | Path, cwd: Path = ROOT, given: str = "", **environment: str) -> str:
    """Everything that a command printed; it may fail."""
    inherited = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MFLAGS", "PYTHON"}}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**inherited, **environment},
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("root", ROOTS, ids=["server", "client"])
def test_ostiary_is_a_namespace_package(root: Path) -> None:
    assert not (root / "__init__.py").exists(), "one here hides the other root"
    packages = [path for path in root.iterdir() if any(path.glob("*.py"))]
    assert packages
    for package in packages:
        assert (package / "py.typed").is_file(), f"{package} must say that it is typed"


def test_the_lock_pins_all_by_hash_and_names_no_place() -> None:
    entries = re.split(r"\n(?=\S)", LOCK)
    assert len(entries) > 40
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "//" not in LOCK
    assert not re.search(r"^\s*-[-ief]*(index|find|extra|e )", LOCK, re.MULTILINE)
    assert str(Path.home()) not in LOCK


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = PROJECT["project"]
    asked = [
        *project["dependencies"],
        *project["optional-dependencies"]["server"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["dependency-groups"]["bench"],
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK, re.MULTILINE))
    names = {re.split(r"[=<>]", line)[0].lower() for line in asked}
    assert names <= locked, "make lock"


def test_one_version_of_the_generator_and_its_runtime() -> None:
    """Generated code refuses a runtime that is older than its generator."""
    versions = dict(re.findall(r"^(grpcio[a-z-]*)==(\S+)", LOCK, re.MULTILINE))
    assert len(set(versions.values())) == 1, versions
    assert f"grpcio-tools=={versions['grpcio']}" in PROJECT["dependency-groups"]["dev"]


def test_the_wheel_holds_ostiary_alone(tmp_path: Path) -> None:
    out = run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT
    )
    (wheel,) = list(tmp_path.glob("*.whl")) or pytest.fail(out)
    version = PROJECT["project"]["version"]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (archive.read(n).decode() for n in names if n.endswith("/METADATA"))
    assert {name.split("/")[0] for name in names} == {"ostiary", f"ostiary-{version}.dist-info"}
    assert "ostiary/__init__.py" not in names
    for part in ("domain/__init__.py", "v1/py.typed", "client/py.typed"):
        assert f"ostiary/{part}" in names
    rules = {p.relative_to(ROOT).as_posix() for p in (ROOT / "rules").rglob("*") if p.is_file()}
    assert {f"ostiary/{name}" for name in rules} <= set(names)
    pages = {path.name for path in (ROOT / "docs/lint").iterdir()}
    assert {f"ostiary/analysis/lint/pages/{name}" for name in pages} <= set(names)
    mails = {path.name for path in (ROOT / "server/ostiary/adapters/mail/templates").iterdir()}
    assert {f"ostiary/adapters/mail/templates/{name}" for name in mails} <= set(names)
    plain = re.findall(r"^Requires-Dist: ([^\s;<>=]+)[^;\n]*$", metadata, re.MULTILINE)
    assert set(plain) == {"googleapis-common-protos", "grpcio", "grpcio-status", "protobuf"}


# One line for each import contract, which must break it.
FAULTS = {
    "imports go one way": ("domain", "import ostiary.decide.bad_decide"),
    "the inner house does no I/O and reads no clock": ("decide", "import socket"),
    "the services do not carry out what is due": ("rpc", "import ostiary.worker"),
    "the contract stays at the edge": ("index", "from google.protobuf import message"),
    "the client knows only the contract": ("client", "import pydantic"),
    "one module knows durable-rules": ("rulebook", "import durable_rules_engine"),
}


def lint_imports(room: Path) -> dict[str, str]:
    """KEPT or BROKEN for each contract of the tree in a folder, apart from the checkout."""
    path = os.pathsep.join([f"{room}/server", f"{room}/clients/python", *site.getsitepackages()])
    call = "from importlinter.cli import lint_imports_command as lint; lint()"
    out = run(sys.executable, "-S", "-c", call, cwd=room, PYTHONPATH=path)
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", out, re.MULTILINE)) or pytest.fail(out)


def test_each_import_contract_can_break(tmp_path: Path) -> None:
    for name in ("server", "clients"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    contracts = {c["name"] for c in PROJECT["tool"]["importlinter"]["contracts"]}
    assert lint_imports(tmp_path) == dict.fromkeys(contracts, "KEPT")
    for package, line in FAULTS.values():
        root = "clients/python" if package == "client" else "server"
        bad = tmp_path / root / "ostiary" / package / f"bad_{package}.py"
        bad.write_text(line + "\n", encoding="utf-8")
    assert set(FAULTS) == contracts
    assert lint_imports(tmp_path) == dict.fromkeys(contracts, "BROKEN")


def test_every_package_of_the_inner_house_is_watched() -> None:
    (watched,) = (
        contract["source_modules"]
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract["name"] == "the inner house does no I/O and reads no clock"
    )
    for name in ("domain", "decide", "lifecycle"):
        assert f"ostiary.{name}" in watched or not (ROOTS[0] / name).exists()


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import datetime\n\nNOW = datetime.datetime.now(datetime.UTC)",
        "import uuid",
        "import random",
    ],
)
def test_ruff_refuses_a_clock_in_the_inner_house(line: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    module = f'"""A module."""\n\n{line}\n'
    file = "server/ostiary/decide/clock.py"
    assert "TID251" in run(ruff, "check", "--stdin-filename", file, "-", given=module)


def imported(source: str) -> Iterator[str]:
    """The full names that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def meets_both_worlds(source: str) -> bool:
    """Whether a module knows contract messages and domain types."""
    names = list(imported(source))
    return any(re.match(r"ostiary\.v1\.\w+_pb2\b", n) for n in names) and any(
        n.startswith("ostiary.domain.") and not n.startswith("ostiary.domain.errors") for n in names
    )


def test_only_convert_meets_both_worlds() -> None:
    assert meets_both_worlds("from ostiary.v1 import a_pb2\nimport ostiary.domain.people")
    assert not meets_both_worlds("from ostiary.v1 import a_pb2_grpc\nimport ostiary.domain.people")
    meeting = {
        path.relative_to(ROOT).as_posix()
        for path in ROOTS[0].rglob("*.py")
        if meets_both_worlds(path.read_text(encoding="utf-8"))
    }
    # A service takes messages and hands out what convert/ made of records (ADR 10).
    services = re.compile(r"server/ostiary/rpc/(convert/\w+|\w+_service|desk|life|submitting)\.py")
    assert all(map(services.fullmatch, meeting)), meeting


def test_bare_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^make (\S+) +\S.*\.$", run("make"), re.MULTILINE))
    assert {"setup", "run", "test", "check", "bench", "generate", "s-rules"} <= listed
    assert listed == set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))


def test_each_target_has_a_store_of_its_own() -> None:
    """`STORE=` means a database to `make run` and a choice of two to `make faults`."""
    assert "--store sqlite:///.ostiary/ostiary.db " in run("make", "-n", "run")
    assert "--store both" in run("make", "-n", "faults")
    assert "--store sqlite" in run("make", "-n", "faults", "STORE=sqlite")


def test_setup_names_the_python_it_needs(tmp_path: Path) -> None:
    """An interpreter of another version is refused in words, before anything is made."""
    python = tmp_path / "python3.13"
    python.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.13.0 && exit\nexit 3\n')
    python.chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    out = run("make", "setup", f"PYTHON={python}", cwd=tmp_path)
    assert "ostiary needs Python 3.11 or 3.12" in out
    assert "is: Python 3.13.0" in out
    assert not (tmp_path / ".venv").exists()
