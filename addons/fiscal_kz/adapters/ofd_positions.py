"""Positions, payments and line of trade of a ticket as values of the OFD protocol, with all that is rare.

Marks: from 2.0.3 a position carries all of its codes; before, one each, so that a position of several pieces
goes as several. A stornoed position goes twice: as it was rung up, and taken off.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.bodies import Line, TicketBody, modifier_taxes
from addons.fiscal_kz.domain.kinds import Means
from addons.fiscal_kz.domain.rarities import CardPaid, LineCodes, Rarities, Stornoed, split_by_marks
from addons.fiscal_kz.domain.zones import wall_time
from protocols.ofd import codes, values

MEANS = {each: codes.PaymentType[each.value] for each in Means}
UNIT_DIGITS = 3  # of the classifier: 006 is a metre
UINT32_MAX = 2_147_483_647  # the positive half, as the protocol wants it
SERVICE_UNITS = frozenset({"5114", "5113", "5110"})  # service, procedure, examination
_PRODUCT, _SERVICE = int(codes.CommodityType.PRODUCT), int(codes.CommodityType.SERVICE)
_NOTHING = Rarities()
_NO_CODES = LineCodes(0, "", "")


def lines(body: TicketBody, *, version: int) -> tuple[values.Line, ...]:
    """Positions in order."""
    rarities = body.rarities
    if rarities is None:
        if version >= codes.V203:
            return tuple([_line(each) for each in body.lines])
        rarities = _NOTHING
    told: list[values.Line] = []
    stornoed = list(rarities.stornoed)
    codes_at = {each.index: each for each in rarities.codes}
    for index, line in enumerate(body.lines):
        while stornoed and stornoed[0].place <= index:
            told += _off(stornoed.pop(0), rarities, version)
        told += _told(line, codes_at.get(index, _NO_CODES), rarities, version)
    for left in stornoed:
        told += _off(left, rarities, version)
    return tuple(told)


def payments(body: TicketBody) -> tuple[values.Payment, ...]:
    """What was paid by each means, with the details of a card or a phone."""
    rarities = body.rarities
    if rarities is None or (rarities.card is None and rarities.mobile is None):
        return tuple([values.Payment(MEANS[means], amount) for means, amount in body.payments])
    card = None if rarities.card is None else _card(rarities.card)
    mobile = None if rarities.mobile is None else values.MobileDetails(*_texts(rarities))
    return tuple(
        values.Payment(
            MEANS[means],
            amount,
            card=card if means is Means.CARD else None,
            mobile=mobile if means is Means.MOBILE else None,
        )
        for means, amount in body.payments
    )


def domain(body: TicketBody, zone: str) -> values.Domain:
    """The line of trade; times as the register's wall shows them."""
    block = None if body.rarities is None else body.rarities.domain
    if block is None:
        return values.TRADING
    return values.Domain(
        type=codes.DomainType[block.type.value],
        account_number=block.account_number,
        correction_number=block.correction_number,
        correction_sum=block.correction_sum,
        card_number=block.card_number,
        car_number=block.car_number,
        is_order=block.is_order,
        current_fee=block.current_fee,
        parking_begin=None if block.begin_ms is None else wall_time(block.begin_ms, zone),
        parking_end=None if block.end_ms is None else wall_time(block.end_ms, zone),
    )


def _off(stornoed: Stornoed, rarities: Rarities, version: int) -> list[values.Line]:
    """Rung up and taken off."""
    codes_of = LineCodes(0, stornoed.label, stornoed.warehouse_id)
    rung = _told(stornoed.line, codes_of, rarities, version)
    return [*rung, *(each._replace(is_storno=True) for each in rung)]


def _told(line: Line, codes_of: LineCodes, rarities: Rarities, version: int) -> list[values.Line]:
    pieces = (line,) if version >= codes.V203 else split_by_marks(line)
    return [
        _line(each)._replace(
            physical_label=codes_of.label,
            product_id=codes_of.warehouse_id,
            is_vat_inside=not rarities.is_vat_on_top,
        )
        for each in pieces
    ]


def _line(line: Line) -> values.Line:
    vat, discount_vat, markup_vat = modifier_taxes(line)
    return values.Line(
        line.name,
        line.section,
        line.quantity,
        line.price,
        line.sum,
        line.unit_code.zfill(UNIT_DIGITS),
        line.vat_bp,
        vat,
        discount=line.discount,
        discount_vat=discount_vat,
        markup=line.markup,
        markup_vat=markup_vat,
        barcode=line.barcode,
        ntin=line.ntin,
        marks=line.marks,
        commodity_type=_SERVICE if line.unit_code in SERVICE_UNITS else _PRODUCT,
    )


def _card(card: CardPaid) -> values.CardDetails:
    """Numbers as the wire wants them; an authorisation code with letters cannot be said there."""
    code = card.authorization_code
    is_number = code.isascii() and code.isdigit() and int(code) <= UINT32_MAX
    return values.CardDetails(
        terminal_id=card.terminal_id,
        card_type=card.card_type,
        authorization_code=int(code) if is_number else None,
        rrn=int(card.rrn) if card.rrn else None,
        receipt_number=int(card.receipt_number) if card.receipt_number else None,
    )


def _texts(rarities: Rarities) -> tuple[str, str]:
    assert rarities.mobile is not None
    return rarities.mobile.qr_type, rarities.mobile.qr_id
