"""The same files have one digest and decide alike, whatever their order, process or language."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ostiary.decide.evaluate import evaluate
from ostiary.domain.request import EvaluationRequest
from ostiary.index.snapshot import build
from ostiary.rulebook.pack_files import load_files
from ostiary.rulebook.tabulate import load_pack
from ostiary.rulebook.tenant_files import load_tenant
from tests.contract.lent import HARBOUR, NOW
from tests.packs.texts import standard

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("anna", "gus", "boss")

APART = """
import sys
from pathlib import Path
from tests.properties.test_loading_shuffled import told
print(told(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def told(rules: Path, tenant: Path) -> str:
    """The digests, and the digest of what is decided about everybody and everything."""
    with load_pack(rules) as pack:
        return vector(pack.tables, load_tenant(tenant).tenant)


def vector(tables, tenant) -> str:  # type: ignore[no-untyped-def]  # as told by those who call
    """The digests, and the digest of what is decided about everybody and everything."""
    snapshot = build(tenant, tables)
    said = hashlib.sha256()
    for package in sorted(one.id for one in snapshot.order):
        for who in PEOPLE:
            said.update(repr(evaluate(snapshot, EvaluationRequest(package, who, NOW))).encode())
    return f"{snapshot.revision.rules} {snapshot.revision.tenant} {said.hexdigest()}"


def shuffled(source: Path, target: Path, dice: random.Random) -> Path:
    """A copy of a folder whose files were made in another order, at other times."""
    paths = sorted(path for path in source.rglob("*") if path.is_file())
    dice.shuffle(paths)
    for path in paths:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        os.utime(copy, (dice.randrange(10**9), dice.randrange(10**9)))
    return target


def _loads(count: int, room: Path) -> set[str]:
    """What so many loads of shuffled files tell, on disk and from their text."""
    dice = random.Random(11)
    source = room / "source"
    for name, content in standard().items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(content)
    found = set()
    for number in range(count):
        rules = shuffled(source, room / f"rules-{number}", dice)
        tenant = shuffled(HARBOUR, room / f"tenant-{number}", dice)
        names = sorted(standard(), key=lambda _: dice.random())
        with load_files({name: standard()[name] for name in names}) as pack:
            found.add(vector(pack.tables, load_tenant(tenant).tenant))
        if number % 10 == 0:
            found.add(told(rules, tenant))
        shutil.rmtree(rules)
        shutil.rmtree(tenant)
    return found


def test_shuffled_files_have_one_digest_and_decide_alike(tmp_path: Path) -> None:
    """S-46."""
    assert len(_loads(4, tmp_path)) == 1


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_loads_of_shuffled_files_have_one_digest(tmp_path: Path) -> None:
    """S-46."""
    assert len(_loads(1000, tmp_path)) == 1


def test_processes_and_languages_agree(tmp_path: Path) -> None:
    """S-46."""
    dice, found = random.Random(5), set()
    source = tmp_path / "source"
    source.mkdir()
    for name, content in standard().items():
        (source / name).write_bytes(content)
    for number, (language, seed) in enumerate((("C", "0"), ("de_DE.UTF-8", "1"), ("tr_TR", "77"))):
        rules = shuffled(source, tmp_path / f"rules-{number}", dice)
        tenant = shuffled(HARBOUR, tmp_path / f"tenant-{number}", dice)
        surroundings = {"LC_ALL": language, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
        done = subprocess.run(
            [sys.executable, "-c", APART, rules, tenant],
            cwd=ROOT,
            env={**os.environ, **surroundings},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
