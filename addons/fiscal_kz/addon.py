"""Wires the fiscal engine into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.gql.contributions import fiscal_of_document, fiscal_of_register
from addons.fiscal_kz.gql.loaders import kkm_by_id, kkm_by_register, ticket_by_subject
from addons.fiscal_kz.gql.mutations import FiscalMutation
from addons.fiscal_kz.gql.queries import FiscalQuery
from addons.fiscal_kz.gql.subscriptions import FiscalSubscription
from addons.fiscal_kz.jobs.document import DocumentJob
from addons.fiscal_kz.services.fiscalizer import KzFiscalizer
from addons.fiscal_kz.services.jobs import DOCUMENT_JOB
from addons.fiscal_kz.services.moving import refuse_while_busy
from addons.fiscal_kz.services.ports import Wire
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import HOOK_REGISTER_DECOMMISSIONING, HOOK_REGISTER_MOVING
from addons.trade.api import Fiscalizer
from kernel.addons.registry import Registry

VIEW, REPORT = "fiscal_kz.view", "fiscal_kz.report"
CLOSE_SHIFT, ACTIVATE = "fiscal_kz.close_shift", "fiscal_kz.activate"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.fiscal_kz.models")
    registry.settings(FiscalSettings)
    registry.provide(Wire, OfdWire())
    registry.provide(Fiscalizer, KzFiscalizer())
    registry.query(FiscalQuery)
    registry.mutation(FiscalMutation)
    registry.subscription(FiscalSubscription)
    registry.loader("fiscal_kz.kkm_by_id", kkm_by_id)
    registry.loader("fiscal_kz.kkm_by_register", kkm_by_register)
    registry.loader("fiscal_kz.ticket_by_subject", ticket_by_subject)
    registry.contribute("Sale", "fiscal", fiscal_of_document)
    registry.contribute("CashOperation", "fiscal", fiscal_of_document)
    registry.contribute("Register", "fiscal", fiscal_of_register)
    registry.hook(HOOK_REGISTER_MOVING, refuse_while_busy)
    registry.hook(HOOK_REGISTER_DECOMMISSIONING, refuse_while_busy)
    registry.job(DOCUMENT_JOB, DocumentJob(OfdClient()))
    registry.role("cashier", {VIEW})
    registry.role("senior_cashier", {VIEW, REPORT, CLOSE_SHIFT})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {VIEW, REPORT, CLOSE_SHIFT, ACTIVATE})
