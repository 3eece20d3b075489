"""Formats, folders and the service as the services of equipment links want them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from addons.catalog_1c.adapters import equipment_goods, equipment_report
from addons.catalog_1c.adapters.device_files import DeviceGoods
from addons.catalog_1c.adapters.equipment_folder import Folder
from addons.catalog_1c.adapters.equipment_soap import SoapEquipmentService
from addons.catalog_1c.domain import atol_report, shtrih_report
from addons.catalog_1c.domain.device_files import DeviceFormat, ReadOptions
from addons.catalog_1c.domain.device_reports import ReportHead, ReportOptions, WrittenReport
from addons.catalog_1c.domain.equipment import FileNames, ServiceAddress
from addons.catalog_1c.domain.sales import SoldShift

_WRITERS: Mapping[DeviceFormat, Callable[[Sequence[SoldShift], ReportHead, ReportOptions], WrittenReport]] = {
    DeviceFormat.FRONTOL: atol_report.write_report,
    DeviceFormat.SHTRIH: shtrih_report.write_report,
    DeviceFormat.EQUIPMENT: equipment_report.write_report,
}


class Tools:
    """The tools of this installation."""

    def has_goods(self, content: bytes) -> bool:
        """Whether a price list holds anything at all: one with changes only is empty most of the time."""
        return equipment_goods.has_rows(content)

    def goods(self, format: DeviceFormat, options: ReadOptions) -> DeviceGoods:
        """A reader of goods files."""
        return DeviceGoods(format, options)

    def write(
        self, format: DeviceFormat, shifts: Sequence[SoldShift], head: ReportHead, options: ReportOptions
    ) -> WrittenReport:
        """A report in that format."""
        return _WRITERS[format](shifts, head, options)

    def sale_report(self, shift: SoldShift, options: ReportOptions) -> str:
        """The document of one shift for the service."""
        return equipment_report.sale_report(shift, options)

    def folder(self, path: Path, names: FileNames, format: DeviceFormat) -> Folder:
        """A folder that exists."""
        return Folder(path, names, format)

    def service(self, address: ServiceAddress) -> SoapEquipmentService:
        """A conversation with a service."""
        return SoapEquipmentService(address)
