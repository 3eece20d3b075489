"""Banks of Kazakhstan by BIC: a wrong one in a company's details is noticed before a payment is lost.

Source: directory of participants of the payment systems of the National Bank of Kazakhstan (BIC, name). A
bank that is missing here is added to this table.
"""

from __future__ import annotations

from types import MappingProxyType

BANKS = MappingProxyType(
    {
        "ALFAKZKA": "Eco Center Bank",
        "ATYNKZKA": "Altyn Bank",
        "BKCHKZKA": "Bank of China Kazakhstan",
        "BRKEKZKA": "Bereke Bank",
        "CASPKZKA": "Kaspi Bank",
        "CITIKZKA": "Citibank Kazakhstan",
        "DVKAKZKA": "Банк развития Казахстана",
        "EURIKZKA": "Евразийский банк",
        "HCSKKZKA": "Отбасы банк",
        "HLALKZKZ": "Исламский банк Al Hilal",
        "HSBKKZKX": "Народный банк Казахстана",
        "ICBKKZKX": "ICBC Алматы",
        "INLMKZKA": "Home Credit Bank",
        "IRTYKZKA": "ForteBank",
        "KCJBKZKX": "Банк ЦентрКредит",
        "KINCKZKA": "Bank RBK",
        "KKMFKZ2A": "Комитет казначейства Министерства финансов",
        "KPSTKZKA": "Казпочта",
        "KSNVKZKA": "Freedom Bank Kazakhstan",
        "KZIBKZKA": "КЗИ Банк",
        "NBRKKZKX": "Национальный банк Казахстана",
        "NURSKZKX": "Нурбанк",
        "SHBKKZKA": "Шинхан Банк Казахстан",
        "TSESKZKA": "Jusan Bank",
        "VTBAKZKZ": "Банк ВТБ (Казахстан)",
        "ZAJSKZ22": "Исламский банк Заман-Банк",
    }
)
