"""Whether the card terminals of a register work: asked by the register's self-test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from addons.organization.api import BoardLine, Severity
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.attention import SOURCE
from addons.pos_terminal.services.pairing import check_device
from addons.pos_terminal.services.payment_step import driver_of
from addons.pos_terminal.services.terminal_card import terminal_terms
from addons.pos_terminal.services.terminal_gate import check_terminal
from kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from addons.pos_terminal.domain.terminal import TerminalTerms
    from kernel.data.database import Database
    from kernel.data.work import Reader
    from kernel.errors import Fact
    from kernel.security.principal import Principal

TERMINALS_MAX = 5  # of a register that are looked at
LOOK_S = 5.0  # for all of them

_OF_REGISTER = (
    "SELECT id FROM pos_terminal WHERE register_id = ? AND company_id = ? AND state IN (?, ?, ?, ?) "
    "ORDER BY id LIMIT ?"
)
_SEEN = (
    TerminalState.ACTIVE,
    TerminalState.BLOCKED,
    TerminalState.PROVISIONED,
    TerminalState.KEYS_LOADED,
)


class TerminalProbe:
    """See addons.organization.services.ports.DeviceProbe."""

    async def look(
        self, database: Database, principal: Principal, register_id: str
    ) -> BoardLine | Mapping[str, Fact] | None:
        """See DeviceProbe: the first thing that is wrong, else the titles of all."""
        async with database.reading(principal) as reader:
            known = await _terminals(reader, register_id)
            try:
                asked = [each.terminal_id for each in known if _is_asked(reader, each)]
            except Refusal as refusal:
                return _wrong(refusal)
        try:
            async with asyncio.timeout(LOOK_S):
                for each in asked:
                    await check_device(database, principal, each)
        except Refusal as refusal:
            return _wrong(refusal)
        except TimeoutError:
            return _wrong(Refusal("TERMINAL_ABSENT"))
        return {"titles": ", ".join(each.title for each in known)} if known else None


async def _terminals(reader: Reader, register_id: str) -> list[TerminalTerms]:
    states = (state.value for state in _SEEN)
    found = await reader.rows(_OF_REGISTER, register_id, reader.company_id, *states, TERMINALS_MAX)
    return [await terminal_terms(reader, row["id"]) for row in found]


def _is_asked(reader: Reader, terms: TerminalTerms) -> bool:
    """Whether the terminal itself is to be asked: one of a host is judged by its keys. Raises Refusal."""
    can = driver_of(reader, terms.driver).capabilities
    check_terminal(reader, terms, can)
    return not can.needs_keys


def _wrong(refusal: Refusal) -> BoardLine:
    return BoardLine(SOURCE, Severity.WARNING, refusal.code, refusal.facts)
