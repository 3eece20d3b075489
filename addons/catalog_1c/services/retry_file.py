"""Import a received file once more, as after the choices of its connection were put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.catalog_1c.domain.exchange import FileId
from addons.catalog_1c.models import ExchangeFile, FileKind, FileState
from addons.catalog_1c.services.exchanges import EXCHANGE_TOPIC, enqueue, lane_of
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work

_RESTING = (FileState.DONE, FileState.REFUSED, FileState.RECEIVED)


async def retry_file(work: Work, file_id: FileId) -> FileId:
    """Put a file that is kept back on its lane, with a report of its own.

    Raises Refusals C1C_FILE_UNKNOWN, C1C_FILE_GONE, C1C_FILE_NOT_READY (it is being imported, or never came
    whole).
    """
    known = await ExchangeFile.get_or_none(id=file_id)
    if known is None:
        raise Refusal("C1C_FILE_UNKNOWN", field="fileId")
    await work.lane(lane_of(known.connection_id), company_id=work.company_id)
    file = await ExchangeFile.get(id=file_id)
    if not file.is_kept:
        raise Refusal("C1C_FILE_GONE", field="fileId", file=file.name[:80])
    if file.state not in _RESTING or file.kind is FileKind.OTHER:
        raise Refusal("C1C_FILE_NOT_READY", field="fileId", file=file.name[:80])
    file.session_id, file.finished_at = None, None  # type: ignore[assignment]
    file.runs = 0
    await enqueue(work, file)
    await work.audit("catalog_1c.file_again", file.id, {"name": file.name})
    work.notice(EXCHANGE_TOPIC, file.exchange_id)
    return file_id
