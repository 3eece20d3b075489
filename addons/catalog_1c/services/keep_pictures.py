"""Received pictures are given to the goods that name them.

A picture is looked for when an import ends, and again when its file comes later. Doing it twice is doing it
once: the catalogue knows a picture by its digest.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from addons.catalog.api import (
    PICTURE_BYTES_MAX,
    AddPicture,
    CatalogSettings,
    PictureFiles,
    SourceKey,
    add_picture,
    media_type_of,
    product_ids_of,
)
from addons.catalog_1c.domain.commands import ConnectionId, SessionId
from addons.catalog_1c.domain.encoding import read_report, report_text
from addons.catalog_1c.domain.report import Note
from addons.catalog_1c.models import Connection, ImportSession
from addons.catalog_1c.services.awaited_pictures import TABLE
from addons.catalog_1c.services.ports import Shelf
from kernel.data.database import Database
from kernel.errors import Refusal
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

SLICE = 20  # pictures of one transaction: on SQLite also the longest wait of a sale
TOO_LARGE = "C1C_UPLOAD_TOO_LARGE"  # of a received file
# What the catalogue refuses → what the report says.
REASONS: Mapping[str, str] = {
    TOO_LARGE: "C1C_PICTURE_LARGE",
    "PICTURE_TOO_LARGE": "C1C_PICTURE_LARGE",
    "PICTURE_KIND_UNKNOWN": "C1C_PICTURE_KIND",
    "PICTURES_TOO_MANY": "C1C_PICTURES_MANY",
    "PICTURES_TOO_LARGE": "C1C_PICTURES_LARGE",
}
# One parameter: the latest time of the last piece of a file that came by itself.
_COME = f"""f.is_picture = 1 AND (f.archive_id IS NOT NULL OR f.received_ms <= ?)
AND ((f.state = 'received' AND f.is_kept = 1) OR f.refusal_code = '{TOO_LARGE}')"""


@dataclass(frozen=True, slots=True)
class _Found:
    """A picture that a good names and the file that has come; digest "" when it is not to be kept."""

    id: str
    external_id: str
    name: str
    session_id: str
    file_id: str = ""
    code: str = ""
    digest: str = ""
    media_type: str = ""
    size_bytes: int = 0


class PictureKeeper(ABC):
    """Gives goods of one connection their pictures, wherever those lie."""

    def __init__(self, database: Database, connection_id: ConnectionId, *, principal: Principal) -> None:
        self._database = database
        self._connection_id = connection_id
        self._principal = principal

    @abstractmethod
    async def _found(self, reader: Reader, after: str, name: str, quiet_ms: int) -> list[_Found]:
        """The next pictures that may have come, after that one of those waited for; at most SLICE."""

    @abstractmethod
    def _open(self, found: _Found) -> BinaryIO:
        """Raises OSError when there is none."""

    async def keep(
        self, *, session_id: SessionId | None = None, name: str = "", quiet_ms: int = 0
    ) -> AsyncIterator[Sequence[Note]]:
        """Keep every picture that has come and is waited for, or the one of that name; slice by slice.
        quiet_ms: a file of its own whose last piece is not so old may be growing, and is left.

        Yields what became of those the running import `session_id` named (a note without a code: kept); what
        became of others goes into the reports of their imports.
        """
        after = ""
        while True:
            async with self._database.reading(self._principal) as reader:
                found = await self._found(reader, after, name, quiet_ms)
                folder = reader.settings(CatalogSettings).pictures_folder
                company_id = reader.company_id
            if not found:
                return
            after = found[-1].id
            files = PictureFiles(folder)
            looked = [await asyncio.to_thread(self._look, files, company_id, each) for each in found]
            known = [each for each in looked if each is not None]
            if not known:
                continue
            yield await self._database.transact(
                _store, self._connection_id, known, session_id, principal=self._principal
            )

    def _look(self, files: PictureFiles, company_id: str, found: _Found) -> _Found | None:
        """The picture stored with the catalogue's, or why not; None when it cannot be read or written now."""
        if found.code:
            return found
        try:
            with self._open(found) as file:
                content = file.read(PICTURE_BYTES_MAX + 1)
            media_type = media_type_of(content, field="picture")
            digest = files.put(company_id, content)
        except Refusal as refusal:
            return replace(found, code=refusal.code)
        except OSError:  # gone, or no room on the disk: it waits on, and the report says so
            return None
        return replace(found, digest=digest, media_type=media_type, size_bytes=len(content))


class ReceivedKeeper(PictureKeeper):
    """shelf: where the connection's received files lie."""

    def __init__(
        self, database: Database, shelf: Shelf, connection_id: ConnectionId, *, principal: Principal
    ) -> None:
        super().__init__(database, connection_id, principal=principal)
        self._shelf = shelf

    async def _found(self, reader: Reader, after: str, name: str, quiet_ms: int) -> list[_Found]:
        before_ms = reader.now_ms - quiet_ms
        by_name = " AND a.name = ?" if name else ""
        rows = await reader.rows(
            f"SELECT a.id, a.external_id, a.name, a.session_id FROM {TABLE} a WHERE a.company_id = ?"
            f" AND a.connection_id = ? AND a.id > ?{by_name} AND EXISTS (SELECT 1 FROM c1c_file f"
            f" WHERE f.company_id = a.company_id AND f.connection_id = a.connection_id AND f.name = a.name"
            f" AND {_COME}) ORDER BY a.id LIMIT {SLICE}",
            reader.company_id,
            self._connection_id,
            after,
            *((name,) if name else ()),
            before_ms,
        )
        names = sorted({row["name"] for row in rows})
        if not names:
            return []
        files = await reader.rows(
            "SELECT f.id, f.name, f.refusal_code FROM c1c_file f WHERE f.company_id = ?"
            f" AND f.connection_id = ? AND f.name IN ({', '.join('?' * len(names))}) AND {_COME}"
            " ORDER BY f.received_ms, f.id",
            reader.company_id,
            self._connection_id,
            *names,
            before_ms,
        )
        newest = {row["name"].lower(): row for row in files}
        return [
            _Found(
                id=row["id"],
                external_id=row["external_id"],
                name=row["name"],
                session_id=row["session_id"],
                file_id=newest[row["name"].lower()]["id"],
                code=newest[row["name"].lower()]["refusal_code"],
            )
            for row in rows
        ]

    def _open(self, found: _Found) -> BinaryIO:
        return self._shelf.path(self._connection_id, found.file_id).open("rb")


class FolderKeeper(PictureKeeper):
    """folders: of this machine, where names of pictures begin; where a link leads elsewhere none is taken."""

    def __init__(
        self,
        database: Database,
        folders: Sequence[Path],
        connection_id: ConnectionId,
        *,
        principal: Principal,
    ) -> None:
        super().__init__(database, connection_id, principal=principal)
        self._folders = [each.resolve() for each in folders]

    async def _found(self, reader: Reader, after: str, name: str, quiet_ms: int) -> list[_Found]:
        rows = await reader.rows(
            f"SELECT id, external_id, name, session_id FROM {TABLE} WHERE company_id = ?"
            f" AND connection_id = ? AND id > ? ORDER BY id LIMIT {SLICE}",
            reader.company_id,
            self._connection_id,
            after,
        )
        return [_Found(row["id"], row["external_id"], row["name"], row["session_id"]) for row in rows]

    def _open(self, found: _Found) -> BinaryIO:
        for folder in self._folders:
            path = (folder / found.name).resolve()
            if path.is_relative_to(folder) and path.is_file():
                return path.open("rb")
        raise FileNotFoundError(found.name)


async def _store(
    work: Work, connection_id: ConnectionId, found: Sequence[_Found], session_id: SessionId | None
) -> list[Note]:
    """Attach the pictures; notes of those the running import named."""
    if work.dialect == "mysql":
        await Connection.filter(id=connection_id).select_for_update().get()
    products = await product_ids_of(work, SourceKey(connection_id), [each.external_id for each in found])
    own: list[Note] = []
    others: dict[str, list[Note]] = {}
    for each in found:
        sql = f"DELETE FROM {TABLE} WHERE company_id = ? AND id = ?"
        if not await work.execute(sql, work.company_id, each.id):
            continue  # somebody else has just done it
        code = each.code
        if not code:
            command = AddPicture(products[each.external_id], each.digest, each.media_type, each.size_bytes)
            try:
                await add_picture(work, command)
            except Refusal as refusal:
                code = refusal.code
        note = Note(REASONS.get(code, code), each.external_id, each.name[:80])
        if each.session_id == session_id:
            own.append(note)
        else:
            others.setdefault(each.session_id, []).append(note)
    for key, notes in others.items():
        await _tell_later(key, notes)
    return own


async def _tell_later(session_id: str, notes: Sequence[Note]) -> None:
    """Put right the report of an import that is over."""
    session = await ImportSession.get_or_none(id=session_id)
    if session is None:
        return
    report = read_report(session.report)
    for note in notes:
        report.end_wait(note)
        report.settle_picture(note)
    session.report = report_text(report)
    await session.save(force_update=True, update_fields=["report"])
