"""Consent to the terms of this installation: which version, who, when, from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.origin import current_origin

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work


def require_terms(reader: Reader, version: str) -> None:
    """The version in force was agreed to, where there are terms. Raises Refusal("TERMS_NOT_ACCEPTED")."""
    wanted = reader.settings(OrganizationSettings).terms_version
    if wanted and version != wanted:
        raise Refusal("TERMS_NOT_ACCEPTED", field="termsVersion", version=wanted)


async def consent(work: Work, user_id: str, version: str) -> None:
    """Remember that a user agreed; the first time counts."""
    sql = "SELECT id FROM org_consent WHERE user_id = ? AND version = ?"
    if await work.row(sql, user_id, version) is not None:
        return
    values: dict[str, Param] = {"id": new_id(), "user_id": user_id, "version": version, "at_ms": work.now_ms}
    await work.insert("org_consent", {**values, "address": current_origin().address})
    await work.audit("organization.consent", f"user:{user_id}", {"version": version})


async def accept_terms(work: Work, version: str) -> str:
    """The principal's user agrees to the version in force. Raises Refusal("TERMS_NOT_ACCEPTED")."""
    require_terms(work, version)
    if version:
        await consent(work, work.principal.subject_id, version)
    return version


async def terms_to_accept(reader: Reader, user_id: str) -> str | None:
    """The version in force when that user has not agreed to it; None with nothing to agree to."""
    wanted = reader.settings(OrganizationSettings).terms_version
    if not wanted:
        return None
    sql = "SELECT id FROM org_consent WHERE user_id = ? AND version = ?"
    return wanted if await reader.row(sql, user_id, wanted) is None else None
