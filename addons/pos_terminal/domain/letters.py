"""Letters about terminals, in Russian and in Kazakh below each other: nobody knows the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.i18n import fill

_LETTERS: Mapping[str, tuple[str, str, str]] = {
    "in_review": (
        "{company}: заявка по терминалу «{terminal}»",
        "{company} ждёт решения по подписанной заявке: терминал «{terminal}». Она в консоли Sauda, "
        "раздел «Карты».",
        "{company} қол қойылған өтінім бойынша шешім күтеді: «{terminal}» терминалы. Ол Sauda консолінде, "
        "«Карталар» бөлімінде.",
    ),
    "approved": (
        "Терминал «{terminal}»: заявка одобрена",
        "Банк одобрил заявку по терминалу «{terminal}» ({company}).",
        "Банк «{terminal}» терминалы бойынша өтінімді мақұлдады ({company}).",
    ),
    "rejected": (
        "Терминал «{terminal}»: заявка отклонена",
        "Банк отклонил заявку по терминалу «{terminal}» ({company}). Причина: {reason}",
        "Банк «{terminal}» терминалы бойынша өтінімді қабылдамады ({company}). Себебі: {reason}",
    ),
    "requisites": (
        "Терминал «{terminal}»: счёт для зачисления изменён",
        "С банковского дня {day} деньги с терминала «{terminal}» ({company}) зачисляются на другой счёт: "
        "{account}. Если вы об этом не знаете, немедленно обратитесь в банк и к владельцу организации.",
        "{day} банк күнінен бастап «{terminal}» терминалының ({company}) ақшасы басқа шотқа түседі: "
        "{account}. Бұл сізге белгісіз болса, дереу банкке және ұйым иесіне хабарласыңыз.",
    ),
}
_FOOT = "Sauda"


def terminal_letter(kind: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text. kind: in_review, approved, rejected, requisites."""
    subject, ru, kk = _LETTERS[kind]
    return fill(subject, facts), f"{fill(ru, facts)}\n\n{fill(kk, facts)}\n\n{_FOOT}\n"
