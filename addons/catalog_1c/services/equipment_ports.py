"""What equipment links need from the outside: a folder, the service of 1C, the formats; adapters implement
it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from addons.catalog_1c.domain.device_files import DeviceFormat, ReadOptions
from addons.catalog_1c.domain.device_reports import ReportHead, ReportOptions, WrittenReport
from addons.catalog_1c.domain.equipment import FileNames, ServiceAddress
from addons.catalog_1c.domain.sales import SoldShift
from addons.catalog_1c.services.ports import CatalogueFormat


@dataclass(frozen=True, slots=True)
class Claim:
    """A goods file taken out of 1C's sight until it is stored. stamp: changes when it is written to."""

    path: Path
    stamp: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FoundReport:
    """The report file as it lies in the folder. number: of the report, None when the format has none."""

    number: int | None
    is_taken: bool


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """1C asks for a report by a flag file. since: tell everything from this day on once more."""

    since: date | None = None


class DeviceFolder(Protocol):
    """A folder that 1C writes to and reads from. Its methods block: call them in a thread.

    Raise Refusals C1C_LINK_FOLDER (it cannot be used, with the reason) and C1C_LINK_FILE_KIND.
    """

    def claim_goods(self) -> Claim | None: ...

    def finish_goods(self, claim: Claim, *, is_taken: bool) -> bool: ...

    def report(self) -> FoundReport | None: ...

    def write_report(self, content: bytes) -> None: ...

    def remove_report(self) -> FoundReport | None: ...

    def request(self) -> ReportRequest | None: ...

    def drop_request(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Package:
    """One piece of a price list, or that it is not formed yet (content None)."""

    content: bytes | None
    number: int = 0
    total: int = 0


class EquipmentService(Protocol):
    """EquipmentService of a 1C base, one conversation.

    Raise Unavailable C1C_SERVICE_SILENT when there was no answer, and then nothing is known; Refusals
    C1C_SERVICE_DENIED, C1C_SERVICE_FAULT, C1C_SERVICE_STRANGE when there was one.
    """

    async def connect(self) -> bool: ...

    async def version(self) -> int: ...

    async def price_list(self) -> bytes: ...

    async def prepare(self, *, is_full: bool) -> str: ...

    async def package(self, transfer_id: str, *, is_restart: bool) -> Package: ...

    async def post_sales(self, document: str) -> str | None: ...

    async def close(self) -> None: ...


class DeviceGoodsFormat(CatalogueFormat, Protocol):
    """A format of goods files of offline registers."""

    @property
    def named_by_full_load(self) -> Collection[str] | None:
        """Identifiers of a file that was read and says that there are no other goods; else None."""
        ...


class EquipmentTools(Protocol):
    """Makers of the above."""

    def has_goods(self, content: bytes) -> bool: ...

    def goods(self, format: DeviceFormat, options: ReadOptions) -> DeviceGoodsFormat: ...

    def write(
        self, format: DeviceFormat, shifts: Sequence[SoldShift], head: ReportHead, options: ReportOptions
    ) -> WrittenReport: ...

    def sale_report(self, shift: SoldShift, options: ReportOptions) -> str: ...

    def folder(self, path: Path, names: FileNames, format: DeviceFormat) -> DeviceFolder: ...

    def service(self, address: ServiceAddress) -> EquipmentService: ...
