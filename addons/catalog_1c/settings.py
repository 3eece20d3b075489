"""Settings of the exchange with 1C."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Catalog1cSettings:
    """Limits of the exchange over HTTP.

    folder: where received files are kept; gateways and workers must see the same one. keep_ms: for how long.
    keep_reports_ms: how long reports of imports and sign-ins stay.
    file_limit_bytes: pieces 1C cuts its uploads into; a proxy in front must let them pass.
    session_bytes_max: of all files of one sign-in, unpacked ones too. entries_max, ratio_max: of an archive.
    free_bytes_min: what stays free on the disk. poll_ms: how long one question whether an import is over
    waits for its end. picture_quiet_ms: a picture that comes after its goods is whole when no piece of it has
    come for so long. busy_ms: how long a sign-in with files not yet imported keeps others out.
    equipment_folder: where folders of equipment links are, in one of its own for each company (by BIN);
    empty: none is watched. equipment_hosts: comma-separated hosts whose EquipmentService may be called;
    empty: any.
    """

    SECTION: ClassVar[str] = "catalog_1c"

    folder: str = "var/1c"
    keep_ms: timedelta = timedelta(days=14)
    keep_reports_ms: timedelta = timedelta(days=180)
    file_limit_bytes: int = 1_000_000
    session_bytes_max: int = 4 * 1024**3
    entries_max: int = 20_000
    ratio_max: int = 200
    free_bytes_min: int = 256 * 1024**2
    poll_ms: timedelta = timedelta(seconds=15)
    busy_ms: timedelta = timedelta(seconds=30)
    picture_quiet_ms: timedelta = timedelta(seconds=5)
    is_zip_wanted: bool = True
    equipment_folder: str = ""
    equipment_hosts: str = ""

    def __post_init__(self) -> None:
        if not 10_000 <= self.file_limit_bytes <= 1024**3:
            raise ValueError("file_limit_bytes must be 10000 to 1073741824")
        if not timedelta(0) <= self.poll_ms <= timedelta(seconds=60):
            raise ValueError("poll_ms must be at most one minute")
        if self.keep_ms < timedelta(days=1):
            raise ValueError("keep_ms must be a day or more")
        if self.keep_reports_ms < self.keep_ms:
            raise ValueError("keep_reports_ms must be keep_ms or more")
