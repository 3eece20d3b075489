"""Applications to an acquirer, from the form to its answer: a new terminal, or another account for the money.

What is signed is exactly what is decided about: an edit takes the signature away, and the acquirer answers to
a version. Nobody decides about what he signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from addons.organization.api import (
    Application,
    CheckedSignature,
    SubmitApplication,
    ask_signature,
    check_bic,
    check_iban,
    check_signature,
    company_cards,
    keep_signature,
    known_banks,
    outlet_card,
    use_signature,
)
from addons.pos_terminal.domain.application import (
    ApplicationForm,
    ApplicationKind,
    ApplicationState,
    check_reason,
)
from addons.pos_terminal.domain.commands import (
    ApplyForTerminal,
    AskRequisites,
    DecideApplication,
    EditApplication,
)
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.acquirer_people import managers
from addons.pos_terminal.services.contracts import capabilities_of, contract_row
from addons.pos_terminal.services.own_row import own_row
from addons.pos_terminal.services.requisites import add_requisites
from addons.pos_terminal.services.tell import tell
from addons.pos_terminal.services.terminals import (
    check_place,
    check_serial,
    close_terminal,
    new_terminal,
    require_state,
    terminal_row,
    write_terminal,
)
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.mail import check_address

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow, Work
    from kernel.security.principal import Principal

PURPOSE = "card_terminal"
APPLICATIONS_MAX = 500  # shown at once
_FORM = ("serial_number", "business", "city", "zip", "iban", "bic", "contact_email", "agreement")
_UNSIGNED: dict[str, str | int | None] = {
    "signature_id": None,
    "signed_by": "",
    "signer_name": "",
    "signed_ms": None,
    "sent_ms": None,
    "decided_by": "",
    "decided_ms": None,
    "reason": "",
}


async def apply_for_terminal(work: Work, command: ApplyForTerminal) -> str:
    """A terminal and its application, both drafts; the application's id.

    Raises Refusal: TERMINAL_NEEDS_NO_APPLICATION, ACQUIRER_TERMS_NOT_ACCEPTED, IBAN_…, BIC_UNKNOWN,
    EMAIL_MALFORMED and those of ApplicationForm.checked, check_serial and new_terminal.
    """
    contract = await contract_row(work, command.contract_id)
    if not capabilities_of(work, contract["driver"]).needs_keys:
        raise Refusal("TERMINAL_NEEDS_NO_APPLICATION", field="contractId")
    form = await _checked(work, contract, command.form)
    await check_serial(work, form.serial_number)
    terminal_id = await new_terminal(
        work, contract, command.place, TerminalState.DRAFT, serial_number=form.serial_number
    )
    return await _new_application(work, terminal_id, ApplicationKind.CONNECT, form)


async def ask_requisites(work: Work, command: AskRequisites) -> str:
    """An application to change where the money of a working terminal goes; its id.

    Raises Refusal: TERMINAL_UNKNOWN, TERMINAL_STATE, TERMINAL_NEEDS_NO_APPLICATION, APPLICATION_OPEN,
    REQUISITES_SAME, IBAN_…, BIC_UNKNOWN, EMAIL_MALFORMED, APPLICATION_FIELD_EMPTY.
    """
    terminal = await terminal_row(work, command.terminal_id)
    contract = await contract_row(work, terminal["contract_id"])
    if not capabilities_of(work, contract["driver"]).needs_keys:
        raise Refusal("TERMINAL_NEEDS_NO_APPLICATION", field="terminalId")
    require_state(
        terminal,
        TerminalState.PROVISIONED,
        TerminalState.KEYS_LOADED,
        TerminalState.ACTIVE,
        TerminalState.BLOCKED,
    )
    kind = ApplicationKind.REQUISITES
    earlier = await applications_of(work, terminal_id=terminal["id"])
    if any(row["kind"] == kind and ApplicationState(row["state"]).is_open for row in earlier):
        raise Refusal("APPLICATION_OPEN", field="terminalId")
    form = await _requisites_form(work, terminal, command.iban, command.bic, command.contact_email)
    return await _new_application(work, terminal["id"], kind, form)


async def edit_application(work: Work, command: EditApplication) -> str:
    """New contents, a new version, no signature. Of a change of requisites only account, bank and contact
    are taken.

    Raises Refusal: APPLICATION_CLOSED and those of apply_for_terminal and ask_requisites.
    """
    row = await application_row(work, command.id)
    if not ApplicationState(row["state"]).is_open:
        raise Refusal("APPLICATION_CLOSED", field="id")
    terminal = await terminal_row(work, row["terminal_id"])
    given = command.form
    if row["kind"] == ApplicationKind.CONNECT:
        contract = await contract_row(work, terminal["contract_id"])
        form = await _checked(work, contract, given)
        await check_serial(work, form.serial_number, except_id=terminal["id"])
        place = await check_place(work, command.place)
        values: dict[str, str | int | None] = {
            "outlet_id": place.outlet_id,
            "register_id": place.register_id,
            "title": place.title,
            "serial_number": form.serial_number,
            "state": TerminalState.DRAFT.value,
        }
        await write_terminal(work, terminal["id"], values)
    else:
        form = await _requisites_form(work, terminal, given.iban, given.bic, given.contact_email)
    fresh = {name: getattr(form, name) for name in _FORM}
    state, version = ApplicationState.DRAFT.value, row["version"] + 1
    await _move(work, row, {**fresh, **_UNSIGNED, "state": state, "version": version})
    facts = {"version": version, "was": row["state"]}
    await work.audit("pos_terminal.edit_application", f"application:{row['id']}", facts)
    return str(row["id"])


async def withdraw_application(work: Work, application_id: str) -> str:
    """Give up what was not approved yet; a terminal that was applied for is closed with it.

    Raises Refusal: TERMINAL_APPLICATION_UNKNOWN, APPLICATION_CLOSED.
    """
    row = await application_row(work, application_id)
    if not ApplicationState(row["state"]).is_open:
        raise Refusal("APPLICATION_CLOSED", field="id")
    if row["kind"] == ApplicationKind.CONNECT:
        await close_terminal(work, row["terminal_id"])
    else:
        sql = "UPDATE pos_application SET state = ? WHERE id = ? AND company_id = ?"
        await work.execute(sql, ApplicationState.WITHDRAWN.value, application_id, work.company_id)
    await work.audit("pos_terminal.withdraw_application", f"application:{application_id}", {})
    return application_id


async def prepare_signature(work: Work, application_id: str) -> Application:
    """The text of this version, to be signed by the head of the company.

    Raises Refusal: TERMINAL_APPLICATION_UNKNOWN, APPLICATION_STATE, ACQUIRER_TERMS_NOT_ACCEPTED and those of
    ask_signature.
    """
    row = await application_row(work, application_id)
    _require(row, ApplicationState.DRAFT)
    terminal = await terminal_row(work, row["terminal_id"])
    contract = await contract_row(work, terminal["contract_id"])
    _check_agreement(contract, row["agreement"])
    outlet = await outlet_card(work, terminal["outlet_id"])
    company = (await company_cards(work, [work.company_id]))[work.company_id]
    body: dict[str, Any] = {
        "kind": row["kind"],
        "form": row["id"],
        "version": row["version"],
        "company": company.title,
        "acquirer": {"title": contract["title"], "contract": contract["number"]},
        "outlet": {"title": outlet.title, "address": outlet.address},
        "terminal": {name: row[name] for name in _FORM} | {"code": terminal["terminal_code"] or ""},
    }
    if row["kind"] == ApplicationKind.REQUISITES:
        body["before"] = {"iban": terminal["iban"], "bic": terminal["bic"]}
    return await ask_signature(work, PURPOSE, company.bin, body)


async def sign_application(database: Database, caller: Principal, command: SubmitApplication) -> str:
    """The signed text of an application; the application's id. A flow.

    Raises Refusal: those of check_signature, APPLICATION_CHANGED (it was edited after the text was made).
    """
    checked = await check_signature(database, caller, PURPOSE, command)

    async def signing(work: Work) -> str:
        return await _sign(work, checked)

    return await database.transact(signing, principal=caller)


async def send_application(work: Work, application_id: str) -> str:
    """A signed application goes to the acquirer, whose managers are told by e-mail.

    Raises Refusal: TERMINAL_APPLICATION_UNKNOWN, APPLICATION_STATE.
    """
    row = await application_row(work, application_id)
    _require(row, ApplicationState.SIGNED)
    values: dict[str, str | int | None] = {"state": ApplicationState.IN_REVIEW.value, "sent_ms": work.now_ms}
    await _move(work, row, values)
    if row["kind"] == ApplicationKind.CONNECT:
        await write_terminal(work, row["terminal_id"], {"state": TerminalState.IN_REVIEW.value})
    await work.audit("pos_terminal.send_application", f"application:{row['id']}", {})
    terminal = await terminal_row(work, row["terminal_id"])
    for address in await managers(work):
        await tell(work, ApplicationState.IN_REVIEW.value, terminal, to=address)
    return str(row["id"])


async def decide_application(work: Work, command: DecideApplication) -> str:
    """The acquirer's manager says yes or no to what was signed.

    Raises Refusal: TERMINAL_APPLICATION_UNKNOWN, APPLICATION_STATE, APPLICATION_CHANGED,
    APPLICATION_SELF_DECIDED (he signed it, or asked for other requisites himself), APPLICATION_FIELD_EMPTY
    (a no without a reason).
    """
    row = await application_row(work, command.id)
    _require(row, ApplicationState.IN_REVIEW)
    if row["version"] != command.version:
        raise Refusal("APPLICATION_CHANGED", field="version")
    who = work.principal.subject_id
    is_of_requisites = row["kind"] == ApplicationKind.REQUISITES
    if who == row["signed_by"] or (is_of_requisites and who == row["created_by"]):
        raise Refusal("APPLICATION_SELF_DECIDED")
    reason = "" if command.is_approved else check_reason(command.reason)
    state = ApplicationState.APPROVED if command.is_approved else ApplicationState.REJECTED
    said: dict[str, str | int | None] = {"decided_by": who, "decided_ms": work.now_ms, "reason": reason}
    await _move(work, row, {"state": state.value, **said})
    terminal = await terminal_row(work, row["terminal_id"])
    if not is_of_requisites:
        after = TerminalState.APPROVED if command.is_approved else TerminalState.REJECTED
        await write_terminal(work, terminal["id"], {"state": after.value})
    if command.is_approved:
        await add_requisites(work, terminal, row)
    facts = {"is_approved": command.is_approved, "version": row["version"], "reason": reason}
    await work.audit("pos_terminal.decide_application", f"application:{row['id']}", facts)
    await tell(work, state.value, terminal, to=row["contact_email"], reason=reason)
    return str(row["id"])


async def application_row(reader: Reader, application_id: str) -> SqlRow:
    """An application of the reader's company. Raises Refusal("TERMINAL_APPLICATION_UNKNOWN")."""
    return await own_row(
        reader, "pos_application", application_id, unknown="TERMINAL_APPLICATION_UNKNOWN", field="id"
    )


async def applications_of(
    reader: Reader, *, state: str | None = None, terminal_id: str | None = None
) -> Sequence[SqlRow]:
    """Applications of the reader's company, the latest first, at most APPLICATIONS_MAX."""
    also, params = "", [str(reader.company_id)]
    for column, given in (("state", state), ("terminal_id", terminal_id)):
        if given is not None:
            also += f" AND {column} = ?"
            params.append(given)
    sql = f"SELECT * FROM pos_application WHERE company_id = ?{also} ORDER BY id DESC LIMIT ?"
    return await reader.rows(sql, *params, APPLICATIONS_MAX)


async def _sign(work: Work, checked: CheckedSignature) -> str:
    await use_signature(work, checked)
    asked = checked.asked
    row = await application_row(work, str(asked["form"]))
    taken = await work.execute(
        """UPDATE pos_application SET state = ?, signature_id = ?, signed_by = ?, signer_name = ?,
           signed_ms = ? WHERE id = ? AND company_id = ? AND version = ? AND state = ?""",
        ApplicationState.SIGNED.value,
        checked.id,
        work.principal.subject_id,
        checked.signer.name,
        work.now_ms,
        row["id"],
        work.company_id,
        asked["version"],
        ApplicationState.DRAFT.value,
    )
    if not taken:
        raise Refusal("APPLICATION_CHANGED", field="id")
    if row["kind"] == ApplicationKind.CONNECT:
        await write_terminal(work, row["terminal_id"], {"state": TerminalState.SIGNED.value})
    subject = f"application:{row['id']}"
    await keep_signature(work, checked, action="pos_terminal.sign_application", subject=subject)
    return str(row["id"])


async def _new_application(work: Work, terminal_id: str, kind: ApplicationKind, form: ApplicationForm) -> str:
    application_id = new_id()
    await work.insert(
        "pos_application",
        {
            "id": application_id,
            "company_id": work.company_id,
            "terminal_id": terminal_id,
            "kind": kind.value,
            "state": ApplicationState.DRAFT.value,
            "version": 1,
            "created_by": work.principal.subject_id,
            "created_ms": work.now_ms,
            **{name: getattr(form, name) for name in _FORM},
            **_UNSIGNED,
        },
    )
    facts = {"kind": kind.value, "terminal": terminal_id, "iban": form.iban}
    await work.audit("pos_terminal.apply", f"application:{application_id}", facts)
    return application_id


async def _checked(work: Work, contract: SqlRow, form: ApplicationForm) -> ApplicationForm:
    iban, bic, email = _account(work, form.iban, form.bic, form.contact_email)
    _check_agreement(contract, form.agreement)
    return ApplicationForm(
        form.serial_number, form.business, form.city, form.zip, iban, bic, email, contract["agreement"]
    ).checked()


async def _requisites_form(
    work: Work, terminal: SqlRow, iban: str, bic: str, contact_email: str
) -> ApplicationForm:
    """The terminal's own application again, with the new account."""
    iban, bic, email = _account(work, iban, bic, contact_email)
    if (iban, bic) == (terminal["iban"], terminal["bic"]):
        raise Refusal("REQUISITES_SAME", field="iban")
    sql = """SELECT * FROM pos_application WHERE terminal_id = ? AND kind = ? AND state = ?
             ORDER BY id DESC LIMIT 1"""
    approved = ApplicationState.APPROVED.value
    known = await work.row(sql, terminal["id"], ApplicationKind.CONNECT.value, approved)
    if known is None:
        raise Refusal("TERMINAL_NEEDS_NO_APPLICATION", field="terminalId")
    kept = (known["serial_number"], known["business"], known["city"], known["zip"])
    return ApplicationForm(*kept, iban, bic, email, known["agreement"]).checked()


def _account(work: Work, iban: str, bic: str, contact_email: str) -> tuple[str, str, str]:
    email = check_address(contact_email) if contact_email.strip() else ""
    return check_iban(iban), check_bic(bic, banks=known_banks(work.database.registry)), email


def _check_agreement(contract: SqlRow, accepted: str) -> None:
    """The merchant accepted the version that is in force. Raises Refusal("ACQUIRER_TERMS_NOT_ACCEPTED")."""
    if contract["agreement"] and accepted != contract["agreement"]:
        raise Refusal("ACQUIRER_TERMS_NOT_ACCEPTED", field="agreement", version=contract["agreement"])


async def _move(work: Work, row: SqlRow, values: dict[str, str | int | None]) -> None:
    """The next state of what was read; of two at once the second finds it changed."""
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = (
        f"UPDATE pos_application SET {columns} WHERE id = ? AND company_id = ? AND state = ? AND version = ?"
    )
    was = (row["id"], work.company_id, row["state"], row["version"])
    if not await work.execute(sql, *values.values(), *was):
        raise Refusal("APPLICATION_CHANGED", field="id")


def _require(row: SqlRow, state: ApplicationState) -> None:
    if row["state"] != state:
        raise Refusal("APPLICATION_STATE", field="id", state=row["state"])
