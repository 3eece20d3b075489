"""Letters between dealers and clients in Russian, Kazakh and English."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.i18n import fill

_FOOT = {
    "ru": "Письмо отправлено системой Sauda; отвечать на него не нужно.",
    "kk": "Хатты Sauda жүйесі жіберді; оған жауап берудің қажеті жоқ.",
    "en": "Sent by Sauda; no answer is needed.",
}
_LETTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "requested": {
        "ru": ("Заявка от {other}", "{other} (БИН {bin}) просит взять кассы на обслуживание."),
        "kk": ("{other} өтінімі", "{other} (БСН {bin}) кассаларын қызмет көрсетуге алуды сұрайды."),
        "en": ("Request of {other}", "{other} (BIN {bin}) asks you to look after its registers."),
    },
    "accepted": {
        "ru": ("{other} принял заявку", "{other} теперь обслуживает ваши кассы с правами, которые вы дали."),
        "kk": ("{other} өтінімді қабылдады", "{other} енді сіз берген құқықтармен кассаларыңызға қарайды."),
        "en": ("{other} accepted", "{other} looks after your registers now, with the rights you granted."),
    },
    "declined": {
        "ru": ("{other} отклонил заявку", "{other} не возьмёт ваши кассы на обслуживание."),
        "kk": ("{other} өтінімді қабылдамады", "{other} кассаларыңызды қызмет көрсетуге алмайды."),
        "en": ("{other} declined", "{other} will not look after your registers."),
    },
    "ended": {
        "ru": ("{other}: обслуживание прекращено", "Обслуживание закончено; доступ к учётной записи закрыт."),
        "kk": ("{other}: қызмет көрсету тоқтатылды", "Қызмет көрсету аяқталды; тіркелгіге кіру жабылды."),
        "en": ("{other}: service has ended", "The service is over; access to the account is closed."),
    },
    "entered": {
        "ru": ("{other} вошёл в вашу учётную запись", "Сотрудник {other} работает в вашей учётной записи. "
               "Что сделано, видно в журнале действий; прекратить можно в любой момент."),
        "kk": ("{other} тіркелгіңізге кірді", "{other} қызметкері тіркелгіңізде жұмыс істеп жатыр. "
               "Не істелгені әрекеттер журналында көрінеді; кез келген уақытта тоқтатуға болады."),
        "en": ("{other} entered your account", "Somebody of {other} works in your account. What is done "
               "stands in the audit log; you may end it at any moment."),
    },
    "move_proposed": {
        "ru": ("{other} предлагает перенести кассу", "Касса {register} переедет, когда вы согласитесь."),
        "kk": ("{other} кассаны көшіруді ұсынады", "{register} кассасы сіз келіскенде көшеді."),
        "en": ("{other} proposes to move a register", "Register {register} moves once you agree."),
    },
    "move_waits": {
        "ru": ("Касса {register} пока не переехала", "{reason}\n\nДругая сторона: {other}."),
        "kk": ("{register} кассасы әзірге көшпеді", "{reason}\n\nЕкінші тарап: {other}."),
        "en": ("Register {register} has not moved yet", "{reason}\n\nThe other side: {other}."),
    },
    "moved": {
        "ru": ("Касса {register} перенесена", "Документы остались в прежней организации ({other})."),
        "kk": ("{register} кассасы көшірілді", "Құжаттар бұрынғы ұйымда қалды ({other})."),
        "en": ("Register {register} has moved", "Its documents stay with the former company ({other})."),
    },
}  # fmt: skip


def dealer_letter(kind: str, language: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of a letter; ru for a language we do not speak."""
    known = language if language in _FOOT else "ru"
    subject, text = _LETTERS[kind][known]
    return fill(subject, facts), f"{fill(text, facts)}\n\n{_FOOT[known]}\n"
