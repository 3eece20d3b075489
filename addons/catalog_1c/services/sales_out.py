"""Sales since the last acknowledgement: what a 1C base has not taken yet, whatever the format it goes in.

The unit is a closed shift: nothing comes to it any more. Only tickets whose outcome was not final when they
were told may still change; they are remembered, and their shift is told again, as a new version, once one of
them has changed. An offer that is not acknowledged is made again in full by the next one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from addons.catalog.api import ProductId, SourceKey, external_ids, products_by_ids
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.sales import OfferSales, SalesOffer, SoldLine, SoldReceipt, SoldShift
from addons.catalog_1c.models import DIGEST_LENGTH, SalesChannel, SalesShift
from addons.organization.api import RegisterName, register_names
from addons.trade.api import (
    FiscalState,
    SaleRecord,
    ShiftSummaryFacts,
    SoldTicket,
    cash_of_shift,
    shifts_since,
    tickets_by_ids,
    tickets_of_shift,
)
from kernel.data.work import Reader, Work
from kernel.ids import new_id

RECEIPTS_MAX = 2_000  # of one offer, read in one transaction; a larger shift goes alone
SHIFTS_MAX = 500  # of one offer
SCANNED_MAX = 20_000  # shifts looked at for one offer
# A shift is found by its opening; one may have been left open for so long before it was closed.
LEFT_OPEN_MAX_MS = 31 * 86_400_000
# The floor stays this much behind: a shift's row may be written somewhat after its opening.
FLOOR_LAG_MS = 3 * 86_400_000

_COUNTS = frozenset({FiscalState.FISCALIZED, FiscalState.OFFLINE})


async def offer_sales(work: Work, command: OfferSales) -> SalesOffer:
    """Everything of the channel that is not acknowledged, the oldest shifts first, at most RECEIPTS_MAX.

    The offer takes the place of an earlier one; to be answered with `acknowledge_offer`. Several channels of
    one connection know nothing of each other.
    """
    channel = await _channel(work, command)
    scan = _Scan(work, command, channel)
    await scan.run()
    channel.offer_id = new_id() if scan.shifts else None
    channel.offered_at = work.now
    channel.floor_ms = max(channel.floor_ms, min(scan.floor_ms, work.now_ms - FLOOR_LAG_MS))
    await channel.save()
    for row in scan.rows:
        row.offer_id = channel.offer_id
        await row.save(force_create=row.id not in scan.stored, force_update=row.id in scan.stored)
    return SalesOffer(
        id=channel.offer_id or "",
        channel=command.channel,
        shifts=tuple(scan.shifts),
        is_more=scan.is_more,
        left_out=scan.left_out,
    )


async def acknowledge_offer(work: Work, connection_id: ConnectionId, offer_id: str) -> int:
    """The other side has all of the offer; the number of shifts it was about.

    0 when the offer was acknowledged already or another took its place: then nothing is taken for told.
    """
    channel = await SalesChannel.get_or_none(connection_id=connection_id, offer_id=offer_id)
    if channel is None or not offer_id:
        return 0
    rows = await SalesShift.filter(channel_id=channel.id, offer_id=offer_id)
    for row in rows:
        row.is_acknowledged = True
        row.open_tickets = row.open_after
        row.is_settled = row.open_after == _text(())
        row.offer_id = None
        await row.save(force_update=True)
    channel.offer_id, channel.acknowledged_at = None, work.now
    await channel.save(force_update=True)
    await work.audit(
        "catalog_1c.sales_acknowledged", connection_id, {"channel": channel.name, "shifts": len(rows)}
    )
    return len(rows)


async def forget_acknowledgements(work: Work, connection_id: ConnectionId, since_ms: int) -> None:
    """Tell every channel of the connection again what was closed since then, as after a 1C base was restored.

    Versions stay, so the other side recognises what it has.
    """
    for channel in await SalesChannel.filter(connection_id=connection_id):
        channel.since_ms, channel.floor_ms, channel.offer_id = since_ms, 0, None
        await channel.save(force_update=True)
        await SalesShift.filter(channel_id=channel.id).update(
            is_acknowledged=False, is_settled=False, offer_id=None
        )
    await work.audit("catalog_1c.sales_again", connection_id, {"since_ms": since_ms})


async def _channel(work: Work, command: OfferSales) -> SalesChannel:
    found = await SalesChannel.get_or_none(connection_id=command.connection_id, name=command.channel)
    if found is not None:
        if command.since_ms is not None and command.since_ms != found.since_ms:  # chosen anew
            found.since_ms, found.floor_ms = command.since_ms, 0
        return found
    return SalesChannel(
        id=new_id(),
        company_id=work.company_id,
        connection_id=command.connection_id,
        name=command.channel,
        since_ms=work.now_ms if command.since_ms is None else command.since_ms,
    )


@dataclass(slots=True)
class _Told:
    """One shift to be told: its standing tickets, those refused since they were told, and its row."""

    facts: ShiftSummaryFacts
    standing: list[SoldTicket]
    refused: list[SoldTicket]
    news: set[str]  # tickets told before in another state; of a row that is acknowledged
    row: SalesShift


class _Scan:
    """Walks the shifts from the floor on and gathers what is to be told."""

    def __init__(self, work: Work, command: OfferSales, channel: SalesChannel) -> None:
        self.shifts: list[SoldShift] = []
        self.rows: list[SalesShift] = []
        self.stored: set[str] = set()
        self.is_more = False
        self.left_out = 0
        self.floor_ms = work.now_ms
        self._work = work
        self._command = command
        self._channel = channel
        self._registers: dict[str, RegisterName] = {}

    async def run(self) -> None:
        self._registers = {each.id: each for each in await register_names(self._work)}
        receipts = 0
        async for facts, row in self._due():
            told = await self._told(facts, row)
            if told is None:
                continue
            count = len(told.standing) + len(told.refused)
            if self.shifts and (receipts + count > RECEIPTS_MAX or len(self.shifts) >= SHIFTS_MAX):
                self._unsettled(facts)
                self.is_more = True
                return
            receipts += count
            self.shifts.append(await self._sold(told))
            self.rows.append(told.row)

    async def _due(self) -> AsyncIterator[tuple[ShiftSummaryFacts, SalesShift | None]]:
        """Closed shifts that are not settled, with their rows; the floor stops at the first unsettled one."""
        channel, command = self._channel, self._command
        opened_ms, after = max(channel.floor_ms - 1, channel.since_ms - LEFT_OPEN_MAX_MS), ""
        for _ in range(SCANNED_MAX // SHIFTS_MAX):
            page = await shifts_since(self._work, opened_ms, after_id=after, limit=SHIFTS_MAX)
            rows = await SalesShift.filter(
                channel_id=channel.id, shift_id__in=[each.shift_id for each in page]
            )
            known = {row.shift_id: row for row in rows}
            for facts in page:
                row = known.get(facts.shift_id)
                if facts.closed_ms is None:
                    self._unsettled(facts)
                elif (
                    facts.closed_ms < channel.since_ms
                    or not self._is_ours(facts)
                    or (row is not None and row.is_settled)
                ):
                    continue
                elif facts.is_test and not command.with_test:
                    self.left_out += 1
                else:
                    self._unsettled(facts)
                    yield facts, row
            if len(page) < SHIFTS_MAX:
                return
            opened_ms, after = page[-1].opened_ms, page[-1].shift_id
        self.is_more = True

    def _unsettled(self, facts: ShiftSummaryFacts) -> None:
        self.floor_ms = min(self.floor_ms, facts.opened_ms)

    def _is_ours(self, facts: ShiftSummaryFacts) -> bool:
        register = self._registers.get(facts.register_id)
        outlets, registers = self._command.outlet_ids, self._command.register_ids
        return (
            register is not None
            and (not outlets or register.outlet_id in outlets)
            and (not registers or register.id in registers)
        )

    async def _told(self, facts: ShiftSummaryFacts, row: SalesShift | None) -> _Told | None:
        """The shift when there is something new to tell of it."""
        before: list[str] = [] if row is None else orjson.loads(row.open_tickets)
        now = await tickets_by_ids(self._work, before)
        final = {sale_id for sale_id, ticket in now.items() if ticket.sale.fiscal.state.is_final}
        if row is not None and row.is_acknowledged and not final:
            return None
        standing = [t for t in await tickets_of_shift(self._work, facts) if t.sale.fiscal.state in _COUNTS]
        refused = [ticket for sale_id, ticket in now.items() if sale_id in final and not _counts(ticket)]
        if row is None:
            row = SalesShift(
                id=new_id(),
                company_id=self._work.company_id,
                channel_id=self._channel.id,
                shift_id=facts.shift_id,
                version=0,
                fingerprint="",
            )
        else:
            self.stored.add(row.id)
        if not standing and not refused and not facts.documents:
            return None
        fingerprint = _fingerprint((*standing, *refused))
        if fingerprint != row.fingerprint:
            row.version, row.fingerprint = row.version + 1, fingerprint
        unfinished = [t.sale.id for t in standing if not t.sale.fiscal.state.is_final]
        row.open_after = _text(unfinished)
        row.open_tickets = _text(dict.fromkeys((*before, *unfinished)))
        return _Told(facts, standing, refused, final, row)

    async def _sold(self, told: _Told) -> SoldShift:
        work, facts = self._work, told.facts
        tickets = [*told.standing, *told.refused]
        products = list({ProductId(p) for t in tickets for each in t.lines if (p := each.line.product_id)})
        names = await external_ids(work, SourceKey(self._command.connection_id), products)
        codes = {key: card.code for key, card in (await products_by_ids(work, products)).items()}
        originals = await _originals(work, tickets)
        is_first = not told.row.is_acknowledged

        def lines(ticket: SoldTicket) -> Iterable[SoldLine]:
            for each in ticket.lines:
                product_id = ProductId(each.line.product_id or "")
                yield SoldLine(each.line, names.get(product_id, ""), codes.get(product_id, 0))

        register = self._registers[facts.register_id]
        return SoldShift(
            facts=facts,
            register_number=register.number,
            register_title=register.title,
            outlet_id=register.outlet_id,
            version=told.row.version,
            receipts=tuple(
                SoldReceipt(
                    sale=ticket.sale,
                    lines=tuple(lines(ticket)),
                    original=originals.get(ticket.sale.original_id or ""),
                    version=told.row.version,
                    is_changed=is_first or ticket.sale.id in told.news,
                    is_cancelled=not _counts(ticket),
                )
                for ticket in tickets
            ),
            cash=tuple(each for each in await cash_of_shift(work, facts) if each.fiscal.state in _COUNTS),
            is_retold=not is_first,
        )


def _counts(ticket: SoldTicket) -> bool:
    return ticket.sale.fiscal.state in _COUNTS


async def _originals(reader: Reader, tickets: Sequence[SoldTicket]) -> dict[str, SaleRecord]:
    """Tickets that were returned, by id."""
    wanted = list(dict.fromkeys(t.sale.original_id for t in tickets if t.sale.original_id is not None))
    return {key: found.sale for key, found in (await tickets_by_ids(reader, wanted)).items()}


def _fingerprint(tickets: Sequence[SoldTicket]) -> str:
    text = ";".join(f"{t.sale.id} {t.sale.fiscal.state} {t.sale.fiscal.sign}" for t in tickets)
    return blake2b(text.encode(), digest_size=DIGEST_LENGTH // 2).hexdigest()


def _text(sale_ids: Iterable[str]) -> str:
    return orjson.dumps(list(sale_ids)).decode()
