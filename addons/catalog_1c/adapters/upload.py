"""Received files on disk: pieces are appended as they come, archives unpacked within limits.

A file lies under the id of its row, so no name that anybody sends is ever part of a path.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from addons.catalog_1c.domain.exchange import StoredEntry, UnpackLimits
from addons.catalog_1c.domain.file_names import clean_name, is_image
from addons.catalog_1c.models import FileKind
from kernel.errors import Refusal

BUFFER_BYTES = 1024 * 1024  # gathered before they go to disk
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BOM = b"\xef\xbb\xbf"
_ARCHIVE = b"PK\x03\x04"
_EMPTY_ARCHIVE = b"PK\x05\x06"
_ENCRYPTED = 0x1
RATIO_FROM_BYTES = 64 * 1024**2  # smaller contents are no bomb, however well they pack


@dataclass(frozen=True, slots=True)
class FileShelf:
    """The folder of received files. free_bytes_min: what must stay free on its disk."""

    folder: Path
    free_bytes_min: int

    def path(self, connection_id: str, file_id: str) -> Path:
        """Where a file lies."""
        return self.folder / connection_id / file_id

    async def append(
        self, path: Path, stream: AsyncIterator[bytes], *, offset: int, bytes_max: int
    ) -> tuple[int, FileKind]:
        """Put what streams in at that place of the file; its whole length now, and what it is.

        Raises Refusals C1C_DISK_FULL, C1C_DISK_FAILED, C1C_UPLOAD_TOO_LARGE; whatever is raised, the file is
        as long as before.
        """
        file = await asyncio.to_thread(self._open, path, offset)
        length = offset
        try:
            async for data in _gathered(stream):
                length += len(data)
                if length > bytes_max:
                    raise Refusal("C1C_UPLOAD_TOO_LARGE", max=bytes_max // 1024**2)
                await asyncio.to_thread(self._write, file, data)
            kind = await asyncio.to_thread(_kind, file)
        except BaseException:
            file.truncate(offset)
            raise
        finally:
            file.close()
        return length, kind

    def unpack(self, path: Path, limits: UnpackLimits) -> list[StoredEntry]:
        """XML files and pictures out of an archive, beside it under ids of their own; others are
        only counted.

        Blocks: call it in a thread. Raises Refusals C1C_ARCHIVE_BROKEN, C1C_ARCHIVE_ENCRYPTED,
        C1C_ARCHIVE_BOMB, C1C_ARCHIVE_ENTRIES, C1C_NAME_UNSAFE, C1C_DISK_FULL; then nothing of it is left.
        """
        done: list[StoredEntry] = []
        pictures = 0
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                _check_entries(entries, limits)
                for entry in entries:
                    takes_picture = pictures < limits.pictures_max
                    done.append(self._unpack_one(archive, entry, path, limits, takes_picture=takes_picture))
                    pictures += done[-1].is_picture
        except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, zlib.error) as error:
            _forget(path, done)
            raise Refusal("C1C_ARCHIVE_BROKEN", file=path.name) from error
        except OSError as error:
            _forget(path, done)
            raise _disk(error) from error
        except Refusal:
            _forget(path, done)
            raise
        return done

    def digest(self, path: Path) -> str:
        """SHA-256 of a file, in hexadecimal; "" when it is gone. Blocks."""
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return ""

    def forget(self, path: Path) -> None:
        """Remove a file; one that is gone already is fine."""
        path.unlink(missing_ok=True)

    def _open(self, path: Path, offset: int) -> BinaryIO:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._check_space(path.parent)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
            file = os.fdopen(descriptor, "r+b", buffering=0)
            file.truncate(offset)
            file.seek(offset)
        except OSError as error:
            raise _disk(error) from error
        return file

    def _write(self, file: BinaryIO, data: bytes) -> None:
        try:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]
        except OSError as error:
            raise _disk(error) from error

    def _check_space(self, folder: Path) -> None:
        if shutil.disk_usage(folder).free < self.free_bytes_min:
            raise Refusal("C1C_DISK_FULL")

    def _unpack_one(
        self,
        archive: zipfile.ZipFile,
        entry: zipfile.ZipInfo,
        path: Path,
        limits: UnpackLimits,
        *,
        takes_picture: bool,
    ) -> StoredEntry:
        name = clean_name(entry.filename)
        is_picture = takes_picture and is_image(name)
        if is_picture and entry.file_size > limits.picture_bytes_max:
            return StoredEntry("", name, entry.file_size, "", is_picture=True)
        with archive.open(entry) as packed:
            data = packed.read(BUFFER_BYTES)
            if not is_picture and not looks_like_xml(data):
                return StoredEntry("", name, entry.file_size, "")
            self._check_space(path.parent)
            file_id, digest, left = _id_of(path, name), hashlib.sha256(), entry.file_size
            target = path.with_name(file_id)
            try:
                with target.open("wb") as file:
                    while data:
                        left -= len(data)
                        if left < 0:  # more than the archive itself says
                            raise Refusal("C1C_ARCHIVE_BOMB", file=name[:80])
                        digest.update(data)
                        file.write(data)
                        data = packed.read(BUFFER_BYTES)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
        return StoredEntry(file_id, name, entry.file_size, digest.hexdigest(), is_picture=is_picture)


def looks_like_xml(data: bytes) -> bool:
    """True when the first thing that is not blank is a tag."""
    return data.removeprefix(_BOM).lstrip()[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff")


def _check_entries(entries: list[zipfile.ZipInfo], limits: UnpackLimits) -> None:
    if len(entries) > limits.entries_max:
        raise Refusal("C1C_ARCHIVE_ENTRIES", max=limits.entries_max)
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > limits.bytes_max or (total > RATIO_FROM_BYTES and total > packed * limits.ratio_max):
        raise Refusal("C1C_ARCHIVE_BOMB", file="")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refusal("C1C_ARCHIVE_ENCRYPTED")


async def _gathered(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream in pieces of about BUFFER_BYTES: some clients send ten bytes at a time."""
    parts: list[bytes] = []
    held = 0
    async for data in stream:
        parts.append(data)
        held += len(data)
        if held >= BUFFER_BYTES:
            yield b"".join(parts)
            parts, held = [], 0
    if held:
        yield b"".join(parts)


def _id_of(archive: Path, name: str) -> str:
    """The same for the same entry, so that an archive unpacked twice leaves nothing behind."""
    return str(uuid.uuid5(uuid.UUID(archive.name), name))


def _kind(file: BinaryIO) -> FileKind:
    file.seek(0)
    head = file.read(1024)
    if head.startswith((_ARCHIVE, _EMPTY_ARCHIVE)):
        return FileKind.ARCHIVE
    return FileKind.XML if looks_like_xml(head) else FileKind.OTHER


def _disk(error: OSError) -> Refusal:
    if error.errno in _FULL:
        return Refusal("C1C_DISK_FULL")
    return Refusal(
        "C1C_DISK_FAILED", reason=os.strerror(error.errno) if error.errno else type(error).__name__
    )


def _forget(path: Path, done: list[StoredEntry]) -> None:
    for entry in done:
        if entry.file_id:
            path.with_name(entry.file_id).unlink(missing_ok=True)
