"""Wires card acquiring into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.organization.api import HOOK_REGISTER_DECOMMISSIONING, HOOK_REGISTER_MOVING, DeviceProbe
from addons.pos_terminal.adapters.ecr_json.driver import EcrJson
from addons.pos_terminal.adapters.iso8583.driver import Iso8583
from addons.pos_terminal.adapters.kaspi_smartpos.driver import KaspiSmartPos
from addons.pos_terminal.adapters.pkcs11_keys import Pkcs11Keys
from addons.pos_terminal.domain.driver import DriverName
from addons.pos_terminal.gql.keys import KeysMutation, KeysQuery
from addons.pos_terminal.gql.pairing import PairingMutation
from addons.pos_terminal.gql.payment_contributions import card_of_register, card_of_sale
from addons.pos_terminal.gql.payment_loaders import (
    events_by_operation,
    operation_by_id,
    operations_by_sale,
    terminals_by_register,
    undoings_by_purchase,
)
from addons.pos_terminal.gql.payment_mutations import PaymentMutation
from addons.pos_terminal.gql.payment_queries import PaymentQuery
from addons.pos_terminal.gql.payment_subscriptions import PaymentSubscription
from addons.pos_terminal.gql.settlement import SettlementMutation, SettlementQuery
from addons.pos_terminal.gql.shop_exchanges import ShopExchangeMutation, ShopExchangeSubscription
from addons.pos_terminal.gql.terminal_loaders import application_by_id, contract_by_id, terminal_by_id
from addons.pos_terminal.gql.terminal_mutations import ApplicationMutation, ContractMutation, TerminalMutation
from addons.pos_terminal.gql.terminal_queries import TerminalQuery
from addons.pos_terminal.jobs.batch import CloseBatchJob
from addons.pos_terminal.jobs.keys import ForgetJob, KeysJob
from addons.pos_terminal.jobs.operation import AbortJob, OperationJob, ReversalJob
from addons.pos_terminal.pages.console import PAGES
from addons.pos_terminal.pages.statement_files import (
    BODY_BYTES_MAX,
    CSV_PATH,
    UPLOAD_PATH,
    XLSX_PATH,
    statement_csv,
    statement_xlsx,
    upload_statement,
)
from addons.pos_terminal.services import shop_exchanges
from addons.pos_terminal.services.acquirer_people import ACQUIRER_ROLE
from addons.pos_terminal.services.batches import CLOSE_JOB, CUT_JOB, cut_batch
from addons.pos_terminal.services.claim_operations import (
    RECEIPT_JOB,
    Claims,
    follow_receipt,
    receipt_rejected,
)
from addons.pos_terminal.services.keys_ceremony import expire_ceremonies
from addons.pos_terminal.services.keys_doctor import check_keys
from addons.pos_terminal.services.keys_store import DATABASE_STORE, HSM_STORE, DatabaseKeys, KeyStore
from addons.pos_terminal.services.keys_update import FORGET_JOB, KEYS_JOB, REFRESH_EVERY, refresh_keys
from addons.pos_terminal.services.payment_step import ABORT_JOB, OPERATION_JOB, REVERSAL_JOB
from addons.pos_terminal.services.ports import TerminalDriver
from addons.pos_terminal.services.registers_leave import register_leaves
from addons.pos_terminal.services.self_check import TerminalProbe
from addons.pos_terminal.services.settle import EVERY as CUT_OFFS_EVERY
from addons.pos_terminal.services.settle import SETTLE_JOB, settle_day, watch_cut_offs
from addons.pos_terminal.services.slip import SLIP, slip
from addons.pos_terminal.services.statements import PROVE_JOB, prove
from addons.pos_terminal.services.watch_payments import EVERY as WATCH_EVERY
from addons.pos_terminal.services.watch_payments import watch_payments
from addons.pos_terminal.settings import AcquiringSettings
from addons.trade.api import EVENT_REJECTED, CardAcquirer
from kernel.addons.registry import Registry
from kernel.jobs.policy import transaction_job

VIEW, PAY, REFUND = "pos_terminal.view", "pos_terminal.pay", "pos_terminal.refund"
MANAGE, REVIEW, DECIDE = "pos_terminal.manage", "pos_terminal.review", "pos_terminal.decide"
LOAD_KEYS, PRESENT = "pos_terminal.load_keys", "pos_terminal.present_card"
REACH, STATEMENTS = "pos_terminal.reach_terminals", "pos_terminal.statements"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.pages(PAGES)
    registry.offer(DeviceProbe, "terminal", TerminalProbe())
    registry.paper(SLIP, slip, permission=VIEW)
    registry.settings(AcquiringSettings)
    registry.models("addons.pos_terminal.models_terminal")
    registry.models("addons.pos_terminal.models_payment")
    registry.models("addons.pos_terminal.models_keys")
    registry.models("addons.pos_terminal.models_shop")
    registry.models("addons.pos_terminal.models_settlement")
    registry.offer(TerminalDriver, DriverName.ISO8583, Iso8583())
    registry.offer(TerminalDriver, DriverName.KASPI_SMARTPOS, KaspiSmartPos())
    registry.offer(TerminalDriver, DriverName.ECR_JSON, EcrJson())
    registry.mutation(ShopExchangeMutation)
    registry.mutation(PairingMutation)
    registry.subscription(ShopExchangeSubscription)
    registry.schedule("pos_terminal.tidy_shop", shop_exchanges.TIDY_EVERY, shop_exchanges.tidy)
    for hook in (HOOK_REGISTER_MOVING, HOOK_REGISTER_DECOMMISSIONING):
        registry.hook(hook, register_leaves)
    registry.job(SETTLE_JOB, transaction_job(settle_day))
    registry.job(CUT_JOB, transaction_job(cut_batch))
    registry.job(CLOSE_JOB, CloseBatchJob())
    registry.job(PROVE_JOB, transaction_job(prove))
    registry.schedule("pos_terminal.cut_offs", CUT_OFFS_EVERY, watch_cut_offs)
    registry.route(XLSX_PATH, statement_xlsx)
    registry.route(CSV_PATH, statement_csv)
    registry.route(UPLOAD_PATH, upload_statement, ("POST",), body_bytes_max=BODY_BYTES_MAX)
    registry.query(TerminalQuery)
    registry.query(SettlementQuery)
    registry.mutation(SettlementMutation)
    for root in (ContractMutation, ApplicationMutation, TerminalMutation):
        registry.mutation(root)
    registry.loader("pos_terminal.terminal_by_id", terminal_by_id)
    registry.loader("pos_terminal.contract_by_id", contract_by_id)
    registry.loader("pos_terminal.application_by_id", application_by_id)
    registry.query(PaymentQuery)
    registry.mutation(PaymentMutation)
    registry.subscription(PaymentSubscription)
    registry.loader("pos_terminal.operation_by_id", operation_by_id)
    registry.loader("pos_terminal.operations_by_sale", operations_by_sale)
    registry.loader("pos_terminal.undoings_by_purchase", undoings_by_purchase)
    registry.loader("pos_terminal.events_by_operation", events_by_operation)
    registry.loader("pos_terminal.terminals_by_register", terminals_by_register)
    registry.contribute("Sale", "card", card_of_sale)
    registry.contribute("Register", "card", card_of_register)
    registry.job(OPERATION_JOB, OperationJob())
    registry.job(REVERSAL_JOB, ReversalJob())
    registry.job(ABORT_JOB, AbortJob())
    _keys(registry)
    registry.job(RECEIPT_JOB, transaction_job(follow_receipt))
    registry.provide(CardAcquirer, Claims())
    registry.subscribe(EVENT_REJECTED, "pos_terminal.receipt_rejected", receipt_rejected)
    registry.schedule("pos_terminal.watch_payments", WATCH_EVERY, watch_payments)
    registry.role("device", {PRESENT, REACH})
    registry.role("accountant", {VIEW, STATEMENTS})
    registry.role("cashier", {VIEW, PAY})
    registry.role("senior_cashier", {VIEW, PAY, REFUND})
    for role in ("administrator", "owner"):
        registry.role(role, {VIEW, STATEMENTS, PAY, REFUND, MANAGE, REVIEW, LOAD_KEYS})
    registry.role("service", {VIEW, STATEMENTS, MANAGE, DECIDE})
    registry.role(ACQUIRER_ROLE, {VIEW, STATEMENTS, DECIDE})


def _keys(registry: Registry) -> None:
    """Keys of terminals: where they lie, how they come in, how they are exchanged."""
    registry.offer(KeyStore, DATABASE_STORE, DatabaseKeys())
    registry.offer(KeyStore, HSM_STORE, Pkcs11Keys())
    registry.query(KeysQuery)
    registry.mutation(KeysMutation)
    registry.job(KEYS_JOB, KeysJob())
    registry.job(FORGET_JOB, ForgetJob())
    registry.checkup(check_keys)
    registry.schedule("pos_terminal.refresh_keys", REFRESH_EVERY, refresh_keys)
    registry.schedule("pos_terminal.expire_key_ceremonies", REFRESH_EVERY, expire_ceremonies)
