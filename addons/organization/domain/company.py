"""What a company says of itself: legal form, name, tax regime, bank account, phone, kind of activity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from addons.organization.domain.banks import BANKS
from addons.organization.domain.checks import check_text
from kernel.errors import Refusal

NAME_LENGTH_MAX = 150
IBAN_LENGTH = 20  # of Kazakhstan
LOGIN_LENGTH_MIN = 3


class LegalForm(StrEnum):
    """Forms of companies and entrepreneurs, by their usual abbreviation."""

    TOO = "too"  # limited liability partnership
    AO = "ao"  # joint-stock company
    IP = "ip"  # individual entrepreneur
    KH = "kh"  # peasant or farm household
    PK = "pk"  # production cooperative
    GP = "gp"  # state enterprise
    GU = "gu"  # state institution
    OF = "of"  # public foundation
    OO = "oo"  # public association
    BRANCH = "branch"
    OTHER = "other"


class TaxRegime(StrEnum):
    """How a company is taxed (Tax Code of 2025, in force since 2026)."""

    GENERAL = "general"
    SIMPLIFIED = "simplified"  # special regime on the simplified declaration
    SELF_EMPLOYED = "self_employed"
    FARM = "farm"  # special regime of peasant and farm households
    AGRICULTURAL = "agricultural"  # agricultural producers and cooperatives


# Abbreviations in Russian and in Kazakh; a Kazakh one stands behind the name.
FORM_WORDS = MappingProxyType(
    {
        LegalForm.TOO: ("ТОО", "ЖШС"),
        LegalForm.AO: ("АО", "АҚ"),
        LegalForm.IP: ("ИП", "ЖК"),
        LegalForm.KH: ("КХ", "ШҚ"),
        LegalForm.PK: ("ПК", "ӨК"),
        LegalForm.GP: ("ГП", "МК"),
        LegalForm.GU: ("ГУ", "ММ"),
        LegalForm.OF: ("ОФ", "ҚҚ"),
        LegalForm.OO: ("ОО", "ҚБ"),
        LegalForm.BRANCH: ("Филиал", "филиалы"),
        LegalForm.OTHER: ("", ""),
    }
)
_WORDS = frozenset(word.casefold() for pair in FORM_WORDS.values() for word in pair if word) | {
    "жшс", "тоо", "llp", "ооо", "зао", "оао", "товарищество"
}  # fmt: skip
_QUOTES = re.compile("[\"'«»“”„‟‘’`]")
_IBAN = re.compile(r"KZ[0-9]{2}[0-9A-Z]{16}")
_OKED = re.compile(r"[0-9]{2,5}")
_PHONE = re.compile(r"7[0-9]{10}")
_LOGIN = re.compile(r"[a-zа-яәғқңөұүһі][a-zа-яәғқңөұүһі0-9._-]*")


def check_name(text: str, *, field: str, is_required: bool = True) -> str:
    """A company's name as it stands between the quotes: without them and without the legal form.

    Raises Refusal: COMPANY_NAME_QUOTED, COMPANY_NAME_WITH_FORM, TEXT_…
    """
    name = check_text(text, field=field, length_max=NAME_LENGTH_MAX, is_required=is_required)
    if _QUOTES.search(name):
        raise Refusal("COMPANY_NAME_QUOTED", field=field)
    words = name.casefold().split()
    for word in (words[0], words[-1]) if len(words) > 1 else ():
        if word in _WORDS:
            raise Refusal("COMPANY_NAME_WITH_FORM", field=field, form=word.upper())
    return name


def titles_of(form: LegalForm, name: str, name_kk: str) -> tuple[str, str]:
    """Title in Russian and in Kazakh, as they are printed: ТОО «Береке», «Береке» ЖШС."""
    ru, kk = FORM_WORDS[form]
    return f"{ru} «{name}»".strip(), f"«{name_kk or name}» {kk}".strip()


def check_iban(text: str, *, field: str = "iban") -> str:
    """An account in a bank of Kazakhstan, without spaces; empty stays empty.

    Source: ISO 13616, check by ISO 7064 mod 97-10. Raises Refusal: IBAN_MALFORMED, IBAN_WRONG_DIGITS.
    """
    iban = re.sub(r"[\s-]", "", text).upper()
    if not iban:
        return ""
    if len(iban) != IBAN_LENGTH or _IBAN.fullmatch(iban) is None:
        raise Refusal("IBAN_MALFORMED", field=field)
    number = int("".join(str(int(each, 36)) for each in iban[4:] + iban[:4]))
    if number % 97 != 1:
        raise Refusal("IBAN_WRONG_DIGITS", field=field)
    return iban


def check_bic(text: str, *, field: str = "bic", banks: Mapping[str, str] = BANKS) -> str:
    """The BIC of a bank that stands in the directory, its branch code left out; empty stays empty.

    Raises Refusal("BIC_UNKNOWN").
    """
    bic = text.strip().upper()
    if len(bic) == 11 and bic.endswith("XXX"):
        bic = bic[:8]
    if bic and bic not in banks:
        raise Refusal("BIC_UNKNOWN", field=field)
    return bic


def check_phone(text: str, *, field: str = "phone") -> str:
    """A number as +7XXXXXXXXXX; empty stays empty. Raises Refusal("PHONE_MALFORMED")."""
    digits = re.sub(r"[\s()+.-]", "", text)
    if not digits:
        return ""
    if len(digits) == 11 and digits.startswith("8"):
        digits = f"7{digits[1:]}"
    if _PHONE.fullmatch(digits) is None:
        raise Refusal("PHONE_MALFORMED", field=field)
    return f"+{digits}"


def check_oked(text: str, *, field: str = "oked") -> str:
    """A code of the classifier of economic activities (ГК РК 03-2019), digits only; empty stays empty.

    Raises Refusal("OKED_MALFORMED").
    """
    code = text.strip().replace(".", "")
    if code and _OKED.fullmatch(code) is None:
        raise Refusal("OKED_MALFORMED", field=field)
    return code


def check_login(text: str, *, field: str, length_max: int = 64) -> str:
    """A name to sign in with, of a company or of a user in one, in small letters.

    Begins with a letter, so that nobody takes it for a number. Raises Refusal("LOGIN_NAME_MALFORMED").
    """
    login = text.strip().casefold()
    if not LOGIN_LENGTH_MIN <= len(login) <= length_max or _LOGIN.fullmatch(login) is None:
        raise Refusal("LOGIN_NAME_MALFORMED", field=field, min=LOGIN_LENGTH_MIN, max=length_max)
    return login
