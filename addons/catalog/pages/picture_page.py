"""Files of pictures: whoever has the address sees the picture, nobody can guess one."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from addons.catalog.services.picture_files import PictureFiles
from addons.catalog.services.pictures import find_picture
from addons.catalog.settings import CatalogSettings
from kernel.app import App
from kernel.security.principal import SYSTEM

KEEP_S = 31_536_000  # an address shows the same bytes for ever
_HEADERS = {
    "Cache-Control": f"public, max-age={KEEP_S}, immutable",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


async def picture_page(request: Request) -> Response:
    """GET /catalog/pictures/{id}: the picture, 304 to who has it, 404 when there is none."""
    app: App = request.app.state.sauda
    async with app.database.reading(SYSTEM) as reader:
        found = await find_picture(reader, request.path_params["id"])
    if found is None:
        return Response("", status_code=404)
    company_id, digest, media_type = found
    headers = {**_HEADERS, "ETag": f'"{digest}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    files = PictureFiles(app.config.section(CatalogSettings).pictures_folder)
    content = await asyncio.to_thread(files.get, company_id, digest)
    if content is None:
        return Response("", status_code=404)
    return Response(content, media_type=media_type, headers=headers)
