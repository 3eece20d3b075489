"""Where a received file lies, for those who hand it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.file_names import last_part
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Reader

_SQL = "SELECT connection_id, name, is_kept FROM c1c_file WHERE company_id = ? AND id = ?"


async def received_file(reader: Reader, key: str) -> tuple[Path, str]:
    """Path and name of a file of the reader's company. Raises Refusals C1C_FILE_UNKNOWN, C1C_FILE_GONE."""
    reader.principal.require("catalog_1c.view")
    row = await reader.row(_SQL, reader.company_id, key[:64])
    if row is None:
        raise Refusal("C1C_FILE_UNKNOWN")
    folder = Path(reader.settings(Catalog1cSettings).folder)
    path = folder / row["connection_id"] / key
    if not row["is_kept"] or not path.exists():
        raise Refusal("C1C_FILE_GONE", file=row["name"][:80])
    return path, last_part(row["name"])
