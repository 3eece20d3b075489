"""The passport of a KKM on paper: its requisites, and step by step what its owner does next.

Kazakh first, Russian below, as papers for the tax authority are made.
"""

from __future__ import annotations

from typing import Final

from kernel.printing.paper import Align, Block, Paper, Rule, Size, Space, Stroke, Style, Text
from kernel.values import value

MODEL = "Sauda"
LABEL_COLUMNS = 34

_TITLE: Final = Style(align=Align.CENTRE, is_bold=True, size=Size.TALL)
_HEADING: Final = Style(is_bold=True)

_LABELS = {
    "kk": (
        "Үлгісі", "Зауыттық нөмірі", "Шығарылған жылы", "Бағдарламалық жасақтама", "Иесі", "БСН/ЖСН",
        "Орнатылған жері", "Касса", "Деректерді беру хаттамасы",
    ),
    "ru": (
        "Модель", "Заводской номер", "Год выпуска", "Программное обеспечение", "Владелец", "БИН/ИИН",
        "Место установки", "Касса", "Протокол передачи данных",
    ),
}  # fmt: skip
_TITLES = {
    "kk": "БАҚЫЛАУ-КАССА МАШИНАСЫНЫҢ ПАСПОРТЫ",
    "ru": "ПАСПОРТ КОНТРОЛЬНО-КАССОВОЙ МАШИНЫ",
}
_GUIDES = {
    "kk": (
        "Әрі қарай не істеу керек",
        "Фискалдық деректер операторымен (ФДО) шарт жасасып, оның кабинетінде осы паспорттағы зауыттық нөмір "
        "мен шығарылған жылды көрсетіп, БКМ-ді қосыңыз.",
        "Мемлекеттік кірістер органының порталында осы паспорт бойынша БКМ-ді есепке қойыңыз: сізге тіркеу "
        "нөмірі (12 цифр) мен тіркеу карточкасы беріледі.",
        "ФДО кабинетінен БКМ-нің жүйелік нөмірін (ID) және токенін алыңыз. Токен — құпия: ешкімге айтпаңыз.",
        "Sauda консолінде «ФДО деректерін енгізу» бөлімінде операторды, ID-ді, тіркеу нөмірін, токенді, ал "
        "ҚҚС төлеушілер куәліктің сериясы мен нөмірін енгізіңіз. ФДО растағаннан кейін ғана "
        "деректер сақталады.",
        "Ауысымды бірінші чекпен ашып, оны ФДО сайтында QR бойынша тексеріңіз. Паспортты БКМ тұрған жерде "
        "сақтаңыз.",
    ),
    "ru": (
        "Что делать дальше",
        "Заключите договор с оператором фискальных данных (ОФД) и добавьте ККМ в его кабинете: укажите "
        "заводской номер и год выпуска из этого паспорта.",
        "Поставьте ККМ на учёт на портале органа государственных доходов по этому паспорту: вы получите "
        "регистрационный номер (12 цифр) и регистрационную карточку.",
        "Получите в кабинете ОФД системный номер ККМ (ID) и токен. Токен — секрет: никому его не сообщайте.",
        "В консоли Sauda введите в разделе «Ввод данных ОФД» оператора, ID, регистрационный номер, токен, а "
        "плательщики НДС — серию и номер свидетельства. Данные сохранятся только после подтверждения ОФД.",
        "Пробейте первый чек: он откроет смену; проверьте его по QR на сайте ОФД. Храните паспорт там, где "
        "установлена ККМ.",
    ),
}


@value
class PassportFacts:
    """What stands in a passport."""

    factory_number: str
    made_year: int
    software: str
    company_title: str
    company_title_kk: str
    company_bin: str
    address: str
    address_kk: str
    register_number: int
    register_title: str
    protocol: int


def passport_paper(facts: PassportFacts) -> Paper:
    """Two sheets of A4 at most."""
    blocks: list[Block] = []
    for language in ("kk", "ru"):
        is_kk = language == "kk"
        title = (facts.company_title_kk if is_kk else "") or facts.company_title
        address = (facts.address_kk if is_kk else "") or facts.address
        values = (
            MODEL, facts.factory_number, str(facts.made_year), facts.software, title, facts.company_bin,
            address, f"№ {facts.register_number}, {facts.register_title}", f"CPCR {protocol(facts.protocol)}",
        )  # fmt: skip
        blocks += [Text(_TITLES[language], _TITLE), Space(), Rule(Stroke.DOUBLE)]
        for label, text in zip(_LABELS[language], values, strict=True):
            blocks.append(Text(label.ljust(LABEL_COLUMNS) + text, hang=LABEL_COLUMNS))
        blocks += [Rule(), Space()]
        heading, *steps = _GUIDES[language]
        blocks.append(Text(heading, _HEADING))
        blocks += [Text(f"{place}. {step}", hang=3) for place, step in enumerate(steps, 1)]
        blocks += [Space(2)]
    return Paper(tuple(blocks), title=f"{MODEL} {facts.factory_number}", language="kk")


def protocol(version: int) -> str:
    """203 is said 2.0.3."""
    return ".".join(str(version))
