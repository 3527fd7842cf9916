"""A real SCIM server as a process of its own, and a look at what is in it from outside."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

TOKEN = "scim-token-7f3a"


class ScimServer(msgspec.Struct, frozen=True):
    """A running server."""

    url: str
    token: str = TOKEN

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the server without any code of ours."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            content = answer.read()
        found: dict[str, Any] = json.loads(content) if content else {}
        return found

    def group(self, name: str, **more: Any) -> str:
        """Make a group and give its id."""
        schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"]
        made = self.ask("POST", "/Groups", {"schemas": schemas, "displayName": name, **more})
        return str(made["id"])

    def user(self, name: str, **more: Any) -> str:
        """Make a user and give its id."""
        schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"]
        made = self.ask("POST", "/Users", {"schemas": schemas, "userName": name, **more})
        return str(made["id"])

    def users(self) -> list[dict[str, Any]]:
        """Give all users."""
        return list(self.ask("GET", "/Users").get("Resources", []))

    def user_of(self, external_id: str) -> dict[str, Any] | None:
        """Give the one user with an externalId."""
        found = [user for user in self.users() if user.get("externalId") == external_id]
        assert len(found) <= 1, found
        return found[0] if found else None

    def members(self, group_id: str) -> list[str]:
        """Give the ids of a group's members, as often as they stand there."""
        group = self.ask("GET", f"/Groups/{group_id}")
        return [member["value"] for member in group.get("members", [])]


@contextlib.contextmanager
def scim_server(token: str = TOKEN) -> Iterator[ScimServer]:
    """Run a server until the end of the block."""
    for _ in range(5):
        port = _free_port()
        command = [
            str(Path(sys.executable).with_name("scim2-server")),
            *("--port", str(port), "--bearer-token", token),
        ]
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        try:
            server = ScimServer(f"http://127.0.0.1:{port}/v2", token)
            if _answers(server, process):
                yield server
                return
        finally:
            process.terminate()
            process.wait(10)
    raise AssertionError("no SCIM server came up")


def _answers(server: ScimServer, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server answers; False if it died, e.g. since its port was taken."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            server.ask("GET", "/ServiceProviderConfig")
        except urllib.error.HTTPError:
            return False
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
