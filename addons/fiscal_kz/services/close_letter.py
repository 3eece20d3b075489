"""The letter to administrators about a shift that closed by itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from addons.organization.api import RegisterCard, administrators_of
from kernel.mail import Letter

if TYPE_CHECKING:
    from addons.fiscal_kz.services.records import KkmRecord
    from kernel.data.work import Reader

_WORDS = {
    "ru": (
        "Смена {number} закрыта автоматически: касса {register}",
        "Касса {register} ({outlet}), ККМ {kkm}.\n\n"
        "Смена {number} закрыта системой {at}, чтобы не превысить 24 часа. "
        "Оператор в Z-отчёте: «Система».\n\n"
        "Проверьте наличные в ящике и напомните кассиру закрывать смену в конце дня.",
    ),
    "kk": (
        "{number}-ауысым автоматты түрде жабылды: {register} кассасы",
        "{register} кассасы ({outlet}), БКМ {kkm}.\n\n"
        "{number}-ауысымды 24 сағаттан аспас үшін {at} жүйе жапты. Z-есептегі оператор: «Система».\n\n"
        "Жәшіктегі қолма-қол ақшаны тексеріп, кассирге күн соңында ауысымды жабуды ескертіңіз.",
    ),
    "en": (
        "Shift {number} was closed by itself: register {register}",
        "Register {register} ({outlet}), KKM {kkm}.\n\n"
        "Shift {number} was closed by the system on {at}, before its 24 hours were over. "
        "Operator on the Z report: «Система».\n\n"
        "Check the cash in the drawer and remind the cashier to close the shift at the end of the day.",
    ),
}


async def letters_about_close(
    reader: Reader, register: RegisterCard, kkm: KkmRecord, *, number: int, at: datetime
) -> list[Letter]:
    """One for each administrator, in their language. at: local time of the close."""
    facts = {
        "number": number,
        "register": f"{register.number} «{register.title}»",
        "outlet": register.outlet.title,
        "kkm": kkm.card.registration_number,
        "at": at.strftime("%d.%m.%Y %H:%M"),
    }
    letters = []
    for each in await administrators_of(reader):
        subject, text = _WORDS.get(each.language, _WORDS["ru"])
        letters.append(Letter(each.email, subject.format(**facts), text.format(**facts)))
    return letters
