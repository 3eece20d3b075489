"""Units of measure by classifier code, with names for a receipt. Conversion between units does not belong
here."""

from __future__ import annotations

from dataclasses import dataclass

PIECE_CODE = "796"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: code of the classifier of units (ОКЕИ / national codes of 4 digits) and short names."""

    code: str
    name_ru: str
    name_kk: str


# Codes seen in the directory of a Kazakh OFD; 116 for kilogram, met elsewhere, is an error and is not
# repeated here.
UNITS: dict[str, Unit] = {
    unit.code: unit
    for unit in (
        Unit("796", "шт", "дана"),
        Unit("166", "кг", "кг"),
        Unit("163", "г", "г"),
        Unit("168", "т", "т"),
        Unit("112", "л", "л"),
        Unit("111", "мл", "мл"),
        Unit("6", "м", "м"),
        Unit("18", "пог. м", "қума м"),
        Unit("55", "м²", "м²"),
        Unit("113", "м³", "м³"),
        Unit("778", "упак", "орам"),
        Unit("736", "рул", "орама"),
        Unit("625", "лист", "парақ"),
        Unit("839", "компл", "жиынтық"),
        Unit("715", "пара", "жұп"),
        Unit("868", "бут", "бөтелке"),
        Unit("812", "ящ", "жәшік"),
        Unit("872", "флак", "құты"),
        Unit("870", "амп", "ампула"),
        Unit("356", "ч", "сағ"),
        Unit("359", "сут", "тәулік"),
        Unit("362", "мес", "ай"),
        Unit("245", "кВт·ч", "кВт·сағ"),
        Unit("5114", "услуга", "қызмет"),
        Unit("5111", "пачка", "бума"),
        Unit("5113", "процедура", "рәсім"),
        Unit("5110", "обследование", "тексеру"),
        Unit("8751", "қорап", "қорап"),
    )
}
# Short names that exports write beside, or instead of, a code; compared in lower case without a final dot.
CODE_BY_NAME: dict[str, str] = {
    **{unit.name_ru: code for code, unit in UNITS.items()},
    **{unit.name_kk: code for code, unit in UNITS.items()},
    "штука": "796",
    "ед": "796",
    "килограмм": "166",
    "кг.": "166",
    "грамм": "163",
    "гр": "163",
    "тонна": "168",
    "литр": "112",
    "миллилитр": "111",
    "метр": "6",
    "м2": "55",
    "кв.м": "55",
    "м3": "113",
    "куб.м": "113",
    "пог.м": "18",
    "упаковка": "778",
    "упак": "778",
    "уп": "778",
    "рулон": "736",
    "комплект": "839",
    "набор": "839",
    "пар": "715",
    "бутылка": "868",
    "ящик": "812",
    "флакон": "872",
    "ампула": "870",
    "час": "356",
    "месяц": "362",
    "усл": "5114",
    "пач": "5111",
    "коробка": "8751",
    "кор": "8751",
    "pce": "796",
    "kgm": "166",
    "ltr": "112",
}


def unit_by_code(code: str) -> Unit | None:
    """The unit of a code as exports write it (blanks around, leading zeros); None when the classifier has no
    such code."""
    code = code.strip()
    if not (code.isascii() and code.isdigit()):
        return None
    return UNITS.get(str(int(code)))


def unit_by_name(name: str) -> Unit | None:
    """The unit a short name stands for; None when it says nothing."""
    name = name.strip().lower()
    code = CODE_BY_NAME.get(name) or CODE_BY_NAME.get(name.rstrip("."))
    return UNITS[code] if code else None
