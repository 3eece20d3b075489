"""Commands and answers of an import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from addons.catalog_1c.domain.report import ImportReport

ConnectionId = NewType("ConnectionId", str)
SessionId = NewType("SessionId", str)

DEFAULT_CONNECTION = "1C"  # title of a base nobody named


@dataclass(frozen=True, slots=True)
class ImportFiles:
    """Read these files into the company of the principal.

    connection: title of the 1C base, made when it is new; left out: the only base there is, else one titled
    DEFAULT_CONNECTION; connection_id in place of it: of one that exists.
    price_type: identifier or name; None keeps the connection's choice. names: of the files for the report,
    where they lie under others. session_id: of an import that may have begun before and goes on.
    is_dry: count what would become of every row, and store nothing.
    """

    paths: tuple[Path, ...]
    connection: str | None = None
    price_type: str | None = None
    default_vat: str | None = None
    names: tuple[str, ...] = ()
    connection_id: ConnectionId | None = None
    session_id: SessionId | None = None
    is_dry: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The first step of an import."""

    connection: str | None
    price_type: str | None
    default_vat: str | None
    files: tuple[str, ...]
    connection_id: ConnectionId | None = None
    session_id: SessionId | None = None
    is_dry: bool = False


@dataclass(slots=True)
class Progress:
    """How far an import is; bytes of all files together."""

    file: str = ""
    bytes_read: int = 0
    bytes_total: int = 0
    report: ImportReport = field(default_factory=ImportReport)


ProgressListener = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """A finished import. waiting: offers of the connection that still wait for their goods."""

    session_id: SessionId
    connection_id: ConnectionId
    files: Sequence[str]
    report: ImportReport
    waiting: int
