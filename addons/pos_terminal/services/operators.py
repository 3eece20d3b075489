"""One operator works with one terminal, and it with nobody else; the database keeps both ways.

Source: acquiring reference §5.5 («Данный оператор не может работать с данным POS»).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.organization.api import operator_card
from addons.pos_terminal.domain.commands import BindOperator
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.terminals import end_binding, require_quiet, terminal_row, write_terminal
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

BINDINGS_MAX = 1_000  # of a terminal that are shown


async def bind_operator(work: Work, command: BindOperator) -> str:
    """Who works with the terminal from now on; the terminal's id.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_CLOSED, TERMINAL_NOT_QUIET (an operation is open or unknown),
    OPERATOR_UNKNOWN, OPERATOR_INACTIVE, OPERATOR_HAS_TERMINAL.
    """
    row = await terminal_row(work, command.terminal_id)
    if row["state"] == TerminalState.CLOSED:
        raise Refusal("TERMINAL_CLOSED", field="terminalId", title=row["title"])
    if row["operator_id"] == command.operator_id:
        return command.terminal_id
    await require_quiet(work, row)
    facts: dict[str, str | None] = {"was": row["operator_id"], "is": command.operator_id}
    await end_binding(work, command.terminal_id)
    taken = Refusal("OPERATOR_HAS_TERMINAL", field="operatorId")
    if command.operator_id is not None:
        operator = await operator_card(work, command.operator_id)
        if not operator.is_active:
            raise Refusal("OPERATOR_INACTIVE", field="operatorId", name=operator.name)
        taken = Refusal("OPERATOR_HAS_TERMINAL", field="operatorId", name=operator.name)
        await work.insert(
            "pos_operator_binding",
            {
                "id": new_id(),
                "company_id": work.company_id,
                "terminal_id": command.terminal_id,
                "operator_id": command.operator_id,
                "from_ms": work.now_ms,
                "bound_by": work.principal.subject_id,
                "unbound_by": "",
            },
        )
    try:
        await write_terminal(work, command.terminal_id, {"operator_id": command.operator_id})
    except IntegrityError:
        raise taken from None
    await work.audit("pos_terminal.bind_operator", f"terminal:{command.terminal_id}", facts)
    return command.terminal_id


async def bindings_of(reader: Reader, terminal_id: str) -> Sequence[SqlRow]:
    """Who worked with a terminal, the latest first."""
    sql = """SELECT * FROM pos_operator_binding WHERE terminal_id = ? AND company_id = ?
             ORDER BY from_ms DESC, id DESC LIMIT ?"""
    return await reader.rows(sql, terminal_id, reader.company_id, BINDINGS_MAX)
