"""What docs/mail.md shows is what works."""

from __future__ import annotations

import re
from pathlib import Path

from ostiary.adapters.mail.rendering import Templates, template_names
from ostiary.adapters.mail.settings import load_mail_settings
from ostiary.adapters.mail.specimens import facts_of_specimen, specimen
from ostiary.domain.notice import NoticeKind
from ostiary.rulebook.mail_model import MailText

DOCUMENT = (Path(__file__).parents[2] / "docs" / "mail.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


def test_the_settings_that_are_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hush")
    file = tmp_path / "mail.yaml"
    file.write_text(block("yaml").replace("/run/secrets/mail-password", "password"))
    assert load_mail_settings(file).portal == "https://access.acme.example"


def test_the_template_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "access_ready.txt.j2").write_text(block("jinja"))
    templates = Templates(tmp_path)
    assert list(templates.faults()) == []
    kind = NoticeKind.ACCESS_READY
    letter = templates.letter(kind, facts_of_specimen(specimen(kind)))
    assert letter.subject == "Welcome: Sales Team Access"
    assert "Priya Nair, you have Sales Team Access now, until Wednesday," in letter.text


def test_every_field_template_and_variable_is_in_the_document() -> None:
    named = set(re.findall(r"`([a-z_]+)`", DOCUMENT))
    assert set(MailText.fields) <= named
    assert {name.split(".")[0] for name in template_names()} - {"layout"} <= named
    assert set(facts_of_specimen(specimen(NoticeKind.DECIDED))) <= named
