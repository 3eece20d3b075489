"""Batches of dealer's loaders."""

from __future__ import annotations

from collections.abc import Sequence

from addons.dealer.services.links import CLIENTS_OF
from addons.organization.api import Trouble, serviced_troubles
from kernel.data.work import Reader


async def troubles_by_register(reader: Reader, keys: Sequence[str]) -> list[list[Trouble]]:
    """What is wrong with registers of the reader's clients, the worst first; nothing of others."""
    found = await serviced_troubles(reader, CLIENTS_OF, [reader.company_id], keys)
    return [found.get(key, []) for key in keys]
