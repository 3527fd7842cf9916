"""Templates: ours, a tenant's in their place, and faulty ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ostiary.adapters.mail.facts import words
from ostiary.adapters.mail.postman import SmtpPostman
from ostiary.adapters.mail.rendering import (
    SHIPPED,
    Letter,
    TemplateFailedError,
    Templates,
    template_names,
)
from ostiary.adapters.mail.specimens import bare, facts_of_specimen, specimen, specimens
from ostiary.domain.notice import NoticeKind
from ostiary.lifecycle.ports import Delivery
from tests.mail.writing import NOTICE, PEOPLE, postman
from tests.services.smtp import mail_server

READY = NoticeKind.ACCESS_READY
TEXT = "access_ready.txt.j2"
HTML = "access_ready.html.j2"
HEAD = '{% extends "layout.txt.j2" %}{% block subject %}Ready{% endblock %}'


def rendered(folder: Path | None, kind: NoticeKind = READY) -> Letter:
    return Templates(folder).letter(kind, facts_of_specimen(specimen(kind)))


def faults(folder: Path) -> list[str]:
    return [
        f"{Path(spot.file).name}:{spot.line}: {text}" for spot, text in Templates(folder).faults()
    ]


def test_each_kind_has_both_templates() -> None:
    """S-137: one a kind, plain text and HTML, and two layouts."""
    wanted = {f"{kind.value}.{ending}.j2" for kind in NoticeKind for ending in ("txt", "html")}
    assert template_names() == wanted | {"layout.txt.j2", "layout.html.j2"}


def test_every_specimen_can_be_rendered_by_what_is_shipped() -> None:
    for kind, facts in specimens():
        letter = Templates().letter(kind, facts)
        for body in (letter.subject, letter.text, letter.html):
            assert "None" not in body
            assert "{" not in letter.text
    assert faults(SHIPPED) == []


def test_a_notice_about_next_to_nothing_still_reads_as_sentences() -> None:
    for kind in NoticeKind:
        letter = Templates().letter(kind, facts_of_specimen(bare(specimen(kind))))
        for body in (letter.subject, letter.text):
            assert " ." not in body
            assert " for ." not in body
            assert not letter.subject.rstrip().endswith(" for")


def test_a_tenant_replaces_a_single_template(tmp_path: Path) -> None:
    (tmp_path / TEXT).write_text(
        f"{HEAD}{{% block lead %}}Viel Spaß, {{{{ target }}}}!{{% endblock %}}"
    )
    ours, theirs = rendered(None), rendered(tmp_path)
    assert theirs.subject == "Ready"
    assert "Viel Spaß, Priya Nair!" in theirs.text
    assert "Access ends:" in theirs.text, "the layout is ours still"
    assert theirs.html == ours.html.replace(ours.subject, "Ready", 1)
    assert faults(tmp_path) == []
    other = NoticeKind.ACCESS_ENDED
    assert rendered(tmp_path, other) == rendered(None, other)


def test_a_template_that_is_put_right_needs_no_restart(tmp_path: Path) -> None:
    file = tmp_path / TEXT
    file.write_text(HEAD + "{% block lead %}{{ nonsense }}{% endblock %}")
    templates = Templates(tmp_path)
    facts = facts_of_specimen(specimen(READY))
    with pytest.raises(TemplateFailedError):
        templates.letter(READY, facts)
    file.write_text(HEAD + "{% block lead %}Fine now.{% endblock %}")
    assert "Fine now." in templates.letter(READY, facts).text


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(
            "Subject: x\n\nHello\n{{ naem }}\n",
            f"{TEXT}:4: `naem` is undefined",
            id="a name that does not exist",
        ),
        pytest.param(
            "Subject: x\n\n{% if %}\n",
            f"{TEXT}:3: expected an expression, got `end of statement block`",
            id="not a template",
        ),
        pytest.param(
            "Subject: x\n\n{{ 1 // 0 }}",
            f"{TEXT}:3: integer division or modulo by zero",
            id="an error of Python",
        ),
        pytest.param(
            "Subject: x\n\n{{ package.__class__.__mro__ }}",
            f"{TEXT}:3: access to attribute `__class__` of `str` object is unsafe",
            id="out of the sandbox",
        ),
        pytest.param(
            "Subject: x\n\n{{ facts.clear() }}",
            f"{TEXT}:3: access to attribute `clear` of `dict` object is unsafe",
            id="changing what it is given",
        ),
        pytest.param(
            '{% include "../../../../etc/passwd" %}',
            f"{TEXT}:1: there is no template `../../../../etc/passwd`",
            id="another file",
        ),
        pytest.param(
            '{% extends "no.txt.j2" %}',
            f"{TEXT}:1: there is no template `no.txt.j2`",
            id="a layout that does not exist",
        ),
        pytest.param(
            "Subject: x\n\n{% for a in range(9999) %}{% for b in range(9999) %}{{ 'spam' * 9 }}"
            "{% endfor %}{% endfor %}",
            f"{TEXT}:1: gives more than 1,048,576 characters",
            id="without end",
        ),
        pytest.param(
            "Subject: x\n\n{% for a in range(999999999) %}{% endfor %}",
            f"{TEXT}:3: range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)",
            id="a loop without end",
        ),
        pytest.param(
            '{% extends "access_ready.txt.j2" %}',
            f"{TEXT}:1: maximum recursion depth exceeded",
            id="made of itself",
        ),
        pytest.param(
            "Hello",
            f"{TEXT}:1: the first line must be the subject, such as `Subject: Access ready`",
            id="no subject",
        ),
        pytest.param(
            "Subject: \n\nHello",
            f"{TEXT}:1: the first line must be the subject, such as `Subject: Access ready`",
            id="an empty subject",
        ),
        pytest.param(
            "Subject: x\n\n", f"{TEXT}:1: there is no text below the subject", id="no text"
        ),
    ],
)
def test_a_faulty_template_is_a_permanent_failure_with_its_place(
    content: str, fault: str, tmp_path: Path
) -> None:
    (tmp_path / TEXT).write_text(content, encoding="utf-8")
    assert any(found.startswith(fault) for found in faults(tmp_path)), faults(tmp_path)
    with mail_server() as (server, port):
        settings = postman(port, templates=tmp_path).settings
        ready = NOTICE.__class__(id="n", kind=READY, to=("fran",), at=NOTICE.at, package="p")
        got = SmtpPostman(settings, PEOPLE.get).deliver(ready, key="k")
    assert got.result is Delivery.FAILED
    assert got.text.startswith(f"template {TEXT}, line ")
    assert server.received == []


def test_a_template_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / HTML).write_bytes(b"\xff")
    (found,) = faults(tmp_path)
    assert found.startswith(f"{HTML}:1: ")


def test_a_fault_of_a_layout_names_the_layout(tmp_path: Path) -> None:
    (tmp_path / "layout.html.j2").write_text("<p>\n{{ subjekt }}\n")
    assert faults(tmp_path) == ["layout.html.j2:2: `subjekt` is undefined"]


def test_a_template_that_nothing_uses_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "acces_ready.txt.j2").write_text("")
    wanted = "acces_ready.txt.j2:1: no template has the name `acces_ready.txt.j2`"
    assert faults(tmp_path) == [f"{wanted}; did you mean `{TEXT}`?"]


def test_html_of_a_tenant_is_escaped_too(tmp_path: Path) -> None:
    (tmp_path / HTML).write_text("<p>{{ package }}</p>")
    notice = NOTICE.__class__(
        id="n", kind=READY, to=("fran",), at=NOTICE.at, package="p", package_name="<b>&</b>"
    )
    letter = Templates(tmp_path).letter(READY, facts_of_specimen(notice))
    assert letter.html == "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>\n"


def test_instants_are_words_whatever_the_language_of_the_machine() -> None:
    assert words(datetime(2032, 2, 29, 23, 5, tzinfo=UTC)) == "Sunday, 29 February 2032, 23:05 UTC"


def test_commands_are_safe_to_paste() -> None:
    """An id with signs of the shell stands in quotes."""
    notice = NOTICE.__class__(
        id="n",
        kind=NoticeKind.ACTION_NEEDED,
        to=("fran",),
        at=NOTICE.at,
        request="x; rm -rf $HOME",
    )
    facts = facts_of_specimen(notice, portal="https://access.example")
    assert facts["commands"][0].line == "ostiary request approve 'x; rm -rf $HOME'"
    assert facts["link"].url == "https://access.example/requests/x%3B%20rm%20-rf%20%24HOME"
