"""Banks of Kazakhstan by BIC: a wrong one in a company's details is noticed before a payment is lost.

Source: directory of BIC of the National Bank (nationalbank.kz, «Справочник БИК»), those who keep accounts of
companies, as copied in 2026 from public copies of it and not from the National Bank itself. Banks come, go
and change their names: compare it before you rely on it, and put a newer one into `organization.banks_file`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

BIC = re.compile(r"[A-Z]{4}KZ[A-Z0-9]{2}")
TITLE_LENGTH_MAX = 120
BANKS_MAX = 1_000

BANKS: Mapping[str, str] = MappingProxyType(
    {
        "ATYNKZKA": "Altyn Bank",
        "BKCHKZKA": "Банк Китая в Казахстане",
        "BRKEKZKA": "Bereke Bank",
        "CASPKZKA": "Kaspi Bank",
        "CITIKZKA": "Ситибанк Казахстан",
        "DVKAKZKA": "Банк развития Казахстана",
        "EABRKZKA": "Евразийский банк развития",
        "EURIKZKA": "Евразийский банк",
        "HCSKKZKA": "Отбасы банк",
        "HLALKZKZ": "Исламский банк ADCB",
        "HSBKKZKX": "Народный банк Казахстана",
        "ICBKKZKX": "Торгово-промышленный банк Китая в Алматы",
        "INLMKZKA": "Home Credit Bank",
        "IRTYKZKA": "ForteBank",
        "KCJBKZKX": "Банк ЦентрКредит",
        "KINCKZKA": "Bank RBK",
        "KKMFKZ2A": "Комитет казначейства Министерства финансов",
        "KMFBKZKK": "KMF Банк",
        "KPSTKZKA": "Казпочта",
        "KSNVKZKA": "Freedom Bank Kazakhstan",
        "KZIBKZKA": "КЗИ Банк",
        "MOKFKZKA": "Коммерческий банк BNK",
        "NBRKKZKX": "Национальный банк Казахстана",
        "NURSKZKX": "Нурбанк",
        "SHBKKZKA": "Шинхан Банк Казахстан",
        "TSESKZKA": "Alatau City Bank",
        "VTBAKZKZ": "Банк ВТБ (Казахстан)",
        "ZAJSKZ22": "Исламский банк Заман-Банк",
    }
)


def read_banks(lines: Iterable[str]) -> Mapping[str, str]:
    """A directory as CSV: BIC and title, separated by a comma or a semicolon; lines with # are left out.

    Raises ValueError that names the line.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([text], delimiter=";" if ";" in text else ","))]
        bic, title = cells[0].upper(), cells[1] if len(cells) > 1 else ""
        if BIC.fullmatch(bic) is None or not 0 < len(title) <= TITLE_LENGTH_MAX or not title.isprintable():
            raise ValueError(f"line {number} is no BIC of Kazakhstan and a title: {text[:60]!r}")
        if bic in found:
            raise ValueError(f"line {number}: {bic} stands there twice")
        found[bic] = title
    if not 0 < len(found) <= BANKS_MAX:
        raise ValueError(f"{len(found)} banks; there must be 1 to {BANKS_MAX}")
    return MappingProxyType(found)
