"""The slip of a card operation: what the terminal's own paper says, out of our row. No fiscal receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from addons.organization.api import register_card
from addons.pos_terminal.domain.payment import OperationKind, PaymentState
from addons.pos_terminal.services.payment_rows import payment_by_id
from addons.pos_terminal.services.terminal_card import terminal_terms
from kernel.clock import from_ms
from kernel.printing.paper import CENTRED, Align, Cut, Paper, Row, Rule, Size, Style, Text

if TYPE_CHECKING:
    from addons.pos_terminal.services.payment_record import PaymentRecord
    from kernel.data.work import Reader
    from kernel.printing.paper import Block

SLIP = "pos_terminal.slip"
_KINDS = {
    OperationKind.PURCHASE: "Төлем / Оплата",
    OperationKind.VOID: "Болдырмау / Отмена",
    OperationKind.REFUND: "Қайтару / Возврат",
}
_TAKEN = frozenset({PaymentState.APPROVED, PaymentState.VOIDED, PaymentState.REFUNDED})
_GOING = frozenset({PaymentState.AWAITING_CARD, PaymentState.QUEUED, PaymentState.SENT})
_OPEN = frozenset({PaymentState.UNKNOWN, PaymentState.REVERSING, PaymentState.REVIEW})


async def slip(reader: Reader, operation_id: str, is_duplicate: bool) -> Paper:
    """Kazakh and Russian, as slips are. Raises Refusal: CARD_OPERATION_UNKNOWN, REGISTER_FORBIDDEN."""
    record = await payment_by_id(reader, operation_id)
    reader.principal.require_register(record.register_id)
    register = await register_card(reader, record.register_id)
    terms = await terminal_terms(reader, record.terminal_id)
    moment = from_ms(record.decided_ms or record.created_ms).astimezone(ZoneInfo(terms.zone))
    payment, facts = record.payment, record.facts
    blocks: list[Block] = [
        Text(register.company.title, Style(align=Align.CENTRE, is_bold=True)),
        Text(f"БСН/БИН {register.company.bin}", CENTRED),
        Text(register.outlet.address, CENTRED),
        Rule(),
    ]
    if is_duplicate:
        blocks.append(Text("КӨШІРМЕ / ДУБЛИКАТ", Style(align=Align.CENTRE, is_inverted=True)))
    blocks += [
        Text(_KINDS[payment.kind], Style(align=Align.CENTRE, is_bold=True)),
        Row(("Сома / Сумма", f"{payment.approved if payment.approved else payment.amount} ₸"), _LOUD),
        Text(_outcome(record), Style(align=Align.CENTRE, is_bold=True)),
        Rule(),
        Row(("Күні / Дата", f"{moment:%d.%m.%Y %H:%M:%S}")),
    ]
    said = (
        ("Терминал", facts.terminal_code or terms.terminal_code),
        ("Саудагер / Мерчант", facts.merchant_code or terms.merchant_code),
        ("Карта", f"{facts.scheme} {facts.masked_number}".strip()),
        ("QR", facts.order_number),
        ("RRN", facts.rrn),
        ("Авторизация", facts.authorization_code),
        ("Жауап / Ответ", facts.response_code),
        ("AID", facts.application_id),
        ("Топтама / Пакет", "" if record.batch is None else str(record.batch)),
        ("STAN", "" if record.stan is None else f"{record.stan:06d}"),
        ("Чек", facts.slip_number),
    )
    blocks += [Row((name, value)) for name, value in said if value]
    blocks += [Rule(), Text("Фискалдық чек емес / Не фискальный чек", CENTRED), Cut()]
    return Paper(tuple(blocks), title=f"slip-{facts.rrn or record.id}")


_LOUD = Style(is_bold=True, size=Size.TALL)


def _outcome(record: PaymentRecord) -> str:
    state = record.state
    if state in _TAKEN:
        return "МАҚҰЛДАНДЫ / ОДОБРЕНО"
    if state in _GOING:
        return "АЯҚТАЛҒАН ЖОҚ / НЕ ЗАВЕРШЕНО"
    if state in _OPEN:
        return "НӘТИЖЕСІ БЕЛГІСІЗ / ИСХОД НЕИЗВЕСТЕН"
    return "ҚАБЫЛДАНБАДЫ / ОТКЛОНЕНО"
