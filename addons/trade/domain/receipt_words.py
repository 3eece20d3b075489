"""Words of a receipt in Kazakh and Russian, the two languages order 626 item 56 asks for."""

from __future__ import annotations

from enum import StrEnum

from addons.trade.domain.kinds import PaymentKind, SaleKind


class ReceiptLanguage(StrEnum):
    """What a receipt is printed in; BOTH puts Kazakh first."""

    RU = "ru"
    KK = "kk"
    BOTH = "both"


# Kazakh first, then Russian
WORDS: dict[str, tuple[str, str]] = {
    "bin": ("БСН/ЖСН", "БИН/ИИН"),
    "vat_certificate": ("ҚҚС куәлігі", "Свид. по НДС"),
    "fiscal_ticket": ("ФИСКАЛДЫҚ ЧЕК", "ФИСКАЛЬНЫЙ ЧЕК"),
    "plain_ticket": ("ЧЕК", "ЧЕК"),
    "autonomous": ("Автономды", "Автономный"),
    "copy": ("КӨШІРМЕ", "ДУБЛИКАТ"),
    "test": ("ТЕСТ, фискалдық емес", "ТЕСТ, нефискальный"),
    "pending": ("Чек жіберілуде, әлі фискалдық емес", "Чек отправляется, ещё не фискальный"),
    "rejected": ("Чек қабылданбады, фискалдық емес", "Чек отклонён, не фискальный"),
    "number": ("Чек №", "Чек №"),
    "shift": ("Ауысым №", "Смена №"),
    "register": ("Касса №", "Касса №"),
    "operator": ("Кассир", "Кассир"),
    "discount": ("Жеңілдік", "Скидка"),
    "markup": ("Үстеме", "Наценка"),
    "receipt_discount": ("Чекке жеңілдік", "Скидка на чек"),
    "receipt_markup": ("Чекке үстеме", "Наценка на чек"),
    "subtotal": ("Аралық сома", "Подытог"),
    "total": ("БАРЛЫҒЫ", "ИТОГО"),
    "taken": ("Алынды", "Получено"),
    "change": ("Қайтарым", "Сдача"),
    "vat": ("ҚҚС", "НДС"),
    "vat_inside": ("оның ішінде ҚҚС", "в т.ч. НДС"),
    "without_vat": ("ҚҚС-сыз", "Без НДС"),
    "ntin": ("ҰТК коды", "Код НКТ"),
    "mark": ("Таңбалау коды", "Код маркировки"),
    "customer": ("Сатып алушының ЖСН/БСН", "ИИН/БИН покупателя"),
    "vendor": ("Сатушының ЖСН/БСН", "ИИН/БИН продавца"),
    "storno": ("СТОРНО", "СТОРНО"),
    "vat_on_top": ("бағаға қосымша ҚҚС", "НДС сверх цены"),
    "excise_stamp": ("Акциздік марка", "Акцизная марка"),
    "elsewhere": ("Қолма-қолсыз, бөтен терминал", "Безнал, чужой терминал"),
    "terminal": ("Терминал", "Терминал"),
    "card_type": ("Карта", "Карта"),
    "authorization": ("Авторизация коды", "Код авторизации"),
    "rrn": ("RRN", "RRN"),
    "slip": ("Терминал чегі №", "Чек терминала №"),
    "qr_payment": ("QR төлем", "QR-платёж"),
    "account": ("Шот", "Счёт"),
    "correction_number": ("Түзету №", "Коррекция №"),
    "correction_sum": ("Түзету сомасы", "Сумма коррекции"),
    "fuel_card": ("Отын картасы", "Топливная карта"),
    "car": ("Автомобиль", "Автомобиль"),
    "taxi_order": ("Тапсырыс бойынша", "По заказу"),
    "current_fee": ("Ағымдағы тариф", "Текущий тариф"),
    "parking_begin": ("Тұрақ басы", "Начало стоянки"),
    "parking_end": ("Тұрақ соңы", "Конец стоянки"),
    "yes": ("иә", "да"),
    "no": ("жоқ", "нет"),
    "time": ("Уақыты", "Время"),
    "factory_number": ("БКМ зауыттық №", "Зав. № ККМ"),
    "registration_number": ("БКМ тіркеу №", "Рег. № ККМ"),
    "sign": ("Фискалдық белгі", "Фискальный признак"),
    "offline_sign": ("Автономды белгі", "Автономный признак"),
    "ofd": ("ФДО", "ОФД"),
    "check_site": ("Чекті тексеру", "Проверить чек"),
    "basis": ("Қайтару негізі: чек", "Основание возврата: чек"),
    "thanks": ("Сатып алғаныңызға рахмет!", "Спасибо за покупку!"),
}
OPERATIONS: dict[SaleKind, tuple[str, str]] = {
    SaleKind.SELL: ("Сату", "Продажа"),
    SaleKind.SELL_RETURN: ("Сатуды қайтару", "Возврат продажи"),
    SaleKind.BUY: ("Сатып алу", "Покупка"),
    SaleKind.BUY_RETURN: ("Сатып алуды қайтару", "Возврат покупки"),
}
PAYMENTS: dict[PaymentKind, tuple[str, str]] = {
    PaymentKind.CASH: ("Қолма-қол", "Наличные"),
    PaymentKind.CARD: ("Банк картасы", "Банковская карта"),
    PaymentKind.MOBILE: ("Мобильді төлем", "Мобильный платёж"),
}


def say(pair: tuple[str, str], language: ReceiptLanguage) -> str:
    """The word in that language; both are divided by a slash (a dot where slashes occur), the same is said
    once.
    """
    kazakh, russian = pair
    if language is ReceiptLanguage.KK:
        return kazakh
    if language is ReceiptLanguage.RU or kazakh == russian:
        return russian
    return f"{kazakh} · {russian}" if "/" in kazakh else f"{kazakh} / {russian}"


def both(pair: tuple[str, str], language: ReceiptLanguage) -> list[str]:
    """The word in each wanted language, Kazakh first; once when it is the same in both."""
    if language is not ReceiptLanguage.BOTH:
        return [say(pair, language)]
    return list(dict.fromkeys(pair))
