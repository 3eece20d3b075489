"""A receipt as a paper: its parts, from which a theme chooses order and letters. Where it is printed is the
business of kernel.printing.

Numbers of order 626, chapter 3, item 56 stand beside what answers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from addons.trade.domain.details import TicketDetails
from addons.trade.domain.kinds import PaymentKind
from addons.trade.domain.pricing import percent_text
from addons.trade.domain.receipt import Receipt, ReceiptStatus, tenge_text
from addons.trade.domain.receipt_words import OPERATIONS, PAYMENTS, WORDS, ReceiptLanguage, both, say
from addons.trade.domain.ticket import TicketLine
from kernel.money import Money
from kernel.printing.paper import Barcode, Block, Cut, Paper, Picture, Qr, Row, Text
from kernel.printing.themes import PaperKind, PaperTheme

DOTS_PER_MM = 8  # of logos: what is kept is as fine as a printer
HANG = 2

RECEIPT_KIND = PaperKind(
    name="receipt",
    parts=frozenset(
        {
            "logo", "seller", "title", "numbers", "goods", "sums", "fiscal", "check", "thanks", "adverts",
            "barcode",
        }
    ),
    needed=frozenset({"seller", "title", "numbers", "goods", "sums", "fiscal", "check"}),
    styles=frozenset(
        {
            "company", "seller", "title", "mark", "operation", "numbers", "goods", "line", "sums", "total",
            "fiscal", "sign", "thanks", "adverts",
        }
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Branding:
    """What a company adds to its receipts. logo: PNG made by kernel.printing.logos; texts: advertising, in
    the order in which it is printed; vat_certificate: series and number.
    """

    logo: bytes = b""
    logo_width_dots: int = 0
    texts: tuple[str, ...] = ()
    is_barcode_printed: bool = False
    vat_certificate: str = ""


PLAIN_BRANDING = Branding()


def receipt_paper(
    receipt: Receipt,
    *,
    language: ReceiptLanguage,
    theme: PaperTheme,
    branding: Branding = PLAIN_BRANDING,
) -> Paper:
    """The receipt ready for any medium."""
    parts = _Parts(receipt, language, theme, branding)
    title = say(WORDS["fiscal_ticket" if receipt.is_fiscal_paper else "plain_ticket"], language)
    number = "" if receipt.document_number is None else f" № {receipt.document_number}"
    blocks = theme.blocks(lambda name: tuple(parts.make(name)))
    return Paper(
        blocks=(*blocks, Cut()),
        title=f"{title}{number}, {receipt.at:%d.%m.%Y}",
        language="ru" if language is ReceiptLanguage.RU else "kk",
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of one receipt by the names themes know."""

    receipt: Receipt
    language: ReceiptLanguage
    theme: PaperTheme
    branding: Branding

    def make(self, name: str) -> Iterator[Block]:
        """The blocks of a part; none when there is nothing to say."""
        makers = {
            "logo": self._logo,
            "seller": self._seller,
            "title": self._title,
            "numbers": self._numbers,
            "goods": self._goods,
            "sums": self._sums,
            "fiscal": self._fiscal,
            "check": self._check,
            "thanks": self._thanks,
            "adverts": self._adverts,
            "barcode": self._barcode,
        }
        return makers[name]()

    def _logo(self) -> Iterator[Block]:
        if self.branding.logo:
            width_mm = self.branding.logo_width_dots // DOTS_PER_MM
            yield Picture(self.branding.logo, width_mm, alt=self.receipt.company_title)

    def _seller(self) -> Iterator[Block]:
        receipt, theme = self.receipt, self.theme
        for text in chosen(receipt.company_title_kk, receipt.company_title, self.language):  # 1
            yield Text(text, theme.style("company"))
        yield Text(f"{self._word('bin')} {receipt.bin}", theme.style("seller"))  # 3
        if receipt.is_vat_payer and self.branding.vat_certificate:
            text = f"{self._word('vat_certificate')} {self.branding.vat_certificate}"
            yield Text(text, theme.style("seller"))
        for text in chosen(receipt.address_kk, receipt.address, self.language):  # 2
            yield Text(text, theme.style("seller"))

    def _title(self) -> Iterator[Block]:
        receipt = self.receipt
        if receipt.is_test:
            yield from self._marked("test")
        if receipt.status in (ReceiptStatus.PENDING, ReceiptStatus.REJECTED):
            yield from self._marked(receipt.status.value)
        if receipt.is_copy:
            yield from self._marked("copy")
        title = "fiscal_ticket" if receipt.is_fiscal_paper else "plain_ticket"
        yield from self._titled(WORDS[title], "title")
        yield from self._titled(OPERATIONS[receipt.kind], "operation")
        if receipt.is_offline:
            yield from self._titled(WORDS["autonomous"], "title")

    def _numbers(self) -> Iterator[Block]:
        receipt = self.receipt
        row = partial(self._row, style="numbers")
        if receipt.document_number is not None:
            yield row("number", str(receipt.document_number))  # 6
        if receipt.shift_number is not None:
            yield row("shift", str(receipt.shift_number))
        yield row("register", str(receipt.register_number))
        yield row("operator", receipt.operator_name)

    def _goods(self) -> Iterator[Block]:
        details = self.receipt.details
        stornoed = () if details is None else details.stornoed
        taken_off = {line.position for line in stornoed}
        for line in sorted((*self.receipt.lines, *stornoed), key=lambda each: each.position):
            yield from self._line(line)
            if line.position in taken_off:
                yield Row((f"  {self._word('storno')}", tenge_text(-line.total)), self.theme.style("line"))

    def _line(self, line: TicketLine) -> Iterator[Block]:
        style = self.theme.style("line")
        details = self.receipt.details
        on_top = line.vat_bp if details is not None and details.is_vat_on_top else None
        top = line.sum.vat_inside(on_top) if on_top else Money.ZERO
        yield Text(f"{line.position}. {line.name}", self.theme.style("goods"), HANG)  # 7
        unit = f" {line.unit_name}" if line.unit_name else ""
        yield Row(
            (f"  {line.quantity}{unit} × {tenge_text(line.price)}", tenge_text(line.sum - top)), style
        )  # 9, 10
        if on_top:
            yield Row((f"  {self._word('vat_on_top')} {percent_text(on_top)}%", tenge_text(top)), style)
        own = (
            ("discount", -(line.discount - line.shared_discount)),
            ("markup", line.markup - line.shared_markup),
        )
        for key, amount in own:
            if amount:
                yield Row((f"  {self._word(key)}", tenge_text(amount)), style)
        if self.receipt.is_vat_payer:
            vat = "" if line.vat_bp is None else tenge_text(line.vat)
            yield Row((f"  {vat_label(line.vat_bp, self.language)}", vat), style)  # 15
        if line.label:
            yield Row((f"  {self._word('excise_stamp')}", line.label), style)
        if line.ntin:
            yield Row((f"  {self._word('ntin')}", line.ntin), style)  # 8
        if line.marks:
            yield Row((f"  {self._word('mark')}", ""), style)  # 8
            for mark in line.marks:
                yield Text(f"  {printable(mark)}", style, HANG)

    def _sums(self) -> Iterator[Block]:
        receipt = self.receipt
        row = partial(self._row, style="sums")
        if receipt.discount or receipt.markup:
            yield row("subtotal", tenge_text(receipt.subtotal))
            for key, amount in (("receipt_discount", -receipt.discount), ("receipt_markup", receipt.markup)):
                if amount:
                    yield row(key, tenge_text(amount))
        yield self._row("total", f"{tenge_text(receipt.total)} ₸", style="total")  # 11
        for payment in receipt.payments:
            label = say(PAYMENTS[payment.kind], self.language)
            yield Row((label, tenge_text(payment.amount)), self.theme.style("sums"))
            if receipt.details is not None:
                for text in payment_facts(receipt.details, payment.kind):
                    word, value = self._word(text[0]), text[1]
                    yield Row((f"  {word}", value), self.theme.style("sums"))
        if receipt.change:
            yield row("taken", tenge_text(receipt.taken))
            yield row("change", tenge_text(receipt.change))
        for each in receipt.vat_rows:
            if each.rate_bp is not None:
                label = f"{self._word('vat_inside')} {percent_text(each.rate_bp)}%"
                yield Row((label, tenge_text(each.vat)), self.theme.style("sums"))  # 15

    def _fiscal(self) -> Iterator[Block]:
        receipt = self.receipt
        for key, value in domain_facts(receipt):
            shown = self._word(value) if key == "taxi_order" else value
            yield self._row(key, shown, style="fiscal")
        for key, value in fiscal_facts(receipt):
            yield self._row(key, value, style="sign" if key in ("sign", "offline_sign") else "fiscal")
        if receipt.basis is not None:
            basis = f"{self._word('basis')} {receipt.basis.sign}, {receipt.basis.at:%d.%m.%Y %H:%M:%S}"
            yield Text(basis, self.theme.style("fiscal"))

    def _check(self) -> Iterator[Block]:
        if self.receipt.qr_text:
            yield Qr(self.receipt.qr_text, self.theme.qr_mm)  # 16

    def _thanks(self) -> Iterator[Block]:
        if self.receipt.status in (ReceiptStatus.FISCAL, ReceiptStatus.AUTONOMOUS):
            yield from self._titled(WORDS["thanks"], "thanks")

    def _adverts(self) -> Iterator[Block]:
        for text in self.branding.texts:
            yield Text(text, self.theme.style("adverts"))

    def _barcode(self) -> Iterator[Block]:
        if self.branding.is_barcode_printed and self.receipt.code:
            yield Barcode(self.receipt.code)

    def _word(self, key: str) -> str:
        return say(WORDS[key], self.language)

    def _row(self, key: str, value: str, *, style: str) -> Row:
        return Row((self._word(key), value), self.theme.style(style))

    def _marked(self, key: str) -> Iterator[Block]:
        return self._titled(WORDS[key], "mark")

    def _titled(self, pair: tuple[str, str], style: str) -> Iterator[Block]:
        """A heading; each language on its own line."""
        for text in both(pair, self.language):
            yield Text(text, self.theme.style(style))


def fiscal_facts(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """Keys of words and values of the fiscal part, only those that are known."""
    is_offline = receipt.status is ReceiptStatus.AUTONOMOUS
    facts = (
        ("vendor" if receipt.is_purchase else "customer", receipt.customer_bin or ""),  # 17
        ("time", f"{receipt.at:%d.%m.%Y %H:%M:%S}"),  # 13
        ("factory_number", receipt.kkm_factory_number),  # 4
        ("registration_number", receipt.kkm_registration_number),  # 5
        ("offline_sign" if is_offline else "sign", receipt.sign),  # 14
        ("ofd", receipt.ofd_title),  # 12
        ("check_site", receipt.ofd_site),
    )
    return ((key, value) for key, value in facts if value)


def payment_facts(details: TicketDetails, kind: PaymentKind) -> Iterator[tuple[str, str]]:
    """Keys of words and values about one means of payment, only those that are known."""
    facts: list[tuple[str, str]] = []
    if kind is PaymentKind.CARD and details.card is not None:
        card = details.card
        facts = [
            ("card_type", card.card_type),
            ("terminal", card.terminal_id),
            ("authorization", card.authorization_code),
            ("rrn", card.rrn),
            ("slip", card.receipt_number),
        ]
    if kind is PaymentKind.MOBILE and details.mobile is not None:
        facts = [("qr_payment", f"{details.mobile.qr_type} {details.mobile.qr_id}".strip())]
    yield from ((key, value) for key, value in facts if value)
    if kind in details.elsewhere:
        yield "elsewhere", ""


def domain_facts(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """The same of the line of trade."""
    block = None if receipt.details is None else receipt.details.domain
    if block is None:
        return
    facts = (
        ("account", block.account_number),
        ("correction_number", block.correction_number),
        ("correction_sum", "" if block.correction_sum is None else tenge_text(block.correction_sum)),
        ("fuel_card", block.card_number),
        ("car", block.car_number),
        ("taxi_order", "" if block.is_order is None else "yes" if block.is_order else "no"),
        ("current_fee", "" if block.current_fee is None else tenge_text(block.current_fee)),
    )
    yield from ((key, value) for key, value in facts if value)
    if receipt.parking is not None:
        for key, at in zip(("parking_begin", "parking_end"), receipt.parking, strict=True):
            yield key, f"{at:%d.%m.%Y %H:%M}"


def vat_label(rate_bp: int | None, language: ReceiptLanguage) -> str:
    """«НДС 16%» or «Без НДС»."""
    if rate_bp is None:
        return say(WORDS["without_vat"], language)
    return f"{say(WORDS['vat'], language)} {percent_text(rate_bp)}%"


def chosen(kazakh: str, russian: str, language: ReceiptLanguage) -> list[str]:
    """Names in the wanted language or languages; the one that exists when the other is empty."""
    match language:
        case ReceiptLanguage.RU:
            wanted = [russian or kazakh]
        case ReceiptLanguage.KK:
            wanted = [kazakh or russian]
        case ReceiptLanguage.BOTH:
            wanted = [kazakh, russian]
    return [text for text in dict.fromkeys(wanted) if text]


def printable(mark: str) -> str:
    """A DataMatrix text with its group separators made visible: "|" occurs in no code (GS1, table 7.11-1)."""
    return "".join(char if char.isprintable() else "|" for char in mark)
