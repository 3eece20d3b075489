"""A file of the bank on its way in: read in a thread, checked by its own total, then imported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.statement import read_statement
from addons.pos_terminal.services.contracts import terms_at, terms_of
from addons.pos_terminal.services.statement_files import read_grid
from addons.pos_terminal.services.statements import Imported, ImportStatement, import_statement
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.security.principal import Principal


async def take_statement(
    database: Database, caller: Principal, contract_id: str, file_name: str, content: bytes
) -> Imported:
    """A flow. Raises Refusal: CONTRACT_UNKNOWN and those of read_grid and read_statement."""
    async with database.reading(caller) as reader:
        terms = await terms_of(reader, contract_id)
        now_ms = reader.now_ms
    if not terms:
        raise Refusal("CONTRACT_UNKNOWN", field="contractId")
    zone = terms_at(terms, now_ms).terms.zone
    statement = await asyncio.to_thread(lambda: read_statement(read_grid(content), zone))
    command = ImportStatement(contract_id, file_name, statement)
    return await database.transact(import_statement, command, principal=caller)
