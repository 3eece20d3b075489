"""Wires the fiscal engine into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.jobs.document import DocumentJob
from addons.fiscal_kz.services.fiscalizer import KzFiscalizer
from addons.fiscal_kz.services.jobs import DOCUMENT_JOB
from addons.fiscal_kz.services.ports import Wire
from addons.fiscal_kz.settings import FiscalSettings
from addons.trade.api import Fiscalizer
from kernel.addons.registry import Registry

VIEW, REPORT = "fiscal_kz.view", "fiscal_kz.report"
CLOSE_SHIFT, ACTIVATE = "fiscal_kz.close_shift", "fiscal_kz.activate"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    wire = OfdWire()
    registry.models("addons.fiscal_kz.models")
    registry.settings(FiscalSettings)
    registry.provide(Wire, wire)
    registry.provide(Fiscalizer, KzFiscalizer(wire))
    registry.job(DOCUMENT_JOB, DocumentJob(wire, OfdClient()))
    registry.role("cashier", {VIEW})
    registry.role("senior_cashier", {VIEW, REPORT, CLOSE_SHIFT})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {VIEW, REPORT, CLOSE_SHIFT, ACTIVATE})
