"""What a terminal and its contract are: states, terms, and who may do what when. No tables here."""

from __future__ import annotations

from enum import StrEnum

from kernel.values import value


class TerminalState(StrEnum):
    """The life of a terminal. Source: docs/acquiring.md, the terminal's way."""

    DRAFT = "draft"  # being described
    SIGNED = "signed"  # its application is signed and not sent yet
    IN_REVIEW = "in_review"  # the acquirer decides
    APPROVED = "approved"  # and has no terminal number yet
    REJECTED = "rejected"
    PROVISIONED = "provisioned"  # has its number; keys are awaited, or its address was never answered
    KEYS_LOADED = "keys_loaded"
    ACTIVE = "active"
    BLOCKED = "blocked"
    CLOSED = "closed"


class QrAs(StrEnum):
    """Which payment of a receipt a QR payment is."""

    CARD = "CARD"
    MOBILE = "MOBILE"


@value
class TerminalTerms:
    """A terminal as payments and screens have to know it, with the terms of its contract at one moment.

    cut_off_minute: minute of the local day at which the banking day ends. operator_id: the only operator who
    may work with it. batch: number of the open batch.
    """

    terminal_id: str
    company_id: str
    contract_id: str
    outlet_id: str
    register_id: str | None
    operator_id: str | None
    title: str
    state: TerminalState
    driver: str
    terminal_code: str
    merchant_code: str
    batch: int
    keys_loaded_ms: int | None
    zone: str
    cut_off_minute: int
    qr_as: QrAs
    has_partial_refund: bool
