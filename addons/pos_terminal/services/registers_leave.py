"""A register that moves or is decommissioned where cards were taken.

It waits until no card operation of it is open or unknown. Smart terminals go with it to another outlet of the
company; those that were applied for stay where their application put them, and all stay with their company.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.api import RegisterDecommissioning, RegisterMoving
from addons.pos_terminal.domain.payment import UNSETTLED
from addons.pos_terminal.services.contracts import contract_row, offered
from addons.pos_terminal.services.payment_rows import marks
from addons.pos_terminal.services.terminals import write_terminal
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work


async def register_leaves(work: Work, payload: object) -> None:
    """Hooks organization.register_moving and register_decommissioning.

    Raises Refusal("CARD_OPERATIONS_OPEN").
    """
    assert isinstance(payload, RegisterMoving | RegisterDecommissioning)
    states = [state.value for state in sorted(UNSETTLED)]
    sql = f"""SELECT id FROM pos_payment WHERE register_id = ? AND company_id = ?
              AND state IN ({marks(states)}) LIMIT 1"""
    if await work.row(sql, payload.register_id, work.company_id, *states) is not None:
        raise Refusal("CARD_OPERATIONS_OPEN", field="registerId")
    sql = "SELECT id, contract_id FROM pos_terminal WHERE register_id = ? AND company_id = ?"
    for row in await work.rows(sql, payload.register_id, work.company_id):
        contract = await contract_row(work, row["contract_id"])
        can = offered(work, contract["driver"])
        is_smart = can is not None and not can.needs_keys
        if is_smart and isinstance(payload, RegisterMoving) and payload.to_company_id is None:
            await write_terminal(work, row["id"], {"outlet_id": payload.to_outlet_id})
        else:
            await write_terminal(work, row["id"], {"register_id": None})
