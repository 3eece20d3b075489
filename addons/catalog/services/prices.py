"""The price list: prices of types, and prices of any kind planned for a moment to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from addons.catalog.domain.commands_view import PRICE_ROWS_MAX, CancelPrice, PriceRow, SetPrices
from addons.catalog.domain.product import check_price
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.history import Changes, note_changes
from addons.catalog.services.price_types import known_price_type
from addons.catalog.services.tables import PRICE, PRODUCT, select_in
from addons.catalog.services.written import prices_written
from kernel.clock import from_ms
from kernel.data.work import SqlRow, Work
from kernel.errors import Refusal
from kernel.ids import CompanyId, new_id
from kernel.money import Money
from kernel.security.principal import SYSTEM

PLANNED_MAX = 20  # prices to come of one product and type
AHEAD_MAX = timedelta(days=366)
TAKE_EVERY = timedelta(seconds=30)
TAKE_ROWS = 2_000  # in one run of the schedule
_COLUMNS = ("id", "company_id", "product_id", "price_type_id", "from_ms", "price_tiyn", "is_told")
_FORGET = f"DELETE FROM {PRICE} WHERE product_id = ? AND price_type_id = ? AND from_ms = ? AND company_id = ?"
_FORGET_PAST = (
    f"DELETE FROM {PRICE} WHERE product_id = ? AND price_type_id = ? AND from_ms <= ? AND company_id = ?"
)
_PRICE_NOW = f"UPDATE {PRODUCT} SET price_tiyn = ?, updated_ms = ? WHERE id = ? AND company_id = ?"


async def set_prices(work: Work, command: SetPrices) -> None:
    """Write rows of the price list; those without a moment hold from now on. A price that is asked already
    changes nothing.

    Refusals: PRICES_TOO_MANY, PRODUCT_UNKNOWN, PRICE_TYPE_UNKNOWN, PRODUCT_PRICE_NEGATIVE, PRICE_IN_THE_PAST,
    PRICE_TOO_FAR, PRICE_PLANNED_MISSING (an ordinary price is planned to be one), PRICES_PLANNED_TOO_MANY.
    """
    rows = command.rows
    if len(rows) > PRICE_ROWS_MAX:
        raise Refusal("PRICES_TOO_MANY", field="prices", max=PRICE_ROWS_MAX)
    await lock_catalogue(work, work.company_id)
    products = await _known_products(work, rows)
    for type_id in {row.price_type_id for row in rows if row.price_type_id is not None}:
        await known_price_type(type_id)
    for place, row in enumerate(rows):
        _check(work, row, field=f"prices.{place}")
    changed = await _store(work, rows, products)
    await prices_written(work, dict.fromkeys(changed))


async def cancel_price(work: Work, command: CancelPrice) -> None:
    """Take a planned price back. Refusal PRICE_NOT_PLANNED when there is none, or it is due already."""
    await lock_catalogue(work, work.company_id)
    key = (command.product_id, command.price_type_id or "", command.from_ms, work.company_id)
    if command.from_ms <= work.now_ms or not await work.execute(_FORGET, *key):
        raise Refusal("PRICE_NOT_PLANNED", field="from")
    said = {_field(command.price_type_id, command.from_ms): ("planned", None)}
    await note_changes(work, "price_cancelled", [(command.product_id, said)])
    await prices_written(work, [command.product_id])


async def take_due_prices(work: Work) -> None:
    """Schedule: prices whose moment has come. Registers ask them already, as the price list is read by time;
    here an ordinary price moves into its product, and history and devices are told.
    """
    due = await work.rows(
        f"SELECT id, company_id, product_id, price_type_id, from_ms, price_tiyn FROM {PRICE}"
        " WHERE is_told = 0 AND from_ms <= ? ORDER BY from_ms, id LIMIT ?",
        work.now_ms,
        TAKE_ROWS,
    )
    by_company: defaultdict[str, list[SqlRow]] = defaultdict(list)
    for row in due:
        by_company[row["company_id"]].append(row)
    for company_id in sorted(by_company):
        with work.acting_as(SYSTEM.within(CompanyId(company_id))) as inner:
            await _take(inner, by_company[company_id])


async def forget_due_prices(work: Work, product_ids: Sequence[str]) -> None:
    """Ordinary prices of these products were set anew: planned ones that were due are no more."""
    due = f"SELECT id FROM {PRICE} WHERE is_told = 0 AND from_ms <= ? LIMIT 1"
    if not product_ids or await work.row(due, work.now_ms) is None:
        return
    await work.execute_many(_FORGET_PAST, ((each, "", work.now_ms, work.company_id) for each in product_ids))


async def _take(work: Work, rows: Sequence[SqlRow]) -> None:
    company_id = work.company_id
    await lock_catalogue(work, company_id)
    asked = f"SELECT id, price_tiyn FROM {PRODUCT} WHERE id IN ({{marks}})"
    former = {
        row["id"]: row["price_tiyn"]
        for row in await select_in(work, asked, {row["product_id"] for row in rows})
    }
    changes = []
    for row in rows:
        product_id, type_id = row["product_id"], row["price_type_id"]
        if type_id:
            await work.write(
                f"UPDATE {PRICE} SET is_told = 1 WHERE id = ? AND company_id = ?", row["id"], company_id
            )
            await work.write(_FORGET_PAST, product_id, type_id, row["from_ms"] - 1, company_id)
            said: Changes = {_field(type_id): (None, _text(row["price_tiyn"]))}
        else:
            await work.write(_FORGET_PAST, product_id, "", row["from_ms"], company_id)
            await work.write(_PRICE_NOW, row["price_tiyn"], work.now_ms, product_id, company_id)
            said = {"price": (_text(former.get(product_id)), _text(row["price_tiyn"]))}
            former[product_id] = row["price_tiyn"]
        changes.append((product_id, said))
    await note_changes(work, "price_due", changes)
    await prices_written(work, former)


def _check(work: Work, row: PriceRow, *, field: str) -> None:
    check_price(row.price, field=f"{field}.price")
    if row.from_ms is None:
        return
    if row.from_ms <= work.now_ms:
        raise Refusal("PRICE_IN_THE_PAST", field=f"{field}.from")
    if from_ms(row.from_ms) - work.now > AHEAD_MAX:
        raise Refusal("PRICE_TOO_FAR", field=f"{field}.from", days=AHEAD_MAX.days)
    if row.price is None and row.price_type_id is None:
        raise Refusal("PRICE_PLANNED_MISSING", field=f"{field}.price")


async def _known_products(work: Work, rows: Sequence[PriceRow]) -> dict[str, int | None]:
    """Ordinary prices by product. Raises PRODUCT_UNKNOWN."""
    asked = f"SELECT id, company_id, price_tiyn FROM {PRODUCT} WHERE id IN ({{marks}})"
    found = await select_in(work, asked, [row.product_id for row in rows])
    known = {row["id"]: row["price_tiyn"] for row in found if row["company_id"] == work.company_id}
    for place, row in enumerate(rows):
        if row.product_id not in known:
            raise Refusal("PRODUCT_UNKNOWN", field=f"prices.{place}.productId")
    return known


async def _store(work: Work, rows: Sequence[PriceRow], ordinary: dict[str, int | None]) -> list[str]:
    """Products whose prices are other than before."""
    company_id, now_ms = work.company_id, work.now_ms
    present = await _present(work, ordinary)
    changes: list[tuple[str, Changes]] = []
    for place, row in enumerate(rows):
        product_id, type_id = row.product_id, row.price_type_id or ""
        tiyn = None if row.price is None else row.price.tiyn
        known = present[product_id, type_id]
        if row.from_ms is not None:
            if sum(at > now_ms for at in known if at != row.from_ms) >= PLANNED_MAX:
                raise Refusal("PRICES_PLANNED_TOO_MANY", field=f"prices.{place}", max=PLANNED_MAX)
            before = known.get(row.from_ms)
            known[row.from_ms] = tiyn
            await work.write(_FORGET, product_id, type_id, row.from_ms, company_id)
            await _insert(work, product_id, type_id, row.from_ms, tiyn, is_told=False)
        else:
            due = [at for at in known if at <= now_ms]
            before = known[max(due)] if due else None if type_id else ordinary[product_id]
            if before == tiyn and (due or not type_id or tiyn is None):
                continue
            for at in due:
                del known[at]
            await work.write(_FORGET_PAST, product_id, type_id, now_ms, company_id)
            if not type_id:
                ordinary[product_id] = tiyn
                await work.write(_PRICE_NOW, tiyn, now_ms, product_id, company_id)
            elif tiyn is not None:
                known[now_ms] = tiyn
                await _insert(work, product_id, type_id, now_ms, tiyn, is_told=True)
        changes.append((product_id, {_field(type_id, row.from_ms): (_text(before), _text(tiyn))}))
    await note_changes(work, "priced", changes)
    return [product_id for product_id, _ in changes]


async def _present(
    work: Work, product_ids: Iterable[str]
) -> defaultdict[tuple[str, str], dict[int, int | None]]:
    """Rows of the price list: product and type → moment → price."""
    asked = f"SELECT company_id, product_id, price_type_id, from_ms, price_tiyn FROM {PRICE}"
    present: defaultdict[tuple[str, str], dict[int, int | None]] = defaultdict(dict)
    for row in await select_in(work, f"{asked} WHERE product_id IN ({{marks}})", product_ids):
        if row["company_id"] == work.company_id:
            present[row["product_id"], row["price_type_id"]][row["from_ms"]] = row["price_tiyn"]
    return present


async def _insert(
    work: Work, product_id: str, type_id: str, since_ms: int, tiyn: int | None, *, is_told: bool
) -> None:
    values = (new_id(), work.company_id, product_id, type_id, since_ms, tiyn, int(is_told))
    await work.insert(PRICE, dict(zip(_COLUMNS, values, strict=True)))


def _field(price_type_id: str | None, since_ms: int | None = None) -> str:
    """Name of a price in the history: "price", "price:<type>", with "@<epoch ms>" for a planned one."""
    name = f"price:{price_type_id}" if price_type_id else "price"
    return name if since_ms is None else f"{name}@{since_ms}"


def _text(tiyn: int | None) -> str | None:
    return None if tiyn is None else str(Money(tiyn))
