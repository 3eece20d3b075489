"""Create, update and close a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.bin import check_bin
from addons.organization.domain.cards import Role
from addons.organization.domain.checks import check_text
from addons.organization.domain.commands import CreateCompany, UpdateCompany
from addons.organization.services.company_numbers import number_company
from addons.organization.services.rows import insert_unique
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kernel.data.work import Param, Reader, SqlRow, Work

TITLE_LENGTH_MAX = 200
VAT_LENGTH_MAX = 16
ACCESS_TOPIC = "access"  # notices that somebody's rights changed


async def create_company(work: Work, command: CreateCompany) -> CompanyId:
    """A new tenant; the command's owner, if any, becomes its first member.

    Raises Refusal: BIN_MALFORMED, BIN_WRONG_DIGIT, COMPANY_BIN_TAKEN, VAT_CERTIFICATE_MISSING, TEXT_…
    """
    bin_ = check_bin(command.bin)
    title = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    title_kk = check_text(command.title_kk, field="titleKk", length_max=TITLE_LENGTH_MAX, is_required=False)
    series, number = check_certificate(command.is_vat_payer, command.vat_series, command.vat_number)
    taken = Refusal("COMPANY_BIN_TAKEN", field="bin")
    if await work.row("SELECT id FROM org_company WHERE bin = ?", bin_) is not None:
        raise taken
    company_id = CompanyId(new_id())
    await insert_unique(
        work,
        "org_company",
        {
            "id": company_id,
            "bin": bin_,
            "title": title,
            "title_kk": title_kk,
            "is_vat_payer": int(command.is_vat_payer),
            "vat_series": series,
            "vat_number": number,
            "created_ms": work.now_ms,
        },
        taken,
    )
    await number_company(work, company_id)
    if command.owner_id is not None:
        await add_member(work, company_id, command.owner_id, Role.OWNER)
    await work.audit("organization.create_company", f"company:{company_id}", {"bin": bin_})
    return company_id


async def add_member(work: Work, company_id: CompanyId, user_id: str, role: Role) -> None:
    """Let a user into a company; the caller has checked that the user is not in it yet."""
    await work.insert(
        "org_membership",
        {
            "id": new_id(),
            "company_id": company_id,
            "user_id": user_id,
            "role": role.value,
            "is_active": 1,
            "created_ms": work.now_ms,
        },
    )


async def update_company(work: Work, command: UpdateCompany) -> CompanyId:
    """Change titles and VAT registration of the principal's company. Refuses as create_company does."""
    row = await work.row("SELECT * FROM org_company WHERE id = ?", work.company_id)
    if row is None or command.company_id != work.company_id:
        raise Refusal("COMPANY_UNKNOWN")
    values: dict[str, Param] = {}
    if command.title is not None:
        values["title"] = check_text(command.title, field="title", length_max=TITLE_LENGTH_MAX)
    if command.title_kk is not None:
        values["title_kk"] = check_text(
            command.title_kk, field="titleKk", length_max=TITLE_LENGTH_MAX, is_required=False
        )
    is_payer = bool(row["is_vat_payer"]) if command.is_vat_payer is None else command.is_vat_payer
    series = row["vat_series"] if command.vat_series is None else command.vat_series
    number = row["vat_number"] if command.vat_number is None else command.vat_number
    values["is_vat_payer"] = int(is_payer)
    values["vat_series"], values["vat_number"] = check_certificate(is_payer, series, number)
    columns = ", ".join(f"{column} = ?" for column in values)
    await work.execute(f"UPDATE org_company SET {columns} WHERE id = ?", *values.values(), work.company_id)
    await work.audit("organization.update_company", f"company:{work.company_id}", values)
    return work.company_id


def ask_certificate(reader: Reader) -> tuple[str, Sequence[Param]]:
    """The statement for the VAT certificate of the reader's company, to be asked together with others;
    certificate_found reads the answer.
    """
    sql = "SELECT vat_series, vat_number FROM org_company WHERE id = ? AND is_vat_payer = 1"
    return sql, (reader.company_id,)


def certificate_found(rows: Sequence[SqlRow]) -> str:
    """Series and number for a receipt; empty for a company that pays no VAT."""
    return f"{rows[0]['vat_series']} № {rows[0]['vat_number']}".strip() if rows else ""


async def close_company(work: Work, company_id: CompanyId) -> CompanyId:
    """No more documents in the principal's company; what exists stays readable.

    Raises Refusal: COMPANY_UNKNOWN, COMPANY_CLOSED.
    """
    if company_id != work.company_id:
        raise Refusal("COMPANY_UNKNOWN")
    closed = await work.execute(
        "UPDATE org_company SET closed_ms = ? WHERE id = ? AND closed_ms IS NULL", work.now_ms, company_id
    )
    if not closed:
        raise Refusal("COMPANY_CLOSED")
    await work.audit("organization.close_company", f"company:{company_id}")
    work.notice(ACCESS_TOPIC, company_id)
    return company_id


def check_certificate(is_vat_payer: bool, series: str, number: str) -> tuple[str, str]:
    """Series and number of the VAT certificate; a payer has a number.

    Raises Refusal: VAT_CERTIFICATE_MISSING, TEXT_…
    """
    series = check_text(series, field="vatSeries", length_max=VAT_LENGTH_MAX, is_required=False)
    number = check_text(number, field="vatNumber", length_max=VAT_LENGTH_MAX, is_required=False)
    if is_vat_payer and not number:
        raise Refusal("VAT_CERTIFICATE_MISSING", field="vatNumber")
    return series, number
