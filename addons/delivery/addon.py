"""Wires delivery into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.delivery.domain.jobs import RECEIPT, TEST_PAGE
from addons.delivery.gql.agent_mutations import AgentMutation
from addons.delivery.gql.contributions import delivery_of_outlet, delivery_of_register, delivery_of_sale
from addons.delivery.gql.loaders import (
    job_by_id,
    jobs_by_sale,
    printer_by_id,
    printers_by_outlet,
    printing_by_register,
)
from addons.delivery.gql.mutations import DeliveryMutation
from addons.delivery.gql.queries import DeliveryQuery
from addons.delivery.gql.subscriptions import DeliverySubscription
from addons.delivery.pages.console import PAGES
from addons.delivery.services.automatic import RECEIPT_READY, deliver_receipt, follow_sale, letter_ended
from addons.delivery.services.local import LocalQueues
from addons.delivery.services.papers import receipt, trial_page
from addons.delivery.services.watch import EVERY, TIDY_EVERY, tidy, watch
from addons.delivery.settings import DeliverySettings
from addons.trade.api import HOOK_SALE_FISCAL
from kernel.addons.registry import Registry
from kernel.mail import LETTER_ENDED
from kernel.printing.local import LocalPrinting

VIEW, DELIVER = "delivery.view", "delivery.deliver"
MANAGE, TAKE = "delivery.manage", "delivery.take_jobs"


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.delivery.models")
    registry.pages(PAGES)
    registry.settings(DeliverySettings)
    registry.query(DeliveryQuery)
    registry.mutation(DeliveryMutation)
    registry.mutation(AgentMutation)
    registry.subscription(DeliverySubscription)
    registry.loader("delivery.printer_by_id", printer_by_id)
    registry.loader("delivery.printers_by_outlet", printers_by_outlet)
    registry.loader("delivery.job_by_id", job_by_id)
    registry.loader("delivery.jobs_by_sale", jobs_by_sale)
    registry.loader("delivery.printing_by_register", printing_by_register)
    registry.contribute("Sale", "delivery", delivery_of_sale)
    registry.contribute("Outlet", "delivery", delivery_of_outlet)
    registry.contribute("Register", "delivery", delivery_of_register)
    registry.hook(HOOK_SALE_FISCAL, follow_sale)
    registry.subscribe(RECEIPT_READY, "delivery.deliver_receipt", deliver_receipt)
    registry.subscribe(LETTER_ENDED, "delivery.letter_ended", letter_ended)
    registry.paper(RECEIPT, receipt)
    registry.paper(TEST_PAGE, trial_page, permission=MANAGE)
    registry.schedule("delivery.watch", EVERY, watch)
    registry.schedule("delivery.tidy", TIDY_EVERY, tidy)
    registry.provide(LocalPrinting, LocalQueues())
    registry.role("device", {TAKE})
    registry.role("accountant", {VIEW})
    for role in ("cashier", "senior_cashier"):
        registry.role(role, {VIEW, DELIVER})
    for role in ("administrator", "owner", "service"):
        registry.role(role, {VIEW, DELIVER, MANAGE})
