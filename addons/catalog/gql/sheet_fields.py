"""Root fields of sheets. Annotations are real in this module: Strawberry reads them."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated, Any

import strawberry

from addons.catalog.domain.sheet_profile import (
    DecimalMark,
    Delimiter,
    Encoding,
    SheetColumn,
    SheetKey,
    SheetProfile,
)
from addons.catalog.domain.sheet_report import ARCHIVE_PERCENT_MAX, RUNNING, ErrorPolicy, SheetOptions
from addons.catalog.gql.sheet_types import (
    SheetImportResult,
    SheetImportType,
    SheetProfileRemoved,
    SheetProfileRemovedResult,
    SheetProfileResult,
    SheetProfileType,
    import_type,
    profile_type,
)
from addons.catalog.services.sheet_batch import IMPORT, TOPIC
from addons.catalog.services.sheet_imports import (
    CheckSheet,
    SheetImportId,
    StartSheet,
    check_sheet,
    start_sheet,
    stop_sheet,
)
from addons.catalog.services.sheet_profiles import all_profiles, remove_profile, save_profile
from addons.catalog.services.tables import select_in
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

_EDIT = "catalog.edit"
_SELECT = (
    "SELECT id, company_id, state, file_name, size_bytes, profile, facts, options, report, token,"
    f" refusal_code, refusal_facts, created_ms, finished_ms FROM {IMPORT}"
)

ImportId = Annotated[strawberry.ID, strawberry.argument(description="The import, as the upload told it.")]


async def sheet_import_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of imports of the reader's company; None for others."""
    rows = await select_in(reader, f"{_SELECT} WHERE id IN ({{marks}})", keys)
    found = {row["id"]: row for row in rows if row["company_id"] == reader.company_id}
    return [found.get(key) for key in keys]


@strawberry.input(description="How sheets of one kind look.")
class SheetProfileInput:
    name: str = strawberry.field(description="Name; a profile of that name is replaced.")
    columns: list[SheetColumn] = strawberry.field(description="Columns in the order of the file.")
    titles: list[str] = strawberry.field(
        default_factory=list, description="Titles of the columns beside the usual ones, in the same order."
    )
    key: SheetKey = strawberry.field(default=SheetKey.CODE, description="What the good of a row is known by.")
    has_header: bool = strawberry.field(default=True, description="Whether the first row holds titles.")
    delimiter: Delimiter | None = strawberry.field(default=None, description="Left out: told by the file.")
    encoding: Encoding | None = strawberry.field(default=None, description="Left out: told by the file.")
    decimal: DecimalMark | None = strawberry.field(default=None, description="Left out: told by the file.")
    does_make_groups: bool = strawberry.field(
        default=False, description="Make groups that are not known; otherwise their rows are refused."
    )


@strawberry.input(description="What to try with an uploaded file.")
class CheckSheetInput:
    import_id: strawberry.ID = strawberry.field(description="The import, as the upload told it.")
    profile: str = strawberry.field(default="goods", description="Name of a profile.")
    policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_ALL, description="What a bad row means for the others."
    )
    replaces_all: bool = strawberry.field(
        default=False, description="Archive the goods that the file does not name."
    )
    archive_percent_max: int = strawberry.field(
        default=ARCHIVE_PERCENT_MAX,
        description="Refuse to archive more than this share of the goods for sale, 0 to 100.",
    )


@strawberry.type
class SheetQuery:
    """Root queries of sheets."""

    @strawberry.field(
        description="Profiles of sheets: the ready ones, then the company's own.",
        permission_classes=[Requires(_EDIT)],
    )
    async def sheet_profiles(self, info: Info) -> list[SheetProfileType]:
        async with info.context.reading() as reader:
            reader.principal.require_company()
            return [profile_type(profile) for profile in await all_profiles()]

    @strawberry.field(
        description="Uploaded tables of goods, the newest first.", permission_classes=[Requires(_EDIT)]
    )
    async def sheet_imports(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[SheetImportType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            newest = Key("id", is_descending=True)
            listed = KeysetList(_SELECT, "company_id = ?", (reader.company_id,), (newest,))
            return await fetch_page(
                reader, listed, asked, partial(import_type, language=info.context.language)
            )


@strawberry.type
class SheetMutation:
    """Root mutations of sheets."""

    @strawberry.mutation(
        description="Keep a profile of sheets under its name.", permission_classes=[Requires(_EDIT)]
    )
    async def save_sheet_profile(
        self,
        info: Info,
        input: Annotated[SheetProfileInput, strawberry.argument(description="The profile.")],
    ) -> SheetProfileResult:
        profile = SheetProfile(
            name=input.name,
            columns=tuple(input.columns),
            titles=tuple(input.titles),
            key=input.key,
            has_header=input.has_header,
            delimiter=input.delimiter,
            encoding=input.encoding,
            decimal=input.decimal,
            does_make_groups=input.does_make_groups,
        )
        return profile_type(await info.context.transact(save_profile, profile))

    @strawberry.mutation(
        description="Forget a profile of the company.",
        permission_classes=[Requires(_EDIT)],
    )
    async def remove_sheet_profile(
        self, info: Info, name: Annotated[str, strawberry.argument(description="Its name.")]
    ) -> SheetProfileRemovedResult:
        return SheetProfileRemoved(name=await info.context.transact(remove_profile, name))

    @strawberry.mutation(
        description="Begin the dry run of an uploaded file: counts, faults and a preview, nothing stored.",
        permission_classes=[Requires(_EDIT)],
    )
    async def check_sheet(
        self,
        info: Info,
        input: Annotated[CheckSheetInput, strawberry.argument(description="What to try.")],
    ) -> SheetImportResult:
        options = SheetOptions(input.policy, input.replaces_all, input.archive_percent_max)
        command = CheckSheet(_key(input.import_id), input.profile, options)
        return await _shown(info, await info.context.transact(check_sheet, command))

    @strawberry.mutation(
        description="Store what the dry run told of; repeating it is fine.",
        permission_classes=[Requires(_EDIT)],
    )
    async def start_sheet(
        self,
        info: Info,
        import_id: ImportId,
        token: Annotated[str, strawberry.argument(description="Told by the dry run.")],
    ) -> SheetImportResult:
        return await _shown(
            info, await info.context.transact(start_sheet, StartSheet(_key(import_id), token))
        )

    @strawberry.mutation(
        description="Stop an import for good; what was stored stays.", permission_classes=[Requires(_EDIT)]
    )
    async def stop_sheet(self, info: Info, import_id: ImportId) -> SheetImportResult:
        return await _shown(info, await info.context.transact(stop_sheet, _key(import_id)))


@strawberry.type
class SheetSubscription:
    """Root subscriptions of sheets."""

    @strawberry.subscription(
        description="An import now and whenever it went on; ends when nothing runs any more.",
        permission_classes=[Requires(_EDIT)],
    )
    async def sheet_import_changed(self, info: Info, import_id: ImportId) -> AsyncIterator[SheetImportType]:
        key = _key(import_id)
        async with info.context.app.bus.listen(TOPIC) as ids:
            shown = await SheetImportType.load(info.context.fresh(), key)
            if shown is None:
                raise Refusal("SHEET_UNKNOWN", field="importId")
            yield shown
            if shown.state not in RUNNING:
                return
            async for told in ids:
                if told != key:
                    continue
                shown = await SheetImportType.load(info.context.fresh(), key)
                if shown is None:
                    return
                yield shown
                if shown.state not in RUNNING:
                    return


def _key(import_id: strawberry.ID) -> SheetImportId:
    return SheetImportId(from_global(import_id, "SheetImport", field="importId"))


async def _shown(info: Info, import_id: SheetImportId) -> Any:
    row = await info.context.loader("catalog.sheet_import_by_id").load(import_id)
    return import_type(row, info.context.language)
