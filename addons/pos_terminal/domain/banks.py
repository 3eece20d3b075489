"""Does an account belong to the bank that was named? A warning for the manager: banks merge.

Source: acquiring reference §6.5 (bank code of the IBAN ↔ BIC).
"""

from __future__ import annotations

from types import MappingProxyType

BIC_OF_CODE = MappingProxyType(
    {
        "070": "KKMFKZ2A",
        "125": "NBRKKZKX",
        "601": "HSBKKZKX",
        "722": "CASPKZKA",
        "856": "KCJBKZKX",
        "965": "IRTYKZKA",
    }
)


def is_other_bank(iban: str, bic: str) -> bool:
    """True when the account's bank code is known and is of another bank than the BIC."""
    known = BIC_OF_CODE.get(iban[4:7])
    return known is not None and known != bic[:8]
