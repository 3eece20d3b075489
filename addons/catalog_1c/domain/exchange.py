"""Words of the exchange over HTTP: who signed in, what a file has become, limits of archives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from addons.catalog_1c.domain.commands import ConnectionId

PATHS = ("/1c/exchange", "/bitrix/admin/1c_exchange.php")  # the second is what 1C puts behind a bare address
FILES_PATH = "/1c/files/"  # of received files, by id

ExchangeId = NewType("ExchangeId", str)
FileId = NewType("FileId", str)


@dataclass(frozen=True, slots=True)
class OpenExchange:
    """A 1C base signs in. cookie_digest: of what it will be recognised by. kind: of the exchange, as text."""

    connection_id: ConnectionId
    kind: str
    cookie_digest: str
    busy_ms: int
    address: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeCard:
    """A sign-in that is still good."""

    id: ExchangeId
    company_id: str
    connection_id: ConnectionId
    kind: str
    offer_id: str | None
    language: str = "ru"
    takes_pictures: bool = True


@dataclass(frozen=True, slots=True)
class BeginPiece:
    """A piece of a file begins to arrive. bytes_max: of all files of the exchange together. is_picture: of a
    file that goods may name as their picture."""

    exchange_id: ExchangeId
    name: str
    bytes_max: int
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Where it goes: offset bytes of the file are there already; bytes_max: how long the file may become."""

    file_id: FileId
    offset: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """bytes_max: of everything unpacked. ratio_max: how many times larger than packed. pictures_max: how many
    pictures are unpacked, of picture_bytes_max each; the others are let go."""

    entries_max: int
    bytes_max: int
    ratio_max: int
    pictures_max: int = 0
    picture_bytes_max: int = 0


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry of an archive; file_id "" when it is neither XML nor a picture that is taken, and was not
    unpacked. is_picture: of a picture that was taken, or was too large to be."""

    file_id: str
    name: str
    bytes: int
    digest: str
    is_picture: bool = False
