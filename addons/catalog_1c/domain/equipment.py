"""Words of equipment links: how 1C treats us as one of its offline registers. Formats are elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType
from urllib.parse import urlsplit

from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.device_files import ENCODINGS, DeviceFormat
from addons.catalog_1c.domain.device_reports import MOBILE_KIND, UNKNOWN_CODE
from addons.catalog_1c.domain.texts import VatWord, parse_vat
from kernel.errors import Refusal

LinkId = NewType("LinkId", str)

EVERY_S_MIN, EVERY_S_MAX = 10, 86_400
EVERY_S = 15  # looking into a folder costs little
SERVICE_EVERY_S = 300  # 1C forms a list each time
TAX_GROUPS_MAX = 50
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class LinkWay(StrEnum):
    """How goods and reports travel."""

    FOLDER = "folder"
    SERVICE = "service"


class TakenWhen(StrEnum):
    """How we see that 1C has taken a report file: it marks the file, or takes it away."""

    MARKED = "marked"
    REMOVED = "removed"


class ReportState(StrEnum):
    """How a report stands. PLANNED: it may have left or not. LOST: the file went away unmarked.

    REPLACED: told again under another number, because somebody asked.
    """

    PLANNED = "planned"
    WRITTEN = "written"
    TAKEN = "taken"
    LOST = "lost"
    REFUSED = "refused"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class FileNames:
    """Names inside the folder of a link; a flag "" means that none is used."""

    goods: str = "goods.txt"
    goods_flag: str = "goods-flag.txt"
    report: str = "sales.txt"
    report_flag: str = "sales-flag.txt"


FILE_NAMES: Mapping[DeviceFormat, FileNames] = {
    DeviceFormat.FRONTOL: FileNames(),
    DeviceFormat.SHTRIH: FileNames(),
    DeviceFormat.EQUIPMENT: FileNames("ExportData.xml", "", "ImportData.xml", ""),
}


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where the EquipmentService is and who we are there. password None: the stored one stays."""

    url: str
    device_id: str
    login: str = ""
    password: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Name of the machine in lower case."""
        return (urlsplit(self.url).hostname or "").lower()


@dataclass(frozen=True, slots=True)
class LinkEquipment:
    """Make or change the link of a connection; every choice is given.

    register_id: whose sales go back; None for all, which only XML can tell apart. archives_absent: goods
    that a full load in a file does not name go out of sale.
    """

    connection: str
    format: DeviceFormat
    way: LinkWay
    folder: str = ""
    names: FileNames = FileNames()
    service: ServiceAddress | None = None
    register_id: str | None = None
    encoding: str = ""
    taxes: Mapping[str, str] = field(default_factory=dict)
    unknown_code: str = UNKNOWN_CODE
    mobile_kind: int = MOBILE_KIND
    taken_when: TakenWhen = TakenWhen.MARKED
    every_s: int = EVERY_S
    is_enabled: bool = True
    archives_absent: bool = False

    def checked(self) -> LinkEquipment:
        """The command itself.

        Raises Refusals C1C_LINK_FORMAT, C1C_LINK_FILE_NAME, C1C_LINK_ADDRESS, C1C_LINK_REGISTER,
        C1C_LINK_ENCODING, C1C_LINK_TAXES, C1C_LINK_NUMBER; each with its field.
        """
        if self.way is LinkWay.SERVICE:
            if self.format is not DeviceFormat.EQUIPMENT:
                raise Refusal("C1C_LINK_FORMAT", field="format")
            _check_address(self.service)
        else:
            _check_names(self)
        if self.register_id is None and self.format is not DeviceFormat.EQUIPMENT:
            raise Refusal("C1C_LINK_REGISTER", field="registerId")
        if self.encoding and self.encoding not in ENCODINGS:
            raise Refusal("C1C_LINK_ENCODING", field="encoding", choices=", ".join(ENCODINGS))
        if len(self.taxes) > TAX_GROUPS_MAX:
            raise Refusal("C1C_LINK_TAXES", field="taxes", value=len(self.taxes))
        for place, (group, rate) in enumerate(self.taxes.items()):
            if not 0 < len(group) <= 40 or parse_vat(rate) in (VatWord.EMPTY, VatWord.MALFORMED):
                raise Refusal("C1C_LINK_TAXES", field=f"taxes.{place}", value=rate[:40])
        if not EVERY_S_MIN <= self.every_s <= EVERY_S_MAX:
            raise Refusal("C1C_LINK_NUMBER", field="everyS", min=EVERY_S_MIN, max=EVERY_S_MAX)
        if not 0 < len(self.unknown_code) <= 40 or not self.unknown_code.isalnum():
            raise Refusal("C1C_LINK_NUMBER", field="unknownCode", min=1, max=40)
        if not 1 <= self.mobile_kind <= 99:
            raise Refusal("C1C_LINK_NUMBER", field="mobileKind", min=1, max=99)
        return self


@dataclass(frozen=True, slots=True)
class RunLink:
    """Run a link now. again: tell the standing report once more, for one that was lost."""

    link_id: LinkId
    again: bool = False


@dataclass(frozen=True, slots=True)
class LinkSnapshot:
    """A link as one run of it sees it. password: open."""

    id: LinkId
    connection_id: ConnectionId
    company_id: str
    command: LinkEquipment
    wants_full: bool
    transfer_id: str
    package_asked: int
    package_done: int


def is_safe_name(name: str) -> bool:
    """True for a plain name of a file or a folder: no path, nothing hidden, no device of Windows."""
    return _FILE_NAME.fullmatch(name) is not None and not name.endswith(".") and not _RESERVED.fullmatch(name)


def _check_names(command: LinkEquipment) -> None:
    if command.folder and not is_safe_name(command.folder):
        raise Refusal("C1C_LINK_FILE_NAME", field="folder", value=command.folder[:60])
    names = command.names
    given = {"goodsFile": names.goods, "reportFile": names.report}
    flags = {"goodsFlag": names.goods_flag, "reportFlag": names.report_flag}
    given.update({key: name for key, name in flags.items() if name})
    for key, name in given.items():
        if not is_safe_name(name):
            raise Refusal("C1C_LINK_FILE_NAME", field=key, value=name[:60])
    if len({name.lower() for name in given.values()}) < len(given):
        raise Refusal("C1C_LINK_FILE_NAME", field="goodsFile", value=names.goods)


def _check_address(service: ServiceAddress | None) -> None:
    if service is None:
        raise Refusal("C1C_LINK_ADDRESS", field="service")
    if not 0 < len(service.device_id) <= 80:
        raise Refusal("C1C_LINK_ADDRESS", field="service.deviceId")
    if len(service.login) > 80 or ":" in service.login or len(service.password or "") > 200:
        raise Refusal("C1C_LINK_ADDRESS", field="service.login")
    try:
        parts = urlsplit(service.url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.username is not None or len(service.url) > 300:
        raise Refusal("C1C_LINK_ADDRESS", field="service.url")
