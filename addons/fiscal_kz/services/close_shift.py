"""Shift close (Z) and X report on request: documents like any other, with a key made by the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.bodies import DeskBody
from addons.fiscal_kz.domain.commands import CloseShift, RequestReport, check_key
from addons.fiscal_kz.domain.kinds import DocumentKind
from addons.fiscal_kz.services.accept import accept_document
from addons.fiscal_kz.services.jobs import lane_key
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import ApprovalAction, OperatorCard, RegisterCard, require_approval, sale_desk
from kernel.errors import Refusal
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

_BY_KEY = "SELECT id, kind FROM fkz_document WHERE company_id = ? AND register_id = ? AND client_key = ?"


async def close_shift(work: Work, command: CloseShift) -> str:
    """Put a shift close at the lane's tail, or close at once while autonomous; id of the document.

    The same key gives the same document. Raises Refusal: SHIFT_NOT_OPEN, FISCAL_KEY_CONFLICT, those of
    require_approval and of acceptance.
    """
    return await _accept(work, command, DocumentKind.CLOSE, permission="fiscal_kz.close_shift")


async def request_report(work: Work, command: RequestReport) -> str:
    """Put an X report at the lane's tail, or make it at once while autonomous; id of the document."""
    return await _accept(work, command, DocumentKind.REPORT, permission="fiscal_kz.report")


async def _accept(
    work: Work, command: CloseShift | RequestReport, kind: DocumentKind, *, permission: str
) -> str:
    check_key(command.key)
    register, operator = await _desk(work, command.register_id, command.operator_id, permission=permission)
    lane = await work.lane(lane_key(register.id), company_id=register.company_id)
    known = await work.row(_BY_KEY, work.company_id, register.id, command.key)
    if known is not None:
        if known["kind"] != kind.value:
            raise Refusal("FISCAL_KEY_CONFLICT", field="key")
        return str(known["id"])
    if isinstance(command, CloseShift):
        await require_approval(
            work,
            ApprovalAction.SHIFT_CLOSE,
            register_id=register.id,
            token=command.approval,
            subject=f"close:{command.key}",
        )
    return await accept_document(
        work,
        lane,
        register_id=register.id,
        outlet=register.outlet,
        kind=kind,
        body=DeskBody(operator.id, operator.code, operator.name, _withdraws_cash(work, command)),
        created_ms=work.now_ms,
        client_key=command.key,
    )


def withdraws_at_close(reader: Reader) -> bool:
    """Whether shift closes of the reader's company take all cash out when nobody says otherwise."""
    return reader.settings(FiscalSettings).withdraw_at_close


def _withdraws_cash(work: Work, command: CloseShift | RequestReport) -> bool:
    if not isinstance(command, CloseShift):
        return False
    return withdraws_at_close(work) if command.withdraws_cash is None else command.withdraws_cash


async def _desk(
    work: Work, register_id: str, operator_id: str | None, *, permission: str
) -> tuple[RegisterCard, OperatorCard]:
    principal = work.principal
    principal.require(permission)
    principal.require_register(register_id)
    if principal.kind is PrincipalKind.OPERATOR:
        operator_id = principal.subject_id
    if operator_id is None:
        raise Refusal("FISCAL_OPERATOR_REQUIRED", field="operatorId")
    return await sale_desk(work, register_id, operator_id)
