"""The way of a KKM from its factory number to its end, and what to do next at each step."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from addons.fiscal_kz.domain.kinds import Block


class Stage(StrEnum):
    """How far a KKM has come. The first three may be skipped by one that exists at its OFD already."""

    NONE = "NONE"  # the register has no KKM, nor one on its way
    CREATED = "CREATED"  # it has a factory number
    PASSPORT = "PASSPORT"  # its passport was made: time to register it with the tax authority and an OFD
    CHECKING = "CHECKING"  # data of the OFD are entered, INFO is on its way
    ACTIVE = "ACTIVE"
    PROGRAMMING = "PROGRAMMING"
    BLOCKED = "BLOCKED"
    DECOMMISSIONED = "DECOMMISSIONED"
    MOVED = "MOVED"  # it works on at another company's register


class Known(NamedTuple):
    """What the stage is told by. is_begun: there is a passport row; is_active, block: of the KKM's state."""

    is_begun: bool = False
    has_passport: bool = False
    is_asked: bool = False
    is_decommissioned: bool = False
    has_moved: bool = False
    is_active: bool = False
    block: Block = Block.NONE


def stage_of(known: Known) -> Stage:
    """The stage of a KKM; an active one stays so while its OFD is asked about other data."""
    if known.has_moved:
        return Stage.MOVED
    if known.is_decommissioned or known.block is Block.DECOMMISSIONED:
        return Stage.DECOMMISSIONED
    if known.is_active:
        if known.block is Block.NONE:
            return Stage.ACTIVE
        return Stage.PROGRAMMING if known.block is Block.PROGRAMMING else Stage.BLOCKED
    if known.is_asked:
        return Stage.CHECKING
    if known.has_passport:
        return Stage.PASSPORT
    return Stage.CREATED if known.is_begun else Stage.NONE


NEXT_STEPS: Mapping[Stage, Mapping[str, str]] = {
    Stage.NONE: {
        "ru": "Создайте ККМ, чтобы получить заводской номер, или введите ID и токен зарегистрированной ККМ.",
        "kk": "Зауыттық нөмір алу үшін БКМ жасаңыз немесе тіркелген БКМ-нің ID-і мен токенін енгізіңіз.",
        "en": "Create a KKM to get a factory number, or enter id and token of one that is registered.",
    },
    Stage.CREATED: {
        "ru": "Получите паспорт ККМ: скачайте его или отправьте администратору по e-mail.",
        "kk": "БКМ паспортын алыңыз: жүктеп алыңыз немесе әкімшіге e-mail арқылы жіберіңіз.",
        "en": "Get the passport of the KKM: download it or send it to the administrator by e-mail.",
    },
    Stage.PASSPORT: {
        "ru": "Поставьте ККМ на учёт в органе госдоходов по паспорту, заключите договор с ОФД и введите ID, "
        "регистрационный номер и токен из его кабинета.",
        "kk": "Паспорт бойынша БКМ-ді мемлекеттік кірістер органында есепке қойып, ФДО-мен шарт жасасыңыз "
        "да, оның кабинетіндегі ID-ді, тіркеу нөмірін және токенді енгізіңіз.",
        "en": "Register the KKM with the tax authority by its passport, sign up with an OFD and enter id, "
        "registration number and token from its cabinet.",
    },
    Stage.CHECKING: {
        "ru": "Подождите: ОФД проверяет введённые данные. До его ответа ничего не сохраняется.",
        "kk": "Күте тұрыңыз: ФДО енгізілген деректерді тексеруде. Жауап келгенше ештеңе сақталмайды.",
        "en": "Wait: the OFD checks what was entered. Nothing is saved before its answer.",
    },
    Stage.ACTIVE: {
        "ru": "Касса работает: можно пробивать чеки.",
        "kk": "Касса жұмыс істеп тұр: чек соғуға болады.",
        "en": "The register works: receipts may be made.",
    },
    Stage.PROGRAMMING: {
        "ru": "Закончите настройку и выйдите из режима программирования.",
        "kk": "Баптауды аяқтап, бағдарламалау режимінен шығыңыз.",
        "en": "Finish setting up and leave programming mode.",
    },
    Stage.BLOCKED: {
        "ru": "Устраните причину блокировки и снимите её.",
        "kk": "Бұғаттау себебін жойып, бұғаттан шығарыңыз.",
        "en": "Mend what blocks the KKM and release it.",
    },
    Stage.DECOMMISSIONED: {
        "ru": "ККМ выведена из эксплуатации: для новой ККМ создайте новую кассу.",
        "kk": "БКМ пайдаланудан шығарылған: жаңа БКМ үшін жаңа касса жасаңыз.",
        "en": "The KKM is out of use: create a new register for a new one.",
    },
    Stage.MOVED: {
        "ru": "ККМ перешла к другой организации с кассой; прежние документы и журнал остаются здесь.",
        "kk": "БКМ кассамен бірге басқа ұйымға өтті; оның бұрынғы құжаттары мен журналы осында сақталады.",
        "en": "The KKM went to another company with its register; former documents and journal stay here.",
    },
}
