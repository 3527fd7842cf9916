"""What is said of a tenant itself, as the section `tenant` of a folder says it."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from ostiary.domain.policy import Approver
from ostiary.domain.tenant import RiskStage, Settings
from ostiary.operations.documents import TenantDocument
from ostiary.rpc.convert.definition_texts import spell


def section_of(document: TenantDocument) -> str:
    """Give the section as JSON; a folder with it has the same profile and settings."""
    section: dict[str, Any] = {
        "id": document.id,
        "name": document.name,
        "profile": document.profile.name,
    }
    if document.overrides:
        section["overrides"] = dict(document.overrides)
    section["settings"] = {**_settings(document.settings), **_known(document)}
    return json.dumps(section, ensure_ascii=False, sort_keys=True)


def _settings(settings: Settings) -> dict[str, Any]:
    plain: dict[str, Any] = {"guest_cleanup": settings.guest_cleanup.value}
    if settings.allowed_domains is not None:
        plain["allowed_domains"] = list(settings.allowed_domains)
    if settings.blocked_domains:
        plain["blocked_domains"] = list(settings.blocked_domains)
    for name in ("keep_audit_for", "keep_requests_for"):
        length = getattr(settings, name)
        if length is not None:
            plain[name] = spell(length)
    if settings.risk_stage is not None:
        plain["risk_stage"] = _risk_stage(settings.risk_stage)
    return plain


def _risk_stage(stage: RiskStage) -> dict[str, Any]:
    return {
        "threshold": stage.threshold.value,
        "approvers": list(map(_approver, stage.approvers)),
    }


def _approver(approver: Approver) -> str:
    return f"{approver.kind.value}:{approver.id}"


def _known(document: TenantDocument) -> dict[str, Any]:
    domains: dict[str, list[str]] = defaultdict(list)
    for domain, tenant in sorted(document.known_domains.items()):
        domains[tenant].append(domain)
    if not domains:
        return {}
    return {
        "known_tenants": [
            {"tenant_id": tenant, "domains": found} for tenant, found in sorted(domains.items())
        ]
    }
