"""The plan in words: every action and event has them, and ids have names where they are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from ostiary.analysis.diff.words import length
from ostiary.cli.labels import Labels
from ostiary.cli.phrases import ActionWords, earliest, instant, people, when, word_of
from ostiary.cli.plain import clean
from ostiary.v1 import decision_pb2 as contract
from tests.unit.decisions_to_print import LABELS, NOON, STAGE, action, days


@pytest.mark.parametrize(
    ("asked", "want"),
    [
        pytest.param(
            action("OPEN_STAGE", stage=2, time=NOON),
            "stage 2 opens: Mona Malik may decide",
            id="a stage that opens at a known time",
        ),
        pytest.param(
            action("OPEN_STAGE", stage=2, anchor=contract.ANCHOR_STAGE_OPENED),
            "stage 1 has approved: Mona Malik may decide",
            id="a stage that waits for the one before",
        ),
        pytest.param(
            action("ESCALATE_STAGE", stage=2),
            "if nobody has decided stage 2, Otto Ost may too",
            id="escalation",
        ),
        pytest.param(
            action("TIME_OUT_STAGE", stage=2),
            "if nobody has decided stage 2, the request is denied",
            id="time-out",
        ),
        pytest.param(
            action("CALL_EXTENSION", target="ext"),
            "the extension Ticket System is called",
            id="an extension",
        ),
        pytest.param(
            action("TIME_OUT_EXTENSION", target="ext"),
            "if the extension Ticket System has not replied, it counts as failed",
            id="an extension that is silent",
        ),
        pytest.param(
            action("START_DELIVERY"), "delivery to Emil Ek begins, as asked for", id="a later start"
        ),
        pytest.param(
            action("INVITE_GUEST"), "Emil Ek is invited into the directory", id="invitation"
        ),
        pytest.param(
            action("GRANT", target="app/User"), "Emil Ek gets Sales App (User)", id="grant"
        ),
        pytest.param(
            action("REVOKE", target="app/User"),
            "Emil Ek loses Sales App (User), unless another assignment gives the same",
            id="revocation",
        ),
        pytest.param(action("EXPIRE_ASSIGNMENT"), "the access of Emil Ek ends", id="expiry"),
        pytest.param(
            action("REMOVE_OUT_OF_SCOPE"),
            "the access ends, as Emil Ek has left the requestor scope",
            id="out of scope",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(every=days(90))),
            "an access review opens, and every 90 d from then on",
            id="reviews by days",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(months=3)),
            "an access review opens, and every 3 months from then on",
            id="reviews by months",
        ),
        pytest.param(
            action("OPEN_REVIEW", repeats=contract.Recurrence(months=1)),
            "an access review opens, and every month from then on",
            id="reviews each month",
        ),
        pytest.param(action("REMIND_REVIEWERS"), "the reviewers are reminded", id="half time"),
        pytest.param(
            action("CLOSE_REVIEW"), "the access review closes and takes effect", id="review closes"
        ),
        pytest.param(
            action("REMIND_EXPIRY"),
            "Emil Ek is reminded that the access will end",
            id="reminder",
        ),
        pytest.param(
            action("BLOCK_GUEST"),
            "the guest account of Emil Ek is blocked, if this was the last assignment",
            id="guest blocked",
        ),
        pytest.param(
            action("DELETE_GUEST"),
            "the guest account of Emil Ek is deleted, if nothing was assigned since",
            id="guest deleted",
        ),
        pytest.param(
            contract.ScheduledAction(kind=99, subject="emil"),  # type: ignore[arg-type]  # of a newer contract
            "ACTION_KIND_99 emil",
            id="something of a newer contract",
        ),
    ],
)
def test_what_an_action_does(asked: contract.ScheduledAction, want: str) -> None:
    words = ActionWords(contract.Decision(stages=[STAGE]), "team", LABELS)
    assert words.what([asked]) == want


def test_every_kind_of_action_has_words() -> None:
    """S-48."""
    words = ActionWords(contract.Decision(), "team", Labels())
    for kind in contract.ActionKind.values()[1:]:
        name = contract.ActionKind.Name(kind)
        assert "ACTION_KIND" not in words.what([contract.ScheduledAction(kind=name)]), name


@pytest.mark.parametrize(
    ("asked", "want", "soonest"),
    [
        pytest.param(
            action("GRANT", time=NOON), "2031-03-10 12:00", "2031-03-10", id="a known time"
        ),
        pytest.param(
            action("GRANT", time=Timestamp(seconds=NOON.seconds + 5)),
            "2031-03-10 12:00:05",
            "2031-03-10",
            id="a known time to the second",
        ),
        pytest.param(
            action("GRANT", anchor=contract.ANCHOR_APPROVED),
            "on approval",
            "2031-03-10",
            id="approval",
        ),
        pytest.param(
            action("REMIND_EXPIRY", anchor=contract.ANCHOR_APPROVED, offset=days(76)),
            "approval + 76 d",
            "2031-05-25",
            id="after approval",
        ),
        pytest.param(
            action(
                "GRANT",
                anchor=contract.ANCHOR_ASSIGNMENT_START,
                not_before_time=Timestamp(seconds=NOON.seconds + 86_400),
            ),
            "on the start",
            "2031-03-11",
            id="a start that was asked for",
        ),
        pytest.param(
            action("ESCALATE_STAGE", anchor=contract.ANCHOR_STAGE_OPENED, stage=2, offset=days(8)),
            "stage 2 opens + 8 d",
            "2031-03-18",
            id="after a stage opens",
        ),
        pytest.param(
            action("REMIND_EXPIRY", anchor=contract.ANCHOR_ASSIGNMENT_END, offset=days(-14)),
            "end - 14 d",
            None,
            id="before the end",
        ),
        pytest.param(
            action("CALL_EXTENSION", anchor=contract.ANCHOR_DELIVERED),
            "on delivery",
            "2031-03-10",
            id="delivery",
        ),
        pytest.param(
            action("REMOVE_OUT_OF_SCOPE", anchor=contract.ANCHOR_OUT_OF_SCOPE, offset=days(7)),
            "leaving scope + 7 d",
            None,
            id="leaving the scope",
        ),
        pytest.param(
            contract.ScheduledAction(anchor=99),  # type: ignore[arg-type]  # of a newer contract
            "later",
            None,
            id="an event of a newer contract",
        ),
    ],
)
def test_when_an_action_is_due(
    asked: contract.ScheduledAction, want: str, soonest: str | None
) -> None:
    found = earliest(asked, NOON)
    assert when(asked) == want
    assert (None if found is None else f"{found:%Y-%m-%d}") == soonest


@pytest.mark.parametrize(
    ("time", "want"),
    [
        (timedelta(0), "0 d"),
        (timedelta(days=90), "90 d"),
        (timedelta(days=1, hours=12), "1 d 12 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(days=-14), "14 d"),
    ],
)
def test_lengths_of_time(time: timedelta, want: str) -> None:
    assert length(time) == want


@pytest.mark.parametrize(
    ("ids", "want"),
    [
        ([], ""),
        (["emil"], "Emil Ek"),
        (["emil", "mona"], "Emil Ek or Mona Malik"),
        (["emil", "mona", "otto"], "Emil Ek, Mona Malik or Otto Ost"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 more"),
    ],
)
def test_several_people(ids: list[str], want: str) -> None:
    assert people(ids, LABELS) == want


def test_ids_stand_for_themselves_where_nobody_knows_names() -> None:
    """A server gives ids; S-138 still asks for a readable answer."""
    bare = Labels()
    assert bare.package_with_id("tenants/t/catalogs/c/accessPackages/p") == "p"
    assert bare.policy("p", "tenants/t/catalogs/c/accessPackages/p/assignmentPolicies/a") == "a"
    assert bare.person_with_id("tenants/t/users/emil") == "emil"
    assert bare.entry("p", "app/User") == "app (User)"
    assert bare.entry("p", "app") == "app"
    assert bare.extension("p", "ext") == "ext"
    assert bare.evidence("organization:o") == "organization o"


def test_names_stand_before_ids_where_the_tenant_is_at_hand() -> None:
    assert LABELS.person_with_id("tenants/acme/users/emil") == "Emil Ek (emil)"
    assert LABELS.package_with_id("team") == "Sales Team (team) in Sales Resources"
    assert LABELS.policy_with_id("team", "staff") == "Employees (staff)"
    assert LABELS.evidence("user:emil") == "the name of Emil Ek (emil)"
    assert LABELS.evidence("sales") == "group Sales Staff (sales)"
    assert LABELS.evidence("group:sales") == "group Sales Staff (sales)"
    assert LABELS.evidence("organization:tailwind") == "organization Tailwind Traders (tailwind)"


def test_a_name_that_a_terminal_cannot_print_does_not_fail() -> None:
    assert clean("Zoë\x1b[31m\n") == "Zoë [31m "


def test_numbers_of_a_newer_contract_are_shown() -> None:
    assert word_of(contract.Phase.DESCRIPTOR, 5, "PHASE_") == "LIFECYCLE"
    assert word_of(contract.Phase.DESCRIPTOR, 77, "PHASE_") == "PHASE_77"


def test_an_instant_is_told_in_utc() -> None:
    moment = Timestamp()
    moment.FromDatetime(datetime(2031, 3, 10, 9, tzinfo=UTC))
    assert instant(moment) == "2031-03-10 09:00"
