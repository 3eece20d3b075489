"""GraphQL types of the 1C exchange. Annotations are real in this module: Strawberry reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
import strawberry

from addons.catalog_1c.domain.encoding import read_report
from addons.catalog_1c.models import SessionState
from kernel.clock import from_ms
from kernel.gql.context import GqlContext
from kernel.gql.node import Node
from kernel.gql.refusals import Refused
from kernel.i18n import explain

strawberry.enum(SessionState, name="CatalogImportState", description="How an import stands.")


@strawberry.type(description="Why rows were changed or left out, and how many.")
class ImportReason:
    code: str = strawberry.field(description="Stable code for programs, such as C1C_PRICE_EMPTY.")
    message: str = strawberry.field(description="The same for people.")
    count: int = strawberry.field(description="Rows it concerns.")


@strawberry.type(description="One remark about one row.")
class ImportNote:
    code: str = strawberry.field(description="Stable code for programs.")
    message: str = strawberry.field(description="The same for people.")
    external_id: str = strawberry.field(description="Ид of the row in 1C.")
    fact: str = strawberry.field(description="The odd value itself; may be empty.")
    is_skip: bool = strawberry.field(description="Whether the row was not stored at all.")


@strawberry.type(name="CatalogImport", description="One import of 1C files with its report.")
class CatalogImportType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    state: SessionState = strawberry.field(description="How it stands.")
    connection: str = strawberry.field(description="Name of the 1C base.")
    files: list[str] = strawberry.field(description="Names of the files.")
    started_at: datetime = strawberry.field(description="When it began.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    refusal: Refused | None = strawberry.field(description="What stopped it, if it was refused.")
    read: int = strawberry.field(description="Rows read: the sum of the next six counts.")
    created: int = strawberry.field(description="Products made.")
    updated: int = strawberry.field(description="Products changed.")
    unchanged: int = strawberry.field(description="Rows that changed nothing.")
    archived: int = strawberry.field(description="Products taken out of sale by a delete mark.")
    skipped: int = strawberry.field(description="Rows not stored; see reasons.")
    pending: int = strawberry.field(description="Offers that wait for their goods.")
    attached: int = strawberry.field(description="Offers that had waited and found their goods now.")
    groups_created: int = strawberry.field(description="Groups made.")
    groups_updated: int = strawberry.field(description="Groups changed.")
    prices: int = strawberry.field(description="Prices of further types that changed.")
    stock: int = strawberry.field(description="Amounts in stock that changed.")
    pictures: int = strawberry.field(
        description="Pictures of products that were kept, those that came later too."
    )
    pictures_left: int = strawberry.field(
        description="Pictures that products name and that were not kept; see reasons."
    )
    is_dry: bool = strawberry.field(description="Whether it only counted and stored nothing.")
    progress_percent: int = strawberry.field(description="How much of the files was read, 0 to 100.")
    reasons: list[ImportReason] = strawberry.field(description="Every reason with its count.")
    notes: list[ImportNote] = strawberry.field(description="The first remarks, at most 200.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.import_by_id").load(key)
        return None if row is None else import_type(row, context.language)


CatalogImportResult = Annotated[
    CatalogImportType | Refused,
    strawberry.union("CatalogImportResult", description="The import, or why it was refused."),
]


def import_type(row: Mapping[str, Any], language: str) -> CatalogImportType:
    """The type of a row of c1c_session joined with the title of its connection."""
    report = read_report(row["report"])
    facts = orjson.loads(row["refusal_facts"])
    return CatalogImportType(
        key=row["id"],
        state=SessionState(row["state"]),
        connection=row["title"],
        files=orjson.loads(row["files"]),
        started_at=from_ms(row["started_ms"]),
        finished_at=None if row["finished_ms"] is None else from_ms(row["finished_ms"]),
        refusal=_refusal(row["refusal_code"], facts, language),
        read=report.read,
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        archived=report.archived,
        skipped=report.skipped,
        pending=report.pending,
        attached=report.attached,
        groups_created=report.groups_created,
        groups_updated=report.groups_updated,
        prices=report.prices,
        stock=report.stock,
        pictures=report.pictures,
        pictures_left=report.pictures_left,
        is_dry=bool(row["is_dry"]),
        progress_percent=100 * row["bytes_read"] // max(1, row["bytes_total"]),
        reasons=[
            ImportReason(code=code, message=explain(code, {}, language).message, count=count)
            for code, count in report.reasons.most_common()
        ],
        notes=[
            ImportNote(
                code=note.code,
                message=explain(note.code, {}, language).message,
                external_id=note.external_id,
                fact=note.fact,
                is_skip=note.is_skip,
            )
            for note in report.notes
        ],
    )


def _refusal(code: str, facts: Mapping[str, Any], language: str) -> Refused | None:
    if not code:
        return None
    text = explain(code, facts, language)
    return Refused(code=code, message=text.message, field=None, next_action=text.next_action)
