"""Words of the host's page in Russian, Kazakh and English."""

from __future__ import annotations

LANGUAGES = ("ru", "kk", "en")

_TEXTS: dict[str, tuple[str, str, str]] = {
    "title": ("Хост эквайера — симулятор", "Эквайер хосты — симулятор", "Acquirer's host, a simulator"),
    "lead": (
        "Что банк знает об операциях. Это стенд: карты и ключи известны всем, деньги не списываются.",
        "Банк операциялар туралы не біледі. Бұл — сынақ стенді: карталар мен кілттер бәріне белгілі, "
        "ақша алынбайды.",
        "What the bank knows of operations. A stand-in: cards and keys are known to all, no money moves.",
    ),
    "taken": ("Списано, ₸", "Алынды, ₸", "Taken, ₸"),
    "requests": ("Запросов", "Сұраулар", "Requests"),
    "declines": ("Отказов", "Бас тартулар", "Declines"),
    "garbage": ("Непонятные байты", "Түсініксіз байттар", "Garbage"),
    "unsigned": ("Неверный MAC", "MAC қате", "Wrong MAC"),
    "day": ("Банковский день", "Банк күні", "Banking day"),
    "reachable": ("принимает соединения", "қосылымдарды қабылдайды", "accepts connections"),
    "unreachable": ("недоступен", "қолжетімсіз", "unreachable"),
    "terminal": ("Терминал", "Терминал", "Terminal"),
    "kind": ("Вид", "Түрі", "Kind"),
    "purchase": ("покупка", "сатып алу", "purchase"),
    "void": ("отмена", "болдырмау", "void"),
    "refund": ("возврат", "қайтару", "refund"),
    "amount": ("Сумма, ₸", "Сомасы, ₸", "Amount, ₸"),
    "card": ("Карта", "Карта", "Card"),
    "state": ("Состояние", "Күйі", "State"),
    "posted": ("проведена", "өткізілді", "posted"),
    "reversed": ("реверсирована", "кері қайтарылды", "reversed"),
    "voided": ("отменена", "болдырылмады", "voided"),
    "statements": ("Выписки", "Үзінділер", "Statements"),
    "incidents": ("Происшествия", "Оқиғалар", "Incidents"),
    "nothing": ("Операций пока нет.", "Әзірге операция жоқ.", "No operations yet."),
}


def texts(language: str) -> dict[str, str]:
    """All words in one of LANGUAGES."""
    index = LANGUAGES.index(language)
    return {key: words[index] for key, words in _TEXTS.items()} | {"lang": language}
