"""Set up the printers of an outlet and what each register does with its receipts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from addons.delivery.domain.jobs import COPIES_MAX, JobState
from addons.delivery.domain.printers import PRINTERS_MAX, PaperState, PrinterId, PrinterSetup
from addons.delivery.services import rows
from addons.delivery.services.problems import clear_problem
from addons.delivery.services.topics import PRINTERS_TOPIC
from addons.delivery.settings import DeliverySettings
from addons.organization.api import outlet_card, register_card
from kernel.company_settings import choose_setting
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work


@dataclass(frozen=True, slots=True)
class CreatePrinter:
    """A new printer of an outlet."""

    outlet_id: str
    setup: PrinterSetup


@dataclass(frozen=True, slots=True)
class UpdatePrinter:
    """Another set-up of a printer."""

    printer_id: PrinterId
    setup: PrinterSetup


@dataclass(frozen=True, slots=True)
class SetRegisterPrinting:
    """Where a register prints, how many copies, and whether every receipt by itself."""

    register_id: str
    printer_id: PrinterId | None
    prints_receipts: bool
    copies: int = 1


@dataclass(frozen=True, slots=True)
class SetReceiptMail:
    """Whom a company sends its receipts to by itself."""

    mails_receipts: bool
    mails_unprinted: bool


@dataclass(frozen=True, slots=True)
class RegisterPrinting:
    """What a register does with its receipts."""

    printer_id: PrinterId | None = None
    prints_receipts: bool = False
    copies: int = 1


async def create_printer(work: Work, command: CreatePrinter) -> PrinterId:
    """Raises Refusal: OUTLET_UNKNOWN, PRINTER_… of the set-up, PRINTERS_TOO_MANY, PRINTER_NAME_TAKEN,
    PRINTER_LOCAL_NOT_ALLOWED.
    """
    outlet = await outlet_card(work, command.outlet_id)
    setup = _checked(work, command.setup)
    others = await rows.printers_of_outlet(work, outlet.id, is_locked=True)
    if len(others) >= PRINTERS_MAX:
        raise Refusal("PRINTERS_TOO_MANY", max=PRINTERS_MAX)
    _demand_free(setup.name, [each.name for each in others])
    printer_id = PrinterId(new_id())
    await work.insert(
        "dlv_printer",
        {
            "id": printer_id,
            "company_id": work.company_id,
            "outlet_id": outlet.id,
            **_values(setup),
            "last_number": 0,
            "problem_text": "",
            "problem_registers": "",
            "paper": PaperState.UNKNOWN.value,
            "created_ms": work.now_ms,
        },
    )
    await work.audit("delivery.create_printer", f"printer:{printer_id}", {"connection": setup.connection})
    work.notice(PRINTERS_TOPIC, outlet.id)
    return printer_id


async def update_printer(work: Work, command: UpdatePrinter) -> PrinterId:
    """Raises Refusal: PRINTER_UNKNOWN and those of create_printer."""
    known = await rows.printer(work, command.printer_id)
    setup = _checked(work, command.setup)
    others = await rows.printers_of_outlet(work, known.outlet_id, is_locked=True)
    _demand_free(setup.name, [each.name for each in others if each.id != known.id])
    if known.problem is not None and setup.connection != known.connection:
        await clear_problem(work, known.id)
    await rows.change_printer(work, known.id, **_values(setup))
    await work.audit("delivery.update_printer", f"printer:{known.id}", {"connection": setup.connection})
    work.notice(PRINTERS_TOPIC, known.outlet_id)
    return known.id


async def remove_printer(work: Work, printer_id: str) -> PrinterId:
    """No paper comes out of it any more; what waits for it is cancelled, registers print elsewhere.

    Raises Refusal("PRINTER_UNKNOWN").
    """
    known = await rows.printer(work, printer_id)
    await clear_problem(work, known.id)
    await rows.change_printer(work, known.id, removed_ms=work.now_ms)
    await work.execute(
        "UPDATE dlv_job SET state = ?, ended_ms = ?, holder = NULL, lease_until_ms = NULL"
        " WHERE printer_id = ? AND company_id = ? AND state IN ('queued', 'taken')",
        JobState.CANCELLED.value,
        work.now_ms,
        known.id,
        work.company_id,
    )
    await work.execute(
        "UPDATE dlv_register SET printer_id = NULL WHERE printer_id = ? AND company_id = ?",
        known.id,
        work.company_id,
    )
    await work.audit("delivery.remove_printer", f"printer:{known.id}")
    work.notice(PRINTERS_TOPIC, known.outlet_id)
    return known.id


async def set_register_printing(work: Work, command: SetRegisterPrinting) -> str:
    """Raises Refusal: REGISTER_FORBIDDEN, REGISTER_UNKNOWN, PRINTER_UNKNOWN, PRINTER_ELSEWHERE,
    PRINT_COPIES_IMPOSSIBLE.
    """
    work.principal.require_register(command.register_id)
    register = await register_card(work, command.register_id)
    check_copies(command.copies)
    if command.printer_id is not None:
        printer = await rows.printer(work, command.printer_id)
        if printer.outlet_id != register.outlet_id:
            raise Refusal("PRINTER_ELSEWHERE", field="printerId")
    await work.execute(
        "DELETE FROM dlv_register WHERE id = ? AND company_id = ?", register.id, work.company_id
    )
    await work.insert(
        "dlv_register",
        {
            "id": register.id,
            "company_id": work.company_id,
            "printer_id": command.printer_id,
            "prints_receipts": int(command.prints_receipts),
            "copies": command.copies,
        },
    )
    facts = {"printer": command.printer_id, "by itself": command.prints_receipts}
    await work.audit("delivery.set_register_printing", f"register:{register.id}", facts)
    await _follow_sales(work, mails=work.settings(DeliverySettings).mails_receipts)
    return register.id


async def set_receipt_mail(work: Work, command: SetReceiptMail) -> None:
    """A company's own choice."""
    for name, value in asdict(command).items():
        await choose_setting(work, DeliverySettings, name, str(value).lower())
    await _follow_sales(work, mails=command.mails_receipts)


async def register_printing(reader: Reader, register_id: str) -> RegisterPrinting:
    """What a register does with its receipts; nothing by itself when nobody said."""
    row = await reader.row(
        "SELECT printer_id, prints_receipts, copies FROM dlv_register WHERE id = ? AND company_id = ?",
        register_id,
        reader.company_id,
    )
    if row is None:
        return RegisterPrinting()
    return RegisterPrinting(row["printer_id"], bool(row["prints_receipts"]), row["copies"])


def check_copies(copies: int) -> None:
    """Raises Refusal("PRINT_COPIES_IMPOSSIBLE")."""
    if not 1 <= copies <= COPIES_MAX:
        raise Refusal("PRINT_COPIES_IMPOSSIBLE", field="copies", max=COPIES_MAX)


async def _follow_sales(work: Work, *, mails: bool) -> None:
    """New receipts are looked at only in companies where something is to be done with them."""
    row = await work.row(
        "SELECT COUNT(*) AS n FROM dlv_register WHERE company_id = ? AND prints_receipts = 1", work.company_id
    )
    follows = mails or bool(row and row["n"])
    if follows != work.settings(DeliverySettings).follows_sales:
        await choose_setting(work, DeliverySettings, "follows_sales", str(follows).lower())


def _checked(work: Work, setup: PrinterSetup) -> PrinterSetup:
    clean = setup.checked()
    if clean.is_local and not work.settings(DeliverySettings).prints_locally:
        raise Refusal("PRINTER_LOCAL_NOT_ALLOWED", field="isLocal")
    return clean


def _demand_free(name: str, taken: list[str]) -> None:
    if name.casefold() in {each.casefold() for each in taken}:
        raise Refusal("PRINTER_NAME_TAKEN", field="name")


def _values(setup: PrinterSetup) -> dict[str, Param]:
    return {
        "name": setup.name,
        "connection": setup.connection,
        "columns": setup.columns,
        "encoding": setup.encoding.value,
        "profile": setup.profile,
        "has_knife": int(setup.has_knife),
        "opens_drawer": int(setup.opens_drawer),
        "is_local": int(setup.is_local),
    }
