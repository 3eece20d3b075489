"""The passport of a new KKM as a file, and its letter to the administrator."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import MakePassport
from addons.fiscal_kz.domain.passport_paper import MODEL, PassportFacts, passport_paper
from addons.fiscal_kz.services.passports import change_passport, open_register, passport_of
from addons.fiscal_kz.services.register_news import tell_register
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import email_of_user, register_card
from kernel.errors import Refusal
from kernel.mail import Attachment, File, Letter, check_address, post
from kernel.printing.paper import SHEET_A4
from kernel.printing.pdf import as_pdf
from kernel.printing.threads import drawn
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

PASSPORT_KIND = "fiscal_kz.passport"

_SUBJECTS = "Паспорт ККМ {number} / {number} БКМ паспорты"
_TEXT = """Здравствуйте!

Во вложении паспорт ККМ {number} (касса № {register}, {outlet}) и пошаговая инструкция:
договор с ОФД, постановка на учёт, ввод ID, регистрационного номера и токена.

Қайырлы күн!

Қосымшада {number} БКМ паспорты (№ {register} касса, {outlet}) және қадамдық нұсқаулық бар:
ФДО-мен шарт, есепке қою, ID, тіркеу нөмірі мен токенді енгізу.
"""


async def make_passport(work: Work, command: MakePassport) -> bool:
    """Send the passport of a KKM that has a factory number of ours; False when this installation sends no
    e-mail, then it is for downloading. Again sends it again.

    Raises Refusal: KKM_UNKNOWN, KKM_FACTORY_NOT_OURS, PASSPORT_EMAIL_MISSING, EMAIL_MALFORMED, REGISTER_…
    """
    work.principal.require("fiscal_kz.activate")
    register = await open_register(work, command.register_id)
    number = (await _facts(work, register.id)).factory_number
    to = command.email
    if to is None and work.principal.kind is PrincipalKind.USER:
        to = await email_of_user(work, work.principal.subject_id)
    if to is None:
        raise Refusal("PASSPORT_EMAIL_MISSING", field="email")
    to = check_address(to)
    letter = Letter(
        to,
        _SUBJECTS.format(number=number),
        _TEXT.format(number=number, register=register.number, outlet=register.outlet.title),
        attachments=(Attachment(PASSPORT_KIND, register.id),),
        about=f"{PASSPORT_KIND}:{register.id}",
    )
    is_mailed = await post(work, letter)
    mailed_to = to if is_mailed else None
    await change_passport(work, register.id, {"passport_ms": work.now_ms, "mailed_to": mailed_to})
    await work.audit("fiscal_kz.make_passport", f"register:{register.id}", {"to": mailed_to})
    tell_register(work, register.id)
    return is_mailed


async def passport_file(reader: Reader, register_id: str) -> File:
    """The passport as a PDF of A4 sheets. Raises Refusal as make_passport does."""
    facts = await _facts(reader, register_id)
    content = await drawn(as_pdf, passport_paper(facts), SHEET_A4)
    return File(f"passport-{facts.factory_number}.pdf", "application/pdf", content)


async def _facts(reader: Reader, register_id: str) -> PassportFacts:
    reader.principal.require_register(register_id)
    register = await register_card(reader, register_id)
    paper = await passport_of(reader, register_id)
    if paper is None:
        raise Refusal("KKM_UNKNOWN", field="registerId")
    if paper.factory_number is None or paper.made_year is None:
        raise Refusal("KKM_FACTORY_NOT_OURS", field="registerId")
    return PassportFacts(
        factory_number=paper.factory_number,
        made_year=paper.made_year,
        software=f"{MODEL} {version('sauda')}",
        company_title=register.company.title,
        company_title_kk=register.company.title_kk,
        company_bin=register.company.bin,
        address=register.outlet.address,
        address_kk=register.outlet.address_kk,
        register_number=register.number,
        register_title=register.title,
        protocol=reader.settings(FiscalSettings).default_version,
    )
