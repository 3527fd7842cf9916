"""Revisions of rules, and which of them are in force."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ostiary.domain.errors import RuleRevisionNotFoundError
from ostiary.domain.rule_revision import Activation, Origin, RuleRevision
from ostiary.lifecycle.ports import Store
from ostiary.operations.rule_revisions import find
from tests.store.records import NOW, later, undone


def revision(digest: str, note: str = "") -> RuleRevision:
    files = {"limits.yaml": f"of {digest}".encode(), "a/b.yaml": b"\xff\x00"}
    return RuleRevision(digest=digest, created_at=NOW, actor="ada", note=note, files=files)


def activation(digest: str, *, back: int = 0) -> Activation:
    return Activation(
        digest=digest, at=later(hours=1), actor="ada", origin=Origin.CALLER, note="ö", back=back
    )


def test_a_revision_is_kept_with_its_text_and_listed_without(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.save_rule_revision(revision("aa"))
        assert tx.save_rule_revision(revision("bb", "second"))
        assert tx.rule_revision("aa") == revision("aa")
    with store.reading() as tx:
        assert tx.rule_revision("bb") == revision("bb", "second")
        assert tx.rule_revision("cc") is None
        listed = tx.rule_revisions()
        assert [one for _, one in listed] == [
            replace(revision("bb", "second"), files={}),
            replace(revision("aa"), files={}),
        ]
        (position, _), (first, _) = listed
        assert position > first
        assert [one.digest for _, one in tx.rule_revisions(up_to=position)] == ["aa"]
        assert [one.digest for _, one in tx.rule_revisions(size=1)] == ["bb"]
        assert tx.rule_revisions(up_to=first) == []


def test_the_first_text_of_a_digest_stays(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_rule_revision(revision("aa"))
    with store.transaction() as tx:
        assert not tx.save_rule_revision(replace(revision("aa"), files={}, note="again"))
        assert tx.rule_revision("aa") == revision("aa")
        tx.save_rule_revision(revision("bb"))
    with store.reading() as tx:
        assert [position for position, _ in tx.rule_revisions()] == [2, 1]


def test_activations_are_numbered_and_the_last_one_holds(store: Store) -> None:
    with store.reading() as tx:
        assert tx.active_rules() is None
        assert tx.activations() == []
        assert tx.activation(1) is None
    with store.transaction() as tx:
        assert tx.activate_rules(activation("aa")) == 1
        assert tx.activate_rules(activation("bb", back=1)) == 2
    with store.transaction() as tx:
        assert tx.activate_rules(activation("aa", back=2)) == 3
    stored = [
        replace(activation("aa"), sequence=1),
        replace(activation("bb", back=1), sequence=2),
        replace(activation("aa", back=2), sequence=3),
    ]
    with store.reading() as tx:
        assert tx.active_rules() == stored[2]
        assert tx.activation(2) == stored[1]
        assert tx.activation(4) is tx.activation(0) is None
        assert tx.activations() == stored
        assert tx.activations(after=1, size=1) == stored[1:2]
        assert tx.activations(before=3) == stored[1::-1]
        assert tx.activations(before=4, size=1) == stored[2:]
        assert tx.activations(after=1, before=3) == stored[1:2]
        assert tx.activations(before=0) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("0c1d", "; at least 8 digits are needed"),
        ("0c1d2e3", "; at least 8 digits are needed"),
        ("0c1d2e3f", "; more than one begins with these digits"),
        ("0c1d2e3f4", ""),
        ("other", ""),
        ("", ""),
    ],
)
def test_a_name_that_finds_no_revision_says_why(store: Store, name: str, why: str) -> None:
    ends = ("a" * 56, "b" * 56)
    with store.transaction() as tx:
        for end in ends:
            tx.save_rule_revision(revision(f"0c1d2e3f{end}"))
        assert find(tx, "0c1d2e3fa").digest == f"0c1d2e3f{ends[0]}"
        with pytest.raises(RuleRevisionNotFoundError) as told:
            find(tx, name)
    assert str(told.value) == f"revision of rules not found: `{name}`{why}"
    assert told.value.name == name


def test_what_was_undone_is_as_before(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_rule_revision(revision("aa"))
        tx.activate_rules(activation("aa"))
    with undone(store) as tx:
        tx.save_rule_revision(revision("bb"))
        tx.activate_rules(activation("bb", back=1))
    with store.transaction() as tx:
        assert tx.rule_revision("bb") is None
        assert tx.activate_rules(activation("cc", back=1)) == 2
