"""Why somebody does not have access yet: one command shows the cause and what to do (S-97).

Each cause is a real one, in a real system behind a real server; what the command advises is done,
and helps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.scenarios.acting import ADMINISTRATOR, ByCommand
from tests.scenarios.larkfield import PEOPLE, SITE, write
from tests.scenarios.neighbours import Neighbours, neighbours
from tests.scenarios.served import served
from tests.services.slapd import GROUPS, OSTIARY, group_ldif
from tests.services.slapd import PEOPLE as LDAP_PEOPLE

FULL, GONE, LOCKED = "full-group", "gone-group", "locked-group"
LOCK = f"""
access to dn.exact="cn={LOCKED},{GROUPS}" by dn.exact="{OSTIARY}" read by anonymous auth by * read
"""


def package(name: str, resource: dict[str, Any], role: str) -> dict[str, Any]:
    """A catalog with one package of one role, which every member gets without being asked."""
    policy = {"id": "everybody", "name": "Everybody", "scope": {"kind": "all_members"}}
    entries = [{"resource": name, "role": role}]
    return {
        "id": f"catalog-{name}",
        "name": f"The catalog of {name}",
        "resources": [{"id": name, "name": name.replace("-", " ").title(), **resource}],
        "packages": [{"id": name, "name": name, "entries": entries, "policies": [policy]}],
    }


def tenant() -> dict[str, Any]:
    """The people of Larkfield and four packages, for each cause one."""
    names = (FULL, GONE, LOCKED)
    site = {"kind": "site", "url": SITE, "group_connected": True}
    return {
        **PEOPLE,
        "groups": [*PEOPLE["groups"], *({"id": name} for name in names)],
        "catalogs": [
            *(package(name, {"kind": "group", "group": name}, "Member") for name in names),
            package("full-site", site, "Read"),
        ],
    }


class Scene(msgspec.Struct):
    """Commands against a server, and the systems behind it."""

    command: ByCommand
    around: Neighbours

    def asks(self, package: str) -> str:
        """Emil asks, a minute passes, and the answer to "why not yet" is read as one line."""
        self.command.text("emil", "request", "create", package)
        self.command.text("", "clock", "advance", "1min")
        return self.why(package)

    def why(self, package: str) -> str:
        """What the one command says of Emil and a package."""
        words = ("audit", "--target", "emil", "--package", package)
        out = self.command.text(ADMINISTRATOR, *words)
        return " ".join(out.split())


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("why")
    store = f"sqlite:///{folder}/ostiary.db"
    with neighbours(folder, most_members=2, rules=LOCK) as around:
        around.ldap.add(group_ldif(FULL, f"uid=mona,{LDAP_PEOPLE}", f"uid=nils,{LDAP_PEOPLE}"))
        around.ldap.add(group_ldif(LOCKED, "cn=nobody"))
        with served(store, write(folder / "tenant", tenant()), around, folder / "log") as address:
            yield Scene(ByCommand(address), around)


def make_room(around: Neighbours) -> None:
    """Mona leaves the group."""
    left = f"delete: member\nmember: uid=mona,{LDAP_PEOPLE}"
    around.ldap.change(f"dn: cn={FULL},{GROUPS}\nchangetype: modify\n{left}\n")


def make_the_group(around: Neighbours) -> None:
    """The group is there (again)."""
    around.ldap.add(group_ldif(GONE, "cn=nobody"))


def give_by_hand(around: Neighbours) -> None:
    """Whoever looks after the group puts Emil in."""
    joined = f"add: member\nmember: uid=emil,{LDAP_PEOPLE}"
    around.ldap.change(f"dn: cn={LOCKED},{GROUPS}\nchangetype: modify\n{joined}\n")


def let_more_people_in(around: Neighbours) -> None:
    """The site takes more users."""
    around.site.full = False


@pytest.mark.parametrize(
    ("name", "cause", "said", "repair"),
    [
        pytest.param(
            GONE,
            "RESOURCE_GONE",
            f"there is no group `{GONE}` below `{GROUPS}`",
            make_the_group,
            id="the resource no longer exists",
        ),
        pytest.param(
            FULL,
            "LIMIT_EXCEEDED (group_members, max 2)",
            f"group `{FULL}` has 2 members",
            make_room,
            id="the group is full",
        ),
        pytest.param(
            LOCKED,
            "INSUFFICIENT_PERMISSION",
            "insufficientAccessRights",
            give_by_hand,
            id="insufficient permission",
        ),
        pytest.param(
            "full-site",
            "LIMIT_EXCEEDED (site_users, max 2)",
            "takes no more",
            let_more_people_in,
            id="a limit of the site",
        ),
    ],
)
@pytest.mark.timeout(300)  # a dozen commands, each in a process of its own
def test_one_command_tells_the_cause_and_what_it_advises_helps(
    scene: Scene, name: str, cause: str, said: str, repair: Callable[[Neighbours], None]
) -> None:
    """S-92, S-93, S-94, S-97, W-8."""
    scene.around.site.full = True
    told = scene.asks(name)
    title = name.replace("-", " ").title()
    assert told.startswith(f'Does emil have "{name}"?')
    assert title in told
    assert cause in told
    assert "Provisioning failed" in told
    assert said in told
    [advice] = re.findall(r"ostiary (request reprocess \S+)", told)

    repair(scene.around)
    scene.command.text(ADMINISTRATOR, *advice.split())
    scene.command.text("", "clock", "advance", "1min")
    assert " YES " in scene.why(name)
