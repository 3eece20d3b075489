"""GraphQL types of sheets: tables of goods in files. Annotations are real: Strawberry reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import orjson
import strawberry

from addons.catalog.domain.sheet_profile import (
    READY_PROFILES,
    DecimalMark,
    Delimiter,
    Encoding,
    SheetColumn,
    SheetKey,
    SheetKind,
    SheetProfile,
    read_facts,
    read_profile,
)
from addons.catalog.domain.sheet_report import (
    ErrorPolicy,
    RowAction,
    SheetOptions,
    SheetReport,
    SheetState,
    read_options,
    read_report,
)
from kernel.clock import from_ms
from kernel.gql.context import GqlContext
from kernel.gql.node import Node
from kernel.gql.refusals import Refused
from kernel.i18n import explain
from kernel.money import Money

strawberry.enum(SheetColumn, description="What a column of a sheet holds.")
strawberry.enum(SheetKey, description="What the good of a row is known by.")
strawberry.enum(SheetKind, description="Kind of file.")
strawberry.enum(Encoding, name="SheetEncoding", description="How the text of a CSV file is written.")
strawberry.enum(Delimiter, name="SheetDelimiter", description="What stands between cells of a CSV file.")
strawberry.enum(DecimalMark, description="What stands before tiyn.")
strawberry.enum(SheetState, description="How an import of a sheet stands.")
strawberry.enum(ErrorPolicy, name="SheetErrorPolicy", description="What one bad row means for the others.")
strawberry.enum(RowAction, name="SheetRowAction", description="What becomes of a row.")


@strawberry.type(name="SheetProfile", description="How sheets of one kind look.")
class SheetProfileType:
    name: str = strawberry.field(description="Name it is chosen by.")
    is_ready: bool = strawberry.field(description="Whether it came with the program and cannot be changed.")
    columns: list[SheetColumn] = strawberry.field(description="Columns in the order of the file.")
    titles: list[str] = strawberry.field(description="Titles beside the usual ones, in the same order.")
    key: SheetKey = strawberry.field(description="What the good of a row is known by.")
    has_header: bool = strawberry.field(description="Whether the first row holds titles.")
    delimiter: Delimiter | None = strawberry.field(description="Null: told by the file.")
    encoding: Encoding | None = strawberry.field(description="Null: told by the file.")
    decimal: DecimalMark | None = strawberry.field(description="Null: told by the file.")
    does_make_groups: bool = strawberry.field(description="Whether groups that are not known are made.")


@strawberry.type(description="What a file turned out to be.")
class SheetFound:
    kind: SheetKind = strawberry.field(description="Kind of file.")
    encoding: Encoding | None = strawberry.field(description="Of a CSV file.")
    delimiter: Delimiter | None = strawberry.field(description="Of a CSV file.")
    decimal: DecimalMark = strawberry.field(description="What stands before tiyn.")
    has_header: bool = strawberry.field(description="Whether the first row holds titles.")
    columns: list[SheetColumn] = strawberry.field(description="Columns as they stand in the file.")


@strawberry.type(description="What is wrong with one cell, or with a row as a whole.")
class SheetFault:
    line: int = strawberry.field(description="Number of the row in the file, from 1.")
    column: str = strawberry.field(description="Title of the column; empty for the row as a whole.")
    code: str = strawberry.field(description="Stable code for programs.")
    message: str = strawberry.field(description="The same for people.")
    cell: str = strawberry.field(description="The cell as it stands, cut.")


@strawberry.type(description="Why rows were refused, and how many faults of the kind there are.")
class SheetReason:
    code: str = strawberry.field(description="Stable code for programs.")
    message: str = strawberry.field(description="The same for people.")
    count: int = strawberry.field(description="Faults of this kind in the whole file.")


@strawberry.type(description="A row as it was understood.")
class SheetPreviewRow:
    line: int = strawberry.field(description="Number of the row in the file.")
    action: RowAction = strawberry.field(description="What becomes of it.")
    code: int | None = strawberry.field(description="Code of the good; null: the next free one.")
    barcode: str = strawberry.field(description="First barcode; may be empty.")
    name: str = strawberry.field(description="Name; empty when the row says none.")
    price: Money | None = strawberry.field(description="Price in the file.")
    price_before: Money | None = strawberry.field(description="Price of the good now.")


@strawberry.type(name="SheetImport", description="One uploaded table of goods with what came of it.")
class SheetImportType(Node):
    node_permission: ClassVar[str | None] = "catalog.edit"

    state: SheetState = strawberry.field(description="How it stands.")
    file_name: str = strawberry.field(description="Name of the file.")
    size_bytes: int = strawberry.field(description="Its size.")
    created_at: datetime = strawberry.field(description="When it was uploaded.")
    finished_at: datetime | None = strawberry.field(description="When it was stored, refused or stopped.")
    profile: str | None = strawberry.field(description="Profile of the dry run.")
    policy: ErrorPolicy | None = strawberry.field(description="What a bad row means.")
    replaces_all: bool = strawberry.field(description="Whether goods the file does not name are archived.")
    found: SheetFound | None = strawberry.field(description="What the file turned out to be.")
    refusal: Refused | None = strawberry.field(description="What stopped it, if it was refused.")
    token: str | None = strawberry.field(description="What startSheet asks for; null before the dry run.")
    read: int = strawberry.field(description="Rows read: the sum of the next five counts.")
    created: int = strawberry.field(description="Goods made.")
    updated: int = strawberry.field(description="Goods changed.")
    unchanged: int = strawberry.field(description="Rows that change nothing.")
    failed: int = strawberry.field(description="Rows refused; see faults.")
    archived: int = strawberry.field(description="Goods archived, by a row or as not named.")
    groups_made: int = strawberry.field(description="Groups made.")
    for_sale: int = strawberry.field(description="Goods for sale, when the file replaces all.")
    to_archive: int = strawberry.field(description="Those of them that the file does not name.")
    is_over_ceiling: bool = strawberry.field(description="Whether these are more than was allowed.")
    reasons: list[SheetReason] = strawberry.field(description="Every kind of fault with its count.")
    faults: list[SheetFault] = strawberry.field(description="The first faults, at most 200.")
    preview: list[SheetPreviewRow] = strawberry.field(description="The first rows, at most 20.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog.sheet_import_by_id").load(key)
        return None if row is None else import_type(row, context.language)


@strawberry.type(description="A profile that is no more.")
class SheetProfileRemoved:
    name: str = strawberry.field(description="Its name.")


SheetImportResult = Annotated[
    SheetImportType | Refused,
    strawberry.union("SheetImportResult", description="The import, or why it was refused."),
]
SheetProfileResult = Annotated[
    SheetProfileType | Refused,
    strawberry.union("SheetProfileResult", description="The profile, or why it was refused."),
]

SheetProfileRemovedResult = Annotated[
    SheetProfileRemoved | Refused,
    strawberry.union("SheetProfileRemovedResult", description="What is gone, or why it was refused."),
]


def profile_type(profile: SheetProfile) -> SheetProfileType:
    """The type of a profile."""
    return SheetProfileType(
        name=profile.name,
        is_ready=profile.name in READY_PROFILES,
        columns=list(profile.columns),
        titles=list(profile.titles),
        key=profile.key,
        has_header=profile.has_header,
        delimiter=profile.delimiter,
        encoding=profile.encoding,
        decimal=profile.decimal,
        does_make_groups=profile.does_make_groups,
    )


def import_type(row: Mapping[str, Any], language: str) -> SheetImportType:
    """The type of a row of cat_sheet_import."""
    report = read_report(orjson.loads(row["report"]))
    options = read_options(orjson.loads(row["options"])) if row["options"] else None
    asked = options or SheetOptions()
    return SheetImportType(
        key=row["id"],
        state=SheetState(row["state"]),
        file_name=row["file_name"],
        size_bytes=row["size_bytes"],
        created_at=from_ms(row["created_ms"]),
        finished_at=None if row["finished_ms"] is None else from_ms(row["finished_ms"]),
        profile=read_profile(orjson.loads(row["profile"])).name if row["profile"] else None,
        policy=None if options is None else options.policy,
        replaces_all=asked.replaces_all,
        found=_found(row["facts"]),
        refusal=_refusal(row["refusal_code"], orjson.loads(row["refusal_facts"]), language),
        token=row["token"] or None,
        read=report.read,
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        failed=report.failed,
        archived=report.archived,
        groups_made=report.groups_made,
        for_sale=report.for_sale,
        to_archive=report.to_archive,
        is_over_ceiling=report.is_over(asked),
        **_rows_of(report, language),
    )


def _rows_of(report: SheetReport, language: str) -> dict[str, Any]:
    return {
        "reasons": [
            SheetReason(code=code, message=explain(code, {}, language).message, count=count)
            for code, count in report.by_code.most_common()
        ],
        "faults": [
            SheetFault(
                line=fault.line,
                column=fault.column,
                code=fault.code,
                message=explain(fault.code, fault.facts, language).message,
                cell=fault.cell,
            )
            for fault in report.faults
        ],
        "preview": [
            SheetPreviewRow(
                line=each.line,
                action=each.action,
                code=each.code,
                barcode=each.barcode,
                name=each.name,
                price=None if each.price is None else Money.parse(each.price),
                price_before=None if each.before is None else Money.parse(each.before),
            )
            for each in report.preview
        ],
    }


def _found(text: str) -> SheetFound | None:
    if not text:
        return None
    facts = read_facts(orjson.loads(text))
    return SheetFound(
        kind=facts.kind,
        encoding=facts.encoding,
        delimiter=facts.delimiter,
        decimal=facts.decimal,
        has_header=facts.has_header,
        columns=list(facts.columns),
    )


def _refusal(code: str, facts: Mapping[str, Any], language: str) -> Refused | None:
    if not code:
        return None
    text = explain(code, facts, language)
    return Refused(code=code, message=text.message, field=None, next_action=text.next_action)
