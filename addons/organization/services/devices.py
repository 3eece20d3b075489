"""Devices: a one-time binding token turns a till into a known device of one register, until it is unbound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from addons.organization.domain.cards import DeviceId, RegisterId
from addons.organization.domain.checks import check_text
from addons.organization.domain.devices import (
    DEVICE_SETTING_NAME_MAX,
    DEVICE_SETTING_VALUE_MAX,
    DEVICE_SETTINGS_MAX,
    DEVICE_TEXT_LENGTH,
    DeviceReport,
)
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.cards import register_card
from addons.organization.services.rows import change, own_row
from addons.organization.services.sessions import end_sessions_opened_by
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.security.api_tokens import TokenKind, digest_of, kind_of, make_token
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.texts import one_line

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work

TITLE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class IssueBinding:
    """Ask for a one-time token that lets a new device work at a register.

    awaits_report: the register's settings are locked from the binding to the device's first report.
    """

    register_id: RegisterId
    title: str
    awaits_report: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """token: shown once, good until until_ms."""

    device_id: DeviceId
    token: str = field(repr=False)
    until_ms: int


@dataclass(frozen=True, slots=True)
class BoundDevice:
    """token: what the device says in every request; shown once."""

    device_id: DeviceId
    company_id: CompanyId
    register_id: RegisterId
    token: str = field(repr=False)


async def issue_binding(work: Work, command: IssueBinding) -> Binding:
    """A device that waits for its token to be used.

    Raises Refusal: REGISTER_UNKNOWN, REGISTER_DECOMMISSIONED, TEXT_…
    """
    work.principal.require_register(command.register_id)
    card = await register_card(work, command.register_id)
    if card.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", field="registerId", number=card.number)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    device_id = DeviceId(new_id())
    token = make_token(TokenKind.BIND)
    until_ms = work.now_ms + work.settings(OrganizationSettings).binding_s * 1000
    await work.insert(
        "org_device",
        {
            "id": device_id,
            "company_id": work.company_id,
            "register_id": card.id,
            "title": title,
            "bind_digest": token.digest,
            "bind_until_ms": until_ms,
            "created_ms": work.now_ms,
            "awaits_report": int(command.awaits_report),
            "model": "",
            "version": "",
            "settings": "{}",
        },
    )
    await work.audit("organization.issue_binding", f"device:{device_id}", {"register": card.id})
    return Binding(device_id, token.text, until_ms)


async def bind(database: Database, token: str) -> BoundDevice:
    """Turn a binding token into a device token; works once. A flow. Raises Refusal("BINDING_WRONG")."""
    try:
        kind = kind_of(token)
    except Refusal:
        raise Refusal("BINDING_WRONG", field="bindingToken") from None
    async with database.reading(SYSTEM) as reader:
        row = await reader.row(
            "SELECT id, company_id FROM org_device WHERE bind_digest = ?", digest_of(token)
        )
    if kind is not TokenKind.BIND or row is None:
        raise Refusal("BINDING_WRONG", field="bindingToken")
    device = Principal(PrincipalKind.DEVICE, row["id"], CompanyId(row["company_id"]))
    return await database.transact(bind_device, token, principal=device)


async def bind_device(work: Work, token: str) -> BoundDevice:
    """The step of bind on behalf of the device itself. Raises Refusal("BINDING_WRONG")."""
    device_id = DeviceId(work.principal.subject_id)
    row = await own_row(work, "org_device", device_id, "BINDING_WRONG", field="bindingToken")
    own = make_token(TokenKind.DEVICE)
    # The condition decides between two that come at once.
    taken = await work.execute(
        """UPDATE org_device SET digest = ?, bound_ms = ?, bind_digest = NULL
           WHERE id = ? AND bind_digest = ? AND bind_until_ms > ? AND revoked_ms IS NULL""",
        own.digest,
        work.now_ms,
        device_id,
        digest_of(token),
        work.now_ms,
    )
    if not taken:
        raise Refusal("BINDING_WRONG", field="bindingToken")
    await work.audit("organization.bind_device", f"device:{device_id}", {"register": row["register_id"]})
    return BoundDevice(device_id, work.company_id, RegisterId(row["register_id"]), own.text)


async def report_device(work: Work, report: DeviceReport) -> tuple[DeviceId, RegisterId]:
    """What the principal, a device, is and how it is set up; opens the settings of its register.

    Raises Refusal: DEVICE_UNKNOWN (the principal is none), DEVICE_SETTINGS_TOO_MANY, TEXT_…
    """
    device_id = DeviceId(work.principal.device_id or "")
    row = await own_row(work, "org_device", device_id, "DEVICE_UNKNOWN")
    if len(report.settings) > DEVICE_SETTINGS_MAX:
        raise Refusal("DEVICE_SETTINGS_TOO_MANY", field="settings", max=DEVICE_SETTINGS_MAX)
    settings = {
        check_text(name, field="settings", length_max=DEVICE_SETTING_NAME_MAX): one_line(value)[
            :DEVICE_SETTING_VALUE_MAX
        ]
        for name, value in report.settings
    }
    said = {
        "model": check_text(report.model, field="model", length_max=DEVICE_TEXT_LENGTH),
        "version": check_text(report.version, field="version", length_max=DEVICE_TEXT_LENGTH),
        "settings": orjson.dumps(settings, option=orjson.OPT_SORT_KEYS).decode(),
    }
    if row["reported_ms"] is None or any(row[name] != value for name, value in said.items()):
        await work.audit("organization.report_device", f"device:{device_id}", said)
    await change(work, "org_device", device_id, {**said, "reported_ms": work.now_ms})
    return device_id, RegisterId(row["register_id"])


async def require_reported(reader: Reader, register_id: str) -> None:
    """Settings of a register may be changed: no device bound to it still owes its first report.

    Raises Refusal("REGISTER_AWAITS_REPORT").
    """
    row = await reader.row(
        """SELECT title FROM org_device WHERE company_id = ? AND register_id = ? AND awaits_report = 1
           AND reported_ms IS NULL AND digest IS NOT NULL AND revoked_ms IS NULL LIMIT 1""",
        reader.company_id,
        register_id,
    )
    if row is not None:
        raise Refusal("REGISTER_AWAITS_REPORT", device=row["title"])


async def unbind_device(work: Work, device_id: DeviceId) -> DeviceId:
    """End the device's token, its unused binding and its operators' sessions.

    Raises Refusal("DEVICE_UNKNOWN").
    """
    row = await own_row(work, "org_device", device_id, "DEVICE_UNKNOWN", field="id")
    work.principal.require_register(row["register_id"])
    if row["revoked_ms"] is None:
        await change(work, "org_device", device_id, {"revoked_ms": work.now_ms, "bind_digest": None})
        await end_sessions_opened_by(work, device_id)
        await work.audit("organization.unbind_device", f"device:{device_id}")
    return device_id


async def unbind_register(work: Work, register_id: RegisterId) -> int:
    """Unbind every device of a register of the principal's company; how many there were.

    Raises Refusal("REGISTER_UNKNOWN").
    """
    card = await register_card(work, register_id)
    sql = "SELECT id FROM org_device WHERE company_id = ? AND register_id = ? AND revoked_ms IS NULL"
    rows = await work.rows(sql, work.company_id, card.id)
    for row in rows:
        await unbind_device(work, DeviceId(row["id"]))
    return len(rows)


async def is_device_of(reader: Reader, device_id: str, register_id: str) -> bool:
    """True for a device of the reader's company that is bound to the register now."""
    row = await reader.row(
        """SELECT id FROM org_device
           WHERE id = ? AND company_id = ? AND register_id = ?
           AND digest IS NOT NULL AND revoked_ms IS NULL""",
        device_id,
        reader.company_id,
        register_id,
    )
    return row is not None
