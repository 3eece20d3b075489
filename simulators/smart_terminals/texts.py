"""Words of the panel in Russian, Kazakh and English."""

from __future__ import annotations

from simulators.pages import Words

WORDS: Words = {
    "title": ("Терминал-симулятор", "Терминал симуляторы", "Terminal simulator"),
    "lead": (
        "Что на самом деле произошло на терминале. Это стенд: деньги не списываются.",
        "Терминалда шын мәнінде не болғаны. Бұл — сынақ стенді: ақша алынбайды.",
        "What really happened at the terminal. This is a stand-in: no money moves.",
    ),
    "number": ("Операция", "Операция", "Operation"),
    "payment": ("оплата", "төлем", "payment"),
    "refund": ("возврат", "қайтару", "refund"),
    "asked": ("Запрошено, ₸", "Сұралды, ₸", "Asked, ₸"),
    "moved": ("Проведено, ₸", "Өткізілді, ₸", "Moved, ₸"),
    "result": ("Итог", "Нәтижесі", "Result"),
    "waiting": ("ожидание", "күтуде", "waiting"),
    "approved": ("одобрено", "мақұлданды", "approved"),
    "declined": ("отказ", "бас тартылды", "declined"),
    "cancelled": ("отменено", "болдырылмады", "cancelled"),
    "reference": ("RRN / номер заказа", "RRN / тапсырыс нөмірі", "RRN / order number"),
    "breaches": ("Нарушения протокола", "Хаттаманы бұзу", "Breaches of the protocol"),
    "nothing": ("Операций пока нет.", "Әзірге операция жоқ.", "No operations yet."),
    "reachable": ("на связи", "байланыста", "reachable"),
    "unreachable": ("недоступен", "қолжетімсіз", "unreachable"),
    "next": ("Следующая операция", "Келесі операция", "The next operation"),
    "approve": ("одобрить", "мақұлдау", "approve"),
    "decline": ("отказать", "бас тарту", "decline"),
    "cancel": ("отменить", "болдырмау", "cancel"),
    "unknown": ("исход неизвестен", "нәтижесі белгісіз", "outcome unknown"),
    "hold": ("ждать решения", "шешімді күту", "hold"),
    "cut_after": ("потерять ответ", "жауапты жоғалту", "lose the answer"),
    "decide": ("Ожидающая операция", "Күтіп тұрған операция", "The operation on hold"),
}
