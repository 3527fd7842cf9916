"""The settings of mail: what they mean, and every fault at once with its place."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from ostiary.adapters.connectors.secret import Secret
from ostiary.adapters.mail.address import parse_address
from ostiary.adapters.mail.settings import MailSettings, load_mail_settings
from ostiary.domain.errors import DefinitionError
from ostiary.rulebook.faults import quoted
from ostiary.rulebook.mail_model import MailSecurity
from tests.services.certificates import Certificate

LEAST = "mail:\n  host: smtp.example\n  from: access@acme.example\n"


def read(folder: Path, text: str) -> MailSettings:
    file = folder / "mail.yaml"
    file.write_text(text, encoding="utf-8")
    return load_mail_settings(file)


def said(folder: Path, text: str) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        read(folder, text)
    return [str(fault).removeprefix(f"{folder.as_posix()}/") for fault in caught.value.faults]


def test_the_least_that_must_be_said(tmp_path: Path) -> None:
    sender = parse_address("access@acme.example")
    assert sender is not None
    assert read(tmp_path, LEAST) == MailSettings(host="smtp.example", port=587, sender=sender)


def test_everything_that_can_be_said(tmp_path: Path, certificate: Certificate) -> None:
    shutil.copy(certificate.chain, tmp_path / "ca.pem")
    (tmp_path / "password").write_text("hush")
    (tmp_path / "templates").mkdir()
    got = read(
        tmp_path,
        """
mail:
  host: 127.0.0.1
  port: 2525
  security: implicit
  ca_file: ca.pem
  user: ostiary
  password_file: password
  from: Access at Acme <access@acme.example>
  reply_to: help@acme.example
  portal: https://access.acme.example/my/
  organization: Acme
  templates: templates
  time_out: PT10S
""",
    )
    sender = parse_address("Access at Acme <access@acme.example>")
    assert sender is not None
    assert (sender.display_name, sender.addr_spec) == ("Access at Acme", "access@acme.example")
    assert got == MailSettings(
        host="127.0.0.1",
        port=2525,
        security=MailSecurity.IMPLICIT,
        ca_file=tmp_path / "ca.pem",
        user="ostiary",
        password=Secret(tmp_path / "password"),
        sender=sender,
        reply_to=parse_address("help@acme.example"),
        portal="https://access.acme.example/my",
        organization="Acme",
        templates=tmp_path / "templates",
        time_out=timedelta(seconds=10),
    )


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("implicit", 465), ("none", 25)])
def test_the_port_follows_from_the_security(security: str, port: int, tmp_path: Path) -> None:
    assert read(tmp_path, f"{LEAST}  security: {security}\n").port == port


def test_a_password_of_the_environment_is_not_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hush")
    text = f"{LEAST}  user: ostiary\n  password_variable: MAIL_PASSWORD\n"
    settings = read(tmp_path, text)
    assert settings.password is not None
    assert settings.password.read() == "hush"
    assert "hush" not in repr(settings)


def test_every_fault_at_once(tmp_path: Path) -> None:
    """S-139: with line, column, path and the user's words."""
    text = """mail:
  host: "smtp example"
  port: 99999
  security: none
  user: ostiary
  password_file: missing
  password_variable: MAIL_PASSWORD
  ca_file: missing.pem
  from: "Access <a@b, c@d>"
  portal: javascript:alert(1)
  templates: missing
  time_out: P1D
  tiem_out: PT1S
"""
    missing = (tmp_path / "missing").as_posix()
    assert said(tmp_path, text) == [
        "mail.yaml:2:9: INVALID_MODEL: mail.host: must be the name or address of a host, not"
        " `smtp example`",
        "mail.yaml:3:9: INVALID_MODEL: mail.port: must be a number from 1 to 65,535, not `99999`",
        "mail.yaml:5:9: INVALID_MODEL: mail.user: no password is sent over a connection without"
        " TLS",
        "mail.yaml:6:18: INVALID_MODEL: mail.password_file: no password: file"
        f" {missing}: no such file or directory",
        "mail.yaml:7:22: INVALID_MODEL: mail.password_variable: there is a `password_file` already",
        "mail.yaml:8:12: INVALID_MODEL: mail.ca_file: no certificates can be read from"
        f" {quoted(missing + '.pem')}",
        "mail.yaml:8:12: INVALID_MODEL: mail.ca_file: says nothing with security none",
        "mail.yaml:9:9: INVALID_MODEL: mail.from: must be a mail address such as"
        " `Access <access@acme.example>`, not `Access <a@b, c@d>`",
        "mail.yaml:10:11: INVALID_MODEL: mail.portal: must be a URL such as"
        " `https://access.acme.example`, not `javascript:alert(1)`",
        f"mail.yaml:11:14: INVALID_MODEL: mail.templates: there is no such folder: `{missing}`",
        "mail.yaml:12:13: INVALID_MODEL: mail.time_out: must be in minutes or seconds, not `P1D`",
        "mail.yaml:13:3: UNKNOWN_FIELD: mail: no such field here: `tiem_out`; did you mean"
        " `time_out`?",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("mail: {}", "mail.yaml:1:7: MISSING_FIELD: mail.from: is missing", id="empty"),
        pytest.param("x: 1", "mail.yaml:1:1: MISSING_FIELD: mail: is missing", id="no section"),
        pytest.param("", "mail.yaml:1:1: EMPTY_FILE: the file is empty", id="no content"),
        pytest.param("[", "mail.yaml:2:1: YAML_SYNTAX: ", id="no YAML"),
        pytest.param(
            f"{LEAST}  user: me",
            "mail.yaml:4:9: INVALID_MODEL: mail.user: needs a `password_file` or a"
            " `password_variable`",
            id="a user without a password",
        ),
        pytest.param(
            f"{LEAST}  user: jürgen\n  password_variable: PATH",
            "mail.yaml:4:9: INVALID_MODEL: mail.user: must be a name of visible ASCII signs, not"
            " `jürgen`",
            id="a user beyond ASCII",
        ),
        pytest.param(
            f"{LEAST}  user: me\n  password_variable: NOPE",
            "mail.yaml:5:22: INVALID_MODEL: mail.password_variable: no password: environment"
            " variable NOPE is not set",
            id="a variable that is not set",
        ),
        pytest.param(
            f"{LEAST}  password_variable: NOPE",
            "mail.yaml:4:22: INVALID_MODEL: mail.password_variable: says nothing without a `user`",
            id="a password without a user",
        ),
        pytest.param(
            f"{LEAST}  portal: https://a.example/?x=1",
            "mail.yaml:4:11: INVALID_MODEL: mail.portal: must be a URL such as"
            " `https://access.acme.example`, not `https://a.example/?x=1`",
            id="a base with a query",
        ),
    ],
)
def test_a_fault(text: str, fault: str, tmp_path: Path) -> None:
    assert any(line.startswith(fault) for line in said(tmp_path, text)), said(tmp_path, text)


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="FILE_UNREADABLE"):
        load_mail_settings(tmp_path / "mail.yaml")


def test_faults_of_templates_have_the_place_in_the_template(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "decided.html.j2").write_text("<p>\n{{ whom }}</p>")
    assert said(tmp_path, f"{LEAST}  templates: templates\n") == [
        "templates/decided.html.j2:2:1: INVALID_MODEL: `whom` is undefined"
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("a", "a@", "@b", "a b@c", "a@b c", "a@b,c@d", "<a@b", "a@b>", "a@b\r\nBcc: c@d"),
        *('"a b"@c.example', "a@[127.0.0.1]", "a@b..c", "a@.b", "x" * 65 + "@b", "a@" + "b" * 64),
        *("Name a@b", "<>", "a@\u202eb", "a\x00@b", "a@b;c@d", "a@b\\"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert parse_address(text) is None


def test_a_name_with_signs_of_addresses_stays_a_name() -> None:
    address = parse_address('"Acme, Access: (IT)" <it@acme.example>')
    assert address is not None
    assert str(address) == '"Acme, Access: (IT)" <it@acme.example>'
