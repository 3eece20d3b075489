"""Enumerations of terminals in GraphQL: named once, before any type uses them."""

import strawberry

from addons.pos_terminal.domain.application import ApplicationKind, ApplicationState
from addons.pos_terminal.domain.commission import Rounding
from addons.pos_terminal.domain.terminal import QrAs, TerminalState

__all__ = ["ApplicationKind", "ApplicationState", "QrAs", "Rounding", "TerminalState"]

strawberry.enum(TerminalState, name="CardTerminalState", description="The life of a terminal.")
strawberry.enum(QrAs, name="QrAs", description="Which payment of a receipt a QR payment is.")
strawberry.enum(Rounding, name="CommissionRounding", description="What of a commission is rounded to a tiyn.")
strawberry.enum(ApplicationKind, name="TerminalApplicationKind", description="What is asked of an acquirer.")
strawberry.enum(
    ApplicationState, name="TerminalApplicationState", description="What became of an application."
)
