"""Received files for programs that may see imports: the bytes as they came."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from addons.catalog_1c.services.received_file import received_file
from kernel.app import App


async def received_file_page(request: Request) -> Response:
    """One file of the caller's company. Refusals FORBIDDEN, C1C_FILE_UNKNOWN, C1C_FILE_GONE."""
    app: App = request.app.state.sauda
    async with app.database.reading(request.state.principal) as reader:
        path, name = await received_file(reader, str(request.path_params["key"]))
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "cache-control": "no-store",
        },
    )
