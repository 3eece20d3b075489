"""Wires the fiscal engine into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from datetime import timedelta

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.adapters.ofd_door import OfdDoor
from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.adapters.sntp import SntpClient
from addons.fiscal_kz.gql.choices import FiscalChoicesMutation, FiscalChoicesQuery
from addons.fiscal_kz.gql.comparison_types import ComparisonMutation, ComparisonQuery
from addons.fiscal_kz.gql.contributions import fiscal_of_document, fiscal_of_register
from addons.fiscal_kz.gql.domain_mutation import KkmDomainMutation
from addons.fiscal_kz.gql.history import HistoryQuery
from addons.fiscal_kz.gql.inspection import InspectionQuery
from addons.fiscal_kz.gql.life_mutations import KkmLifeMutation
from addons.fiscal_kz.gql.loaders import kkm_by_id, kkm_by_register, life_by_register, ticket_by_subject
from addons.fiscal_kz.gql.mutations import FiscalMutation
from addons.fiscal_kz.gql.nomenclature import NomenclatureMutation, NomenclatureQuery
from addons.fiscal_kz.gql.profiles import ProfilesQuery
from addons.fiscal_kz.gql.queries import FiscalQuery
from addons.fiscal_kz.gql.refused_types import RefusedMutation, RefusedQuery
from addons.fiscal_kz.gql.self_test import SelfTestQuery
from addons.fiscal_kz.gql.subscriptions import FiscalSubscription
from addons.fiscal_kz.jobs.clock import ClockJob
from addons.fiscal_kz.jobs.document import DocumentJob
from addons.fiscal_kz.jobs.entering import EnteringJob
from addons.fiscal_kz.jobs.shift import ShiftJob, ShiftWatchJob
from addons.fiscal_kz.jobs.watch import WatchJob
from addons.fiscal_kz.pages.console import PAGES
from addons.fiscal_kz.services.auto_close import SHIFT_JOB
from addons.fiscal_kz.services.carry_kkm import carry_kkm
from addons.fiscal_kz.services.clock import CLOCK_JOB, TimeSource, watch_clock
from addons.fiscal_kz.services.doctor import check_registers
from addons.fiscal_kz.services.entering import ENTERING_JOB
from addons.fiscal_kz.services.fill_catalog import fill_catalog
from addons.fiscal_kz.services.fiscalizer import KzFiscalizer
from addons.fiscal_kz.services.jobs import DOCUMENT_JOB
from addons.fiscal_kz.services.move_asking import (
    ASK_MOVE_JOB,
    FINISH_MOVE_JOB,
    FinishMoveJob,
    ask_again,
    ask_holder,
)
from addons.fiscal_kz.services.moving import refuse_while_busy
from addons.fiscal_kz.services.nomenclature import FILL_JOB
from addons.fiscal_kz.services.passport_letter import PASSPORT_KIND, passport_file
from addons.fiscal_kz.services.ports import Wire
from addons.fiscal_kz.services.refused import MARK_HANDLED
from addons.fiscal_kz.services.report_paper import fiscal_report
from addons.fiscal_kz.services.self_test import Door
from addons.fiscal_kz.services.watch_journals import WATCH_JOB, watch_at_night, watch_at_start
from addons.fiscal_kz.services.watch_shifts import WATCH_SHIFTS_JOB, watch_shifts
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import (
    HOOK_REGISTER_DECOMMISSIONING,
    HOOK_REGISTER_MOVED,
    HOOK_REGISTER_MOVING,
    HOOK_WORKPLACE_MOVE_ASKED,
)
from addons.trade.api import Fiscalizer
from kernel.addons.registry import Registry
from kernel.jobs.policy import transaction_job

VIEW, REPORT = "fiscal_kz.view", "fiscal_kz.report"
CLOSE_SHIFT, ACTIVATE = "fiscal_kz.close_shift", "fiscal_kz.activate"
INSPECT = "fiscal_kz.inspect"  # of inspectors only: a register and a period stand in their token
RELEASE_JOURNAL = "fiscal_kz.release_journal"  # of people only, not of integrations
UNBIND = "fiscal_kz.unbind"  # the same


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.fiscal_kz.models")
    registry.settings(FiscalSettings)
    registry.provide(Wire, OfdWire())
    registry.provide(Door, OfdDoor())
    time_source = SntpClient()
    registry.provide(TimeSource, time_source)
    registry.checkup(check_registers)
    registry.provide(Fiscalizer, KzFiscalizer())
    registry.pages(PAGES)
    registry.query(ProfilesQuery)
    registry.query(FiscalQuery)
    registry.query(FiscalChoicesQuery)
    registry.query(SelfTestQuery)
    registry.query(InspectionQuery)
    registry.query(HistoryQuery)
    registry.paper("fiscal_kz.report", fiscal_report, permission=VIEW)
    registry.mutation(FiscalMutation)
    registry.mutation(KkmLifeMutation)
    registry.mutation(FiscalChoicesMutation)
    registry.mutation(KkmDomainMutation)
    registry.query(ComparisonQuery)
    registry.mutation(ComparisonMutation)
    registry.query(NomenclatureQuery)
    registry.mutation(NomenclatureMutation)
    registry.query(RefusedQuery)
    registry.mutation(RefusedMutation)
    registry.subscription(FiscalSubscription)
    registry.loader("fiscal_kz.kkm_by_id", kkm_by_id)
    registry.loader("fiscal_kz.kkm_by_register", kkm_by_register)
    registry.loader("fiscal_kz.life_by_register", life_by_register)
    registry.loader("fiscal_kz.ticket_by_subject", ticket_by_subject)
    registry.contribute("Sale", "fiscal", fiscal_of_document)
    registry.contribute("CashOperation", "fiscal", fiscal_of_document)
    registry.contribute("Register", "fiscal", fiscal_of_register)
    registry.hook(HOOK_REGISTER_MOVING, refuse_while_busy)
    registry.hook(HOOK_REGISTER_DECOMMISSIONING, refuse_while_busy)
    registry.hook(HOOK_WORKPLACE_MOVE_ASKED, ask_holder)
    registry.hook(HOOK_REGISTER_MOVED, carry_kkm)
    client = OfdClient()
    registry.job(DOCUMENT_JOB, DocumentJob(client))
    registry.job(ENTERING_JOB, EnteringJob(client))
    registry.job(ASK_MOVE_JOB, transaction_job(ask_again))
    registry.job(FINISH_MOVE_JOB, FinishMoveJob())
    registry.job(FILL_JOB, transaction_job(fill_catalog))
    registry.attachment(PASSPORT_KIND, passport_file)
    registry.job(WATCH_JOB, WatchJob())
    registry.job(SHIFT_JOB, ShiftJob())
    registry.job(WATCH_SHIFTS_JOB, ShiftWatchJob())
    registry.job(CLOCK_JOB, ClockJob(time_source))
    registry.schedule("fiscal_kz.watch_at_start", timedelta(days=30), watch_at_start, at_start=True)
    registry.schedule("fiscal_kz.watch_clock", timedelta(minutes=10), watch_clock)
    registry.schedule("fiscal_kz.watch_shifts", timedelta(minutes=1), watch_shifts)
    registry.schedule("fiscal_kz.watch_at_night", timedelta(minutes=10), watch_at_night)
    registry.role("inspector", {INSPECT})
    registry.role("cashier", {VIEW})
    registry.role("accountant", {VIEW})
    registry.role("senior_cashier", {VIEW, REPORT, CLOSE_SHIFT})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {VIEW, REPORT, CLOSE_SHIFT, ACTIVATE})
    for role in ("administrator", "owner"):
        registry.role(role, {RELEASE_JOURNAL, MARK_HANDLED, UNBIND})
