"""The mail of each notice as people get it, reviewed as a diff; `make golden` writes it anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ostiary.adapters.mail.rendering import Letter, Templates
from ostiary.adapters.mail.specimens import facts_of_specimen, specimen
from ostiary.domain.notice import Notice, NoticeKind

HERE = Path(__file__).parent / "mails"
Golden = Callable[[Path, str], None]
KINDS = [pytest.param(kind, id=kind.value) for kind in NoticeKind]


def letter(notice: Notice) -> Letter:
    facts = facts_of_specimen(notice, portal="https://access.example", organization="Example")
    return Templates().letter(notice.kind, facts)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mail_of_each_kind(kind: NoticeKind, golden: Golden) -> None:
    """S-137: it names the package, the people, the deadline, and how to act."""
    made = letter(specimen(kind))
    golden(HERE / f"{kind.value}.txt", f"Subject: {made.subject}\n\n{made.text}")
    golden(HERE / f"{kind.value}.html", made.html)


@pytest.mark.parametrize("kind", KINDS)
def test_what_each_mail_must_name(kind: NoticeKind) -> None:
    """S-79, S-137: in both texts."""
    notice = specimen(kind)
    made = letter(notice)
    for body in (made.text, made.html):
        said = " ".join(body.split())
        assert "Sales Team Access" in said
        assert "https://access.example/" in said
        assert "ostiary " in said
        if notice.target:
            assert "Priya Nair" in said
        if notice.deadline is not None:
            assert "Wednesday, 9 April 2031, 10:05 UTC" in said
    assert "Sales Team Access" in made.subject


def test_a_denial_by_another_approver(golden: Golden) -> None:
    facts = (("verdict", "denied"), ("decided_by", "mona"))
    made = letter(msgspec.structs.replace(specimen(NoticeKind.DECIDED), facts=facts))
    golden(HERE / "decided-denied.txt", f"Subject: {made.subject}\n\n{made.text}")


def test_a_denial_by_nobody(golden: Golden) -> None:
    """S-73: nobody was left who could approve."""
    notice = specimen(NoticeKind.DECIDED)
    facts = (("verdict", "denied"),)
    made = letter(msgspec.structs.replace(notice, facts=facts, reason="NO_APPROVER"))
    golden(HERE / "decided-by-nobody.txt", f"Subject: {made.subject}\n\n{made.text}")


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_manager_reads_who_asked_for_a_report(kind: NoticeKind) -> None:
    """The access is not called theirs."""
    behalf = msgspec.structs.replace(specimen(kind), requestor="mona", to=("mona",), facts=())
    text = letter(behalf).text
    assert "Your " not in text
    assert "Hello Mona Reyes," in text
    if behalf.target:
        assert "Mona Reyes (mona)" in text
