"""What the services need from the outside. Adapters implement it; another add-on may bring a driver:

registry.offer(TerminalDriver, "my_bank", MyBankDriver())
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from addons.pos_terminal.domain.driver import Capabilities, DriverOrder, DriverOutcome, TerminalCard


class TerminalDriver(Protocol):
    """One way to reach terminals: a folder in adapters/, or an add-on."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def reversal_image(self, order: DriverOrder) -> str:
        """Text from which `perform` of Step.REVERSE makes the same reversal again and again; empty when the
        driver has no reversal. Pure: called inside the transaction that stores the payment as sent. Holds no
        card data.
        """
        ...

    async def perform(self, order: DriverOrder) -> DriverOutcome:
        """One step over the network, outside of every transaction, within order.deadline_ms.

        Never raises for what the other side does: silence and garbage are `NotKnown`.
        """
        ...


@runtime_checkable
class PairingDriver(TerminalDriver, Protocol):
    """A driver whose terminals must let the till in first, by a person at their screen."""

    async def pair(self, card: TerminalCard, name: str) -> Mapping[str, str]:
        """Ask to be let in under that name; what is kept as the terminal's secrets from now on, the
        fingerprint of its certificate among it. Raises Refusal: TERMINAL_PAIRING_DECLINED, and those
        of a terminal that is not reached.
        """
        ...


@runtime_checkable
class ConfiguredDriver(TerminalDriver, Protocol):
    """A driver with options in its contracts, which it wants to see before the first payment does."""

    def wrong_option(self, options: Mapping[str, str]) -> str:
        """The name of an option it does not know or cannot use; "" when all are well."""
        ...
