"""Tell the administrators of the other company by e-mail; where no letters are sent, the page tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.dealer.domain.letters import dealer_letter
from addons.organization.api import administrators_of, as_guest, company_cards
from kernel.i18n import explain
from kernel.ids import CompanyId
from kernel.mail import Letter, is_mail_on, post

if TYPE_CHECKING:
    from kernel.data.work import Work


async def tell(
    work: Work, kind: str, *, reader_id: str, about_id: str, register: str = "", code: str = ""
) -> None:
    """A letter to each administrator of reader_id, about the company about_id.

    code: of a refusal to explain.
    """
    if not is_mail_on(work):
        return
    other = (await company_cards(work, [about_id]))[about_id]
    facts = {"other": other.title, "bin": other.bin, "register": register}
    with work.acting_as(as_guest(work.principal, CompanyId(reader_id))) as there:
        for person in await administrators_of(there):
            why = explain(code, {}, person.language) if code else None
            reason = "" if why is None else f"{why.message} {why.next_action or ''}".strip()
            subject, text = dealer_letter(kind, person.language, {**facts, "reason": reason})
            await post(there, Letter(person.email, subject, text, about=f"dealer.{kind}:{about_id}"))
