"""A real OpenLDAP server as a process of its own, and a look at it through ldap-utils."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.services.certificates import Certificate
from tests.services.smtp import free_port

HOST = "127.0.0.1"
OTHER_HOST = "127.0.0.2"
SUFFIX = "dc=example"
ADMIN = f"cn=admin,{SUFFIX}"
OSTIARY = f"cn=ostiary,{SUFFIX}"  # may write what the access rules let it
PASSWORD = "ldap-hush-5b1c"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
GUESTS = f"ou=guests,{SUFFIX}"
NEEDED = "OSTIARY_TESTS_NEED_SERVICES"
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec:/usr/lib/openldap"
_PROGRAMS = ("slapd", "ldapadd", "ldapmodify", "ldapsearch")
_MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap/modules")
_SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema")

BASE = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: {OSTIARY}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ostiary
userPassword: {PASSWORD}

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

dn: {GUESTS}
objectClass: organizationalUnit
ou: guests
"""


def needed() -> None:
    """Skip without slapd, unless the run must have every service."""
    missing = [name for name in _PROGRAMS if shutil.which(name, path=_PATH) is None]
    if not missing:
        return
    reason = f"not installed: {', '.join(missing)}; on Debian: apt-get install slapd ldap-utils"
    if os.environ.get(NEEDED) == "1":
        pytest.fail(f"{reason} ({NEEDED}=1 makes this an error)")
    pytest.skip(reason)


class Slapd(msgspec.Struct, frozen=True):
    """A running server."""

    port: int
    secure_port: int = 0

    @property
    def url(self) -> str:
        return f"ldap://{HOST}:{self.port}"

    @property
    def secure_url(self) -> str:
        return f"ldaps://{HOST}:{self.secure_port}"

    def add(self, ldif: str) -> None:
        """Add entries as the administrator."""
        self._run("ldapadd", given=ldif)

    def change(self, ldif: str) -> None:
        """Change entries as the administrator."""
        self._run("ldapmodify", given=ldif)

    def values(self, dn: str, attribute: str) -> list[str]:
        """The values of one attribute of an entry; none if there is no entry."""
        return self.entry(dn).get(attribute.lower(), [])

    def entry(self, dn: str) -> dict[str, list[str]]:
        """An entry with all attributes, operational ones too; empty if there is none."""
        out = self._run(
            "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", dn, "-s", "base", "*", "+", allow=32
        )
        found: dict[str, list[str]] = {}
        for line in out.splitlines():
            name, _, value = line.partition(":")
            if value.startswith(":"):
                text = base64.b64decode(value[1:].strip()).decode()
            else:
                text = value.removeprefix(" ")
            if name:
                found.setdefault(name.lower(), []).append(text)
        return found

    def members(self, group: str, attribute: str = "member") -> list[str]:
        """What a group holds."""
        return self.values(f"cn={group},{GROUPS}", attribute)

    def signs_in(self, dn: str, password: str) -> bool:
        """Whether somebody can sign in."""
        done = subprocess.run(
            ["ldapwhoami", "-x", "-H", self.url, "-D", dn, "-w", password],
            capture_output=True,
            check=False,
            timeout=20,
        )
        return done.returncode == 0

    def _run(self, program: str, *arguments: str, given: str = "", allow: int = 0) -> str:
        done = subprocess.run(
            [program, "-x", "-H", self.url, "-D", ADMIN, "-w", PASSWORD, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode in (0, allow), done.stderr
        return done.stdout


@contextmanager
def slapd(
    folder: Path, *, certificate: Certificate | None = None, rules: str = ""
) -> Iterator[Slapd]:
    """A server with people, groups and guests that are still to come; `rules` limit OSTIARY."""
    needed()
    port = free_port()
    data = folder / "data"
    data.mkdir(parents=True)
    config = folder / "slapd.conf"
    config.write_text(_configuration(folder, certificate, rules))
    program = shutil.which("slapd", path=_PATH)
    assert program is not None
    log = (folder / "log").open("wb")
    secure_port = free_port() if certificate is not None else 0
    # All of 127.0.0.0/8 is this machine; a second address stands for a second host.
    urls = [f"ldap://{host}:{port}" for host in (HOST, OTHER_HOST)]
    if secure_port:
        urls += [f"ldaps://{host}:{secure_port}" for host in (HOST, OTHER_HOST)]
    process = subprocess.Popen(
        [program, "-f", str(config), "-h", " ".join(urls), "-d", "0"],
        stdout=log,
        stderr=log,
    )
    try:
        _wait(process, port, folder / "log")
        server = Slapd(port, secure_port)
        server.add(BASE)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def person_ldif(uid: str, *, base: str = PEOPLE, more: str = "") -> str:
    """A person."""
    names = f"uid: {uid}\ncn: {uid}\nsn: {uid}\n"
    return f"dn: uid={uid},{base}\nobjectClass: inetOrgPerson\n{names}{more}\n"


def group_ldif(name: str, *members: str) -> str:
    """A group that names its members by DN."""
    lines = "".join(f"member: {member}\n" for member in members)
    return f"dn: cn={name},{GROUPS}\nobjectClass: groupOfNames\ncn: {name}\n{lines}\n"


def posix_group_ldif(name: str, number: int) -> str:
    """A group that names its members by uid."""
    return f"dn: cn={name},{GROUPS}\nobjectClass: posixGroup\ncn: {name}\ngidNumber: {number}\n\n"


def _configuration(folder: Path, certificate: Certificate | None, rules: str) -> str:
    schemas = next(path for path in map(Path, _SCHEMAS) if path.is_dir())
    modules = next((path for path in map(Path, _MODULES) if path.is_dir()), None)
    lines = [
        f"include {schemas}/{name}.schema" for name in ("core", "cosine", "nis", "inetorgperson")
    ]
    if modules is not None:
        lines += [f"modulepath {modules}", "moduleload back_mdb", "moduleload ppolicy"]
    lines += [f"pidfile {folder}/pid", f"argsfile {folder}/args"]
    if certificate is not None:
        lines += [
            f"TLSCertificateFile {certificate.chain}",
            f"TLSCertificateKeyFile {certificate.key}",
        ]
    lines += [
        "database mdb",
        "maxsize 104857600",
        f'suffix "{SUFFIX}"',
        f'rootdn "{ADMIN}"',
        f"rootpw {PASSWORD}",
        f"directory {folder}/data",
        "dbnosync",
        "index objectClass,uid,cn,member,memberUid eq",
        rules,
        f'access to * by dn.exact="{OSTIARY}" manage by anonymous auth by * read',
        "overlay ppolicy",
    ]
    return "\n".join(lines) + "\n"


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with socket.create_connection((HOST, port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail("slapd does not answer")
