"""The door of dealer: what other add-ons may import. Everything behind it may change without notice.

To let dealers do something of yours to many registers at once, join the hook and add an action:

    registry.hook(HOOK_BULK_ACTIONS, offer)  # async (work, actions): actions.add(BulkAction(...))
"""

from __future__ import annotations

from addons.dealer.services.bulk_actions import BulkAction, BulkActions

HOOK_BULK_ACTIONS = "dealer.bulk_actions"

__all__ = ["HOOK_BULK_ACTIONS", "BulkAction", "BulkActions"]
