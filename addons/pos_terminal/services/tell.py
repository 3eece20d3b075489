"""A word by e-mail about a terminal; where no letters are sent, the page tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.api import company_cards
from addons.pos_terminal.domain.letters import terminal_letter
from kernel.mail import Letter, post

if TYPE_CHECKING:
    from kernel.data.work import SqlRow, Work


async def tell(work: Work, kind: str, terminal: SqlRow, *, to: str, **facts: str) -> None:
    """A letter about the terminal to that address, if there is one. kind: see `terminal_letter`."""
    if not to:
        return
    company = (await company_cards(work, [work.company_id]))[work.company_id]
    known = {"terminal": terminal["title"], "company": company.title, **facts}
    subject, text = terminal_letter(kind, known)
    await post(work, Letter(to, subject, text, about=f"pos_terminal.{kind}:{terminal['id']}"))
