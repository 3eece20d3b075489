"""Offers that came before their goods: held, and given back when the goods appear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson

from addons.catalog.api import UNSET, Aspect, GoodsRow, Unset
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.records import Extras
from kernel.data.work import Work
from kernel.ids import new_id
from kernel.money import Money

TABLE = "c1c_pending_offer"
# A source that sends offers only would fill the table for ever.
PENDING_MAX = 1_000_000
IN_LIST = 400
_COLUMNS = (
    "id", "company_id", "connection_id", "external_id", "waits_for", "digest", "body", "received_ms",
)  # fmt: skip
_TEXTS = ("name", "name_kk", "article", "ntin", "gtin", "characteristic")


async def hold(
    work: Work, connection_id: ConnectionId, rows: Sequence[GoodsRow], extras: Mapping[str, Extras]
) -> None:
    """Keep the offers, each in place of an older one of the same good."""
    await _forget(work, connection_id, [row.external_id for row in rows])
    await work.insert_many(
        TABLE,
        _COLUMNS,
        [
            (
                new_id(),
                work.company_id,
                connection_id,
                row.external_id,
                row.base_external_id or row.external_id,
                row.digest,
                offer_text(row, extras.get(row.external_id, Extras())),
                work.now_ms,
            )
            for row in rows
        ],
    )


async def release(
    work: Work, connection_id: ConnectionId, created: Sequence[str]
) -> tuple[list[GoodsRow], dict[str, Extras]]:
    """Offers that waited for the created goods, with what stands beside them; they no longer wait."""
    found: dict[str, GoodsRow] = {}
    extras: dict[str, Extras] = {}
    for piece in _pieces(created):
        marks = ", ".join("?" * len(piece))
        for column in ("external_id", "waits_for"):
            rows = await work.rows(
                f"SELECT external_id, body FROM {TABLE} WHERE connection_id = ? AND {column} IN ({marks})",
                connection_id,
                *piece,
            )
            for row in rows:
                found[row["external_id"]], extras[row["external_id"]] = read_offer(row["body"])
    await _forget(work, connection_id, list(found))
    return list(found.values()), extras


async def _forget(work: Work, connection_id: ConnectionId, external_ids: Sequence[str]) -> None:
    for piece in _pieces(external_ids):
        marks = ", ".join("?" * len(piece))
        await work.execute(
            f"DELETE FROM {TABLE} WHERE connection_id = ? AND external_id IN ({marks})", connection_id, *piece
        )


def _pieces(values: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), IN_LIST):
        yield values[start : start + IN_LIST]


def offer_text(row: GoodsRow, extras: Extras) -> str:
    """An offer as JSON; what it did not mention is absent."""
    body: dict[str, object] = {
        "id": row.external_id,
        "digest": row.digest,
        "base": row.base_external_id,
        "deleted": row.is_deleted,
    }
    body.update({name: value for name in _TEXTS if not isinstance(value := getattr(row, name), Unset)})
    if not isinstance(row.barcodes, Unset):
        body["barcodes"] = row.barcodes
    if not isinstance(row.price, Unset):
        body["price"] = None if row.price is None else row.price.tiyn
    if not isinstance(row.is_marked, Unset):
        body["marked"] = row.is_marked
    if extras.stock:
        body["stock"] = extras.stock
    if extras.prices:
        body["prices"] = [(name, None if price is None else price.tiyn) for name, price in extras.prices]
    if extras.pictures:
        body["pictures"] = extras.pictures
    return orjson.dumps(body).decode()


def read_offer(text: str) -> tuple[GoodsRow, Extras]:
    """The offer of a stored text, and what stands beside it."""
    body = orjson.loads(text)
    price: Money | Unset | None = UNSET
    if "price" in body:
        price = None if body["price"] is None else Money(body["price"])
    extras = Extras(
        stock=tuple((str(outlet_id), int(amount)) for outlet_id, amount in body.get("stock", ())),
        prices=tuple(
            (str(name), None if tiyn is None else Money(tiyn)) for name, tiyn in body.get("prices", ())
        ),
        pictures=tuple(map(str, body.get("pictures", ()))),
    )
    row = GoodsRow(
        external_id=body["id"],
        digest=body["digest"],
        aspect=Aspect.OFFER,
        is_deleted=body["deleted"],
        base_external_id=body["base"],
        name=body.get("name", UNSET),
        name_kk=body.get("name_kk", UNSET),
        article=body.get("article", UNSET),
        ntin=body.get("ntin", UNSET),
        gtin=body.get("gtin", UNSET),
        barcodes=tuple(body["barcodes"]) if "barcodes" in body else UNSET,
        price=price,
        is_marked=body.get("marked", UNSET),
        characteristic=body.get("characteristic", UNSET),
    )
    return row, extras
