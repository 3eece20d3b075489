"""A company opened by an application that its head signs with an electronic signature (ЭЦП)."""

from __future__ import annotations

from dataclasses import asdict, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from addons.organization.domain.bin import check_bin
from addons.organization.domain.cards import UserId
from addons.organization.domain.company import LegalForm, TaxRegime
from addons.organization.services.company_details import CompanyDetails, OpenCompany, open_company
from addons.organization.services.signatures import (
    Application,
    SubmitApplication,
    ask_signature,
    check_signature,
    keep_signature,
    use_signature,
)
from kernel.ids import CompanyId
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work

PURPOSE = "open_company"


async def prepare_application(work: Work, command: OpenCompany) -> Application:
    """The text of an application to open a company.

    Raises Refusal: those of ask_signature, BIN_…
    """
    details = asdict(command.details).items()
    given = {name: str(value) if isinstance(value, StrEnum) else value for name, value in details}
    given = {name: value for name, value in given.items() if value is not None}
    return await ask_signature(work, PURPOSE, check_bin(command.bin), {"details": given})


async def submit_application(database: Database, caller: Principal, command: SubmitApplication) -> CompanyId:
    """The company, opened as its head asked. A flow.

    Raises Refusal: those of check_signature and of open_company.
    """
    checked = await check_signature(database, caller, PURPOSE, command)
    asked = checked.asked

    async def opening(work: Work) -> CompanyId:
        await use_signature(work, checked)
        opened = OpenCompany(asked["bin"], _details(asked["details"]), UserId(caller.subject_id))
        company_id = await open_company(work, replace(opened, is_signed=True))
        with work.acting_as(work.principal.within(company_id)) as inside:
            subject = f"company:{company_id}"
            await keep_signature(inside, checked, action="organization.signed_application", subject=subject)
        return company_id

    return await database.transact(opening, principal=caller)


def _details(given: dict[str, Any]) -> CompanyDetails:
    values = dict(given)
    if "legal_form" in values:
        values["legal_form"] = LegalForm(values["legal_form"])
    if "tax_regime" in values:
        values["tax_regime"] = TaxRegime(values["tax_regime"])
    return CompanyDetails(**values)
