"""Which print queues this machine works itself (`sauda up`), and in whose name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.delivery.services.take import LOCAL_PREFIX
from addons.delivery.settings import DeliverySettings
from kernel.ids import CompanyId
from kernel.printing.local import LocalQueue
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader

OUTLETS_MAX = 100
TAKE = "delivery.take_jobs"

_OUTLETS = """
SELECT DISTINCT company_id, outlet_id FROM dlv_printer WHERE is_local = 1 AND removed_ms IS NULL LIMIT ?
"""


class LocalQueues:
    """See kernel.printing.local.LocalPrinting."""

    async def queues(self, reader: Reader) -> list[LocalQueue]:
        """Outlets with a printer marked local, when this installation prints locally; the reader is the
        system's.
        """
        settings = reader.settings(DeliverySettings)
        if not settings.prints_locally:
            return []
        return [
            LocalQueue(
                row["outlet_id"],
                settings.local_folder,
                Principal(
                    PrincipalKind.DEVICE,
                    subject_id=f"{LOCAL_PREFIX}{row['outlet_id']}",
                    company_id=CompanyId(row["company_id"]),
                    permissions=frozenset({TAKE}),
                    register_ids=frozenset(),
                ),
            )
            for row in await reader.rows(_OUTLETS, OUTLETS_MAX)
        ]
