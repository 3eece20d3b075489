"""Card operations as rows, for tests of what becomes of the money afterwards."""

from __future__ import annotations

from addons.pos_terminal.domain.banking_day import banking_day
from addons.pos_terminal.domain.driver import CardFacts, EntryMode
from addons.pos_terminal.domain.payment import (
    FiscalSide,
    OperationKind,
    Payment,
    PaymentMethod,
    PaymentState,
    Tender,
)
from addons.pos_terminal.services.payment_record import PaymentRecord
from addons.pos_terminal.services.payment_rows import insert_payment
from addons.pos_terminal.services.terminal_card import terminal_terms
from kernel.data.work import Work
from kernel.ids import new_id
from kernel.money import Money


async def payment_row(
    work: Work,
    terminal_id: str,
    state: str = "APPROVED",
    *,
    kind: str = "PURCHASE",
    tiyn: int = 150_000,
    original_id: str | None = None,
    scheme: str = "MASTERCARD",
    at_ms: int | None = None,
    rrn: str = "",
    method: str = "CARD",
    refunded: int = 0,
) -> str:
    """An operation in that state; its id. Its STAN and batch are the terminal's next."""
    sent_ms = work.now_ms if at_ms is None else at_ms
    terms = await terminal_terms(work, terminal_id, at_ms=sent_ms)
    row = await work.row("SELECT COUNT(*) AS n FROM pos_payment")
    assert row is not None
    number = row["n"] + 1
    is_approved = state in ("APPROVED", "VOIDED", "REFUNDED")
    payment = Payment(
        kind=OperationKind(kind),
        amount=Money(tiyn),
        state=PaymentState(state),
        fiscal=FiscalSide.NOT_NEEDED,
        approved=Money(tiyn if is_approved else 0),
        refunded=Money(refunded),
        sent_ms=sent_ms,
    )
    facts = CardFacts(
        rrn=rrn or f"{number:012d}",
        authorization_code=f"A{number:05d}",
        response_code="00" if is_approved else "",
        masked_number="440043******1234",
        scheme=scheme,
        entry_mode=EntryMode.CONTACTLESS,
        terminal_code=terms.terminal_code,
        merchant_code=terms.merchant_code,
    )
    day = banking_day(sent_ms, terms.zone, terms.cut_off_minute).isoformat()
    record = PaymentRecord(
        id=new_id(),
        company_id=work.company_id,
        payment_key=new_id(),
        body_digest="",
        payment=payment,
        method=PaymentMethod(method),
        tender=Tender.CARD,
        contract_id=terms.contract_id,
        terminal_id=terminal_id,
        register_id=terms.register_id or "",
        operator_id=None,
        created_by="test",
        driver=terms.driver,
        original_id=original_id,
        sale_id=None,
        batch=terms.batch,
        stan=number,
        attempts=1,
        events=0,
        created_ms=sent_ms,
        deadline_ms=None,
        decided_ms=sent_ms if is_approved else None,
        banking_day=day if is_approved else None,
        note="",
        memo={},
        reversal_image="",
        facts=facts,
        closed_by=None,
    )
    await insert_payment(work, record)
    return record.id
