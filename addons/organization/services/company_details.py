"""Details of a company: what it says of itself beside BIN and title, and what they were before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from addons.organization.domain.cards import UserId
from addons.organization.domain.checks import check_text
from addons.organization.domain.commands import CreateCompany
from addons.organization.domain.company import (
    LegalForm,
    TaxRegime,
    check_bic,
    check_iban,
    check_login,
    check_name,
    check_oked,
    check_phone,
    titles_of,
)
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.banks import known_banks
from addons.organization.services.companies import check_certificate, create_company
from addons.organization.services.company_numbers import number_company
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, SqlRow, Work

CITY_LENGTH_MAX = 100
ADDRESS_LENGTH_MAX = 255
CHANGES_MAX = 500


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """New values; None leaves a value as it is, an empty text takes it away.

    name: without quotes and legal form; iban: 20 characters of Kazakhstan; login: how its people call the
    company when they sign in with a user name.
    """

    legal_form: LegalForm | None = None
    name: str | None = None
    name_kk: str | None = None
    tax_regime: TaxRegime | None = None
    iban: str | None = None
    bic: str | None = None
    city: str | None = None
    address: str | None = None
    phone: str | None = None
    oked: str | None = None
    login: str | None = None
    is_vat_payer: bool | None = None
    vat_series: str | None = None
    vat_number: str | None = None


@dataclass(frozen=True, slots=True)
class OpenCompany:
    """A company with all that is known about it. owner_id: who becomes its owner, None for nobody yet.

    is_signed: its head signed the application.
    """

    bin: str
    details: CompanyDetails
    owner_id: UserId | None = None
    is_signed: bool = False


async def open_company(work: Work, command: OpenCompany) -> CompanyId:
    """A new tenant with its details; the person becomes its owner.

    Raises Refusal: those of create_company and change_details, COMPANY_NAME_MISSING, SIGNATURE_REQUIRED.
    """
    details = command.details
    if work.settings(OrganizationSettings).signature_required and not command.is_signed:
        raise Refusal("SIGNATURE_REQUIRED")
    if details.legal_form is None or not details.name:
        raise Refusal("COMPANY_NAME_MISSING", field="name")
    name = check_name(details.name, field="name")
    name_kk = check_name(details.name_kk or "", field="nameKk", is_required=False)
    title, title_kk = titles_of(details.legal_form, name, name_kk)
    company = CreateCompany(command.bin, title, title_kk, owner_id=command.owner_id)
    company_id = await create_company(work, company)
    with work.acting_as(work.principal.within(company_id)) as inside:
        await change_details(inside, details)
    return company_id


async def change_details(work: Work, command: CompanyDetails) -> CompanyId:
    """Change what is given; each value that became another is written down with what it was.

    The BIN never changes. What other rooms printed or sent stays as it was printed and sent.
    Raises Refusal: COMPANY_NAME_…, IBAN_…, BIC_UNKNOWN, PHONE_MALFORMED, OKED_MALFORMED, LOGIN_NAME_…,
    VAT_CERTIFICATE_MISSING, TEXT_…
    """
    company = await work.row("SELECT * FROM org_company WHERE id = ?", work.company_id)
    if company is None:
        raise Refusal("COMPANY_UNKNOWN")
    known = await _known(work)
    fresh = _checked(command, known_banks(work.database.registry))
    login = fresh.get("login")
    if login and login != known["login"]:
        sql = "SELECT id FROM org_company_details WHERE login = ?"
        if await work.row(sql, login) is not None:
            raise Refusal("LOGIN_NAME_TAKEN", field="login")
    values: dict[str, str | None] = {column: value or None for column, value in fresh.items()}
    values |= {column: value for column, value in fresh.items() if column != "login"}
    changes = {
        name: (known[name] or "", value or "") for name, value in values.items() if value != known[name]
    }
    if changes:
        columns = ", ".join(f"{column} = ?" for column in values)
        sql = f"UPDATE org_company_details SET {columns} WHERE company_id = ?"
        await work.execute(sql, *values.values(), work.company_id)
    changes |= await _change_company(work, company, {**known, **values}, command)
    await _write_down(work, changes)
    return work.company_id


async def company_changes(reader: Reader) -> list[SqlRow]:
    """Values of the reader's company that became others, the latest first, at most CHANGES_MAX."""
    sql = """SELECT at_ms, actor_id, field, before, after FROM org_company_change
             WHERE company_id = ? ORDER BY at_ms DESC, id DESC LIMIT ?"""
    return list(await reader.rows(sql, reader.company_id, CHANGES_MAX))


async def _known(work: Work) -> SqlRow:
    """The row of the company, made when it has none yet."""
    sql = "SELECT * FROM org_company_details WHERE company_id = ?"
    row = await work.row(sql, work.company_id)
    if row is None:
        await number_company(work, work.company_id)
        row = await work.row(sql, work.company_id)
    assert row is not None, "made above"
    return row


def _checked(command: CompanyDetails, banks: Mapping[str, str]) -> dict[str, str]:
    """Columns with their new values."""
    values: dict[str, str] = {}
    if command.legal_form is not None:
        values["legal_form"] = command.legal_form.value
    if command.tax_regime is not None:
        values["tax_regime"] = command.tax_regime.value
    if command.name is not None:
        values["name"] = check_name(command.name, field="name")
    if command.name_kk is not None:
        values["name_kk"] = check_name(command.name_kk, field="nameKk", is_required=False)
    if command.login is not None:
        values["login"] = check_login(command.login, field="login") if command.login.strip() else ""
    if command.city is not None:
        values["city"] = check_text(command.city, field="city", length_max=CITY_LENGTH_MAX, is_required=False)
    if command.address is not None:
        values["address"] = check_text(
            command.address, field="address", length_max=ADDRESS_LENGTH_MAX, is_required=False
        )
    bic = partial(check_bic, banks=banks)
    checks: dict[str, Callable[[str], str]]
    checks = {"iban": check_iban, "bic": bic, "phone": check_phone, "oked": check_oked}
    for column, check in checks.items():
        given = getattr(command, column)
        if given is not None:
            values[column] = check(given)
    return values


async def _change_company(
    work: Work, company: SqlRow, details: Mapping[str, str | None], command: CompanyDetails
) -> dict[str, tuple[str, str]]:
    """Titles follow the name; VAT stands in the company itself. What changed."""
    values: dict[str, str | int] = {}
    is_named = command.name is not None or command.name_kk is not None or command.legal_form is not None
    if is_named and details["legal_form"] and details["name"]:
        form = LegalForm(str(details["legal_form"]))
        titles = titles_of(form, str(details["name"]), str(details["name_kk"] or ""))
        values["title"], values["title_kk"] = titles
    if command.is_vat_payer is not None or command.vat_series is not None or command.vat_number is not None:
        is_payer = bool(company["is_vat_payer"]) if command.is_vat_payer is None else command.is_vat_payer
        series = company["vat_series"] if command.vat_series is None else command.vat_series
        number = company["vat_number"] if command.vat_number is None else command.vat_number
        values["is_vat_payer"] = int(is_payer)
        values["vat_series"], values["vat_number"] = check_certificate(is_payer, series, number)
    changes = {
        name: (str(company[name]), str(value)) for name, value in values.items() if value != company[name]
    }
    if changes:
        columns = ", ".join(f"{column} = ?" for column in values)
        sql = f"UPDATE org_company SET {columns} WHERE id = ?"
        await work.execute(sql, *values.values(), work.company_id)
    return changes


async def _write_down(work: Work, changes: Mapping[str, tuple[str, str]]) -> None:
    columns = ("id", "company_id", "at_ms", "actor_id", "field", "before", "after")
    who = work.principal.subject_id
    rows = [
        (new_id(), work.company_id, work.now_ms, who, name, before, after)
        for name, (before, after) in changes.items()
    ]
    if rows:
        await work.insert_many("org_company_change", columns, rows)
        facts = {name: {"before": before, "after": after} for name, (before, after) in changes.items()}
        await work.audit("organization.change_company", f"company:{work.company_id}", facts)
