"""Waiting for what becomes of a document or activation: listen first, commit, wait for the notice, read the
truth once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from addons.fiscal_kz.domain.commands import ActivateKkm, CloseShift, RequestReport
from addons.fiscal_kz.gql.life_types import KkmLifeType
from addons.fiscal_kz.gql.report_types import FiscalReportType
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.activate import activate_kkm
from addons.fiscal_kz.services.close_shift import close_shift, request_report
from addons.fiscal_kz.services.desk import DOCUMENT_TOPIC
from addons.fiscal_kz.services.info import ACTIVATION_TOPIC
from addons.fiscal_kz.services.passports import LifeView
from addons.fiscal_kz.services.proof import prove_ahead
from addons.fiscal_kz.services.records import DocumentState
from addons.fiscal_kz.services.register_news import REGISTER_TOPIC
from addons.fiscal_kz.services.views import KkmView
from kernel import crash
from kernel.errors import Refusal
from kernel.gql.context import GqlContext

REREAD_S = 15.0  # a lost notice costs a subscriber at most this long


async def activated(context: GqlContext, command: ActivateKkm, *, wait_ms: int) -> KkmType | KkmLifeType:
    """Activate and wait for the INFO exchange; the life while it lasts. A refusal of the OFD is raised as
    ours.
    """
    async with context.app.bus.expect(ACTIVATION_TOPIC, command.register_id) as waiter:
        await context.transact(activate_kkm, command)
        if wait_ms:
            await waiter.wait(wait_ms / 1000)
    life = await _answered_life(context, command.register_id)
    if life.kkm is None or life.is_asked:
        return life
    code = life.kkm.view.activation_code
    if code is not None:
        raise Refusal(code)
    return life.kkm


async def ended_asking(context: GqlContext, register_id: str, *, wait_ms: int) -> KkmLifeType:
    """Wait until an OFD that is being asked has answered. Its refusal is raised as ours."""
    async with context.app.bus.expect(ACTIVATION_TOPIC, register_id) as waiter:
        life = await _answered_life(context, register_id)  # it may have answered before we listened
        if life.is_asked and wait_ms:
            await waiter.wait(wait_ms / 1000)
            life = await _answered_life(context, register_id)
    return life


async def life_of_register(context: GqlContext, register_id: str) -> KkmLifeType:
    """The life of a register's KKM as it is now. Raises Refusal("REGISTER_FORBIDDEN")."""
    context.forget()
    view: LifeView | None = await context.loader("fiscal_kz.life_by_register").load(register_id)
    if view is None:
        raise Refusal("REGISTER_FORBIDDEN")
    return KkmLifeType.of(view, context)


async def _answered_life(context: GqlContext, register_id: str) -> KkmLifeType:
    life = await life_of_register(context, register_id)
    paper = life.view.passport
    if paper is not None and paper.refusal_code is not None:
        raise Refusal(paper.refusal_code)
    return life


async def reported(
    context: GqlContext, command: CloseShift | RequestReport, *, wait_ms: int
) -> FiscalReportType:
    """Ask for a shift close or X report and wait until it is made.

    A refusal at its turn is raised as ours.
    """
    async with context.reading() as reader:
        await prove_ahead(reader, command.register_id)
    if isinstance(command, CloseShift):
        key = await context.transact(close_shift, command)
    else:
        key = await context.transact(request_report, command)
    crash.point("fiscal_kz.after_commit")
    async with context.app.bus.expect(DOCUMENT_TOPIC, key) as waiter:
        report = await _report(context, key)  # it may be ready since before we listened
        if report.state is DocumentState.QUEUED and wait_ms:
            await waiter.wait(wait_ms / 1000)
            report = await _report(context, key)
    if report.state is DocumentState.REJECTED:
        raise Refusal(report.reject_code or "OFD_REFUSED")
    return report


async def kkm_of_register(context: GqlContext, register_id: str) -> KkmType:
    """The KKM of a register that surely has one, as it is now."""
    context.forget()
    view: KkmView | None = await context.loader("fiscal_kz.kkm_by_register").load(register_id)
    if view is None:
        raise Refusal("KKM_NOT_ACTIVE")
    return KkmType.of(view, context)


async def states_of(context: GqlContext, register_id: str) -> AsyncIterator[KkmType]:
    """The KKM now and whenever its state changes."""
    while True:
        async with context.app.bus.expect(REGISTER_TOPIC, register_id) as waiter:
            yield await kkm_of_register(context.fresh(), register_id)
            await waiter.wait(REREAD_S)


async def _report(context: GqlContext, key: str) -> FiscalReportType:
    report = await FiscalReportType.load(context, key)
    assert report is not None, "committed a moment ago"
    return report
