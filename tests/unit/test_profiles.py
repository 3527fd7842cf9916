"""The two profiles, switch by switch and number by number, and what a tenant may override."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from ostiary.domain.errors import DefinitionError
from ostiary.domain.policy import Recurrence, ScopeKind
from ostiary.domain.tenant import Overlap, Profile
from ostiary.rulebook import places
from ostiary.rulebook.profiles import load_profile, profile_names, profiles_dir
from tests.unit.defining import loaded, overrides, said

DAY = timedelta(days=1)
STANDARD = load_profile("standard").profile
ENTRA = load_profile("entra").profile
# The tables of sections 2 and 18.
TABLE: dict[str, tuple[Any, Any]] = {
    "overlap": (Overlap.CHOOSE, Overlap.TIERS),
    "all_external_scope": (False, True),
    "manager_for_external": (True, False),
    "manager_needs_fallback": (False, True),
    "repeated_relation": (True, False),
    "directory_roles": (False, True),
    "any_site": (False, True),
    "show_out_of_scope": (False, True),
    "default_duration": (30 * DAY, 365 * DAY),
    "longest_duration": (3660 * DAY, 3660 * DAY),
    "default_stage_time_out": (30 * DAY, 14 * DAY),
    "shortest_time_out_with_escalation": (4 * DAY, 4 * DAY),
    "shortest_escalation": (DAY, DAY),
    "default_review_recurrence": (90 * DAY, None),
    "quarterly_in_calendar_months": (False, True),
    "review_window": (25 * DAY, 25 * DAY),
    "longest_extension_wait": (14 * DAY, 14 * DAY),
    "expiry_reminders": ((14 * DAY, DAY), (14 * DAY, DAY)),
    "guest_deletion_after_block": (30 * DAY, 30 * DAY),
    "restore_of_deleted_users": (30 * DAY, 30 * DAY),
    "delivery_late_after": (DAY / 24, DAY),
    "delivery_retry_window": (DAY / 6, DAY / 6),
    "reprocess_window": (14 * DAY, 14 * DAY),
    "delete_package_with_assignments": (True, False),
    "propose_organizations": (False, True),
    "decide_by_mail": (True, False),
    "approval_delegation": (False, True),
    "risk_stage": (False, True),
    "risk_stage_time_out": (14 * DAY, 14 * DAY),
    "dynamic_stage": (False, True),
    "revoke_approval": (False, True),
    "group_membership_transitive": (True, True),
}
LIMITS: dict[str, tuple[int | None, int | None]] = {
    "approval_stages": (2, 3),
    "resources_per_package": (30, None),
    "packages_per_catalog": (500, None),
    "catalogs_per_tenant": (200, 7_500),
    "packages_per_tenant": (None, 20_000),
    "policies_per_package": (None, None),
    "policies_per_tenant": (None, 25_000),
    "auto_policies_per_package": (1, 1),
    "assignments_per_auto_policy": (None, 15_000),
    "assignments_per_package": (None, None),
    "assignments_per_tenant": (None, 300_000),
    "connected_organizations": (None, 2_500),
    "orgs_per_policy": (None, 1_000),
    "subjects_per_policy": (None, 500),
    "extensions_per_tenant": (None, 500),
    "extensions_per_catalog": (None, None),
    "extensions_per_policy": (None, None),
    "resources_per_catalog": (None, None),
    "attributes_per_catalog": (None, None),
    "users_per_catalog_role": (None, None),
    "requests_in_three_months": (None, 200_000),
    "group_members": (50_000, 50_000),
}


def test_there_are_two_profiles() -> None:
    """S-2."""
    assert profile_names() == ("entra", "standard")
    assert (STANDARD.name, ENTRA.name) == ("standard", "entra")
    assert STANDARD.version
    assert ENTRA.version


@pytest.mark.parametrize("name", TABLE)
def test_switches_and_numbers(name: str) -> None:
    """S-2, section 2 and section 18."""
    assert (getattr(STANDARD, name), getattr(ENTRA, name)) == TABLE[name]


def test_the_table_leaves_nothing_out() -> None:
    rest = {"name", "version", "tiers", "text_limits", "limits"}
    assert TABLE.keys() | rest == set(Profile.__struct_fields__)


@pytest.mark.parametrize("name", LIMITS)
def test_limits(name: str) -> None:
    """Section 18."""
    assert (STANDARD.limits[name], ENTRA.limits[name]) == LIMITS[name]


def test_the_limits_leave_nothing_out() -> None:
    assert STANDARD.limits.keys() == ENTRA.limits.keys() == LIMITS.keys()


@pytest.mark.parametrize("profile", [STANDARD, ENTRA], ids=lambda profile: profile.name)
def test_text_limits(profile: Profile) -> None:
    """S-32."""
    assert profile.text_limits == {"name": 256, "description": 4_096, "answer": 10_000}


@pytest.mark.parametrize("profile", [STANDARD, ENTRA], ids=lambda profile: profile.name)
def test_tiers(profile: Profile) -> None:
    """S-55: every kind that takes part has a tier."""
    assert [set(tier) for tier in profile.tiers] == [
        {ScopeKind.SPECIFIC_SUBJECTS, ScopeKind.SPECIFIC_ORGANIZATIONS},
        {ScopeKind.ALL_MEMBERS},
        {ScopeKind.ALL_DIRECTORY_USERS},
        {ScopeKind.ALL_CONFIGURED_ORGANIZATIONS, ScopeKind.ALL_EXTERNAL},
    ]


def test_quarterly() -> None:
    """S-122."""
    assert load_profile("standard").quarterly == Recurrence(every=90 * DAY)
    assert load_profile("entra").quarterly == Recurrence(months=3)


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param({"default_duration": "P60D"}, {"default_duration": 60 * DAY}, id="S-3 a time"),
        pytest.param({"overlap": "tiers"}, {"overlap": Overlap.TIERS}, id="S-3 a word"),
        pytest.param({"show_out_of_scope": True}, {"show_out_of_scope": True}, id="S-3 a switch"),
        pytest.param(
            {"group_membership": "direct"},
            {"group_membership_transitive": False},
            id="S-34 direct members only",
        ),
        pytest.param(
            {"expiry_reminders": ["P1D", "P7D"]},
            {"expiry_reminders": (7 * DAY, DAY)},
            id="S-3 a list, the earliest first",
        ),
        pytest.param(
            {"guest_deletion_after_block": "P0D"},
            {"guest_deletion_after_block": timedelta(0)},
            id="S-116 at once",
        ),
        pytest.param(
            {"default_review_recurrence": "must-be-stated"},
            {"default_review_recurrence": None},
            id="S-122 must be stated",
        ),
        pytest.param(
            {"quarterly": "P3M"},
            {"quarterly_in_calendar_months": True},
            id="S-122 quarterly in calendar months",
        ),
        pytest.param(
            {"limits": {"approval_stages": 10}},
            {"limits": {**STANDARD.limits, "approval_stages": 10}},
            id="S-3 one limit, at the end of its range",
        ),
        pytest.param(
            {"limits": {"packages_per_catalog": "unlimited"}},
            {"limits": {**STANDARD.limits, "packages_per_catalog": None}},
            id="S-3 one limit less",
        ),
        pytest.param(
            {"text_limits": {"name": 16}},
            {"text_limits": {**STANDARD.text_limits, "name": 16}},
            id="S-32 shorter names",
        ),
    ],
)
def test_overrides(tmp_path: Path, fields: dict[str, Any], want: dict[str, Any]) -> None:
    """Only what the tenant names differs."""
    assert loaded(tmp_path, overrides(**fields)).profile == msgspec.structs.replace(
        STANDARD, **want
    )


def test_overrides_hold_under_another_profile(tmp_path: Path) -> None:
    """S-2."""
    found = loaded(tmp_path, overrides(default_duration="P60D"), "entra").profile
    assert found == msgspec.structs.replace(ENTRA, default_duration=60 * DAY)


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"default_duration": "PT30M"},
            [
                "INVALID_MODEL: tenant.overrides.default_duration: must be from PT1H to P3660D, "
                "not PT30M"
            ],
            id="S-3 below the range",
        ),
        pytest.param(
            {"longest_duration": "P3661D"},
            [
                "INVALID_MODEL: tenant.overrides.longest_duration: must be from P1D to P3660D, not "
                "P3661D"
            ],
            id="S-3 S-98 above the range",
        ),
        pytest.param(
            {
                "longest_duration": "P95D",
                "default_duration": "P100D",
                "default_stage_time_out": "P99D",
            },
            [
                "INVALID_MODEL: tenant.overrides.default_duration: must not be longer than "
                "longest_duration P95D",
                "INVALID_MODEL: tenant.overrides.default_stage_time_out: must not be longer than "
                "longest_duration P95D",
            ],
            id="S-3 values that contradict each other or the rest of the profile",
        ),
        pytest.param(
            {"review_window": "P90D"},
            [
                "INVALID_MODEL: tenant.overrides.review_window: must be shorter than "
                "default_review_recurrence P90D"
            ],
            id="S-121 a window as long as the recurrence",
        ),
        pytest.param(
            {"limits": {"approval_stages": 0}},
            ["INVALID_MODEL: tenant.overrides.limits.approval_stages: must be from 1 to 10, not 0"],
            id="S-3 a limit below its range",
        ),
        pytest.param(
            {"limits": {"approval_stages": "unlimited"}},
            [
                "INVALID_MODEL: tenant.overrides.limits.approval_stages: must be from 1 to 10, not "
                "unlimited"
            ],
            id="S-3 a limit that cannot be lifted",
        ),
        pytest.param(
            {"limits": {"resources_per_package": 0}},
            [
                "INVALID_MODEL: tenant.overrides.limits.resources_per_package: must be at least 1, "
                "not 0"
            ],
            id="S-3 a limit below its least",
        ),
        pytest.param(
            {"guest_deletion_after_block": "P3661D"},
            [
                "INVALID_MODEL: tenant.overrides.guest_deletion_after_block: must be at most "
                "P3660D, not P3661D"
            ],
            id="S-116 above its most",
        ),
        pytest.param(
            {"limits": {"packages": 5}},
            ["UNKNOWN_FIELD: tenant.overrides.limits: no such field here: `packages`"],
            id="S-3 a limit that nobody knows",
        ),
        pytest.param(
            {"limits": {"approval_stages": -1}},
            [
                "INVALID_MODEL: tenant.overrides.limits.approval_stages: must be a whole number, 0 "
                "or more, not `-1`"
            ],
            id="S-3 a negative limit",
        ),
        pytest.param(
            {"all_external_scope": "maybe"},
            ["INVALID_MODEL: tenant.overrides.all_external_scope: must be yes or no, not `maybe`"],
            id="S-3 a switch that is neither",
        ),
        pytest.param(
            {"default_durations": "P1D"},
            [
                "UNKNOWN_FIELD: tenant.overrides: no such field here: `default_durations`; did you "
                "mean `default_duration`?"
            ],
            id="S-3 a value that nobody knows",
        ),
        pytest.param(
            {"expiry_reminders": ["P14D", "P366D"]},
            [
                "INVALID_MODEL: tenant.overrides.expiry_reminders: must be from PT1H to P365D, not "
                "P366D"
            ],
            id="S-3 one of several out of range",
        ),
        pytest.param(
            {"tiers": [["all_members"], ["all_members"]]},
            [
                "INVALID_MODEL: tenant.overrides.tiers: must hold each of these once: "
                "specific_subjects, all_members, all_directory_users, specific_organizations, "
                "all_configured_organizations, all_external"
            ],
            id="S-55 tiers that leave kinds out",
        ),
        pytest.param(
            {"tiers": [["none"]]},
            [
                "UNKNOWN_VALUE: tenant.overrides.tiers[0][0]: `none` is not one of "
                "specific_subjects, all_members, all_directory_users, specific_organizations, "
                "all_configured_organizations, all_external"
            ],
            id="S-55 a tier for a scope that takes no part",
        ),
        pytest.param(
            {"quarterly": "P3M1D"},
            [
                "INVALID_MODEL: tenant.overrides.quarterly: must be exact time or calendar months, "
                "such as P3M"
            ],
            id="S-4 a mixed step",
        ),
    ],
)
def test_faulty_overrides(tmp_path: Path, fields: dict[str, Any], want: list[str]) -> None:
    assert said(tmp_path, overrides(**fields)) == want


def profile_with(folder: Path, old: str, new: str) -> None:
    text = (profiles_dir() / "standard.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "standard.yaml").write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "want"),
    [
        pytest.param(
            "default_duration: P30D",
            "default_duration: P4000D",
            r"values\.default_duration: must be from PT1H to P3660D",
            id="S-2 out of its own range",
        ),
        pytest.param(
            "  any_site: no",
            "  any_sight: no",
            r"values\.any_site: is missing",
            id="S-2 a value that is missing",
        ),
        pytest.param(
            "ranges:\n",
            "ranges:\n  nothing: {least: P1D}\n",
            "no such value: `nothing`",
            id="S-3 a range of nothing",
        ),
        pytest.param(
            "ranges:\n",
            "ranges:\n  any_site: 5\n",
            r"must be \{least: \.\.\., most: \.\.\.\}",
            id="S-3 a range that is a number",
        ),
        pytest.param("name: standard", "- standard", "YAML_SYNTAX", id="a profile that is no YAML"),
    ],
)
def test_a_faulty_profile_is_refused(tmp_path: Path, old: str, new: str, want: str) -> None:
    profile_with(tmp_path, old, new)
    with pytest.raises(DefinitionError, match=want):
        load_profile("standard", folder=tmp_path)


def test_a_profile_that_is_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "standard.yaml").write_text("[]", encoding="utf-8")
    with pytest.raises(DefinitionError, match="must be a mapping, not a list"):
        load_profile("standard", folder=tmp_path)


def test_no_number_stands_in_the_code(tmp_path: Path) -> None:
    """S-2: another profile file, other numbers."""
    profile_with(tmp_path, "default_duration: P30D", "default_duration: P45D")
    found = load_profile("standard", folder=tmp_path).profile
    assert found == msgspec.structs.replace(STANDARD, default_duration=45 * DAY)


def places_at(folder: Path) -> ModuleType:
    """The module that finds the rules, as it stands in another folder."""
    home = folder / "ostiary" / "rulebook"
    home.mkdir(parents=True)
    shutil.copy(places.__file__, home)
    spec = importlib.util.spec_from_file_location("elsewhere", home / "places.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_installed_package_brings_its_rules(tmp_path: Path) -> None:
    assert places_at(tmp_path).rules_dir() == tmp_path / "ostiary" / "rules"


def test_a_checkout_goes_by_its_own_rules(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "rules").mkdir()
    assert places_at(tmp_path / "server").rules_dir() == tmp_path / "rules"


def test_a_profile_that_does_not_exist() -> None:
    with pytest.raises(DefinitionError, match="FILE_UNREADABLE"):
        load_profile("nowhere")
