"""Wires dealer into the house: the only file that knows all of its rooms."""

from __future__ import annotations

from addons.dealer.api import HOOK_BULK_ACTIONS
from addons.dealer.domain.cards import DEALER_ROLE
from addons.dealer.gql.loaders import troubles_by_register
from addons.dealer.gql.mutations import ClientMutation, DealerMutation, MoveMutation
from addons.dealer.gql.queries import DealerQuery
from addons.dealer.gql.subscriptions import DealerSubscription
from addons.dealer.pages.console import PAGES
from addons.dealer.pages.statement_page import PATH, statement_xlsx
from addons.dealer.services.moves import hear_of_move
from addons.dealer.services.own_actions import offer
from addons.organization.api import HOOK_WORKPLACE_MOVE_TOLD, Role
from kernel.addons.registry import Registry


def register(registry: Registry) -> None:
    """Called once by the loader."""
    registry.models("addons.dealer.models")
    registry.query(DealerQuery)
    for root in (DealerMutation, ClientMutation, MoveMutation):
        registry.mutation(root)
    registry.subscription(DealerSubscription)
    registry.loader("dealer.troubles_by_register", troubles_by_register)
    registry.declare_hook(HOOK_BULK_ACTIONS)
    registry.hook(HOOK_BULK_ACTIONS, offer)
    registry.hook(HOOK_WORKPLACE_MOVE_TOLD, hear_of_move)
    registry.route(PATH, statement_xlsx)
    registry.pages(PAGES)
    registry.role(DEALER_ROLE, {"dealer.serve"})
    registry.role(Role.OWNER, {"dealer.appoint", "dealer.engage"})
    registry.role(Role.ADMINISTRATOR, {"dealer.engage"})
