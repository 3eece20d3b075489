"""Terminals in the shop's network: pairing and a test of the way there. Annotations are real: Strawberry
reads them.
"""

from typing import Annotated, Self

import strawberry

from addons.pos_terminal.services.pairing import DeviceCheck, check_device, pair_terminal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused

MANAGE = [Requires("pos_terminal.manage")]
TerminalId = Annotated[strawberry.ID, strawberry.argument(description="Which terminal.")]


@strawberry.type(name="TerminalCheck", description="What a terminal says of itself; empty: it does not tell.")
class TerminalCheckType:
    terminal_id: strawberry.ID = strawberry.field(description="The terminal.")
    serial_number: str = strawberry.field(description="Of the device that answered.")
    terminal_code: str = strawberry.field(description="Its number at the bank.")
    fingerprint: str = strawberry.field(description="SHA-256 of its certificate, pinned; empty without TLS.")
    is_same: bool = strawberry.field(description="No other device answers than the one written down.")

    @classmethod
    def of(cls, found: DeviceCheck) -> Self:
        """As shown."""
        return cls(
            terminal_id=to_global("CardTerminal", found.terminal_id),
            serial_number=found.serial_number,
            terminal_code=found.terminal_code,
            fingerprint=found.fingerprint,
            is_same=found.is_same,
        )


TerminalCheckResult = Annotated[
    TerminalCheckType | Refused,
    strawberry.union("TerminalCheckResult", description="What the terminal said, or why not."),
]


@strawberry.type
class PairingMutation:
    """Root fields that ask a terminal; no money moves."""

    @strawberry.mutation(
        description="Ask a terminal in the shop to let the till in; somebody confirms on its screen within a "
        "minute. What it gives is kept sealed, its certificate is pinned.",
        permission_classes=MANAGE,
    )
    async def pair_terminal(self, info: Info, id: TerminalId) -> TerminalCheckResult:
        context = info.context
        key = from_global(id, "CardTerminal", field="id")
        found = await pair_terminal(context.database, context.principal, key)
        context.forget()
        return TerminalCheckType.of(found)

    @strawberry.mutation(
        description="Ask a terminal in the shop who it is: tests the way there.", permission_classes=MANAGE
    )
    async def check_terminal(self, info: Info, id: TerminalId) -> TerminalCheckResult:
        context = info.context
        key = from_global(id, "CardTerminal", field="id")
        return TerminalCheckType.of(await check_device(context.database, context.principal, key))
