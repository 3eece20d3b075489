"""Files of goods over HTTP: uploads of tables, and the goods as a file. What becomes of an upload is asked of
GraphQL.
"""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from addons.catalog.domain.sheet_profile import SheetKind
from addons.catalog.services.sheet_export import export_goods
from addons.catalog.services.sheet_imports import AddSheet, SheetImportId, add_sheet, profile_named
from addons.catalog.services.sheet_ports import FILE_BYTES_MAX, SheetFormats, sheet_path
from addons.catalog.settings import CatalogSettings
from kernel.app import App
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.ids import CompanyId, new_id
from kernel.security.principal import Principal

UPLOAD_PATH = "/catalog/sheets"
EXPORT_PATH = "/catalog/goods"
PERMISSION = "catalog.edit"
BODY_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024  # with what a form puts around a file
CHUNK_BYTES = 256 * 1024
FIELD = "file"
MEDIA_TYPES = {
    SheetKind.CSV: "text/csv",
    SheetKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Endpoint = Callable[[Request], Awaitable[Response]]


async def upload_sheet(request: Request) -> Response:
    """POST /catalog/sheets: a CSV or Excel file, as the field "file" of a form or as the body itself with its
    name in `?name=`. The answer holds the id that checkSheet takes.

    Refusals: FORBIDDEN, SHEET_FILE_MISSING, SHEET_EMPTY, SHEET_TOO_LARGE, SHEET_NO_ROOM, SHEETS_TOO_MANY.
    """
    principal: Principal = request.state.principal
    principal.require(PERMISSION)
    company_id = principal.require_company()
    app: App = request.app.state.sauda
    import_id = SheetImportId(new_id())
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10) as form:
            given = form.get(FIELD)
            if given is None or isinstance(given, str):
                raise Refusal("SHEET_FILE_MISSING", field=FIELD)
            name = given.filename or ""
            size = await _keep(app, company_id, import_id, _pieces(partial(given.read, CHUNK_BYTES)))
    else:
        name = request.query_params.get("name", "")
        size = await _keep(app, company_id, import_id, request.stream())
    command = AddSheet(import_id, name, size)
    await app.database.transact(add_sheet, command, principal=principal)
    told = {"importId": to_global("SheetImport", import_id), "fileName": name, "sizeBytes": size}
    return JSONResponse(told, status_code=201)


def export_page(formats: SheetFormats) -> Endpoint:
    """The page that gives the goods as a file."""

    async def export_sheet(request: Request) -> Response:
        """GET /catalog/goods?profile=goods&format=csv|xlsx&archived=0: the goods by a profile.

        Refusals: FORBIDDEN, SHEET_PROFILE_UNKNOWN, SHEET_FORMAT_UNKNOWN.
        """
        principal: Principal = request.state.principal
        principal.require(PERMISSION)
        principal.require_company()
        app: App = request.app.state.sauda
        asked = request.query_params
        if asked.get("format", "csv") not in list(SheetKind):
            raise Refusal("SHEET_FORMAT_UNKNOWN", field="format")
        kind = SheetKind(asked.get("format", "csv"))
        async with app.database.reading(principal):
            profile = await profile_named(asked.get("profile", "goods"))
        handle, name = await asyncio.to_thread(tempfile.mkstemp, prefix="sauda-goods-", suffix=f".{kind}")
        os.close(handle)
        path = Path(name)
        try:
            await export_goods(
                partial(app.database.reading, principal),
                path,
                profile,
                kind=kind,
                formats=formats,
                with_archived=asked.get("archived") == "1",
            )
        except BaseException:
            os.unlink(path)
            raise
        return FileResponse(
            path,
            media_type=MEDIA_TYPES[kind],
            filename=f"goods.{kind}",
            headers={"cache-control": "no-store"},
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    return export_sheet


async def _pieces(read: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
    while piece := await read():
        yield piece


async def _keep(app: App, company_id: CompanyId, import_id: SheetImportId, body: AsyncIterator[bytes]) -> int:
    """Write the file durably; its size. Nothing stays of one that is refused or cut off."""
    path = sheet_path(app.config.section(CatalogSettings).sheets_folder, company_id, import_id)
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    draft = path.with_name(f".{import_id}")
    size = 0
    try:
        with draft.open("wb") as file:
            async for piece in body:
                size += len(piece)
                if size > FILE_BYTES_MAX:
                    raise Refusal("SHEET_TOO_LARGE", max=FILE_BYTES_MAX // 1024**2)
                await asyncio.to_thread(file.write, piece)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        if not size:
            raise Refusal("SHEET_EMPTY")
        draft.replace(path)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise Refusal("SHEET_NO_ROOM") from error
    finally:
        draft.unlink(missing_ok=True)
    return size
