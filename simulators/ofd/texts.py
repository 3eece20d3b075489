"""Words of the simulator's two pages in Russian, Kazakh and English."""

from __future__ import annotations

from simulators.pages import Words

WORDS: Words = {
    "title": ("ОФД-симулятор", "ФДО симуляторы", "OFD simulator"),
    "lead": (
        "Что налоговые органы знают о кассах. Это стенд, а не настоящий оператор фискальных данных.",
        "Салық органдары кассалар туралы не біледі. Бұл — сынақ стенді, нақты ФДО емес.",
        "What the tax side knows of the registers. This is a stand-in, not a real operator of fiscal data.",
    ),
    "register": ("Касса", "Касса", "Register"),
    "company": ("Организация", "Ұйым", "Company"),
    "shift": ("Смена", "Ауысым", "Shift"),
    "open": ("открыта", "ашық", "open"),
    "closed": ("закрыта", "жабық", "closed"),
    "drawer": ("Наличные", "Қолма-қол ақша", "Cash"),
    "sold": ("Продажи с регистрации", "Тіркелгеннен бергі сату", "Sales since registration"),
    "documents": ("Документы", "Құжаттар", "Documents"),
    "retries": ("Повторы", "Қайталаулар", "Retries"),
    "refusals": ("Отказы", "Бас тарту", "Refusals"),
    "blocked": ("заблокирована", "бұғатталған", "blocked"),
    "working": ("работает", "жұмыс істеп тұр", "working"),
    "accepted": ("Принято документов", "Қабылданған құжат", "Documents accepted"),
    "exchanges": ("Обменов", "Алмасулар", "Exchanges"),
    "garbage": ("Непонятные байты на порту", "Портқа келген түсініксіз байттар", "Garbage on the port"),
    "nothing": ("Касс пока нет.", "Әзірге касса жоқ.", "No registers yet."),
    "check": ("Проверка чека", "Чекті тексеру", "Receipt check"),
    "found": ("Чек найден", "Чек табылды", "The receipt is known"),
    "unknown": (
        "Такого фискального чека нет",
        "Мұндай фискалдық чек жоқ",
        "There is no such fiscal receipt",
    ),
    "sign": ("Фискальный признак", "Фискалдық белгі", "Fiscal sign"),
    "number": ("Регистрационный номер", "Тіркеу нөмірі", "Registration number"),
    "total": ("Сумма", "Сомасы", "Total"),
    "date": ("Дата и время", "Күні мен уақыты", "Date and time"),
    "offline": ("Автономный", "Автономды", "Autonomous"),
    "bin": ("БИН/ИИН", "БСН/ЖСН", "BIN/IIN"),
    "address": ("Адрес", "Мекенжайы", "Address"),
}
