"""What is asked of terminals and their applications. Checked by the services that do it."""

from __future__ import annotations

from dataclasses import dataclass

from addons.pos_terminal.domain.application import ApplicationForm


@dataclass(frozen=True, slots=True)
class Place:
    """Where a terminal stands. register_id: the till it belongs to, None for one that is carried about."""

    outlet_id: str
    register_id: str | None
    title: str


@dataclass(frozen=True, slots=True)
class ApplyForTerminal:
    """A new terminal of an acquirer's host."""

    contract_id: str
    place: Place
    form: ApplicationForm


@dataclass(frozen=True, slots=True)
class EditApplication:
    """New contents of an application that is not approved yet; its signature is void."""

    id: str
    place: Place
    form: ApplicationForm


@dataclass(frozen=True, slots=True)
class AskRequisites:
    """Money of a terminal is to go to another account."""

    terminal_id: str
    iban: str
    bic: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class DecideApplication:
    """The acquirer's word. version: of what was looked at; reason: needed for a no."""

    id: str
    version: int
    is_approved: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProvisionTerminal:
    """The numbers the acquirer gave. merchant_code empty: that of the contract."""

    id: str
    terminal_code: str
    merchant_code: str = ""


@dataclass(frozen=True, slots=True)
class ConnectTerminal:
    """A smart terminal that a shop owns already. address: empty for one that is told apart in another way."""

    contract_id: str
    place: Place
    address: str
    serial_number: str = ""
    terminal_code: str = ""
    is_through_agent: bool = False


@dataclass(frozen=True, slots=True)
class ChangeTerminal:
    """Another name, till or address of a terminal."""

    id: str
    place: Place
    address: str = ""
    is_through_agent: bool = False


@dataclass(frozen=True, slots=True)
class BindOperator:
    """operator_id: who works with the terminal from now on; None for nobody."""

    terminal_id: str
    operator_id: str | None
