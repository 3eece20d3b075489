"""Root fields of the 1C exchange. Annotations are real in this module: Strawberry reads them."""

import asyncio
import base64
import binascii
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import strawberry

from addons.catalog_1c.domain.commands import ImportFiles
from addons.catalog_1c.gql.types import CatalogImportResult, CatalogImportType, import_type
from addons.catalog_1c.services.import_files import FILES_MAX, import_files
from addons.catalog_1c.services.ports import CatalogueFormat
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

REQUEST_KB_MAX = 700  # of all files of one request, decoded: base64 of it fits a body of 1 MB

_SELECT = (
    "SELECT s.id, s.state, s.files, s.report, s.refusal_code, s.refusal_facts, s.started_ms, s.finished_ms,"
    " s.bytes_read, s.bytes_total, s.is_dry, c.title"
    " FROM c1c_session s JOIN c1c_connection c ON c.id = s.connection_id"
)


async def import_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of imports of the reader's company; None for others."""
    marks = ", ".join("?" * len(keys))
    rows = await reader.rows(
        f"{_SELECT} WHERE s.company_id = ? AND s.id IN ({marks})", reader.company_id, *keys
    )
    found = {row["id"]: row for row in rows}
    return [found.get(key) for key in keys]


@strawberry.type
class Catalog1cQuery:
    """Root fields of the 1C exchange."""

    @strawberry.field(
        description="Imports of the company, the newest first.",
        permission_classes=[Requires("catalog_1c.view")],
    )
    async def catalog_imports(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CatalogImportType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            newest = Key("s.id", is_descending=True)
            listed = KeysetList(_SELECT, "s.company_id = ?", (reader.company_id,), (newest,))
            return await fetch_page(
                reader, listed, asked, partial(import_type, language=info.context.language)
            )


@strawberry.input(description="One file that 1C exported.")
class CatalogFileInput:
    name: str = strawberry.field(description="Name for the report; what the file is comes from its content.")
    base64: str = strawberry.field(description="The bytes as they are on disk.")


@strawberry.input(description="Files of one export.")
class ImportCatalogInput:
    files: list[CatalogFileInput] = strawberry.field(description="In any order.")
    connection: str | None = strawberry.field(
        default=None,
        description="Name of the 1C base; goods are kept apart by it. Left out: the only base there is, else"
        ' "1C".',
    )
    price_type: str | None = strawberry.field(
        default=None, description="Price type to sell by: name or Ид. Remembered; left out: as before."
    )
    is_dry: bool = strawberry.field(
        default=False, description="Only count what would become of every row: nothing is stored."
    )


def mutation_of(format: CatalogueFormat) -> type:
    """The mutation root for a format of files."""

    @strawberry.type
    class Catalog1cMutation:
        """Root mutations of the 1C exchange."""

        @strawberry.mutation(
            description=f"Import CommerceML files of at most {REQUEST_KB_MAX} kB and wait for the report."
            " Repeating it changes nothing.",
            permission_classes=[Requires("catalog_1c.import")],
        )
        async def import_catalog(
            self,
            info: Info,
            input: Annotated[ImportCatalogInput, strawberry.argument(description="The files.")],
        ) -> CatalogImportResult:
            contents = _decoded(input.files)
            with tempfile.TemporaryDirectory(prefix="sauda-1c-") as folder:
                paths = await asyncio.to_thread(_write, Path(folder), contents)
                command = ImportFiles(
                    paths,
                    connection=input.connection,
                    price_type=input.price_type,
                    is_dry=input.is_dry,
                )
                result = await import_files(
                    info.context.database, command, format=format, principal=info.context.principal
                )
            row = await info.context.loader("catalog_1c.import_by_id").load(result.session_id)
            return import_type(row, info.context.language)

    return Catalog1cMutation


def _decoded(files: Sequence[CatalogFileInput]) -> list[tuple[str, bytes]]:
    if len(files) > FILES_MAX:
        raise Refusal("C1C_FILES_TOO_MANY", field="files", max=FILES_MAX)
    found = []
    for place, file in enumerate(files):
        try:
            found.append((file.name, base64.b64decode(file.base64, validate=True)))
        except (binascii.Error, ValueError) as error:
            raise Refusal(
                "C1C_FILE_NOT_BASE64", field=f"files.{place}.base64", file=file.name[:80]
            ) from error
    if sum(len(content) for _, content in found) > REQUEST_KB_MAX * 1000:
        raise Refusal("C1C_FILES_TOO_LARGE", field="files", max=REQUEST_KB_MAX)
    return found


def _write(folder: Path, contents: Sequence[tuple[str, bytes]]) -> tuple[Path, ...]:
    """Write the files under names of our own; only the last part of a given name is kept, for the report."""
    paths = []
    for place, (name, content) in enumerate(contents):
        inner = folder / str(place)
        inner.mkdir()
        safe = "".join(each for each in name.replace("\\", "/").rpartition("/")[2] if each.isprintable())
        path = inner / (safe.strip(". ")[:80] or "file.xml")
        path.write_bytes(content)
        paths.append(path)
    return tuple(paths)
