"""GraphQL types of 1C bases, their sign-ins and the files they sent. Annotations are real here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
import strawberry

from addons.catalog_1c.domain.choices import ConnectionChoices, read_choices
from addons.catalog_1c.domain.encoding import read_names, read_price_types, read_warehouses
from addons.catalog_1c.domain.exchange import FILES_PATH
from addons.catalog_1c.domain.options import DEFAULT_NAMES
from addons.catalog_1c.domain.sales import CHANNEL_COMMERCEML
from addons.catalog_1c.gql.connection_enums import (
    ExchangeKind,
    FileKind,
    FileState,
    SalesBy,
    SalesOperation,
    Wanted,
)
from addons.catalog_1c.gql.types import CatalogImportType
from kernel.clock import from_ms
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused

SELECT_CONNECTION = """SELECT c.*, a.login, a.used_ms, s.acknowledged_ms, s.offered_ms,
(SELECT COUNT(*) FROM c1c_pending_offer p WHERE p.connection_id = c.id) AS waiting
FROM c1c_connection c LEFT JOIN c1c_access a ON a.connection_id = c.id
LEFT JOIN c1c_sales_channel s ON s.connection_id = c.id AND s.name = '{channel}'""".replace(
    "{channel}", CHANNEL_COMMERCEML
)
SELECT_EXCHANGE = """SELECT e.id, e.connection_id, e.kind, e.is_open, e.address, e.client, e.documents,
e.left_out, e.pictures, e.started_ms, e.seen_ms, c.title, (SELECT COUNT(*) FROM c1c_file f
WHERE f.exchange_id = e.id AND f.is_picture = 1 AND f.refusal_code = '') AS pictures_kept FROM c1c_exchange e
JOIN c1c_connection c ON c.id = e.connection_id"""
_FILES = """SELECT id, exchange_id, archive_id, name, kind, state, bytes, digest, session_id, refusal_code,
refusal_facts, is_kept, received_ms, finished_ms FROM c1c_file"""


async def connection_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of 1C bases of the reader's company; None for others."""
    return await _by_id(reader, f"{SELECT_CONNECTION} WHERE c.company_id = ? AND c.id IN", keys)


async def exchange_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of sign-ins of the reader's company; None for others."""
    return await _by_id(reader, f"{SELECT_EXCHANGE} WHERE e.company_id = ? AND e.id IN", keys)


async def file_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of received files of the reader's company; None for others."""
    return await _by_id(reader, f"{_FILES} WHERE company_id = ? AND id IN", keys)


async def files_by_exchange(reader: Reader, keys: Sequence[str]) -> list[list[Any]]:
    """Rows of the files of each sign-in but pictures, in the order of their coming."""
    marks = ", ".join("?" * len(keys))
    sql = (
        f"{_FILES} WHERE company_id = ? AND exchange_id IN ({marks}) AND is_picture = 0"
        " ORDER BY received_ms, id"
    )
    found: dict[str, list[Any]] = {key: [] for key in keys}
    for row in await reader.rows(sql, reader.company_id, *keys):
        found[row["exchange_id"]].append(row)
    return [found[key] for key in keys]


async def _by_id(reader: Reader, select: str, keys: Sequence[str]) -> list[Any]:
    rows = await reader.rows(f"{select} ({', '.join('?' * len(keys))})", reader.company_id, *keys)
    found = {row["id"]: row for row in rows}
    return [found.get(key) for key in keys]


@strawberry.type(description="Something 1C declared: a price type or a warehouse.")
class CatalogDeclared:
    external_id: str = strawberry.field(description="Ид in 1C.")
    name: str = strawberry.field(description="Name in 1C.")


@strawberry.type(description="A text of 1C and what it means here.")
class CatalogVatText:
    text: str = strawberry.field(description="The rate as 1C writes it.")
    rate_bp: int | None = strawberry.field(description="Basis points; null: without VAT.")


@strawberry.type(description="A warehouse of 1C and the outlet it stands for.")
class CatalogWarehouse:
    external_id: str = strawberry.field(description="Ид in 1C; `*`: all warehouses together.")
    outlet_id: strawberry.ID = strawberry.field(description="The outlet.")


@strawberry.type(description="A price type of 1C and ours.")
class CatalogPriceTypeChoice:
    external_id: str = strawberry.field(description="Ид or name in 1C.")
    name: str = strawberry.field(description="Name of the price type here; made when it is new.")


@strawberry.type(description="Names under which a fact may come.")
class CatalogFieldNames:
    field: Wanted = strawberry.field(description="The fact.")
    names: list[str] = strawberry.field(description="Names of реквизиты or properties, in lower case.")


@strawberry.type(
    name="CatalogConnection", description="A 1C base of the company: goods are kept apart by it."
)
class CatalogConnectionType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    row: strawberry.Private[Mapping[str, Any]]
    choices: strawberry.Private[ConnectionChoices]

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.connection_by_id").load(key)
        return None if row is None else connection_type(row)

    @strawberry.field(description="What people call it.")
    def title(self) -> str:
        return str(self.row["title"])

    @strawberry.field(description="Price type to sell by: name or Ид; empty: the only one there is.")
    def price_type(self) -> str:
        return str(self.row["price_type"])

    @strawberry.field(description="Rate of goods without one, as text; empty: it stays.")
    def default_vat(self) -> str:
        return str(self.row["default_vat"])

    @strawberry.field(description="Login for the exchange over HTTP; null: it may not sign in.")
    def login(self) -> str | None:
        return self.row["login"]

    @strawberry.field(description="When a right secret was checked last.")
    def last_sign_in_at(self) -> datetime | None:
        return _moment(self.row["used_ms"])

    @strawberry.field(description="Offers that wait for their goods.")
    def waiting(self) -> int:
        return int(self.row["waiting"])

    @strawberry.field(description="Price types 1C has declared.")
    def declared_price_types(self) -> list[CatalogDeclared]:
        types = read_price_types(self.row["price_types"])
        return [CatalogDeclared(external_id=each.external_id, name=each.name) for each in types]

    @strawberry.field(description="Warehouses 1C has declared.")
    def declared_warehouses(self) -> list[CatalogDeclared]:
        found = read_warehouses(self.row["warehouses"])
        return [CatalogDeclared(external_id=each.external_id, name=each.name) for each in found]

    @strawberry.field(description="Further price types that are taken.")
    def price_types(self) -> list[CatalogPriceTypeChoice]:
        chosen = self.choices.price_types
        return [CatalogPriceTypeChoice(external_id=key, name=name) for key, name in chosen.items()]

    @strawberry.field(description="Warehouses whose stock is taken.")
    def warehouses(self) -> list[CatalogWarehouse]:
        return [
            CatalogWarehouse(external_id=key, outlet_id=strawberry.ID(to_global("Outlet", outlet_id)))
            for key, outlet_id in self.choices.warehouses.items()
        ]

    @strawberry.field(description="Texts of VAT rates with a meaning of their own.")
    def vat_texts(self) -> list[CatalogVatText]:
        return [CatalogVatText(text=text, rate_bp=rate) for text, rate in self.choices.vat_texts.items()]

    @strawberry.field(description="Names of mapped реквизиты and properties.")
    def field_names(self) -> list[CatalogFieldNames]:
        names = read_names(self.row["field_names"])
        return [CatalogFieldNames(field=each, names=list(names[each])) for each in Wanted]

    @strawberry.field(description="What one document of sales stands for.")
    def sales_by(self) -> SalesBy:
        return self.choices.sales_by

    @strawberry.field(description="ХозОперация of documents with sales.")
    def sales_operation(self) -> SalesOperation:
        return self.choices.sales_operation

    @strawberry.field(description="Shifts closed before stay here; null: since the base was made.")
    def sales_since(self) -> datetime | None:
        return _moment(self.choices.sales_since_ms or None)

    @strawberry.field(description="Whether sales of registers that only test go out too.")
    def with_test_sales(self) -> bool:
        return self.choices.with_test_sales

    @strawberry.field(description="Outlets whose sales go to this base; empty: all.")
    def sales_outlet_ids(self) -> list[strawberry.ID]:
        return [strawberry.ID(to_global("Outlet", each)) for each in self.choices.outlet_ids]

    @strawberry.field(description="When 1C last took sales over HTTP.")
    def sales_taken_at(self) -> datetime | None:
        return _moment(self.row["acknowledged_ms"])

    @strawberry.field(description="Whether pictures of products are kept.")
    def takes_pictures(self) -> bool:
        return self.choices.takes_pictures

    @strawberry.field(description="Language of the reasons 1C is told.")
    def language(self) -> str:
        return self.choices.language


@strawberry.type(
    name="CatalogImportFile", description="A file a 1C base sent, or one out of an archive it sent."
)
class ImportFileType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    name: str = strawberry.field(description="As 1C calls it.")
    kind: FileKind = strawberry.field(description="By its first bytes.")
    state: FileState = strawberry.field(description="How far it has come.")
    bytes: str = strawberry.field(description="Length in bytes, as a decimal number.")
    digest: str = strawberry.field(description="SHA-256; empty until it was looked into.")
    received_at: datetime = strawberry.field(description="When its last piece came.")
    finished_at: datetime | None = strawberry.field(description="When its verdict was known.")
    refusal: Refused | None = strawberry.field(description="Why it was not taken.")
    archive_id: strawberry.ID | None = strawberry.field(description="The archive it came in.")
    download_path: str | None = strawberry.field(description="Where it can be fetched; null: kept no longer.")
    session_key: strawberry.Private[str | None]

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.file_by_id").load(key)
        return None if row is None else file_type(row, context.language)

    @strawberry.field(name="import", description="The import of this file with its report.")
    async def imported(self, info: Info) -> CatalogImportType | None:
        if self.session_key is None:
            return None
        found: CatalogImportType | None = await CatalogImportType.load(info.context, self.session_key)
        return found


@strawberry.type(
    name="CatalogImportExchange", description="One sign-in of a 1C base over HTTP and what it sent."
)
class ImportExchangeType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    connection: str = strawberry.field(description="Name of the 1C base.")
    kind: ExchangeKind = strawberry.field(description="What it is about.")
    is_open: bool = strawberry.field(description="Whether it may go on.")
    started_at: datetime = strawberry.field(description="When it signed in.")
    seen_at: datetime = strawberry.field(description="Its last request.")
    address: str = strawberry.field(description="Where it came from.")
    client: str = strawberry.field(description="What it calls itself.")
    documents: int = strawberry.field(description="Documents of sales it was given.")
    left_out: int = strawberry.field(description="Shifts that were left out, of registers that only test.")
    pictures: int = strawberry.field(description="Pictures and other files beside goods that are not kept.")
    pictures_kept: int = strawberry.field(
        description="Pictures that were received and kept for their products."
    )

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.exchange_by_id").load(key)
        return None if row is None else exchange_type(row)

    @strawberry.field(description="Files it sent but pictures, in the order of their coming.")
    async def files(self, info: Info) -> list[ImportFileType]:
        rows = await info.context.loader("catalog_1c.files_by_exchange").load(self.key)
        return [file_type(row, info.context.language) for row in rows]


@strawberry.type(description="A login with its secret, which is shown only now.")
class CatalogAccess:
    connection: CatalogConnectionType = strawberry.field(description="The 1C base it is for.")
    login: str = strawberry.field(description="To be entered in 1C.")
    secret: str = strawberry.field(description="To be entered in 1C; it is not shown again.")
    paths: list[str] = strawberry.field(
        description="Paths of the exchange, behind the address of the server."
    )


CatalogConnectionResult = Annotated[
    CatalogConnectionType | Refused,
    strawberry.union("CatalogConnectionResult", description="The 1C base, or why not."),
]
CatalogAccessResult = Annotated[
    CatalogAccess | Refused,
    strawberry.union("CatalogAccessResult", description="The login with its secret, or why not."),
]
ImportFileResult = Annotated[
    ImportFileType | Refused, strawberry.union("ImportFileResult", description="The file, or why not.")
]


def connection_type(row: Mapping[str, Any]) -> CatalogConnectionType:
    """The type of a row selected with SELECT_CONNECTION."""
    return CatalogConnectionType(key=row["id"], row=row, choices=read_choices(row["choices"]))


def exchange_type(row: Mapping[str, Any]) -> ImportExchangeType:
    """The type of a row selected with SELECT_EXCHANGE."""
    return ImportExchangeType(
        key=row["id"],
        connection=row["title"],
        kind=ExchangeKind(row["kind"]),
        is_open=bool(row["is_open"]),
        started_at=from_ms(row["started_ms"]),
        seen_at=from_ms(row["seen_ms"]),
        address=row["address"],
        client=row["client"],
        documents=row["documents"],
        left_out=row["left_out"],
        pictures=row["pictures"],
        pictures_kept=row["pictures_kept"],
    )


def file_type(row: Mapping[str, Any], language: str) -> ImportFileType:
    """The type of a row of c1c_file."""
    archive_id = row["archive_id"]
    return ImportFileType(
        key=row["id"],
        name=row["name"],
        kind=FileKind(row["kind"]),
        state=FileState(row["state"]),
        bytes=str(row["bytes"]),
        digest=row["digest"],
        received_at=from_ms(row["received_ms"]),
        finished_at=_moment(row["finished_ms"]),
        refusal=_refusal(row, language),
        archive_id=None if archive_id is None else strawberry.ID(to_global("CatalogImportFile", archive_id)),
        download_path=f"{FILES_PATH}{row['id']}" if row["is_kept"] else None,
        session_key=row["session_id"],
    )


def _refusal(row: Mapping[str, Any], language: str) -> Refused | None:
    if not row["refusal_code"]:
        return None
    return refused(Refusal(row["refusal_code"], **orjson.loads(row["refusal_facts"])), language)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


assert set(DEFAULT_NAMES) == set(Wanted), "every fact has usual names"
