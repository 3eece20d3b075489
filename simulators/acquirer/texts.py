"""Words of the host's page in Russian, Kazakh and English."""

from __future__ import annotations

from simulators.pages import Words

WORDS: Words = {
    "title": ("Хост эквайера — симулятор", "Эквайер хосты — симулятор", "Acquirer's host, a simulator"),
    "lead": (
        "Что банк знает об операциях. Это стенд: карты и ключи известны всем, деньги не списываются.",
        "Банк операциялар туралы не біледі. Бұл — сынақ стенді: карталар мен кілттер бәріне белгілі, "
        "ақша алынбайды.",
        "What the bank knows of operations. A stand-in: cards and keys are known to all, no money moves.",
    ),
    "requests": ("Запросов", "Сұраулар", "Requests"),
    "declines": ("Отказов", "Бас тартулар", "Declines"),
    "garbage": ("Непонятные байты", "Түсініксіз байттар", "Garbage"),
    "unsigned": ("Неверный MAC", "MAC қате", "Wrong MAC"),
    "day": ("Банковский день", "Банк күні", "Banking day"),
    "terminal": ("Терминал", "Терминал", "Terminal"),
    "purchase": ("покупка", "сатып алу", "purchase"),
    "void": ("отмена", "болдырмау", "void"),
    "refund": ("возврат", "қайтару", "refund"),
    "amount": ("Сумма, ₸", "Сомасы, ₸", "Amount, ₸"),
    "posted": ("проведена", "өткізілді", "posted"),
    "reversed": ("реверсирована", "кері қайтарылды", "reversed"),
    "voided": ("отменена", "болдырылмады", "voided"),
    "statements": ("Выписки", "Үзінділер", "Statements"),
    "incidents": ("Происшествия", "Оқиғалар", "Incidents"),
    "nothing": ("Операций пока нет.", "Әзірге операция жоқ.", "No operations yet."),
}
