"""The tenant of the runs: packages that overlap, policies of every kind that matters here."""

from __future__ import annotations

from pathlib import Path

import yaml

APPROVERS = ("ann", "bob")
SECOND = "cleo"
LATE = "dora"
STAFF = "ada"
GATE, NIGHT, VAULT, SAFE, KEEP = "gate", "night", "vault", "safe", "keep"
PACKAGES = (GATE, NIGHT, VAULT, SAFE, KEEP)  # that tales are about
# For races: one more that overlaps, and two pairs of which nobody may hold both (S-118).
SHIFT, LEFT, RIGHT = "shift", "left", "right"
ASKED_LEFT, ASKED_RIGHT = "asked-left", "asked-right"
POLICY = "all"
SECRET = "whsec_" + "b3N0aWFyeSBpcyB0aGUga2VlcGVyIG9mIGRvb3Jz"


def person(number: int) -> str:
    """Somebody who asks for access."""
    return f"w{number:03}"


def write(folder: Path, people: int, url: str) -> tuple[Path, Path]:
    """Write the tenant's folder and the file of connectors; give both."""
    tenant = folder / "yard"
    tenant.mkdir()
    (tenant / "tenant.yaml").write_text(yaml.safe_dump(_tenant(people, url)))
    (folder / "signing").write_text(SECRET)
    connectors = folder / "connectors.yaml"
    connectors.write_text(
        yaml.safe_dump(
            {
                "connectors": [
                    {
                        "id": "yard",
                        "kind": "webhook",
                        "url": f"{url}/rights",
                        "secret_file": "signing",
                        "time_out": "PT5S",
                    }
                ],
                "routes": [{"connector": "yard"}],
                "extensions": {"secret_file": "signing", "time_out": "PT5S"},
            }
        )
    )
    return tenant, connectors


def _tenant(people: int, url: str) -> dict[str, object]:
    workers = [person(number) for number in range(people)]
    return {
        "tenant": {"id": "yard", "name": "Yard", "profile": "standard"},
        "users": [
            {"id": name, "name": name.capitalize()}
            for name in (*workers, *APPROVERS, SECOND, LATE, STAFF)
        ],
        "groups": [{"id": "crew", "name": "Crew"}],
        "catalogs": [
            {
                "id": "work",
                "name": "Work",
                "resources": [
                    _application("door", "Day", "Night"),
                    _application("forge", "User"),
                    _application("vault", "User"),
                    _application("left", "User"),
                    _application("right", "User"),
                    {"id": "crew", "name": "Crew", "kind": "group", "group": "crew"},
                ],
                "extensions": [{"id": "checks", "name": "Checks", "url": f"{url}/checks"}],
                "packages": [
                    _package(GATE, ("door/Day", "forge/User"), _policy("PT30H", extends=True)),
                    _package(
                        NIGHT,
                        ("door/Day", "door/Night"),
                        _policy("PT40H", extends=True, stages=[_stage("P4D", late=True)]),
                    ),
                    _package(
                        VAULT,
                        ("door/Day", "vault/User", "crew/Member"),
                        _policy("P3D", stages=[_stage("P2D"), _stage("P2D", SECOND)]),
                    ),
                    _package(SAFE, ("vault/User", "forge/User"), _policy("PT20H", calls=True)),
                    _package(KEEP, ("forge/User", "crew/Member"), _policy("never")),
                    _package(SHIFT, ("door/Day", "door/Night"), _policy("P3D")),
                    _package(LEFT, ("left/User",), _policy("P3D"), RIGHT),
                    _package(RIGHT, ("right/User",), _policy("P3D"), LEFT),
                    _package(
                        ASKED_LEFT,
                        ("left/User",),
                        _policy("P3D", stages=[_stage("P2D")]),
                        ASKED_RIGHT,
                    ),
                    _package(
                        ASKED_RIGHT,
                        ("right/User",),
                        _policy("P3D", stages=[_stage("P2D")]),
                        ASKED_LEFT,
                    ),
                ],
            }
        ],
    }


def _application(name: str, *roles: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name.capitalize(),
        "kind": "application",
        "application": name,
        "roles": list(roles),
    }


def _package(
    name: str, entries: tuple[str, ...], policy: dict[str, object], *against: str
) -> dict[str, object]:
    pairs = [entry.split("/") for entry in entries]
    made: dict[str, object] = {
        "id": name,
        "name": name.capitalize(),
        "entries": [{"resource": resource, "role": role} for resource, role in pairs],
        "policies": [policy],
    }
    return made | ({"incompatible": {"packages": list(against)}} if against else {})


def _policy(
    after: str,
    *,
    extends: bool = False,
    stages: list[dict[str, object]] | None = None,
    calls: bool = False,
) -> dict[str, object]:
    made: dict[str, object] = {
        "id": POLICY,
        "name": "All",
        "scope": {"kind": "all_members"},
        "self_service": {"add": True, "update": True, "remove": True},
        "expiration": "never" if after == "never" else {"after": after},
        "extension_allowed": extends,
        "custom_schedule": True,
    }
    if stages:
        made["approval"] = {"for": ["add"], "stages": stages}
    if calls:
        made["extensions"] = [
            {"extension": "checks", "stage": "request_created", "wait": "P1D"},
            {"extension": "checks", "stage": "request_approved"},
            {"extension": "checks", "stage": "assignment_removed"},
        ]
    return made


def _stage(time_out: str, *approvers: str, late: bool = False) -> dict[str, object]:
    named = approvers or APPROVERS
    stage: dict[str, object] = {
        "approvers": [f"user:{name}" for name in named],
        "time_out": time_out,
    }
    if late:
        stage |= {"alternates": [f"user:{LATE}"], "escalate_after": "P1D"}
    return stage
