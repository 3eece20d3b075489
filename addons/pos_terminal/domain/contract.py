"""A contract with an acquirer: what may be written into it. No tables here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from addons.pos_terminal.domain.commission import ANY, PPM, FeeTerms, Rounding, Tariff
from addons.pos_terminal.domain.terminal import QrAs
from kernel.errors import Refusal
from kernel.money import Money
from kernel.texts import one_line

DAY_MINUTES = 24 * 60
CUT_OFF_MINUTE = 22 * 60 + 30
CREDIT_DAYS_MAX = 30
TARIFFS_MAX = 100
OPTIONS_MAX = 50
OPTION_LENGTH_MAX = 1_000
TITLE_LENGTH_MAX = 120
CODE_LENGTH_MAX = 32
ADDRESS_LENGTH_MAX = 190

_WORD = re.compile(r"[A-Z0-9_]{1,32}|\*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CODE = re.compile(r"[0-9A-Za-z-]{1,32}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,150}:[0-9]{1,5}")
METHODS = frozenset({"CARD", "QR", ANY})


@dataclass(frozen=True, slots=True)
class TermsChoice:
    """Terms of a contract from a moment on. valid_from_ms: None for now; the first terms hold since ever.

    zone: IANA name; cut_off_minute: minute of the local day; credit_days: working out when money comes.
    """

    tariffs: tuple[Tariff, ...]
    valid_from_ms: int | None = None
    zone: str = "Asia/Almaty"
    cut_off_minute: int = CUT_OFF_MINUTE
    rounding: Rounding = Rounding.PER_OPERATION
    fee_min: Money = Money.ZERO
    fee_max: Money | None = None
    is_commission_returned: bool = True
    credit_days: int = 1
    qr_as: QrAs = QrAs.CARD
    has_partial_refund: bool = False

    def checked(self) -> TermsChoice:
        """Raises Refusal: TERMS_CUT_OFF, TERMS_FEES, TERMS_CREDIT_DAYS, TARIFF_MALFORMED, TARIFF_TWICE,
        TARIFF_REST_MISSING.
        """
        if not 0 <= self.cut_off_minute < DAY_MINUTES:
            raise Refusal("TERMS_CUT_OFF", field="terms.cutOffMinute", max=DAY_MINUTES - 1)
        if self.fee_min < Money.ZERO or (self.fee_max is not None and self.fee_max < self.fee_min):
            raise Refusal("TERMS_FEES", field="terms.feeMax")
        if not 0 <= self.credit_days <= CREDIT_DAYS_MAX:
            raise Refusal("TERMS_CREDIT_DAYS", field="terms.creditDays", max=CREDIT_DAYS_MAX)
        for place, each in enumerate(self.tariffs[: TARIFFS_MAX + 1]):
            is_known = _WORD.fullmatch(each.scheme) is not None and each.method in METHODS
            if not is_known or not 0 <= each.rate_ppm <= PPM or place == TARIFFS_MAX:
                raise Refusal("TARIFF_MALFORMED", field=f"terms.tariffs.{place}", max=TARIFFS_MAX)
        places = [(each.scheme, each.method) for each in self.tariffs]
        if len(set(places)) < len(places):
            raise Refusal("TARIFF_TWICE", field="terms.tariffs")
        if (ANY, ANY) not in places:
            raise Refusal("TARIFF_REST_MISSING", field="terms.tariffs")
        return self

    def fees(self) -> FeeTerms:
        """What commissions are made by."""
        fee_max = None if self.fee_max is None else self.fee_max.tiyn
        return FeeTerms(self.rounding, self.tariffs, self.fee_min.tiyn, fee_max, self.is_commission_returned)


@dataclass(frozen=True, slots=True)
class SetContract:
    """A contract to be made (id None) or changed. number: of the paper; driver: a name under which one is
    offered; agreement: version of the acquirer's terms of service, which an application has to accept.
    """

    id: str | None
    title: str
    driver: str
    number: str = ""
    merchant_code: str = ""
    address: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    agreement: str = ""
    is_active: bool = True
    terms: TermsChoice | None = None

    def checked(self) -> SetContract:
        """The same, tidy. Raises Refusal: CONTRACT_TITLE, CONTRACT_OPTIONS, ACQUIRER_CODE_MALFORMED,
        ACQUIRER_ADDRESS_MALFORMED, TERMINAL_DRIVER_UNKNOWN (for what cannot be a name), those of the terms.
        """
        title = one_line(self.title)
        if not 1 <= len(title) <= TITLE_LENGTH_MAX:
            raise Refusal("CONTRACT_TITLE", field="title", max=TITLE_LENGTH_MAX)
        if _NAME.fullmatch(self.driver) is None:
            raise Refusal("TERMINAL_DRIVER_UNKNOWN", field="driver", driver=one_line(self.driver)[:40])
        for name, option in self.options.items():
            is_fit = _NAME.fullmatch(name) is not None and len(option) <= OPTION_LENGTH_MAX
            if not is_fit or len(self.options) > OPTIONS_MAX:
                raise Refusal("CONTRACT_OPTIONS", field="options", max=OPTIONS_MAX)
        return SetContract(
            id=self.id,
            title=title,
            driver=self.driver,
            number=one_line(self.number)[:64],
            merchant_code=check_code(self.merchant_code, field="merchantCode"),
            address=check_address(self.address),
            options=dict(self.options),
            agreement=one_line(self.agreement)[:64],
            is_active=self.is_active,
            terms=None if self.terms is None else self.terms.checked(),
        )


def check_code(text: str, *, field: str) -> str:
    """A number a terminal or a merchant has at the acquirer; empty stays empty.

    Raises Refusal("ACQUIRER_CODE_MALFORMED").
    """
    code = text.strip()
    if code and _CODE.fullmatch(code) is None:
        raise Refusal("ACQUIRER_CODE_MALFORMED", field=field, max=CODE_LENGTH_MAX)
    return code


def check_address(text: str, *, field: str = "address") -> str:
    """host:port, or the http(s) address of a terminal in a shop; empty stays empty.

    Raises Refusal("ACQUIRER_ADDRESS_MALFORMED").
    """
    address = text.strip()
    if not address:
        return ""
    wrong = Refusal("ACQUIRER_ADDRESS_MALFORMED", field=field)
    try:
        found = urlsplit(address if "://" in address else f"tcp://{address}")
        port = found.port
    except ValueError:
        raise wrong from None
    is_bare = found.username is None and not found.query and not found.fragment
    is_place = found.scheme in ("http", "https") or _HOST.fullmatch(address) is not None
    if not is_place or not is_bare or not found.hostname or port == 0 or len(address) > ADDRESS_LENGTH_MAX:
        raise wrong
    return address
