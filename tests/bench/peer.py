"""Cerbos, the peer: its server from npm, the equivalent policies, and the equivalent questions."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import yaml
from cerbos.effect.v1 import effect_pb2
from cerbos.engine.v1 import engine_pb2
from cerbos.request.v1 import request_pb2
from cerbos.response.v1 import response_pb2
from google.protobuf.struct_pb2 import Value

from tests.bench import calls
from tests.bench.h2load import Job, WrongAnswerError, frame
from tests.bench.processes import MissingError, free_port, program, started
from tests.bench.tenants import package_id, shared_scope

VERSION = "0.55.0"
NPM_PACKAGE = f"@cerbos/cerbos-linux-x64@{VERSION}"
METHOD = "/cerbos.svc.v1.CerbosService/CheckResources"

_ACTIONS = ("request", "view", "extend")
_FOLDER = platformdirs.user_cache_path("ostiary") / "bench" / f"cerbos-{VERSION}"
_BINARY = _FOLDER / "node_modules/@cerbos/cerbos-linux-x64/cerbos-linux-x64"


def installed() -> Path:
    """The server's binary; installed into the user's cache folder if it is not there yet."""
    if not _BINARY.exists():
        npm = program("npm", "npm")
        _FOLDER.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(_FOLDER), "--no-audit", "--no-fund", NPM_PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise MissingError(f"`{' '.join(command)}` failed:\n{done.stderr}")
    return _BINARY


@contextlib.contextmanager
def serving(packages: int, folder: Path, core: int) -> Iterator[tuple[int, str]]:
    """Serve the equivalent of a `shared_tenant`; gives process id and address."""
    policies = folder / "policies"
    policies.mkdir()
    _write_policies(packages, policies)
    grpc_port, http_port = free_port(), free_port()
    config = folder / "cerbos.yaml"
    _dump(config, _config(policies, grpc_port, http_port))
    address = f"127.0.0.1:{grpc_port}"
    command = [str(installed()), "server", "--log-level=ERROR", f"--config={config}"]
    with started(command, core, folder / "cerbos.log", lambda: calls.serves(address), 30) as pid:
        yield pid, address


def job(server: int, address: str, groups: list[str], items: int, folder: Path) -> Job:
    """A job for h2load, once the server has been seen to allow every item of it."""
    message = _request(groups, items).SerializeToString()
    body = folder / f"cerbos-{items}.bin"
    body.write_bytes(frame(message))
    answer = calls.answer(address, METHOD, message)
    _must_allow(answer, items)
    return Job(
        f"Cerbos, {items} a call",
        server,
        f"http://{address}{METHOD}",
        body,
        len(frame(answer)),
        items,
    )


def _must_allow(answer: bytes, items: int) -> None:
    results = response_pb2.CheckResourcesResponse.FromString(answer).results
    effects = [effect for one in results for effect in one.actions.values()]
    if effects != [effect_pb2.EFFECT_ALLOW] * items:
        raise WrongAnswerError(f"Cerbos did not allow all {items} of {items}: {results}")


def _config(policies: Path, grpc_port: int, http_port: int) -> dict[str, object]:
    return {
        "server": {
            "grpcListenAddr": f"127.0.0.1:{grpc_port}",
            "httpListenAddr": f"127.0.0.1:{http_port}",
        },
        "storage": {
            "driver": "disk",
            "disk": {"directory": str(policies), "watchForChanges": False},
        },
        "telemetry": {"disabled": True},
        "audit": {"enabled": False},
    }


def _write_policies(packages: int, folder: Path) -> None:
    derived = {
        "name": "people",
        "definitions": [
            {
                "name": "member",
                "parentRoles": ["user"],
                "condition": {"match": {"expr": 'P.attr.userType == "Member"'}},
            }
        ],
    }
    _dump(folder / "people.yaml", {"apiVersion": "api.cerbos.dev/v1", "derivedRoles": derived})
    for number in range(packages):
        _dump(folder / f"{package_id(number)}.yaml", _policy(number))


def _policy(number: int) -> dict[str, object]:
    """One package: the derived role may do three things if the groups intersect."""
    groups = ", ".join(f'"{name}"' for name in shared_scope(number))
    condition = {"match": {"expr": f"hasIntersection(P.attr.groups, [{groups}])"}}
    rules = [
        {
            "actions": [action],
            "effect": "EFFECT_ALLOW",
            "derivedRoles": ["member"],
            "condition": condition,
        }
        for action in _ACTIONS
    ]
    return {
        "apiVersion": "api.cerbos.dev/v1",
        "resourcePolicy": {
            "version": "default",
            "resource": package_id(number),
            "importDerivedRoles": ["people"],
            "rules": rules,
        },
    }


def _dump(path: Path, content: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _request(groups: list[str], items: int) -> request_pb2.CheckResourcesRequest:
    listed = Value()
    listed.list_value.extend(groups)
    entry = request_pb2.CheckResourcesRequest.ResourceEntry
    return request_pb2.CheckResourcesRequest(
        principal=engine_pb2.Principal(
            id="visitor",
            roles=["user"],
            attr={"userType": Value(string_value="Member"), "groups": listed},
        ),
        resources=[
            entry(
                actions=["request"],
                resource=engine_pb2.Resource(kind=package_id(number), id=f"r{number}"),
            )
            for number in range(items)
        ],
    )
